import { SunshineError } from "@effect-sunco/core"
import { assert, describe } from "@effect/vitest"
import { Clock, Duration, Effect, Exit, Fiber, Layer, Random, Redacted } from "effect"
import { CircuitBreaker, RateLimiter } from "effect/persistence"
import { TestClock } from "effect/testing"
import * as Credentials from "../src/Credentials.ts"
import type * as ParticipantsHttp from "../src/ParticipantsHttp.ts"
import * as RetryPolicy from "../src/RetryPolicy.ts"
import * as Api from "./support/retry.ts"
import { it } from "./support/retry.ts"

const reasonOf = (error: Api.CallError): SunshineError.Reason => {
  if (error._tag !== "SunshineError") throw new Error(`expected a SunshineError, got ${String(error)}`)
  return error.reason
}

const rateLimited = (seconds: number) =>
  new SunshineError.RateLimited({ errors: [], retryAfter: Duration.seconds(seconds) })

const tooMany = (retryAfter: number | string) => Api.status(429, { retryAfter })

/** Starts a call at a time from now; it tells when it ended. */
const startAt = <A, E>(millis: number, call: Effect.Effect<A, E>) =>
  Effect.exit(call).pipe(
    Effect.flatMap((exit) => Effect.map(Clock.currentTimeMillis, (at) => ({ exit, at }))),
    Effect.delay(millis),
    Effect.forkChild,
  )

/** Many calls at once; all have to succeed. */
const crowd = (count: number, call: (index: number) => Effect.Effect<unknown, Api.CallError>) =>
  Api.success(Effect.forEach(Array.from({ length: count }), (_, index) => call(index), { concurrency: "unbounded" }))

/** A token that the API refuses, and another one: a request is refused, and sent once more. */
const renewable = () => {
  let asked = 0
  return Credentials.bearer(Effect.sync(() => Redacted.make(`token-${++asked}`)))
}

// ---------------------------------------------------------------------------
// 429
// ---------------------------------------------------------------------------

describe("a 429 with Retry-After", () => {
  it.effect("holds all callers of the layer until then", () =>
    Effect.gen(function* () {
      const api = Api.scripted({ list: [tooMany(10), Api.roster()] })
      const service = yield* Api.over(api)
      yield* startAt(0, Api.list(service))
      yield* startAt(1, Api.join(service))
      yield* startAt(9_999, Api.leave(service))
      yield* startAt(10_000, Api.list(service))
      yield* TestClock.adjust("9999 millis")
      assert.deepStrictEqual(Api.times(api), [0])
      yield* TestClock.adjust("1 milli")
      assert.deepStrictEqual(Api.times(api), [0, 10_000, 10_000, 10_000, 10_000])
    }),
  )

  it.effect("holds them for an hour at most, whatever it names", () =>
    Effect.gen(function* () {
      const api = Api.scripted({ list: [tooMany("Fri, 31 Dec 9999 23:59:59 GMT"), Api.roster()] })
      const service = yield* Api.over(api)
      yield* startAt(0, Api.list(service))
      const held = yield* startAt(3_500_000, RetryPolicy.override(Api.list(service), { maxRetryAfter: "1 minute" }))
      const free = yield* startAt(3_600_000, Api.list(service))
      yield* TestClock.adjust("1 hour")
      assert.isTrue(Exit.isFailure((yield* Fiber.join(held)).exit))
      assert.isTrue(Exit.isSuccess((yield* Fiber.join(free)).exit))
      assert.deepStrictEqual(Api.times(api), [0, 3_600_000])
    }),
  )

  it.effect("holds them for a date as well", () =>
    Effect.gen(function* () {
      const start = Date.UTC(2030, 0, 1)
      yield* TestClock.setTime(start)
      const api = Api.scripted({ list: [tooMany(new Date(start + 10_000).toUTCString()), Api.roster()] })
      const service = yield* Api.over(api)
      yield* startAt(0, Api.list(service))
      yield* startAt(1, Api.join(service))
      yield* TestClock.adjust("1 minute")
      assert.deepStrictEqual(
        Api.times(api).map((at) => at - start),
        [0, 10_000, 10_000],
      )
    }),
  )

  for (const seconds of [
    [5, 20, 10],
    [20, 10, 5],
    [5, 10, 20],
  ]) {
    it.effect(`among others holds until the latest time: ${seconds.join(", ")} seconds`, () =>
      Effect.gen(function* () {
        const answers = seconds.map((each) => Effect.delay(tooMany(each), "1 second"))
        const api = Api.scripted({ list: [...answers, Api.roster()] })
        const service = yield* Api.over(api)
        for (const _ of seconds) yield* startAt(0, Api.list(service))
        yield* startAt(1_001, Api.join(service))
        yield* TestClock.adjust("1 hour")
        assert.deepStrictEqual(Api.times(api), [0, 0, 0, 21_000, 21_000, 21_000, 21_000])
      }),
    )
  }

  it.effect("prolongs the wait of those who wait already: they are not woken early", () =>
    Effect.gen(function* () {
      // The second request is on its way when the first one is answered, and the third when the second is.
      const api = Api.scripted({
        list: [
          Effect.delay(tooMany(10), "1 milli"),
          Effect.delay(tooMany(15), "8 seconds"),
          Effect.delay(tooMany(4), "9 seconds"),
          Api.roster(),
        ],
      })
      const service = yield* Api.over(api)
      for (const _ of [1, 2, 3]) yield* startAt(0, Api.list(service))
      yield* startAt(2, Api.join(service))
      yield* TestClock.adjust("22999 millis")
      assert.deepStrictEqual(Api.operations(api), ["list", "list", "list"])
      yield* TestClock.adjust("1 milli")
      assert.deepStrictEqual(Api.times(api).slice(3), [23_000, 23_000, 23_000, 23_000])
    }),
  )

  it.effect("holds the looks of others", () =>
    Effect.gen(function* () {
      const api = Api.scripted({ join: [Api.reset], leave: [tooMany(20), Api.left], list: [Api.roster("user")] })
      const service = yield* Api.over(api)
      yield* startAt(0, Api.join(service))
      yield* startAt(1, Api.leave(service))
      yield* TestClock.adjust("1 minute")
      assert.deepStrictEqual(Api.operations(api).slice(0, 2), ["join", "leave"])
      assert.deepStrictEqual(Api.times(api), [0, 1, 20_001, 20_001])
    }),
  )

  it.effect("holds a request that was refused with a 401 in the meantime, and has another credential", () =>
    Effect.gen(function* () {
      const api = Api.scripted({
        list: [Effect.delay(Api.status(401), "2 seconds"), Api.roster()],
        leave: [tooMany(10), Api.left],
      })
      const service = yield* Api.over(api, { credentials: renewable() })
      yield* startAt(0, Api.list(service))
      yield* startAt(1_000, Api.leave(service))
      yield* TestClock.adjust("10999 millis")
      assert.deepStrictEqual(Api.operations(api), ["list", "leave"])
      yield* TestClock.adjust("1 milli")
      assert.deepStrictEqual(Api.times(api), [0, 1_000, 11_000, 11_000])
    }),
  )

  it.effect("holds a request whose credential comes while it holds", () =>
    Effect.gen(function* () {
      const api = Api.scripted({ list: [Api.roster()], leave: [tooMany(30), Api.left] })
      let asked = 0
      // The first token comes at once, and the second one takes 3 seconds.
      const token = Effect.suspend(() =>
        Effect.delay(Effect.succeed(Redacted.make(`token-${++asked}`)), asked === 1 ? 0 : "3 seconds"),
      )
      const service = yield* Api.over(api, { credentials: Credentials.bearer(token, { timeToLive: "10 seconds" }) })
      // The leave is on its way, and is answered while the list waits for its token.
      yield* startAt(0, Api.list(service))
      yield* startAt(9_999, Api.leave(service))
      yield* startAt(10_000, Api.list(service))
      yield* TestClock.adjust("39998 millis")
      assert.deepStrictEqual(Api.times(api), [0, 9_999])
      yield* TestClock.adjust("10 seconds")
      assert.deepStrictEqual(Api.operations(api), ["list", "leave", "leave", "list"])
    }),
  )

  it.effect("holds from its head on, whatever becomes of its body, and however late the head came", () =>
    Effect.gen(function* () {
      const stalled = Effect.sync(
        () => new Response(new ReadableStream(), { status: 429, headers: { "retry-after": "30" } }),
      )
      const api = Api.scripted({ list: [Effect.delay(stalled, "6 seconds"), Api.roster()] })
      const service = yield* Api.over(api)
      const first = yield* startAt(0, RetryPolicy.override(Api.list(service), { attempts: 1 }))
      yield* startAt(6_001, Api.leave(service))
      yield* TestClock.adjust("35999 millis")
      assert.deepStrictEqual(Api.operations(api), ["list"])
      const { exit } = yield* Fiber.join(first)
      assert.strictEqual(reasonOf(yield* Effect.flip(exit))._tag, "RateLimited")
      yield* TestClock.adjust("1 milli")
      assert.deepStrictEqual(Api.times(api), [0, 36_000])
    }),
  )

  it.effect("holds nobody on another layer", () =>
    Effect.gen(function* () {
      const api = Api.scripted({ list: [tooMany(10), Api.roster()] })
      const held = yield* Api.over(api)
      const free = yield* Api.over(api)
      yield* startAt(0, Api.list(held))
      yield* startAt(1, Api.list(free))
      yield* TestClock.adjust("1 second")
      assert.deepStrictEqual(Api.times(api), [0, 1])
    }),
  )

  it.effect("does not count as time of an attempt", () =>
    Effect.gen(function* () {
      const api = Api.scripted({ list: [tooMany(30), Api.roster()] })
      const service = yield* Api.over(api, { retryPolicy: { attemptTimeout: "1 second", attempts: 2, base: 0 } })
      yield* startAt(0, Api.list(service))
      const other = yield* startAt(1, Api.join(service))
      yield* TestClock.adjust("1 minute")
      const { at, exit } = yield* Fiber.join(other)
      assert.deepStrictEqual([Exit.isSuccess(exit), at], [true, 30_000])
    }),
  )

  it.effect("is passed by nobody and keeps nobody longer, whatever the times", () =>
    Effect.gen(function* () {
      for (let seed = 0; seed < 10; seed++) {
        const drawn = yield* Effect.all(
          Array.from({ length: 60 }, () =>
            Effect.all([Random.nextIntBetween(0, 60_000), Random.nextIntBetween(1, 20)]),
          ),
        ).pipe(Random.withSeed(seed))
        const start = yield* Clock.currentTimeMillis
        const holds: Array<{ readonly from: number; readonly until: number }> = []
        const api = Api.make(({ at }, number) => {
          const seconds = drawn[number - 1]?.[1] ?? 0
          // One in three answers is a 429; some take their time.
          if (number > drawn.length || seconds % 3 !== 0) return Api.roster()
          const latency = seconds % 2 === 0 ? 0 : 500
          holds.push({ from: at + latency, until: at + latency + seconds * 1_000 })
          return Effect.delay(tooMany(seconds), latency)
        })
        const service = yield* Api.over(api, { retryPolicy: { base: 0, attempts: 100, deadline: "1 hour" } })
        for (const [millis] of drawn) yield* startAt(millis, Api.list(service))
        yield* TestClock.adjust("1 hour")
        const starts = new Set(drawn.map(([millis]) => start + millis))
        for (const { at } of api.arrivals) {
          const passed = holds.filter(({ from, until }) => from < at && at < until)
          assert.deepStrictEqual(passed, [], `seed ${seed}: a request at ${at - start} passed a hold`)
          // It comes when its caller does, or when a hold is over.
          assert.isTrue(
            starts.has(at) || holds.some(({ until }) => until === at),
            `seed ${seed}: late at ${at - start}`,
          )
        }
        assert.isAbove(api.arrivals.length, 60)
      }
    }),
  )
})

describe("who is held", () => {
  it.effect("holds no slot: one who would not wait fails at once, and need not wait for the slot", () =>
    Effect.gen(function* () {
      const api = Api.scripted({ list: [tooMany(30), Api.roster()] })
      const service = yield* Api.over(api, { limits: { concurrency: 1 } })
      yield* startAt(0, Api.list(service))
      yield* startAt(1, Api.join(service))
      const hasty = yield* startAt(1_000, RetryPolicy.override(Api.leave(service), { maxRetryAfter: "5 seconds" }))
      yield* TestClock.adjust("1 second")
      const { at, exit } = yield* Fiber.join(hasty)
      assert.deepStrictEqual([Exit.isFailure(exit), at], [true, 1_000])
      assert.deepStrictEqual(Api.operations(api), ["list"])
    }),
  )

  it.effect("fails at once where the hold outlasts its deadline, with the time that is left of the hold", () =>
    Effect.gen(function* () {
      const api = Api.scripted({ list: [tooMany(30), Api.roster()] })
      const service = yield* Api.over(api)
      yield* startAt(0, Api.list(service))
      const hasty = yield* startAt(1_000, RetryPolicy.override(Api.leave(service), { deadline: "10 seconds" }))
      yield* TestClock.adjust("1 second")
      const { at, exit } = yield* Fiber.join(hasty)
      assert.deepStrictEqual(reasonOf(yield* Effect.flip(exit)), rateLimited(29))
      assert.strictEqual(at, 1_000)
      assert.deepStrictEqual(Api.operations(api), ["list"])
    }),
  )

  it.effect("gives its slot back when the 429 comes while it waits for the slot", () =>
    Effect.gen(function* () {
      const api = Api.scripted({ list: [Effect.delay(tooMany(30), "5 seconds"), Api.roster()] })
      const service = yield* Api.over(api, { limits: { concurrency: 1 } })
      yield* startAt(0, Api.list(service))
      yield* startAt(1, Api.join(service))
      yield* startAt(2, Api.leave(service))
      yield* TestClock.adjust("1 minute")
      assert.deepStrictEqual(Api.times(api), [0, 35_000, 35_000, 35_000])
      assert.strictEqual(api.mostAtOnce(), 1)
    }),
  )

  it.effect("can be interrupted: it ends at once, sends nothing, and the others go on", () =>
    Effect.gen(function* () {
      const api = Api.scripted({ list: [tooMany(30), Api.roster()] })
      const service = yield* Api.over(api, { limits: { concurrency: 1 } })
      yield* startAt(0, Api.list(service))
      const first = yield* Effect.forkChild(Effect.delay(Api.join(service), 1))
      yield* startAt(2, Api.leave(service))
      yield* TestClock.adjust("1 second")
      yield* Fiber.interrupt(first)
      assert.strictEqual(yield* Clock.currentTimeMillis, 1_000)
      yield* TestClock.adjust("1 minute")
      assert.sameMembers([...Api.operations(api)], ["list", "list", "leave"])
    }),
  )

  it.effect("fails at once with the time that remains, when that is more than it would wait, and sends nothing", () =>
    Effect.gen(function* () {
      const api = Api.scripted({ list: [tooMany(300), Api.roster()] })
      const service = yield* Api.over(api)
      yield* startAt(0, Api.list(service))
      yield* TestClock.adjust("100 seconds")
      for (const [operation, call] of Object.entries(Api.calls)) {
        const error = yield* Effect.flip(call(service))
        assert.deepStrictEqual([error.operation, reasonOf(error)], [operation, rateLimited(200)])
      }
      assert.strictEqual(yield* Clock.currentTimeMillis, 100_000)
      assert.lengthOf(api.arrivals, 1)
    }),
  )

  it.effect("waits once the time that remains is short enough", () =>
    Effect.gen(function* () {
      const api = Api.scripted({ list: [tooMany(300), Api.roster()] })
      const service = yield* Api.over(api)
      yield* startAt(0, Api.list(service))
      const early = yield* startAt(239_999, Api.join(service))
      yield* startAt(240_000, Api.leave(service))
      yield* TestClock.adjust("1 hour")
      assert.strictEqual((yield* Fiber.join(early)).at, 239_999)
      assert.deepStrictEqual(Api.operations(api), ["list", "leave"])
      assert.deepStrictEqual(Api.times(api), [0, 300_000])
    }),
  )
})

describe("nobody is held", () => {
  for (const [what, answer] of [
    ["a 429 that names no time", Api.status(429)],
    ["a 429 that names a time that cannot be read", tooMany("soon")],
    ["a 429 that names a time that has passed", tooMany("Wed, 31 Dec 1969 23:00:00 GMT")],
    ["a 503 with Retry-After", Api.status(503, { retryAfter: 10 })],
  ] as const) {
    it.effect(`by ${what}`, () =>
      Effect.gen(function* () {
        const api = Api.scripted({ list: [answer, Api.roster()] })
        const service = yield* Api.over(api, { retryPolicy: { base: "5 seconds" } })
        yield* startAt(0, Api.list(service))
        yield* startAt(1, Api.join(service))
        yield* TestClock.adjust("1 milli")
        assert.deepStrictEqual(Api.operations(api), ["list", "join"])
      }).pipe(Random.withSeed("a wait that is not short")),
    )
  }
})

// ---------------------------------------------------------------------------
// Requests at once
// ---------------------------------------------------------------------------

describe("concurrency", () => {
  it.effect("is never exceeded, and used up, under 200 callers", () =>
    Effect.gen(function* () {
      const api = Api.make(({ operation }) => Effect.delay(Api.good[operation], "1 second"))
      const service = yield* Api.over(api, { limits: { concurrency: 8 } })
      const { at } = yield* crowd(200, (index) => [Api.join, Api.leave, Api.list][index % 3]?.(service) ?? Effect.void)
      assert.deepStrictEqual([api.arrivals.length, api.mostAtOnce(), at], [200, 8, 25_000])
    }),
  )

  it.effect("is never exceeded by retries and looks", () =>
    Effect.gen(function* () {
      // Each first answer to a join is lost; a look finds the join.
      const api = Api.make(({ operation }, number) =>
        Effect.delay(
          operation === "join" ? Api.reset : number % 5 === 0 ? Api.status(503) : Api.roster("user"),
          "100 millis",
        ),
      )
      const service = yield* Api.over(api, { limits: { concurrency: 8 } })
      yield* crowd(200, () => Api.join(service))
      assert.strictEqual(api.mostAtOnce(), 8)
      assert.isAbove(api.arrivals.length, 400)
    }),
  )

  it.effect("of one lets looks through: a call never waits for its own slot", () =>
    Effect.gen(function* () {
      const api = Api.scripted({ join: [Api.reset], list: [Api.roster("user")] })
      const service = yield* Api.over(api, { limits: { concurrency: 1 } })
      const { value } = yield* Api.success(Api.join(service))
      assert.strictEqual(value.id, "user-listed")
    }),
  )

  it.effect("is never exceeded by requests with another credential, and one is enough for them", () =>
    Effect.gen(function* () {
      const api = Api.make(({ authorization }) =>
        Effect.delay(authorization === "Bearer token-1" ? Api.status(401) : Api.roster(), "1 second"),
      )
      const service = yield* Api.over(api, { credentials: renewable(), limits: { concurrency: 1 } })
      yield* crowd(5, () => Api.list(service))
      assert.strictEqual(api.mostAtOnce(), 1)
      assert.strictEqual(api.arrivals.length, 6)
    }),
  )

  for (const wait of [9_999, 10_000]) {
    it.effect(`is had with a credential that is good by then, after ${wait} milliseconds`, () =>
      Effect.gen(function* () {
        const api = Api.scripted({ join: [Effect.delay(Api.joined, wait)] })
        let asked = 0
        const token = Effect.sync(() => Redacted.make(`token-${++asked}`))
        const service = yield* Api.over(api, {
          credentials: Credentials.bearer(token, { timeToLive: "10 seconds" }),
          limits: { concurrency: 1 },
          retryPolicy: { attemptTimeout: "1 minute" },
        })
        yield* startAt(0, Api.join(service))
        yield* startAt(0, Api.list(service))
        yield* TestClock.adjust("1 minute")
        assert.deepStrictEqual(
          api.arrivals.map(({ authorization }) => authorization),
          ["Bearer token-1", wait < 10_000 ? "Bearer token-1" : "Bearer token-2"],
        )
      }),
    )
  }

  it.effect("is given back by attempts that time out and by callers that are interrupted", () =>
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
      const fibers = yield* Effect.forEach([1, 2, 3], () => startAt(0, Api.list(service)))
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

const makeLimiter = Effect.flatMap(
  Layer.build(RateLimiter.layer.pipe(Layer.provide(RateLimiter.layerStoreMemory))),
  (context) => Effect.provide(RateLimiter.RateLimiter, context),
)

const fivePerSecond = (limiter: RateLimiter.RateLimiter, options?: { readonly key?: string }) =>
  ({
    rate: { limiter, limit: 5, window: "1 second", ...options },
  }) satisfies ParticipantsHttp.Limits

/** The most that came within a second, wherever that second begins. */
const mostPerSecond = (times: ReadonlyArray<number>): number =>
  Math.max(...times.map((from) => times.filter((at) => from <= at && at < from + 1_000).length))

describe("rate", () => {
  it.effect("is never exceeded, and used up, by a crowd", () =>
    Effect.gen(function* () {
      const api = Api.scripted({})
      const service = yield* Api.over(api, { limits: fivePerSecond(yield* makeLimiter) })
      yield* crowd(23, () => Api.list(service))
      assert.deepStrictEqual(
        Api.times(api),
        Array.from({ length: 23 }, (_, index) => Math.floor(index / 5) * 1_000),
      )
    }),
  )

  it.effect("counts attempts and looks", () =>
    Effect.gen(function* () {
      const api = Api.make(({ operation }) => (operation === "join" ? Api.reset : Api.roster("user")))
      const service = yield* Api.over(api, {
        limits: fivePerSecond(yield* makeLimiter),
        retryPolicy: { ...Api.withoutBackoff, lookAfter: 0 },
      })
      yield* crowd(10, () => Api.join(service))
      assert.deepStrictEqual(
        Api.times(api),
        Array.from({ length: 20 }, (_, index) => Math.floor(index / 5) * 1_000),
      )
    }),
  )

  it.effect("counts the request with another credential, after a 401", () =>
    Effect.gen(function* () {
      const api = Api.scripted({ list: [Api.status(401), Api.roster()] })
      const limiter = yield* makeLimiter
      const service = yield* Api.over(api, {
        credentials: renewable(),
        limits: { rate: { limiter, limit: 1, window: "1 second" } },
      })
      yield* Api.success(Api.list(service))
      assert.deepStrictEqual(Api.times(api), [0, 1_000])
    }),
  )

  it.effect("is never exceeded when slow answers have kept callers from their slots", () =>
    Effect.gen(function* () {
      const api = Api.make((_, number) => Effect.delay(Api.roster(), number <= 10 ? "20 seconds" : 0))
      const service = yield* Api.over(api, {
        limits: { ...fivePerSecond(yield* makeLimiter), concurrency: 10 },
        retryPolicy: { attemptTimeout: "1 minute" },
      })
      yield* crowd(60, () => Api.list(service))
      assert.lengthOf(api.arrivals, 60)
      assert.strictEqual(mostPerSecond(Api.times(api)), 5)
    }),
  )

  it.effect("is never exceeded when a 429 has held callers", () =>
    Effect.gen(function* () {
      const api = Api.scripted({ list: [Api.roster(), Api.roster(), tooMany(20), Api.roster()] })
      const service = yield* Api.over(api, { limits: fivePerSecond(yield* makeLimiter) })
      yield* crowd(60, () => Api.list(service))
      assert.lengthOf(api.arrivals, 61)
      assert.strictEqual(mostPerSecond(Api.times(api)), 5)
      assert.deepStrictEqual(
        Api.times(api).filter((at) => 0 < at && at < 20_000),
        [],
      )
    }),
  )

  it.effect("loses nothing to a 429: those who waited for a slot go on at the full rate", () =>
    Effect.gen(function* () {
      const api = Api.scripted({ list: [Effect.delay(tooMany(10), "5 seconds"), Api.roster()] })
      const service = yield* Api.over(api, { limits: { ...fivePerSecond(yield* makeLimiter), concurrency: 1 } })
      yield* crowd(20, () => Api.list(service))
      assert.deepStrictEqual(Api.times(api), [
        0,
        ...Array.from({ length: 20 }, (_, index) => 15_000 + Math.floor(index / 5) * 1_000),
      ])
    }),
  )

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
      yield* crowd(20, (index) => Api.list(index % 2 === 0 ? one : two))
      assert.deepStrictEqual(
        Api.times(api),
        Array.from({ length: 20 }, (_, index) => Math.floor(index / 5) * 1_000),
      )
    }),
  )

  it.effect("is left to the others of a budget while a layer is held", () =>
    Effect.gen(function* () {
      const limits = fivePerSecond(yield* makeLimiter, { key: "budget" })
      const slow = Api.scripted({ list: [Effect.delay(tooMany(60), "5 seconds"), Api.roster()] })
      const held = yield* Api.over(slow, { limits: { ...limits, concurrency: 1 } })
      for (let caller = 0; caller < 20; caller++) yield* startAt(0, Api.list(held))
      yield* TestClock.adjust("6 seconds")

      const api = Api.scripted({})
      const free = yield* Api.over(api, { limits })
      for (let caller = 0; caller < 20; caller++) yield* startAt(0, Api.list(free))
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
      for (let caller = 0; caller < 100; caller++) yield* startAt(0, Effect.exit(Api.list(service)))
      yield* TestClock.adjust("20 seconds")
      assert.deepStrictEqual(
        Api.times(api),
        Array.from({ length: 10 }, (_, index) => index * 1_000),
      )
      const { at } = yield* Api.success(Api.list(service))
      assert.strictEqual(at, 20_000)
    }),
  )

  it.effect("is for requests that can be sent: a credential that comes slowly takes no tokens before", () =>
    Effect.gen(function* () {
      const api = Api.scripted({})
      const service = yield* Api.over(api, {
        credentials: Credentials.bearer(Effect.delay(Effect.succeed(Redacted.make("token")), "5 seconds")),
        limits: fivePerSecond(yield* makeLimiter),
      })
      yield* crowd(11, () => Api.list(service))
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
    const among = concurrency === undefined ? "among callers at once" : `among callers with ${concurrency} slots`

    it.effect(`is lost to nobody whose credential ends in the queue, ${among}`, () =>
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
        const { at } = yield* crowd(200, () => Api.list(service))
        assert.isAtMost(at, 19_100)
        assert.lengthOf(api.arrivals, 200)
        // One for each request, and one in vain for each window.
        assert.isAtMost(asked(), 220)
      }),
    )
  }

  it.effect("lets a refused credential be reported as such to all who wait", () =>
    Effect.gen(function* () {
      const api = Api.scripted({ list: [Api.status(401)] })
      const service = yield* Api.over(api, {
        credentials: renewable(),
        limits: { rate: { limiter: yield* makeLimiter, limit: 10, window: "1 second" }, concurrency: 5 },
      })
      const calls = yield* Effect.forEach(Array.from({ length: 100 }), () => startAt(0, Effect.flip(Api.list(service))))
      yield* TestClock.adjust("1 minute")
      const errors = yield* Effect.forEach(calls, (call) => Effect.flatMap(Fiber.join(call), ({ exit }) => exit))
      assert.deepStrictEqual(new Set(errors.map(Api.summary)), new Set(["Unauthorized"]))
      assert.isAtMost(api.arrivals.length, 200)
    }),
  )

  it.effect("lets joins in doubt be sent again, however long the queue behind the slots", () =>
    Effect.gen(function* () {
      const api = Api.make(({ operation }, number) =>
        Effect.delay(operation === "join" && number % 10 === 0 ? Api.status(500) : Api.good[operation], "50 millis"),
      )
      const service = yield* Api.over(api, {
        limits: { rate: { limiter: yield* makeLimiter, limit: 10, window: "1 second" }, concurrency: 5 },
      })
      const { at } = yield* crowd(300, () => Api.join(service))
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
        assert.deepStrictEqual(reasonOf(error), rateLimited(10))
        assert.instanceOf(error.cause, RateLimiter.RateLimiterError)
        assert.deepStrictEqual([at, api.arrivals.length], [0, 1])
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
      const storeFails = Effect.suspend(() => {
        asked += 1
        return Effect.fail(
          new RateLimiter.RateLimiterError({ reason: new RateLimiter.RateLimitStoreError({ message: "no store" }) }),
        )
      })
      const context = yield* Layer.build(
        RateLimiter.layer.pipe(
          Layer.provide(
            Layer.succeed(RateLimiter.RateLimiterStore, {
              fixedWindow: () => storeFails,
              tokenBucket: () => storeFails,
              adaptiveConsume: () => storeFails,
              adaptiveFeedback: () => storeFails,
            }),
          ),
        ),
      )
      const limiter = yield* Effect.provide(RateLimiter.RateLimiter, context)
      const api = Api.scripted({})
      const service = yield* Api.over(api, { limits: fivePerSecond(limiter) })
      const { error } = yield* Api.failure(Api.join(service))
      assert.deepStrictEqual(
        reasonOf(error),
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

const makeBreaker = Effect.flatMap(
  Layer.build(
    CircuitBreaker.layer({ tripPolicy: CircuitBreaker.consecutive(3), openDuration: "30 seconds" }).pipe(
      Layer.provide(CircuitBreaker.layerStoreMemory()),
    ),
  ),
  (context) => Effect.provide(CircuitBreaker.CircuitBreaker, context),
)

const closed = new SunshineError.Transport({
  description: "the circuit breaker let no request through",
  sent: false,
})

describe("circuitBreaker", () => {
  const overBreaker = Effect.fnUntraced(function* (api: Api.Api, retryPolicy?: Partial<RetryPolicy.RetryPolicy>) {
    return yield* Api.over(api, {
      limits: { circuitBreaker: yield* makeBreaker },
      retryPolicy: { base: 0, attempts: 1, ...retryPolicy },
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
          yield* TestClock.adjust("10 seconds")
          assert.notDeepEqual(reasonOf(yield* Fiber.join(fiber)), closed)
        }
        for (const call of Object.values(Api.calls)) {
          const error = yield* Effect.flip(call(service))
          assert.deepStrictEqual(reasonOf(error), closed)
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
    ["429", Api.status(429)],
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

  it.effect("is not moved by a credential that does not come in time, or that cannot be sent", () =>
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
        retryPolicy: { ...Api.withoutBackoff, attempts: 1 },
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

  it.effect("does not open when no credential can be had: that is no failure of the API", () =>
    Effect.gen(function* () {
      let open = false
      const token = Effect.suspend(() =>
        open ? Effect.succeed(Redacted.make("token")) : Effect.fail("the vault is closed"),
      )
      const api = Api.scripted({ list: [Api.roster()] })
      const service = yield* Api.over(api, {
        credentials: Credentials.bearer(token),
        limits: { circuitBreaker: yield* makeBreaker },
        retryPolicy: { base: 0, attempts: 1 },
      })
      for (let index = 0; index < 10; index++) yield* Effect.flip(Api.list(service))
      open = true
      yield* Api.list(service)
      assert.lengthOf(api.arrivals, 1)
    }),
  )

  it.effect("closes its count of failures with an answer of the API, and not with 429", () =>
    Effect.gen(function* () {
      const api = Api.scripted({
        list: [500, 500, 404, 500, 500, 429, 500].map((status) => Api.status(status)),
      })
      const service = yield* overBreaker(api)
      for (let index = 0; index < 10; index++) yield* Effect.flip(Api.list(service))
      assert.lengthOf(api.arrivals, 7)
    }),
  )

  it.effect("that opens during a call ends it: there is no further attempt and no wait", () =>
    Effect.gen(function* () {
      const api = Api.scripted({ list: [Api.status(500)] })
      const service = yield* overBreaker(api, { attempts: 10 })
      const { at, error } = yield* Api.failure(Api.list(service))
      assert.deepStrictEqual(reasonOf(error), closed)
      assert.deepStrictEqual([api.arrivals.length, at], [3, 0])
    }),
  )

  it.effect("that is open fails a call at once, whatever its number of attempts", () =>
    Effect.gen(function* () {
      const api = Api.scripted({ list: [Api.status(500)] })
      const service = yield* overBreaker(api, { attempts: 3, base: "1 second" })
      yield* startAt(0, Api.list(service))
      yield* TestClock.adjust("10 seconds")
      assert.lengthOf(api.arrivals, 3)
      const error = yield* Effect.flip(Api.join(service))
      assert.deepStrictEqual(reasonOf(error), closed)
      assert.deepStrictEqual([api.arrivals.length, yield* Clock.currentTimeMillis], [3, 10_000])
    }),
  )

  it.effect("that opens during the looks of a join leaves the join unknown", () =>
    Effect.gen(function* () {
      const api = Api.scripted({ join: [Api.status(500)], list: [Api.status(500)] })
      const service = yield* overBreaker(api, { attempts: 10 })
      const { error } = yield* Api.failure(Api.join(service))
      assert.strictEqual(Api.summary(error), "OutcomeUnknown (ServerError)")
      assert.instanceOf(error.cause, SunshineError.SunshineError)
      assert.deepStrictEqual(reasonOf(error.cause), closed)
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
      assert.deepStrictEqual(reasonOf(yield* Effect.flip(Api.list(service))), closed)
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
// Limits that cannot be
// ---------------------------------------------------------------------------

describe("limits", () => {
  const cases = (limiter: RateLimiter.RateLimiter): ReadonlyArray<readonly [ParticipantsHttp.Limits, string]> => [
    ...[0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY].flatMap(
      (number): ReadonlyArray<readonly [ParticipantsHttp.Limits, string]> => [
        [{ concurrency: number }, "limits.concurrency: Expected a whole number, 1 or more"],
        [
          { rate: { limiter, limit: number, window: "1 second" } },
          "limits.rate.limit: Expected a whole number, 1 or more",
        ],
      ],
    ),
    ...[0, -1, Number.NaN, Number.POSITIVE_INFINITY].map((window): readonly [ParticipantsHttp.Limits, string] => [
      { rate: { limiter, limit: 5, window } },
      "limits.rate.window: Expected a finite duration of more than zero",
    ]),
  ]

  it.effect("that cannot be are ConfigErrors that name the field", () =>
    Effect.gen(function* () {
      const api = Api.scripted({})
      for (const [limits, expected] of cases(yield* makeLimiter)) {
        const error = yield* Effect.flip(Api.over(api, { limits }))
        assert.strictEqual(error._tag, "ConfigError")
        assert.include(error.message, expected)
      }
    }),
  )

  it.effect("can be set together", () =>
    Effect.gen(function* () {
      const api = Api.scripted({})
      const service = yield* Api.over(api, {
        limits: { ...fivePerSecond(yield* makeLimiter), concurrency: 2, circuitBreaker: yield* makeBreaker },
      })
      yield* crowd(10, () => Api.list(service))
      assert.deepStrictEqual([api.arrivals.length, api.mostAtOnce() <= 2, mostPerSecond(Api.times(api))], [10, true, 5])
    }),
  )
})
