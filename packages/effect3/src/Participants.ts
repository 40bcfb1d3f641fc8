/**
 * The service: join a conversation, leave it, list who is in it.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type { ListRequest, ParticipantPage } from "./Page.ts"
import type { JoinRequest, LeaveRequest, Participant } from "./Participant.ts"
import type { BadRequest, NotFound, SunshineError } from "./SunshineError.ts"

/**
 * Joins users to conversations, removes them, and lists who is in.
 *
 * The layers of this package validate each request first: what cannot succeed fails with `SunshineError` and the reason
 * `InvalidRequest`, and nothing is sent.
 *
 * @category services
 * @since 0.1.0
 */
export class Participants extends Context.Tag("@effect-sunco/effect3/Participants")<
  Participants,
  {
    /**
     * Adds a user to a conversation of type `sdkGroup`, and returns the new participant. Fails with `BadRequest` if there
     * are too many participants, and with `NotFound` if there is no such conversation or user.
     */
    readonly join: (request: JoinRequest) => Effect.Effect<Participant, BadRequest | NotFound | SunshineError>
    /**
     * Removes a user. Fails with `NotFound` if there is no such conversation, or the user is not a member. Name the
     * membership by `participantId` where a user can have several: a `userId` ends one of them, and if the answer is lost
     * perhaps another.
     */
    readonly leave: (request: LeaveRequest) => Effect.Effect<void, NotFound | SunshineError>
    /** Returns one page of participants, by default the first one with up to 25. For all pages, see `Paginator`. */
    readonly list: (request: ListRequest) => Effect.Effect<ParticipantPage, BadRequest | NotFound | SunshineError>
  }
>() {}
