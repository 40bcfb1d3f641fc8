/**
 * Participants and pages of `core` as plain values, and pages of the application for the paginator of `core`.
 */
import * as DateTime from "effect4/DateTime"
import * as Option from "effect4/Option"
import { Page, Participant } from "@effect-sunco/core"
import type * as Boundary from "./boundary.ts"

export const plainParticipant = (participant: Participant.Participant): Boundary.Participant => ({
  id: participant.id,
  userId: participant.userId,
  userExternalId: Option.getOrUndefined(participant.userExternalId),
  unreadCount: participant.unreadCount,
  clientAssociations: participant.clientAssociations.map(({ clientId, type }) => ({
    type,
    clientId: Option.getOrUndefined(clientId),
  })),
  lastRead: Option.getOrUndefined(Option.map(participant.lastRead, DateTime.toEpochMillis)),
})

/** The `meta` of every page whose answer has none: one object. */
const unstated = new Page.ParticipantPage({ participants: [] }).meta

export const plainPage = ({ links, meta, participants }: Page.ParticipantPage): Boundary.Page => ({
  participants: participants.map(plainParticipant),
  meta:
    meta === unstated
      ? undefined
      : {
          hasMore: meta.hasMore,
          afterCursor: Option.getOrUndefined(meta.afterCursor),
          beforeCursor: Option.getOrUndefined(meta.beforeCursor),
        },
  links: { prev: Option.getOrUndefined(links.prev), next: Option.getOrUndefined(links.next) },
})

/** A page with what the paginator reads: the ids of its participants, and its place. */
export const pageOf = ({ ids, links, meta }: Boundary.Outline): Page.ParticipantPage =>
  new Page.ParticipantPage({
    participants: ids.map((id) => new Participant.Participant({ id, userId: "" })),
    links: new Page.PageLinks({ prev: Option.fromUndefinedOr(links.prev), next: Option.fromUndefinedOr(links.next) }),
    meta:
      meta === undefined
        ? unstated
        : new Page.PageMeta({
            hasMore: meta.hasMore,
            afterCursor: Option.fromUndefinedOr(meta.afterCursor),
            beforeCursor: Option.fromUndefinedOr(meta.beforeCursor),
          }),
  })
