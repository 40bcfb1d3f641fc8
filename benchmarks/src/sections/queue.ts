/**
 * What a call costs among many that wait for their turn, over an HTTP client without a socket: the same, however many wait.
 */
import { Participants } from "@effect-sunco/core"
import { Effect } from "effect"
import { layer } from "../clients/stub.ts"
import { conversation } from "../support/body.ts"
import { atMost, type Section } from "../support/section.ts"

const few = 4000
const many = 20_000

/** Milliseconds that one of some calls takes, of which 10 go at once. */
const timeOf = Effect.fnUntraced(function* (calls: number) {
  const { list } = yield* Participants.Participants
  const begin = performance.now()
  yield* Effect.all(
    Array.from({ length: calls }, () => list(conversation)),
    { concurrency: "unbounded", discard: true },
  )
  return (performance.now() - begin) / calls
})

export const run: Section = async () => {
  const program = Effect.gen(function* () {
    // Until the code is warm.
    yield* timeOf(many)
    return (yield* timeOf(many)) / (yield* timeOf(few))
  })
  const ratio = await program.pipe(
    Effect.provide(layer({ baseUrl: "https://api.smooch.io", size: 1 }, { concurrency: 10 })),
    Effect.runPromise,
  )
  return {
    tables: [],
    targets: [atMost("time of one call of 20,000 at once over one of 4,000", ratio, 2, { margin: 0.2, unit: "x" })],
  }
}
