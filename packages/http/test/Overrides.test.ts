import { SunshineError } from "@effect-sunco/core"
import { assert, describe } from "@effect/vitest"
import { Clock, Effect, Exit, Fiber } from "effect"
import { TestClock } from "effect/testing"
import * as RetryPolicy from "../src/RetryPolicy.ts"
import * as Api from "./support/retry.ts"
import { it } from "./support/retry.ts"

/** Overrides for callers without types. */
const withoutTypes: {
  override(policy: unknown): <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
} = RetryPolicy

const reasonOf = (error: Api.CallError): SunshineError.Reason => {
  if (error._tag !== "SunshineError") throw new Error(`expected a SunshineError, got ${String(error)}`)
  return error.reason
}

describe("an override", () => {
  it.effect("leaves what is undefined in it as the layer says", () =>
    Effect.gen(function* () {
      const api = Api.scripted({ list: [Api.status(500)] })
      const service = yield* Api.over(api, { retryPolicy: { ...Api.withoutBackoff, attempts: 2 } })
      const nothing = { attempts: undefined, deadline: undefined, ambiguous: undefined }
      const { error } = yield* Api.failure(withoutTypes.override(nothing)(Api.list(service)))
      assert.strictEqual(Api.summary(error), "ServerError")
      assert.lengthOf(api.arrivals, 2)
    }),
  )

  const durations = ["attemptTimeout", "deadline", "base", "cap", "maxRetryAfter", "lookAfter"] as const

  const invalid = [
    ["ambiguous", "maybe", `Expected "verify" or "fail"`],
    ...durations.map((field) => [field, "1e3 seconds", "Expected a duration of "] as const),
  ] as const

  for (const [field, value, expected] of invalid) {
    it.effect(`of ${field} with "${value}" is an InvalidRequest, and nothing is sent`, () =>
      Effect.gen(function* () {
        const api = Api.scripted({})
        const service = yield* Api.over(api)
        for (const call of Object.values(Api.calls)) {
          const { error } = yield* Api.failure(withoutTypes.override({ [field]: value })(call(service)))
          const reason = reasonOf(error)
          assert.instanceOf(reason, SunshineError.InvalidRequest)
          assert.strictEqual(reason.field, `retryPolicy.${field}`)
          assert.include(reason.expected, expected)
        }
        assert.lengthOf(api.arrivals, 0)
      }),
    )
  }
})

describe("a leave that a 429 to somebody else holds for 29 more seconds", () => {
  /** How it ends, and how many seconds after the 429. */
  const held = Effect.fnUntraced(function* (policy: Partial<RetryPolicy.RetryPolicy>) {
    const api = Api.scripted({ list: [Api.status(429, { retryAfter: 30 }), Api.roster()] })
    const service = yield* Api.over(api)
    yield* Effect.forkChild(Api.list(service))
    yield* TestClock.adjust("1 second")
    const leave = Effect.exit(RetryPolicy.override(Api.leave(service), policy))
    const fiber = yield* Effect.forkChild(
      Effect.flatMap(leave, (exit) => Effect.map(Clock.currentTimeMillis, (at) => ({ exit, seconds: at / 1_000 }))),
    )
    yield* TestClock.adjust("1 minute")
    return yield* Fiber.join(fiber)
  })

  it.effect("waits, which is no attempt", () =>
    Effect.gen(function* () {
      const { exit, seconds } = yield* held({ attempts: 1 })
      assert.deepStrictEqual([Exit.isSuccess(exit), seconds], [true, 30])
    }),
  )

  it.effect("fails at once if its deadline comes with the end of the hold", () =>
    Effect.gen(function* () {
      const { exit, seconds } = yield* held({ deadline: "29 seconds" })
      assert.deepStrictEqual([reasonOf(yield* Effect.flip(exit))._tag, seconds], ["RateLimited", 1])
    }),
  )

  it.effect("waits if its deadline comes a moment later", () =>
    Effect.gen(function* () {
      const { exit, seconds } = yield* held({ deadline: 29_001 })
      assert.deepStrictEqual([Exit.isSuccess(exit), seconds], [true, 30])
    }),
  )
})
