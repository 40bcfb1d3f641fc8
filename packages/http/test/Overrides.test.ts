import { assert, describe } from "@effect/vitest"
import { Clock, Effect, Exit, Fiber } from "effect"
import { TestClock } from "effect/testing"
import * as RetryPolicy from "../src/RetryPolicy.ts"
import * as Calls from "./support/Calls.ts"
import * as Api from "./support/retry.ts"
import { it } from "./support/retry.ts"

/** Overrides for callers without types. */
const withoutTypes: {
  override(policy: unknown): <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
} = RetryPolicy

describe("an override", () => {
  it.effect("changes nothing where it is undefined", () =>
    Effect.gen(function* () {
      const api = Api.scripted({ list: [Api.status(500)] })
      const service = yield* Api.over(api, { retryPolicy: { ...Api.withoutBackoff, attempts: 2 } })
      const nothing = { attempts: undefined, deadline: undefined, verify: undefined }
      const { error } = yield* Api.failure(RetryPolicy.override(nothing)(Api.list(service)))
      Calls.expectReason(error, "ServerError")
      assert.lengthOf(api.arrivals, 2)
    }),
  )

  for (const [what, inner, sent] of [
    ["one attempt", { attempts: 1 }, 1],
    ["undefined attempts", { attempts: undefined }, 2],
    ["another field", { deadline: "1 minute" }, 2],
  ] as const) {
    it.effect(`with ${what} within one with two attempts sends ${sent}`, () =>
      Effect.gen(function* () {
        const api = Api.scripted({ list: [Api.status(500)] })
        const service = yield* Api.over(api)
        const call = RetryPolicy.override(Api.list(service), inner)
        yield* Api.failure(RetryPolicy.override(call, { attempts: 2 }))
        assert.lengthOf(api.arrivals, sent)
      }),
    )
  }

  it.effect("that is not allowed is refused, whatever an inner one says", () =>
    Effect.gen(function* () {
      const api = Api.scripted({})
      const service = yield* Api.over(api)
      const call = RetryPolicy.override(Api.list(service), { attempts: 1 })
      const { error } = yield* Api.failure(RetryPolicy.override(call, { attempts: 0 }))
      assert.strictEqual(Calls.expectReason(error, "InvalidRequest").field, "retryPolicy.attempts")
      assert.lengthOf(api.arrivals, 0)
    }),
  )

  const durations = ["attemptTimeout", "deadline", "base", "cap", "maxRetryAfter"] as const

  const invalid: ReadonlyArray<readonly [policy: object, field: string]> = [
    ...durations.map((field) => [{ [field]: "1e3 seconds" }, field] as const),
    [{ attempt: 1 }, "attempt"],
    [{ verify: "maybe" }, "verify"],
    [{ verify: null }, "verify"],
    [{ verify: true }, "verify"],
    [{ verify: { attempts: 0, delay: 0 } }, "verify.attempts"],
    [{ verify: { attempts: 1, delay: "1e3 seconds" } }, "verify.delay"],
  ]

  for (const [policy, field] of invalid) {
    it.effect(`with ${JSON.stringify(policy)} fails the call with InvalidRequest, and sends nothing`, () =>
      Effect.gen(function* () {
        const api = Api.scripted({})
        const service = yield* Api.over(api)
        const { error } = yield* Api.failure(withoutTypes.override(policy)(Api.join(service)))
        assert.strictEqual(Calls.expectReason(error, "InvalidRequest").field, `retryPolicy.${field}`)
        assert.lengthOf(api.arrivals, 0)
      }),
    )
  }
})

describe("a leave that the 429 of another call holds for 29 more seconds", () => {
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

  it.effect("waits, which uses up no attempt", () =>
    Effect.gen(function* () {
      const { exit, seconds } = yield* held({ attempts: 1 })
      assert.deepStrictEqual([Exit.isSuccess(exit), seconds], [true, 30])
    }),
  )

  it.effect("fails at once if its deadline comes with the end of the hold", () =>
    Effect.gen(function* () {
      const { exit, seconds } = yield* held({ deadline: "29 seconds" })
      Calls.expectReason(yield* Effect.flip(exit), "RateLimited")
      assert.strictEqual(seconds, 1)
    }),
  )

  it.effect("waits if its deadline comes a moment later", () =>
    Effect.gen(function* () {
      const { exit, seconds } = yield* held({ deadline: 29_001 })
      assert.deepStrictEqual([Exit.isSuccess(exit), seconds], [true, 30])
    }),
  )
})
