/**
 * The limits of a layer: requests at once, requests per window, and a circuit breaker.
 */
import { SunshineError } from "@effect-sunco/core"
import { assert, describe } from "@effect/vitest"
import { Duration, Effect, Exit, Fiber, Redacted } from "effect"
import { CircuitBreaker, RateLimiter } from "effect/persistence"
import { TestClock } from "effect/testing"
import * as Credentials from "../src/Credentials.ts"
import type { Limits } from "../src/Limits.ts"
import * as RetryPolicy from "../src/RetryPolicy.ts"
import { limiterOver, makeBreaker, makeLimiter } from "./support/limiters.ts"
import * as Api from "./support/retry.ts"
import { it } from "./support/retry.ts"

// ---------------------------------------------------------------------------
// Requests at once
// ---------------------------------------------------------------------------

describe("concurrency", () => {
  it.effect("is never exceeded, and used up, under 200 callers", () =>
    Effect.gen(function* () {
      const api = Api.make(({ operation }) => Effect.delay(Api.good[operation], "1 second"))
      const service = yield* Api.over(api, { limits: { concurrency: 8 } })
      const { at } = yield* Api.crowd(
        200,
        (index) => [Api.join, Api.leave, Api.list][index % 3]?.(service) ?? Effect.void,
      )
      assert.deepStrictEqual([api.arrivals.length, api.mostAtOnce(), at], [200, 8, 25_000])
    }),
  )

  it.effect("is never exceeded by retries and verification", () =>
    Effect.gen(function* () {
      // The answer to each join is lost, and the roster shows it.
      const api = Api.make(({ operation }, number) =>
        Effect.delay(
          operation === "join" ? Api.reset : number % 5 === 0 ? Api.status(503) : Api.roster("user"),
          "100 millis",
        ),
      )
      const service = yield* Api.over(api, { limits: { concurrency: 8 } })
      yield* Api.crowd(200, () => Api.join(service))
      assert.strictEqual(api.mostAtOnce(), 8)
      assert.isAbove(api.arrivals.length, 400)
    }),
  )

  it.effect("of one lets verification through: a call never waits for its own place", () =>
    Effect.gen(function* () {
      const api = Api.scripted({ join: [Api.reset], list: [Api.roster("user")] })
      const service = yield* Api.over(api, { limits: { concurrency: 1 } })
      const { value } = yield* Api.success(Api.join(service))
      assert.strictEqual(value.id, "user-listed")
    }),
  )

  it.effect(
    "is given to a join in doubt, and to the read that it needs when it had to wait, before later callers",
    () =>
      Effect.gen(function* () {
        const api = Api.scripted({
          join: [Api.reset],
          list: [Effect.delay(Api.roster(), "100 millis"), Api.roster("user")],
          leave: [Effect.delay(Api.left, "9 seconds")],
        })
        const service = yield* Api.over(api, {
          limits: { concurrency: 1 },
          retryPolicy: { verify: { attempts: 1, delay: 500 } },
        })
        // The first leave comes while the roster is read, and is next; the second one waits behind the join.
        yield* Api.startAt(550, Api.leave(service))
        yield* Api.startAt(700, Api.leave(service))
        const { at, value } = yield* Api.success(Api.join(service))
        assert.strictEqual(value.id, "user-listed")
        assert.deepStrictEqual(Api.operations(api), ["join", "list", "leave", "list", "leave"])
        assert.strictEqual(at, 9_600)
      }),
  )

  it.effect("is never exceeded by requests with a new credential, and one is enough for them", () =>
    Effect.gen(function* () {
      const api = Api.make(({ authorization }) =>
        Effect.delay(authorization === "Bearer token-1" ? Api.status(401) : Api.roster(), "1 second"),
      )
      const service = yield* Api.over(api, { credentials: Api.renewable(), limits: { concurrency: 1 } })
      yield* Api.crowd(5, () => Api.list(service))
      assert.strictEqual(api.mostAtOnce(), 1)
      assert.strictEqual(api.arrivals.length, 6)
    }),
  )

  for (const wait of [9_999, 10_000]) {
    it.effect(`sends a credential that is valid when the turn comes, after ${wait} milliseconds`, () =>
      Effect.gen(function* () {
        const api = Api.scripted({ join: [Effect.delay(Api.joined, wait)] })
        let asked = 0
        const token = Effect.sync(() => Redacted.make(`token-${++asked}`))
        const service = yield* Api.over(api, {
          credentials: Credentials.bearer(token, { timeToLive: "10 seconds" }),
          limits: { concurrency: 1 },
          retryPolicy: { attemptTimeout: "1 minute" },
        })
        yield* Api.startAt(0, Api.join(service))
        yield* Api.startAt(0, Api.list(service))
        yield* TestClock.adjust("1 minute")
        assert.deepStrictEqual(
          api.arrivals.map(({ authorization }) => authorization),
          ["Bearer token-1", wait < 10_000 ? "Bearer token-1" : "Bearer token-2"],
        )
      }),
    )
  }

  it.effect("is released by attempts that time out and by callers that are interrupted", () =>
    Effect.gen(function* () {
      const api = Api.scripted({ list: [Api.hangs, Api.hangs, Api.roster()] })
      const service = yield* Api.over(api, { limits: { concurrency: 1 }, retryPolicy: { attempts: 1 } })
      yield* Api.failure(Api.list(service))
      const fiber = yield* Effect.forkChild(Api.list(service))
      yield* TestClock.adjust("1 second")
      yield* Fiber.interrupt(fiber)
      yield* Api.success(Api.list(service))
      assert.lengthOf(api.arrivals, 3)
    }),
  )

  it.effect("does not count as time of an attempt, and does as time of the call", () =>
    Effect.gen(function* () {
      const api = Api.make(() => Effect.delay(Api.roster(), "4 seconds"))
      const service = yield* Api.over(api, {
        limits: { concurrency: 1 },
        retryPolicy: { attemptTimeout: "5 seconds", deadline: "10 seconds" },
      })
      const fibers = yield* Effect.forEach([1, 2, 3], () => Api.startAt(0, Api.list(service)))
      yield* TestClock.adjust("1 minute")
      const ends = yield* Effect.forEach(fibers, Fiber.join)
      assert.deepStrictEqual(
        ends.map(({ at, exit }) => [at, Exit.isSuccess(exit)]),
        [
          [4_000, true],
          [8_000, true],
          [10_000, false],
        ],
      )
    }),
  )
})

// ---------------------------------------------------------------------------
// Requests per window
// ---------------------------------------------------------------------------

const fivePerSecond = (limiter: RateLimiter.RateLimiter, options?: { readonly key?: string }) =>
  ({
    rate: { limiter, limit: 5, window: "1 second", ...options },
  }) satisfies Limits

/** The most that came within a second, wherever that second begins. */
const mostPerSecond = (times: ReadonlyArray<number>): number =>
  Math.max(...times.map((from) => times.filter((at) => from <= at && at < from + 1_000).length))

describe("rate", () => {
  it.effect("is never exceeded, and used up, by a crowd", () =>
    Effect.gen(function* () {
      const api = Api.scripted({})
      const service = yield* Api.over(api, { limits: fivePerSecond(yield* makeLimiter) })
      yield* Api.crowd(23, () => Api.list(service))
      assert.deepStrictEqual(
        Api.times(api),
        Array.from({ length: 23 }, (_, index) => Math.floor(index / 5) * 1_000),
      )
    }),
  )

  it.effect("counts attempts and verification", () =>
    Effect.gen(function* () {
      const api = Api.make(({ operation }) => (operation === "join" ? Api.reset : Api.roster("user")))
      const service = yield* Api.over(api, {
        limits: fivePerSecond(yield* makeLimiter),
        retryPolicy: { verify: { attempts: 3, delay: 0 } },
      })
      yield* Api.crowd(10, () => Api.join(service))
      assert.deepStrictEqual(
        Api.times(api),
        Array.from({ length: 20 }, (_, index) => Math.floor(index / 5) * 1_000),
      )
    }),
  )

  it.effect("counts the request with a new credential, after a 401", () =>
    Effect.gen(function* () {
      const api = Api.scripted({ list: [Api.status(401), Api.roster()] })
      const limiter = yield* makeLimiter
      const service = yield* Api.over(api, {
        credentials: Api.renewable(),
        limits: { rate: { limiter, limit: 1, window: "1 second" } },
      })
      yield* Api.success(Api.list(service))
      assert.deepStrictEqual(Api.times(api), [0, 1_000])
    }),
  )

  it.effect("is never exceeded when slow answers have kept callers from their places", () =>
    Effect.gen(function* () {
      const api = Api.make((_, number) => Effect.delay(Api.roster(), number <= 10 ? "20 seconds" : 0))
      const service = yield* Api.over(api, {
        limits: { ...fivePerSecond(yield* makeLimiter), concurrency: 10 },
        retryPolicy: { attemptTimeout: "1 minute" },
      })
      yield* Api.crowd(60, () => Api.list(service))
      assert.lengthOf(api.arrivals, 60)
      assert.strictEqual(mostPerSecond(Api.times(api)), 5)
    }),
  )

  it.effect("is never exceeded when a 429 has held callers", () =>
    Effect.gen(function* () {
      // The 13th request is refused: by then many calls wait for a token, and ten have succeeded.
      const before = Array.from({ length: 12 }, () => Api.roster())
      const api = Api.scripted({ list: [...before, Api.status(429, { retryAfter: 20 }), Api.roster()] })
      const service = yield* Api.over(api, { limits: fivePerSecond(yield* makeLimiter) })
      yield* Api.crowd(60, () => Api.list(service))
      assert.lengthOf(api.arrivals, 61)
      assert.strictEqual(mostPerSecond(Api.times(api)), 5)
      assert.deepStrictEqual(
        Api.times(api).filter((at) => 2_000 < at && at < 22_000),
        [],
      )
    }),
  )

  it.effect("lets no request through whose token comes during a hold", () =>
    Effect.gen(function* () {
      const limiter = yield* makeLimiter
      const slow = {
        ...limiter,
        consume: (options: Parameters<RateLimiter.RateLimiter["consume"]>[0]) =>
          Effect.delay(limiter.consume(options), "1 second"),
      }
      const api = Api.scripted({ join: [Effect.delay(Api.status(429, { retryAfter: 10 }), "500 millis"), Api.joined] })
      const service = yield* Api.over(api, { limits: fivePerSecond(slow) })
      yield* Api.startAt(0, Api.join(service))
      // Its token is asked for at 1 second, and comes half a second after the 429.
      yield* Api.startAt(0, Api.list(service))
      yield* TestClock.adjust("1 minute")
      assert.deepStrictEqual(
        Api.times(api).filter((at) => 1_500 < at && at < 11_500),
        [],
      )
      assert.lengthOf(api.arrivals, 3)
    }),
  )

  it.effect("loses nothing to a 429: those who waited for a place go on at the full rate", () =>
    Effect.gen(function* () {
      const api = Api.scripted({ list: [Effect.delay(Api.status(429, { retryAfter: 10 }), "5 seconds"), Api.roster()] })
      const service = yield* Api.over(api, { limits: { ...fivePerSecond(yield* makeLimiter), concurrency: 1 } })
      yield* Api.crowd(20, () => Api.list(service))
      assert.deepStrictEqual(Api.times(api), [
        0,
        ...Array.from({ length: 20 }, (_, index) => 15_000 + Math.floor(index / 5) * 1_000),
      ])
    }),
  )

  for (const [what, delay, order] of [
    // When the first call is sent again, the third one already waits for its token.
    ["", 0, ["c0", "c1", "c2", "c0", "c3", "c4", "c5"]],
    [", over a store that takes its time", 10, ["c0", "c1", "c0", "c2", "c3", "c4", "c5"]],
  ] as const) {
    it.effect(`gives a retry the next token, before calls that were made later${what}`, () =>
      Effect.gen(function* () {
        const limiter = yield* makeLimiter
        const store = {
          ...limiter,
          consume: (options: Parameters<RateLimiter.RateLimiter["consume"]>[0]) =>
            delay === 0 ? limiter.consume(options) : Effect.delay(limiter.consume(options), delay),
        }
        const api = Api.scripted({ list: [Api.status(500), Api.roster()] })
        const service = yield* Api.over(api, {
          limits: { rate: { limiter: store, limit: 2, window: "1 second" } },
          retryPolicy: { base: "1 millis" },
        })
        yield* Api.crowd(6, (index) => service.list({ ...Api.conversation, conversationId: `c${index}` }))
        assert.deepStrictEqual(
          api.arrivals.map(({ url }) => /c[0-9]/.exec(url.pathname)?.[0]),
          [...order],
        )
      }),
    )
  }

  it.effect("is one budget for two layers with the same limiter and key", () =>
    Effect.gen(function* () {
      const limiter = yield* makeLimiter
      const api = Api.scripted({})
      const one = yield* Api.over(api, {
        baseUrl: "https://one.test",
        limits: fivePerSecond(limiter, { key: "budget" }),
      })
      const two = yield* Api.over(api, {
        baseUrl: "https://two.test",
        limits: fivePerSecond(limiter, { key: "budget" }),
      })
      yield* Api.crowd(20, (index) => Api.list(index % 2 === 0 ? one : two))
      assert.deepStrictEqual(
        Api.times(api),
        Array.from({ length: 20 }, (_, index) => Math.floor(index / 5) * 1_000),
      )
    }),
  )

  it.effect("is left to the others of a budget while a layer is held", () =>
    Effect.gen(function* () {
      const limits = fivePerSecond(yield* makeLimiter, { key: "budget" })
      const slow = Api.scripted({
        list: [Effect.delay(Api.status(429, { retryAfter: 60 }), "5 seconds"), Api.roster()],
      })
      const held = yield* Api.over(slow, { limits: { ...limits, concurrency: 1 } })
      for (let caller = 0; caller < 20; caller++) yield* Api.startAt(0, Api.list(held))
      yield* TestClock.adjust("6 seconds")

      const api = Api.scripted({})
      const free = yield* Api.over(api, { limits })
      for (let caller = 0; caller < 20; caller++) yield* Api.startAt(0, Api.list(free))
      yield* TestClock.adjust("4 seconds")
      assert.deepStrictEqual(
        Api.times(api),
        Array.from({ length: 20 }, (_, index) => 6_000 + Math.floor(index / 5) * 1_000),
      )
      assert.lengthOf(slow.arrivals, 1)
    }),
  )

  it.effect("is one budget for each base URL when no key is named", () =>
    Effect.gen(function* () {
      const limiter = yield* makeLimiter
      const api = Api.scripted({})
      const options = { limits: fivePerSecond(limiter) }
      const services = yield* Effect.all([
        Api.over(api, { ...options, baseUrl: "https://one.test" }),
        Api.over(api, { ...options, baseUrl: "https://one.test" }),
        Api.over(api, { ...options, baseUrl: "https://two.test" }),
      ])
      yield* Effect.forEach(services, (service) =>
        Effect.forkChild(Effect.forEach([1, 2, 3, 4, 5], () => Api.list(service))),
      )
      yield* TestClock.adjust(0)
      assert.deepStrictEqual(
        ["one.test", "two.test"].map((host) => api.arrivals.filter(({ url }) => url.host === host).length),
        [5, 5],
      )
    }),
  )

  it.effect("is not used up by those who gave up", () =>
    Effect.gen(function* () {
      const api = Api.scripted({})
      const service = yield* Api.over(api, {
        limits: { rate: { limiter: yield* makeLimiter, limit: 1, window: "1 second" } },
        retryPolicy: { deadline: "10 seconds" },
      })
      const calls = yield* Effect.forEach(Array.from({ length: 100 }), () => Api.startAt(0, Api.list(service)))
      yield* TestClock.adjust("20 seconds")
      // Those who cannot be served in time fail at once.
      const failed = (yield* Effect.forEach(calls, Fiber.join)).filter(({ exit }) => Exit.isFailure(exit))
      assert.lengthOf(failed, 90)
      for (const { at, exit } of failed) {
        assert.deepStrictEqual([Api.summary(yield* Effect.flip(exit)), at], ["RateLimited", 0])
      }
      assert.deepStrictEqual(
        Api.times(api),
        Array.from({ length: 10 }, (_, index) => index * 1_000),
      )
      const { at } = yield* Api.success(Api.list(service))
      assert.strictEqual(at, 20_000)
    }),
  )

  it.effect("tells a call that waited in vain how long it has waited, when others took its token", () =>
    Effect.gen(function* () {
      const limits = { rate: { limiter: yield* makeLimiter, limit: 1, window: "4 seconds", key: "budget" } } as const
      const other = yield* Api.over(Api.scripted({}), { limits })
      const service = yield* Api.over(Api.scripted({}), { limits })
      yield* Api.list(other)
      yield* Api.startAt(4_000, Api.list(other))
      const { at, error } = yield* Api.failure(RetryPolicy.override(Api.list(service), { deadline: "6 seconds" }))
      const wait = Duration.seconds(4)
      const expected = new SunshineError.RateLimited({ errors: [], retryAfter: wait, waited: wait })
      assert.deepStrictEqual([Api.reasonOf(error), at], [expected, 4_000])
    }),
  )

  it.effect("takes no token before the credential is there", () =>
    Effect.gen(function* () {
      const api = Api.scripted({})
      const service = yield* Api.over(api, {
        credentials: Credentials.bearer(Effect.delay(Effect.succeed(Redacted.make("token")), "5 seconds")),
        limits: fivePerSecond(yield* makeLimiter),
      })
      yield* Api.crowd(11, () => Api.list(service))
      assert.deepStrictEqual(
        Api.times(api),
        Array.from({ length: 11 }, (_, index) => 5_000 + Math.floor(index / 5) * 1_000),
      )
    }),
  )

  /** A limiter that counts how often it is asked. */
  const counted = Effect.map(makeLimiter, (limiter) => {
    let asked = 0
    return {
      asked: () => asked,
      limiter: {
        ...limiter,
        consume: (options: Parameters<RateLimiter.RateLimiter["consume"]>[0]) =>
          Effect.suspend(() => {
            asked += 1
            return limiter.consume(options)
          }),
      },
    }
  })

  for (const concurrency of [undefined, 5]) {
    it.effect(`loses no token to a credential that expires in the queue, with concurrency ${concurrency}`, () =>
      Effect.gen(function* () {
        const { asked, limiter } = yield* counted
        const api = Api.make(({ operation }) => Effect.delay(Api.good[operation], "50 millis"))
        const service = yield* Api.over(api, {
          credentials: Credentials.bearer(
            Effect.sync(() => Redacted.make("token")),
            { timeToLive: "2 seconds" },
          ),
          limits: { rate: { limiter, limit: 10, window: "1 second" }, concurrency },
        })
        const { at } = yield* Api.crowd(200, () => Api.list(service))
        assert.isAtMost(at, 19_100)
        assert.lengthOf(api.arrivals, 200)
        // One for each request, and one in vain for each window.
        assert.isAtMost(asked(), 220)
      }),
    )
  }

  it.effect("does not keep a refused credential from being reported to all who wait", () =>
    Effect.gen(function* () {
      const api = Api.scripted({ list: [Api.status(401)] })
      const service = yield* Api.over(api, {
        credentials: Api.renewable(),
        limits: { rate: { limiter: yield* makeLimiter, limit: 10, window: "1 second" }, concurrency: 5 },
      })
      const calls = yield* Effect.forEach(Array.from({ length: 100 }), () =>
        Api.startAt(0, Effect.flip(Api.list(service))),
      )
      yield* TestClock.adjust("1 minute")
      const errors = yield* Effect.forEach(calls, (call) => Effect.flatMap(Fiber.join(call), ({ exit }) => exit))
      assert.deepStrictEqual(new Set(errors.map(Api.summary)), new Set(["Unauthorized"]))
      assert.isAtMost(api.arrivals.length, 200)
    }),
  )

  it.effect("lets joins in doubt be sent again, however long the queue", () =>
    Effect.gen(function* () {
      const api = Api.make(({ operation }, number) =>
        Effect.delay(operation === "join" && number % 10 === 0 ? Api.status(500) : Api.good[operation], "50 millis"),
      )
      const service = yield* Api.over(api, {
        limits: { rate: { limiter: yield* makeLimiter, limit: 10, window: "1 second" }, concurrency: 5 },
      })
      const { at } = yield* Api.crowd(300, () => Api.join(service))
      assert.isAtMost(at, 60_000)
    }),
  )

  const onePerTenSeconds = Effect.map(makeLimiter, (limiter) => ({
    rate: { limiter, limit: 1, window: "10 seconds" } as const,
  }))

  it.effect(
    "is not waited for when the next token comes at the deadline: the call fails at once, and says how long",
    () =>
      Effect.gen(function* () {
        const api = Api.scripted({})
        const service = yield* Api.over(api, { limits: yield* onePerTenSeconds })
        yield* Api.list(service)
        const late = Api.failure(RetryPolicy.override(Api.join(service), { deadline: "10 seconds" }))
        const { at, error } = yield* late
        const expected = new SunshineError.RateLimited({
          errors: [],
          retryAfter: Duration.seconds(10),
          waited: Duration.zero,
        })
        assert.deepStrictEqual(Api.reasonOf(error), expected)
        assert.instanceOf(error.cause, RateLimiter.RateLimiterError)
        assert.deepStrictEqual([at, api.arrivals.length], [0, 1])
      }),
  )

  for (const [algorithm, due] of [
    ["fixed-window", [0, 0, 10_000, 10_000, 20_000]],
    ["token-bucket", [0, 0, 5_000, 10_000, 15_000]],
  ] as const) {
    it.effect(`(${algorithm}) fails a call at once whose token comes too late, with others before it`, () =>
      Effect.gen(function* () {
        const limiter = yield* makeLimiter
        const api = Api.scripted({})
        const service = yield* Api.over(api, {
          limits: { rate: { limiter, limit: 2, window: "10 seconds", algorithm } },
        })
        for (let caller = 0; caller < 5; caller++) yield* Api.startAt(0, Api.list(service))
        // Its token would come after 20 seconds.
        const late = yield* Api.startAt(1_000, RetryPolicy.override(Api.join(service), { deadline: "19 seconds" }))
        yield* TestClock.adjust("1 minute")
        const { at, exit } = yield* Fiber.join(late)
        const reason = Api.reasonOf(yield* Effect.flip(exit))
        const retryAfter = Duration.seconds(19)
        assert.deepStrictEqual(
          [reason, at, Api.times(api)],
          [new SunshineError.RateLimited({ errors: [], retryAfter, waited: Duration.zero }), 1_000, due],
        )
      }),
    )
  }

  it.effect("has no token that was taken during a hold, for a later window", () =>
    Effect.gen(function* () {
      const api = Api.scripted({ list: [Effect.delay(Api.status(429, { retryAfter: 20 }), "5 seconds"), Api.roster()] })
      const service = yield* Api.over(api, { limits: yield* onePerTenSeconds })
      for (let caller = 0; caller < 3; caller++) yield* Api.startAt(0, Api.list(service))
      yield* TestClock.adjust("1 minute")
      assert.deepStrictEqual(Api.times(api), [0, 25_000, 35_000, 45_000])
    }),
  )

  it.effect("is waited for by one call after the other, and not until their requests are answered", () =>
    Effect.gen(function* () {
      const api = Api.scripted({ list: [Effect.delay(Api.roster(), "1 minute")] })
      const service = yield* Api.over(api, {
        limits: yield* onePerTenSeconds,
        retryPolicy: { attemptTimeout: "2 minutes", deadline: "1 hour" },
      })
      for (let caller = 0; caller < 4; caller++) yield* Api.startAt(0, Api.list(service))
      yield* TestClock.adjust("30 seconds")
      assert.deepStrictEqual(Api.times(api), [0, 10_000, 20_000, 30_000])
    }),
  )

  it.effect("is waited for within the deadline", () =>
    Effect.gen(function* () {
      const api = Api.scripted({})
      const service = yield* Api.over(api, { limits: yield* onePerTenSeconds })
      yield* Api.list(service)
      yield* Api.success(RetryPolicy.override(Api.join(service), { deadline: "10001 millis" }))
      assert.deepStrictEqual(Api.times(api), [0, 10_000])
    }),
  )

  it.effect("is waited for by nobody who is interrupted, and left to the others", () =>
    Effect.gen(function* () {
      const api = Api.scripted({})
      const service = yield* Api.over(api, { limits: yield* onePerTenSeconds })
      yield* Api.list(service)
      const interrupted = yield* Effect.forkChild(Api.list(service))
      yield* TestClock.adjust("5 seconds")
      assert.isUndefined(interrupted.pollUnsafe())
      yield* Fiber.interrupt(interrupted)
      yield* Api.success(Api.join(service))
      assert.deepStrictEqual(Api.operations(api), ["list", "join"])
      assert.deepStrictEqual(Api.times(api), [0, 10_000])
    }),
  )

  it.effect("whose store fails is a Transport that was not sent, and is tried again", () =>
    Effect.gen(function* () {
      let asked = 0
      const limiter = yield* limiterOver(
        Effect.suspend(() => {
          asked += 1
          return Effect.fail(
            new RateLimiter.RateLimiterError({ reason: new RateLimiter.RateLimitStoreError({ message: "no store" }) }),
          )
        }),
      )
      const api = Api.scripted({})
      const service = yield* Api.over(api, { limits: fivePerSecond(limiter) })
      const { error } = yield* Api.failure(Api.join(service))
      assert.deepStrictEqual(
        Api.reasonOf(error),
        new SunshineError.Transport({ description: "the rate limiter failed", sent: false }),
      )
      assert.instanceOf(error.cause, RateLimiter.RateLimiterError)
      assert.deepStrictEqual([api.arrivals.length, asked], [0, 4])
    }),
  )
})

// ---------------------------------------------------------------------------
// Circuit breaker
// ---------------------------------------------------------------------------

const closed = new SunshineError.Transport({
  description: "the circuit breaker let no request through",
  sent: false,
})

describe("circuitBreaker", () => {
  const overBreaker = Effect.fnUntraced(function* (api: Api.Api, retryPolicy?: RetryPolicy.Partial) {
    return yield* Api.over(api, {
      limits: { circuitBreaker: yield* makeBreaker },
      retryPolicy: { attempts: 1, ...retryPolicy },
    })
  })

  for (const [what, answer] of [
    ["500", Api.status(500)],
    ["503", Api.status(503)],
    ["no answer in time", Api.hangs],
    ["a reset", Api.reset],
    ["a connection that is refused", Api.refused],
    ["a name that is not found", Api.failsWith("ENOTFOUND")],
  ] as const) {
    it.effect(`opens on ${what}; then nothing is sent until it lets one through`, () =>
      Effect.gen(function* () {
        const api = Api.scripted({ list: [answer, answer, answer, Api.roster()] })
        const service = yield* overBreaker(api)
        for (const _ of [1, 2, 3]) {
          const fiber = yield* Effect.forkChild(Effect.flip(Api.list(service)))
          yield* TestClock.adjust("15 seconds")
          assert.notDeepEqual(Api.reasonOf(yield* Fiber.join(fiber)), closed)
        }
        for (const call of Object.values(Api.calls)) {
          const error = yield* Effect.flip(call(service))
          assert.deepStrictEqual(Api.reasonOf(error), closed)
          assert.instanceOf(error.cause, CircuitBreaker.CircuitBreakerError)
        }
        assert.lengthOf(api.arrivals, 3)
        yield* TestClock.adjust("30 seconds")
        yield* Api.list(service)
        yield* Api.join(service)
        assert.lengthOf(api.arrivals, 5)
      }),
    )
  }

  for (const [what, answer] of [
    ["400", Api.status(400)],
    ["401", Api.status(401)],
    ["403", Api.status(403)],
    ["404", Api.status(404)],
    ["an answer that cannot be decoded", Effect.sync(() => Response.json({}))],
  ] as const) {
    it.effect(`does not open on ${what}`, () =>
      Effect.gen(function* () {
        const api = Api.scripted({ list: [answer] })
        const service = yield* overBreaker(api)
        for (let index = 0; index < 10; index++) yield* Effect.flip(Api.list(service))
        assert.lengthOf(api.arrivals, 10)
      }),
    )
  }

  it.effect("counts no credential that does not come in time, or that cannot be sent", () =>
    Effect.gen(function* () {
      let asked = 0
      const token = Effect.suspend(() => {
        asked += 1
        if (asked === 1) return Effect.succeed(Redacted.make("token"))
        return asked === 5 ? Effect.succeed(Redacted.make("no token")) : Effect.never
      })
      const api = Api.scripted({ list: [Api.status(500)] })
      const breaker = yield* makeBreaker
      const service = yield* Api.over(api, {
        credentials: Credentials.bearer(token, { timeToLive: "1 second" }),
        limits: { circuitBreaker: breaker },
        retryPolicy: { attempts: 1 },
      })
      yield* Api.failure(Api.list(service))
      const before = yield* breaker.state("https://api.smooch.io")
      for (const expected of ["TimedOut", "TimedOut", "TimedOut", "InvalidRequest"]) {
        const { error } = yield* Api.failure(Api.list(service))
        assert.strictEqual(Api.summary(error), expected)
      }
      assert.deepStrictEqual(yield* breaker.state("https://api.smooch.io"), before)
      assert.lengthOf(api.arrivals, 1)
    }),
  )

  it.effect("does not open when no credential can be obtained: that is no failure of the API", () =>
    Effect.gen(function* () {
      let open = false
      const token = Effect.suspend(() =>
        open ? Effect.succeed(Redacted.make("token")) : Effect.fail("the vault is closed"),
      )
      const api = Api.scripted({ list: [Api.roster()] })
      const service = yield* Api.over(api, {
        credentials: Credentials.bearer(token),
        limits: { circuitBreaker: yield* makeBreaker },
        retryPolicy: { attempts: 1 },
      })
      for (let index = 0; index < 10; index++) yield* Effect.flip(Api.list(service))
      open = true
      yield* Api.list(service)
      assert.lengthOf(api.arrivals, 1)
    }),
  )

  it.effect("counts failures in a row: an answer of the API ends the row, and a 429 neither counts nor ends it", () =>
    Effect.gen(function* () {
      const api = Api.scripted({
        list: [500, 500, 404, 500, 500, 429, 500].map((status) => Api.status(status)),
      })
      const service = yield* overBreaker(api, { maxRetryAfter: 0 })
      const ends: Array<string> = []
      for (let index = 0; index < 8; index++) {
        const { result } = yield* Api.settle(Effect.flip(Api.list(service)), "1 second")
        ends.push(Api.summary(yield* Effect.fromResult(result)))
      }
      assert.deepStrictEqual(ends.slice(2), [
        "NotFound",
        "ServerError",
        "ServerError",
        "RateLimited",
        "ServerError",
        "Transport",
      ])
      assert.lengthOf(api.arrivals, 7)
    }),
  )

  it.effect("that opens during a call ends it: there is no further attempt and no wait", () =>
    Effect.gen(function* () {
      const api = Api.scripted({ list: [Api.status(500)] })
      const service = yield* overBreaker(api, { attempts: 10 })
      const { at, error } = yield* Api.failure(Api.list(service))
      assert.deepStrictEqual(Api.reasonOf(error), closed)
      assert.deepStrictEqual([api.arrivals.length, at], [3, 0])
    }),
  )

  it.effect("that is open fails a call at once, and it is not retried", () =>
    Effect.gen(function* () {
      const api = Api.scripted({ list: [Api.status(500)] })
      const service = yield* overBreaker(api, { attempts: 3, base: "1 second" })
      yield* Api.startAt(0, Api.list(service))
      yield* TestClock.adjust("10 seconds")
      const { at, result } = yield* Api.settle(Effect.flip(Api.join(service)), "10 seconds")
      assert.deepStrictEqual(Api.reasonOf(yield* Effect.fromResult(result)), closed)
      assert.deepStrictEqual([api.arrivals.length, at], [3, 10_000])
    }),
  )

  it.effect("that opens during the verification of a join leaves the join unknown", () =>
    Effect.gen(function* () {
      const api = Api.scripted({ join: [Api.status(500)], list: [Api.status(500)] })
      const service = yield* overBreaker(api, { attempts: 10 })
      const { error } = yield* Api.failure(Api.join(service))
      assert.strictEqual(Api.summary(error), "OutcomeUnknown (ServerError)")
      assert.instanceOf(error.cause, SunshineError.SunshineError)
      assert.deepStrictEqual(Api.reasonOf(error.cause), closed)
      assert.deepStrictEqual(Api.operations(api), ["join", "list", "list"])
    }),
  )

  it.effect("stays open for as long as the API asked for with a 503", () =>
    Effect.gen(function* () {
      const api = Api.scripted({
        list: [500, 500].map((status) => Api.status(status)).concat(Api.status(503, { retryAfter: 90 })),
      })
      const service = yield* overBreaker(api)
      for (const _ of [1, 2, 3]) yield* Effect.flip(Api.list(service))
      yield* TestClock.adjust("89 seconds")
      assert.deepStrictEqual(Api.reasonOf(yield* Effect.flip(Api.list(service))), closed)
      yield* TestClock.adjust("1 second")
      yield* Effect.flip(Api.list(service))
      assert.lengthOf(api.arrivals, 4)
    }),
  )

  it.effect("takes no notice of callers that are interrupted", () =>
    Effect.gen(function* () {
      const api = Api.scripted({ list: [Api.hangs, Api.hangs, Api.hangs, Api.hangs, Api.roster()] })
      const service = yield* overBreaker(api)
      for (const _ of [1, 2, 3, 4]) {
        const fiber = yield* Effect.forkChild(Api.list(service))
        yield* TestClock.adjust("1 second")
        yield* Fiber.interrupt(fiber)
      }
      yield* Api.list(service)
      assert.lengthOf(api.arrivals, 5)
    }),
  )
})

// ---------------------------------------------------------------------------
// Invalid limits
// ---------------------------------------------------------------------------

describe("limits", () => {
  const cases = (limiter: RateLimiter.RateLimiter): ReadonlyArray<readonly [Limits, string]> => [
    ...[0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY].flatMap(
      (number): ReadonlyArray<readonly [Limits, string]> => [
        [{ concurrency: number }, "limits.concurrency: Expected a whole number, 1 or more"],
        [{ rate: { limiter, limit: number, window: 1 } }, "limits.rate.limit: Expected a whole number, 1 or more"],
      ],
    ),
    ...[0, -1, Number.NaN, Number.POSITIVE_INFINITY].map((window): readonly [Limits, string] => [
      { rate: { limiter, limit: 5, window } },
      "limits.rate.window: Expected a",
    ]),
  ]

  it.effect("that are invalid are ConfigErrors that name the field", () =>
    Effect.gen(function* () {
      for (const [limits, expected] of cases(yield* makeLimiter)) {
        const error = yield* Effect.flip(Api.over(Api.scripted({}), { limits }))
        assert.strictEqual(error._tag, "ConfigError")
        assert.include(error.message, expected)
      }
    }),
  )
})
