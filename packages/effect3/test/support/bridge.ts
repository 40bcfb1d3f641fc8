/**
 * A service of Effect 3 as the service of `core`: how the behaviour suite, which is on Effect 4, reaches it.
 */
import * as Effect4 from "effect4/Effect"
import * as Schema4 from "effect4/Schema"
import { Effect, Runtime, Schema } from "effect"
import { Page as CorePage, Participant as CoreParticipant, type Participants as Core } from "@effect-sunco/core"
import { Page, Participant, type Participants } from "@effect-sunco/effect3"
import { errorOf } from "../../src/internal/engine/errors.ts"
import { fromTask } from "../../src/internal/engine/task.ts"
import { plainError } from "../../src/internal/plainErrors.ts"
import { toTask } from "../../src/internal/task.ts"

const onEffect4 = <A, E>(effect: Effect.Effect<A, E>): Effect4.Effect<A, E> =>
  fromTask(toTask(Runtime.defaultRuntime)(effect))

const participantOf = (participant: Participant.Participant) =>
  Schema4.decodeUnknownSync(CoreParticipant.Participant)(Schema.encodeSync(Participant.Participant)(participant))

const pageOf = (page: Page.ParticipantPage) => {
  const { meta, ...fields } = Schema.encodeSync(Page.ParticipantPage)(page)
  return Schema4.decodeUnknownSync(CorePage.ParticipantPage)(page.meta.isStated ? { ...fields, meta } : fields)
}

export const bridged = (service: Participants.Participants["Type"]): Core.Participants["Service"] => ({
  join: (request) =>
    Effect4.mapBoth(onEffect4(Effect.mapError(service.join(request), plainError)), {
      onSuccess: participantOf,
      onFailure: errorOf,
    }),
  leave: (request) =>
    Effect4.catch(onEffect4(Effect.mapError(service.leave(request), plainError)), (plain) => {
      const error = errorOf(plain)
      return error._tag === "BadRequest" ? Effect4.die(error) : Effect4.fail(error)
    }),
  list: (request) =>
    Effect4.mapBoth(onEffect4(Effect.mapError(service.list(request), plainError)), {
      onSuccess: pageOf,
      onFailure: errorOf,
    }),
})
