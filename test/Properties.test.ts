/**
 * What must hold however requests fail. Each seed draws a schedule: faults, a policy, limits, and callers that join, leave
 * and page at once, in a conversation where a join that is written twice makes a second membership.
 *
 * A violation names its seed. To run that schedule alone, narrow `seeds` to it.
 */
import { assert, beforeAll, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { emptyTally, properties, type Violation } from "./support/faultsRecord.ts"
import { type Lag, run } from "./support/faultsSchedule.ts"

const lags: ReadonlyArray<Lag> = [
  "a list that shows a write at once",
  "a list that shows a write just before the first read",
]

const seeds = Array.from({ length: 1000 }, (_, index) => String(index))

describe.each(lags)("with %s", (lag) => {
  const tally = emptyTally()
  let violations: ReadonlyArray<Violation> = []

  beforeAll(async () => {
    // Each fault makes errors, and no violation shows their stacks: without stacks the schedules take a tenth less time.
    const { stackTraceLimit } = Error
    Error.stackTraceLimit = 0
    try {
      const found = await Effect.runPromise(Effect.forEach(seeds, (seed) => run(seed, lag, tally)))
      violations = found.flat()
    } finally {
      Error.stackTraceLimit = stackTraceLimit
    }
  }, 300_000)

  it.each(properties)("%s", (property) => {
    assert.deepStrictEqual(violations.filter((violation) => violation.property === property).slice(0, 5), [])
  })

  it("the schedules are hard enough to tell", () => {
    assert.strictEqual(tally.schedules, seeds.length)
    for (const [what, count] of Object.entries(tally)) {
      assert.isAtLeast(count, what === "gaveUp" ? seeds.length / 50 : seeds.length / 2, what)
    }
  })
})
