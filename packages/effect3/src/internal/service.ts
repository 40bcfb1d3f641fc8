/**
 * A service of the engine as the service of Effect 3.
 */
import * as Effect from "effect/Effect"
import type { Participants } from "../Participants.ts"
import { type Caller, withCaller } from "./caller.ts"
import type * as Boundary from "./engine/boundary.ts"
import { errorOf } from "./errors.ts"
import { pageOf, participantOf } from "./models.ts"
import { fromTask } from "./task.ts"
import type { NotFound, SunshineError } from "../SunshineError.ts"

export const serviceOf = <C extends Boundary.Caller>(
  service: Boundary.Service<C>,
  callerOf: (caller: Caller) => C,
): Participants["Type"] => {
  const run = <A, B>(call: (caller: C) => Boundary.Task<A, Boundary.CallError>, onSuccess: (value: A) => B) =>
    withCaller((caller) => Effect.mapBoth(fromTask(call(callerOf(caller))), { onSuccess, onFailure: errorOf }))
  return {
    join: (request) => run((caller) => service.join(request, caller), participantOf),
    leave: (request) =>
      Effect.catchAll(
        run(
          (caller) => service.leave(request, caller),
          () => undefined,
        ),
        (error): Effect.Effect<never, NotFound | SunshineError> =>
          // The vendor documents no 400 for a leave, so the engine has another error for it.
          error._tag === "BadRequest" ? Effect.die(error) : Effect.fail(error),
      ),
    list: (request) => run((caller) => service.list(request, caller), pageOf),
  }
}
