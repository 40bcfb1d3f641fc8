/**
 * Checks whether the roster shows a write that may have happened. The roster is read page by page, as part of the call:
 * with its place in the queue and within its deadline.
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import { type Page, Paginator, type Participant, Participants, type SunshineError } from "@effect-sunco/core"
import { mayName } from "./exchange.ts"

/** The result of a read of the roster for a write that may have happened. */
export interface Evidence<A> {
  /** The result of the write, if the roster shows it. */
  readonly shown: Option.Option<A>
  /** Whether a roster that does not show it means that it did not happen. */
  readonly conclusive: boolean
}

/** Reads the roster once, for a write; a list has nothing to verify. */
export type Verification<A> = Effect.Effect<Evidence<A>, Paginator.PagesError>

type List = (
  request: Page.ListRequest,
) => Effect.Effect<Page.ParticipantPage, SunshineError.Documented | SunshineError.SunshineError>

type Reference = Participant.ConversationReference & {
  readonly participantId?: string | undefined
  readonly userExternalId?: string | undefined
  readonly userId?: string | undefined
}

/**
 * Reads the roster up to the participant that a request names. If a request names a user by an external id, a participant
 * without one, or with one that is alike, may be that user.
 */
const find = (list: List, { appId, conversationId, participantId, userExternalId, userId }: Reference) =>
  Effect.suspend(() => {
    let isCertain = true
    let found = Option.none<Participant.Participant>()
    const isNamed = (participant: Participant.Participant) => {
      if (userExternalId === undefined) return participant.id === participantId || participant.userId === userId
      const isSame = Option.getOrUndefined(participant.userExternalId) === userExternalId
      if (!isSame && mayName(participant, userExternalId)) isCertain = false
      return isSame
    }
    return Paginator.stream({ appId, conversationId }).pipe(
      Stream.runForEachWhile((participant) => {
        if (isNamed(participant)) found = Option.some(participant)
        return Effect.succeed(Option.isNone(found))
      }),
      Effect.map(() => ({ found, isCertain })),
      Effect.provideService(Participants.Participants, { list, join: unused, leave: unused }),
    )
  })

const unused = () => Effect.die(new Error("verification reads the roster and changes nothing"))

/** A second join can make a second membership, so it is sent only if the roster would have shown the first one. */
export const ofJoin = (list: List, request: Reference): Verification<Participant.Participant> =>
  Effect.map(find(list, request), ({ found, isCertain }) => ({ shown: found, conclusive: isCertain }))

/**
 * A second leave does no harm, so it is sent unless the roster proves that the user has left. A user with several
 * memberships who is named by `userId` can lose two of them: `docs/failures.md` says to name the participant.
 */
export const ofLeave = (list: List, request: Reference): Verification<void> =>
  Effect.map(find(list, request), ({ found, isCertain }) => ({
    shown: Option.isNone(found) && isCertain ? Option.some(undefined) : Option.none(),
    conclusive: true,
  }))
