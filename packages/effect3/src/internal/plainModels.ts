/**
 * Participants and pages of Effect 3 as plain values.
 */
import * as DateTime from "effect/DateTime"
import * as Option from "effect/Option"
import type { ParticipantPage } from "../Page.ts"
import type { Participant } from "../Participant.ts"
import type * as Boundary from "./engine/boundary.ts"

export const plainParticipant = (participant: Participant): Boundary.Participant => ({
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

export const plainPage = ({ links, meta, participants }: ParticipantPage): Boundary.Page => ({
  participants: participants.map(plainParticipant),
  meta: meta.isStated
    ? {
        hasMore: meta.hasMore,
        afterCursor: Option.getOrUndefined(meta.afterCursor),
        beforeCursor: Option.getOrUndefined(meta.beforeCursor),
      }
    : undefined,
  links: { prev: Option.getOrUndefined(links.prev), next: Option.getOrUndefined(links.next) },
})
