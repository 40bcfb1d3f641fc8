/**
 * Answers of the engine as plain objects.
 */
import * as DateTime from "effect/DateTime"
import * as Option from "effect/Option"
import type { Page, Participant as Core } from "@effect-sunco/core"
import type { Participant, ParticipantPage } from "../Participant.ts"

export const participantOf = (participant: Core.Participant): Participant => ({
  id: participant.id,
  userId: participant.userId,
  userExternalId: Option.getOrUndefined(participant.userExternalId),
  unreadCount: participant.unreadCount,
  clientAssociations: participant.clientAssociations.map(({ clientId, type }) => ({
    type,
    clientId: Option.getOrUndefined(clientId),
  })),
  lastRead: Option.isSome(participant.lastRead) ? DateTime.toDateUtc(participant.lastRead.value) : undefined,
})

export const pageOf = ({ links, meta, participants }: Page.ParticipantPage): ParticipantPage => ({
  participants: participants.map(participantOf),
  meta: {
    hasMore: meta.hasMore,
    afterCursor: Option.getOrUndefined(meta.afterCursor),
    beforeCursor: Option.getOrUndefined(meta.beforeCursor),
  },
  links: { prev: Option.getOrUndefined(links.prev), next: Option.getOrUndefined(links.next) },
})
