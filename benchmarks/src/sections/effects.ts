/**
 * How many effects fibers run for one list, over an HTTP client without a socket. They are counted, so the number is the same
 * on every machine, however busy it is. A tracer sees each effect before it runs.
 */
import { Participants } from "@effect-sunco/core"
import { Effect, Tracer } from "effect"
import { layer } from "../clients/stub.ts"
import { conversation } from "../support/body.ts"
import { atMost, type Section } from "../support/section.ts"

/** What the code needs. A change that needs more raises it, and says why. */
const most = 77

export const run: Section = async () => {
  let effects = 0
  const counter = Tracer.make({
    span: (options) => new Tracer.NativeSpan(options),
    context: (primitive, fiber) => {
      effects++
      return primitive["~effect/Effect/evaluate"](fiber)
    },
  })
  const program = Effect.gen(function* () {
    const { list } = yield* Participants.Participants
    // The first one makes what all others share.
    yield* list(conversation)
    const before = effects
    yield* list(conversation)
    return effects - before
  })
  const count = await program.pipe(
    Effect.provide(layer({ baseUrl: "https://api.smooch.io", size: 25 })),
    Effect.withTracer(counter),
    Effect.runPromise,
  )
  return {
    tables: [],
    targets: [atMost("effects of one list without a socket", count, most, { unit: "effects", margin: 0 })],
  }
}
