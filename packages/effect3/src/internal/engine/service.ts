/**
 * A service of `core` for callers on the other runtime.
 */
import * as Effect from "effect4/Effect"
import type { Page, Participant, Participants, SunshineError } from "@effect-sunco/core"
import type { CallError, Caller, Service, Task } from "./boundary.ts"
import { plainError } from "./errors.ts"
import { plainPage, plainParticipant } from "./models.ts"

type Failure = SunshineError.BadRequest | SunshineError.NotFound | SunshineError.SunshineError

/** The service for callers without types: it validates what it is given. */
interface Untyped {
  join(request: unknown): Effect.Effect<Participant.Participant, Failure>
  leave(request: unknown): Effect.Effect<void, Failure>
  list(request: unknown): Effect.Effect<Page.ParticipantPage, Failure>
}

export const serviceOf = <C extends Caller>(
  participants: Participants.Participants["Service"],
  run: <A>(caller: C, effect: Effect.Effect<A, CallError>) => Task<A, CallError>,
): Service<C> => {
  const untyped: Untyped = participants
  return {
    join: (request, caller) =>
      run(caller, Effect.mapBoth(untyped.join(request), { onSuccess: plainParticipant, onFailure: plainError })),
    leave: (request, caller) => run(caller, Effect.mapError(untyped.leave(request), plainError)),
    list: (request, caller) =>
      run(caller, Effect.mapBoth(untyped.list(request), { onSuccess: plainPage, onFailure: plainError })),
  }
}
