/**
 * Participants and pages of `core` as plain values, and back.
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

export const participantOf = (plain: Boundary.Participant): Participant.Participant =>
  new Participant.Participant({
    id: plain.id,
    userId: plain.userId,
    userExternalId: Option.fromUndefinedOr(plain.userExternalId),
    unreadCount: plain.unreadCount,
    clientAssociations: plain.clientAssociations.map(
      ({ clientId, type }) => new Participant.ClientAssociation({ type, clientId: Option.fromUndefinedOr(clientId) }),
    ),
    lastRead: Option.map(Option.fromUndefinedOr(plain.lastRead), DateTime.makeUnsafe),
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

export const pageOf = ({ links, meta, participants }: Boundary.Page): Page.ParticipantPage =>
  new Page.ParticipantPage({
    participants: participants.map(participantOf),
    links: new Page.PageLinks({
      prev: Option.fromUndefinedOr(links.prev),
      next: Option.fromUndefinedOr(links.next),
    }),
    ...(meta === undefined
      ? {}
      : {
          meta: new Page.PageMeta({
            hasMore: meta.hasMore,
            afterCursor: Option.fromUndefinedOr(meta.afterCursor),
            beforeCursor: Option.fromUndefinedOr(meta.beforeCursor),
          }),
        }),
  })
