/**
 * A service of Effect 3 as the service of `core`: how the behaviour suite, which is on Effect 4, reaches it.
 */
import * as Effect4 from "effect4/Effect"
import { Effect, Runtime } from "effect"
import type { Participants as Core } from "@effect-sunco/core"
import type { Participants } from "@effect-sunco/effect3"
import { errorOf } from "../../src/internal/engine/errors.ts"
import { pageOf, participantOf } from "../../src/internal/engine/models.ts"
import { fromTask } from "../../src/internal/engine/task.ts"
import { plainError } from "../../src/internal/plainErrors.ts"
import { plainPage, plainParticipant } from "../../src/internal/plainModels.ts"
import { toTask } from "../../src/internal/task.ts"

const onEffect4 = <A, E>(effect: Effect.Effect<A, E>): Effect4.Effect<A, E> =>
  fromTask(toTask(Runtime.defaultRuntime)(effect))

export const bridged = (service: Participants.Participants["Type"]): Core.Participants["Service"] => ({
  join: (request) =>
    Effect4.mapBoth(
      onEffect4(Effect.mapBoth(service.join(request), { onSuccess: plainParticipant, onFailure: plainError })),
      {
        onSuccess: participantOf,
        onFailure: errorOf,
      },
    ),
  leave: (request) =>
    Effect4.catch(onEffect4(Effect.mapError(service.leave(request), plainError)), (plain) => {
      const error = errorOf(plain)
      return error._tag === "BadRequest" ? Effect4.die(error) : Effect4.fail(error)
    }),
  list: (request) =>
    Effect4.mapBoth(onEffect4(Effect.mapBoth(service.list(request), { onSuccess: plainPage, onFailure: plainError })), {
      onSuccess: pageOf,
      onFailure: errorOf,
    }),
})
