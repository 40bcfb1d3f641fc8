/**
 * How long an attempt and a call may take, and how a call ends that is interrupted.
 */
import { SunshineError } from "@effect-sunco/core"
import { assert, describe } from "@effect/vitest"
import { Clock, Duration, Effect, Exit, Fiber, Random } from "effect"
import { TestClock } from "effect/testing"
import type * as ParticipantsHttp from "../src/ParticipantsHttp.ts"
import * as RetryPolicy from "../src/RetryPolicy.ts"
import { limiterOver, makeLimiter } from "./support/limiters.ts"
import * as Api from "./support/retry.ts"
import { it } from "./support/retry.ts"

describe("attemptTimeout", () => {
  const attempt = { after: Duration.seconds(3), limit: "attemptTimeout" } as const

  for (const [what, answer] of [
    ["that gets no answer", Api.hangs],
    ["whose answer does not end", Api.endlessBody(200)],
  ] as const) {
    it.effect(`ends an attempt ${what}`, () =>
      Effect.gen(function* () {
        const api = Api.scripted({ list: [answer] })
        const service = yield* Api.over(api, { retryPolicy: { attempts: 2, attemptTimeout: "3 seconds" } })
        const { at, error } = yield* Api.failure(Api.list(service))
        const expected = new SunshineError.TimedOut({ ...attempt, sent: true, waitingFor: "answer" })
        assert.deepStrictEqual(Api.reasonOf(error), expected)
        assert.deepStrictEqual([Api.times(api), at], [[0, 3_000], 6_000])
      }),
    )
  }

  it.effect("ends an attempt that gets no credential: nothing was sent, so a join is sent again without a read", () =>
    Effect.gen(function* () {
      const api = Api.scripted({})
      const service = yield* Api.over(api, {
        credentials: Api.tokensUntil(0),
        retryPolicy: { attempts: 2, attemptTimeout: "3 seconds" },
      })
      const { at, error } = yield* Api.failure(Api.join(service))
      const expected = new SunshineError.TimedOut({ ...attempt, sent: false, waitingFor: "credential" })
      assert.deepStrictEqual([Api.reasonOf(error), Api.operations(api), at], [expected, [], 6_000])
    }),
  )

  it.effect("ends an attempt whose credential is not renewed: a join that was refused with 401 has not happened", () =>
    Effect.gen(function* () {
      const api = Api.scripted({ join: [Api.status(401)] })
      const service = yield* Api.over(api, {
        credentials: Api.tokensUntil(1),
        retryPolicy: { attempts: 1, attemptTimeout: "3 seconds" },
      })
      const { error } = yield* Api.failure(Api.join(service))
      const expected = new SunshineError.TimedOut({ ...attempt, sent: false, waitingFor: "credential" })
      assert.deepStrictEqual([Api.reasonOf(error), Api.operations(api)], [expected, ["join"]])
    }),
  )

  it.effect("leaves the status of an error half of the remaining time to read its body", () =>
    Effect.gen(function* () {
      const api = Api.scripted({ join: [Effect.delay(Api.endlessBody(403), "9 seconds")] })
      const { at, end, sent } = yield* Api.observe(api, Api.join, { attemptTimeout: "10 seconds" })
      assert.deepStrictEqual([end, at, sent], ["Forbidden", 9_500, ["join"]])
    }),
  )

  it.effect("does not count the time between attempts", () =>
    Effect.gen(function* () {
      const api = Api.scripted({
        list: [Api.status(429, { retryAfter: 30 }), Api.status(503, { retryAfter: 30 }), Api.roster()],
      })
      const { at, end } = yield* Api.observe(api, Api.list, { attemptTimeout: "1 second" })
      assert.deepStrictEqual([end, at], ["success", 60_000])
    }),
  )
})

// ---------------------------------------------------------------------------
// Deadlines
// ---------------------------------------------------------------------------

describe("deadline", () => {
  const deadline = "10 seconds"

  const cases: ReadonlyArray<{
    readonly what: string
    readonly call: (service: Api.Service) => Effect.Effect<unknown, Api.CallError>
    readonly script: Parameters<typeof Api.scripted>[0]
    readonly policy?: RetryPolicy.Partial
    readonly options?: Partial<ParticipantsHttp.Options>
    readonly at: number
    readonly expected: string
  }> = [
    {
      what: "an attempt of a list",
      call: Api.list,
      script: { list: [Api.hangs] },
      policy: { attemptTimeout: "1 minute" },
      at: 10_000,
      expected: "TimedOut",
    },
    {
      what: "an attempt of a join, which may have happened",
      call: Api.join,
      script: { join: [Api.hangs] },
      policy: { attemptTimeout: "1 minute" },
      at: 10_000,
      expected: "OutcomeUnknown (TimedOut)",
    },
    {
      what: "all attempts together",
      call: Api.list,
      script: { list: [Api.hangs] },
      policy: { attemptTimeout: "3 seconds", attempts: 100 },
      at: 10_000,
      expected: "TimedOut",
    },
    {
      what: "the reads of the roster: the call fails as soon as the next one would be too late",
      call: Api.join,
      script: { join: [Api.reset], list: [Api.unchanged.join] },
      policy: { verify: { attempts: 100, delay: "1 second" } },
      at: 7_000,
      expected: "OutcomeUnknown (Transport)",
    },
    {
      what: "a read that gets no answer",
      call: Api.leave,
      script: { leave: [Api.reset], list: [Api.hangs] },
      policy: { attemptTimeout: "1 minute" },
      at: 10_000,
      expected: "OutcomeUnknown (Transport)",
    },
    {
      what: "a read that is held: the call fails as soon as that is known",
      call: Api.join,
      script: { join: [Api.reset], list: [Api.status(429, { retryAfter: 25 })] },
      at: 500,
      expected: "OutcomeUnknown (Transport)",
    },
    {
      what: "a credential",
      call: Api.join,
      script: {},
      policy: { attemptTimeout: "1 minute" },
      options: { credentials: Api.tokensUntil(0) },
      at: 10_000,
      expected: "TimedOut",
    },
    {
      what: "the renewal of a credential",
      call: Api.join,
      script: { join: [Api.status(401)] },
      policy: { attemptTimeout: "1 minute" },
      options: { credentials: Api.tokensUntil(1) },
      at: 10_000,
      expected: "TimedOut",
    },
    {
      what: "the renewal of a credential for a read",
      call: Api.join,
      script: { join: [Api.reset], list: [Api.status(401)] },
      policy: { attemptTimeout: "1 minute" },
      options: { credentials: Api.tokensUntil(1) },
      at: 10_000,
      expected: "OutcomeUnknown (Transport)",
    },
    {
      what: "a wait that would end after it: the last error comes at once",
      call: Api.list,
      script: { list: [Api.status(429, { retryAfter: 1 }), Api.status(429, { retryAfter: 9 })] },
      at: 1_000,
      expected: "RateLimited",
    },
    {
      what: "a wait that would end with it: the last error comes at once",
      call: Api.join,
      script: { join: [Api.status(429, { retryAfter: 10 })] },
      at: 0,
      expected: "RateLimited",
    },
    {
      what: "a wait after an ambiguous join: the unknown outcome comes at once",
      call: Api.join,
      script: { join: [Api.reset, Api.status(429, { retryAfter: 10 })], list: [Api.unchanged.join] },
      policy: { verify: { attempts: 1, delay: "1 second" } },
      at: 1_000,
      expected: "OutcomeUnknown (Transport, RateLimited)",
    },
    {
      what: "a read that would come after it: the unknown outcome comes at once",
      call: Api.join,
      script: { join: [Api.status(503, { retryAfter: 10 })] },
      at: 0,
      expected: "OutcomeUnknown (ServerError)",
    },
  ]

  for (const { at, call, expected, options, policy, script, what } of cases) {
    it.effect(`bounds ${what}`, () =>
      Effect.gen(function* () {
        const api = Api.scripted(script)
        const observed = yield* Api.observe(api, call, { deadline, ...policy }, options)
        assert.deepStrictEqual([observed.end, observed.at], [expected, at])
        yield* TestClock.adjust("1 hour")
        assert.lengthOf(api.arrivals, observed.sent.length, "something was sent after the end")
      }),
    )
  }

  it.effect("bounds 429s without Retry-After: the error says how long the call has waited", () =>
    Effect.gen(function* () {
      const api = Api.scripted({ list: [Api.status(429)] })
      const service = yield* Api.over(api, { retryPolicy: { deadline } })
      const { at, error } = yield* Api.failure(Api.list(service))
      const reason = Api.reasonOf(error)
      if (reason._tag !== "RateLimited" || reason.waited === undefined) return assert.fail(String(error))
      // It fails as soon as the next hold would end too late, and all of its time before that was a wait.
      assert.isAtMost(at, 10_000)
      assert.isAtLeast(at, 2_000)
      assert.closeTo(Duration.toMillis(reason.waited), at, 1)
      assert.isBelow(api.arrivals.length, 10)
    }),
  )

  it.effect("bounds the wait for a place in the queue", () =>
    Effect.gen(function* () {
      const api = Api.scripted({ join: [Api.hangs] })
      const service = yield* Api.over(api, { limits: { concurrency: 1 }, retryPolicy: { attemptTimeout: "1 hour" } })
      yield* Effect.forkChild(Effect.exit(Api.join(service)))
      const { error } = yield* Api.failure(Api.list(service))
      const expected = new SunshineError.TimedOut({
        after: Duration.minutes(2),
        sent: false,
        limit: "deadline",
        waitingFor: "turn",
      })
      assert.deepStrictEqual([Api.reasonOf(error), Api.operations(api)], [expected, ["join"]])
    }),
  )

  it.effect("of one who waits in the queue ends no other wait", () =>
    Effect.gen(function* () {
      const api = Api.scripted({ list: [Effect.delay(Api.roster(), "5 seconds"), Api.roster()] })
      const service = yield* Api.over(api, { limits: { concurrency: 1 } })
      const within = (seconds: number) =>
        RetryPolicy.override(Api.list(service), { deadline: Duration.seconds(seconds), attemptTimeout: "1 minute" })
      const calls = []
      for (const seconds of [60, 3, 30, 1]) calls.push(yield* Api.startAt(0, within(seconds)))
      yield* TestClock.adjust("10 seconds")
      const ends = yield* Effect.forEach(calls, Fiber.join)
      assert.deepStrictEqual(
        ends.map(({ at, exit }) => [Exit.isSuccess(exit), at]),
        [
          [true, 5000],
          [false, 3000],
          [true, 5000],
          [false, 1000],
        ],
      )
    }),
  )

  it.effect("bounds the wait for the answers to others, where no place is limited", () =>
    Effect.gen(function* () {
      const api = Api.scripted({ join: [Api.hangs] })
      const service = yield* Api.over(api)
      for (let caller = 0; caller < 32; caller++) yield* Effect.forkChild(Effect.exit(Api.join(service)))
      const { at, error } = yield* Api.failure(RetryPolicy.override(Api.list(service), { deadline: "500 millis" }))
      const expected = new SunshineError.TimedOut({
        after: Duration.millis(500),
        sent: false,
        limit: "deadline",
        waitingFor: "turn",
      })
      assert.deepStrictEqual([Api.reasonOf(error), at], [expected, 500])
    }),
  )

  it.effect("bounds the wait for a token behind a caller with more time, when others use up the budget", () =>
    Effect.gen(function* () {
      const limits = { rate: { limiter: yield* makeLimiter, limit: 1, window: "4 seconds", key: "budget" } } as const
      const other = yield* Api.over(Api.scripted({}), { limits })
      const service = yield* Api.over(Api.scripted({}), { limits })
      yield* Api.list(other)
      // It waits for the token of each window, which the other layer takes just before.
      for (const seconds of [4, 8, 12, 16]) yield* Effect.forkChild(Effect.delay(Api.list(other), `${seconds} seconds`))
      yield* Effect.forkChild(Api.list(service))
      const hasty = RetryPolicy.override(Api.join(service), { deadline })
      const { at } = yield* Api.settle(hasty, "1 minute")
      assert.isAtMost(at, 10_000)
    }),
  )

  it.effect("bounds a limiter whose store does not answer", () =>
    Effect.gen(function* () {
      const limiter = yield* limiterOver(Effect.never)
      const limits = { rate: { limiter, limit: 1, window: "1 second" } } as const
      const service = yield* Api.over(Api.scripted({}), { limits, retryPolicy: { deadline } })
      const { at, error } = yield* Api.failure(Api.join(service))
      const expected = new SunshineError.TimedOut({
        after: Duration.seconds(10),
        sent: false,
        limit: "deadline",
        waitingFor: "rate limit",
      })
      assert.deepStrictEqual([Api.reasonOf(error), at], [expected, 10_000])
    }),
  )

  it.effect("is what the error names, and whether a request was on its way", () =>
    Effect.gen(function* () {
      const service = yield* Api.over(Api.scripted({ list: [Api.hangs] }), {
        retryPolicy: { deadline, attemptTimeout: "1 hour" },
      })
      const { error } = yield* Api.failure(Api.list(service))
      const expected = new SunshineError.TimedOut({
        after: Duration.seconds(10),
        sent: true,
        limit: "deadline",
        waitingFor: "answer",
      })
      assert.deepStrictEqual(Api.reasonOf(error), expected)
    }),
  )
})

// ---------------------------------------------------------------------------
// Interruption
// ---------------------------------------------------------------------------

describe("interruption during a wait", () => {
  for (const [what, script, call] of [
    ["between attempts", { list: [Api.status(500)] }, Api.list],
    ["for Retry-After", { join: [Api.status(429, { retryAfter: 30 })] }, Api.join],
    ["for a read of the roster", { leave: [Api.reset] }, Api.leave],
    ["for an answer", { join: [Api.hangs] }, Api.join],
  ] as const) {
    it.effect(`${what} ends the call at once, and nothing more is sent`, () =>
      Effect.gen(function* () {
        const api = Api.scripted(script)
        const verify = { attempts: 1, delay: "10 seconds" } as const
        const service = yield* Api.over(api, {
          retryPolicy: { base: "1 minute", cap: "1 minute", verify, deadline: "1 hour" },
        })
        const fiber = yield* Effect.forkChild(
          Effect.asVoid(Random.withSeed<unknown, Api.CallError, never>(call(service), "a wait that is not short")),
        )
        yield* TestClock.adjust("1 second")
        assert.lengthOf(api.arrivals, 1)
        yield* Fiber.interrupt(fiber)
        assert.strictEqual(yield* Clock.currentTimeMillis, 1_000)
        assert.isTrue(Exit.hasInterrupts(yield* Fiber.await(fiber)))
        yield* TestClock.adjust("1 hour")
        assert.lengthOf(api.arrivals, 1)
      }),
    )
  }
})

describe("a wall clock that is set by a day during a call", () => {
  for (const [what, days] of [
    ["back", -1],
    ["forward", 1],
  ] as const) {
    it.effect(`${what} changes no deadline, no hold, and no error`, () =>
      Effect.gen(function* () {
        const clock = yield* Clock.Clock
        let shift = 0
        const skewed: Clock.Clock = {
          ...clock,
          currentTimeMillisUnsafe: () => clock.currentTimeMillisUnsafe() + shift,
          currentTimeMillis: Effect.map(clock.currentTimeMillis, (now) => now + shift),
        }
        const setBy = Effect.sync(() => {
          shift = days * 86_400_000
        })
        const held = Api.status(429, { retryAfter: 2 })
        const api = Api.scripted({ list: [held, Effect.delay(Api.status(400, { code: "bad_request" }), "1 second")] })
        const service = yield* Api.over(api)
        // During the hold.
        yield* Effect.forkChild(Effect.delay(setBy, "1 second"))
        const call = Effect.provideService(Api.failure(Api.list(service)), Clock.Clock, skewed)
        const { error } = yield* call
        assert.strictEqual(error._tag === "BadRequest" && error.code, "bad_request")
        // Arrivals are noted by the wall clock.
        assert.deepStrictEqual(Api.times(api), [0, 2000 + shift])
      }),
    )
  }
})
