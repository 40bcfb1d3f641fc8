/**
 * Looks on the roster for the participant that a request names.
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import { Paginator, type Participant, Participants } from "@effect-sunco/core"

/**
 * The participant a request names, if the roster shows it; and whether the roster names everybody in that way. A user who
 * is named by an external id cannot be told from a participant that is shown without one.
 */
export const lookFor = (
  service: Participants.Participants["Service"],
  {
    appId,
    conversationId,
    participantId,
    userExternalId,
    userId,
  }: Participant.ConversationReference & {
    readonly participantId?: string | undefined
    readonly userExternalId?: string | undefined
    readonly userId?: string | undefined
  },
) =>
  Effect.suspend(() => {
    let namesAll = true
    return Paginator.stream({ appId, conversationId }).pipe(
      Stream.filter((participant) => {
        if (userExternalId === undefined) return participant.id === participantId || participant.userId === userId
        if (Option.isNone(participant.userExternalId)) namesAll = false
        return Option.contains(participant.userExternalId, userExternalId)
      }),
      Stream.runHead,
      Effect.map((found) => ({ found, namesAll })),
      Effect.provideService(Participants.Participants, service),
    )
  })
