/**
 * When a request may go: after the hold of a 429, in the order of the calls. `pacing.test.ts` has the rounds themselves.
 */
import { SunshineError } from "@effect-sunco/core"
import { assert, describe } from "@effect/vitest"
import { Clock, Duration, Effect, Exit, Fiber, Random, Redacted } from "effect"
import { TestClock } from "effect/testing"
import * as Credentials from "../src/Credentials.ts"
import type * as Events from "../src/Events.ts"
import * as RetryPolicy from "../src/RetryPolicy.ts"
import * as Api from "./support/retry.ts"
import { it } from "./support/retry.ts"

const rateLimited = (retryAfter: Duration.Input, waited: Duration.Input = 0) =>
  new SunshineError.RateLimited({
    errors: [],
    retryAfter: Duration.fromInputUnsafe(retryAfter),
    waited: Duration.fromInputUnsafe(waited),
  })

const tooMany = (retryAfter: number | string) => Api.status(429, { retryAfter })

/** Lists the participants of a conversation whose id names the caller. */
const listOf = (service: Api.Service, caller: number) =>
  service.list({ appId: "app", conversationId: `caller-${caller}` })

/** The callers whose requests arrived, in order. */
const callersOf = (api: Api.Api) =>
  api.arrivals.map(({ url }) => Number(/caller-(\d+)/.exec(url.pathname)?.[1] ?? Number.NaN))

// ---------------------------------------------------------------------------
// Holds
// ---------------------------------------------------------------------------

describe("a 429 with Retry-After", () => {
  it.effect("holds all callers of the layer until then", () =>
    Effect.gen(function* () {
      const api = Api.scripted({ list: [tooMany(10), Api.roster()] })
      const service = yield* Api.over(api)
      yield* Api.startAt(0, Api.list(service))
      yield* Api.startAt(1, Api.join(service))
      yield* Api.startAt(9_999, Api.leave(service))
      yield* Api.startAt(10_000, Api.list(service))
      yield* TestClock.adjust("9999 millis")
      assert.deepStrictEqual(Api.times(api), [0])
      yield* TestClock.adjust("1 milli")
      assert.deepStrictEqual(Api.times(api), [0, 10_000, 10_000, 10_000, 10_000])
      // The last one comes with the end of the hold, and overtakes nobody.
      assert.deepStrictEqual(Api.operations(api), ["list", "list", "join", "leave", "list"])
    }),
  )

  it.effect("holds them for an hour at most, whatever it names", () =>
    Effect.gen(function* () {
      const api = Api.scripted({ list: [tooMany("Fri, 31 Dec 9999 23:59:59 GMT"), Api.roster()] })
      const service = yield* Api.over(api)
      yield* Api.startAt(0, Api.list(service))
      const held = yield* Api.startAt(3_500_000, Api.list(service))
      const free = yield* Api.startAt(3_600_000, Api.list(service))
      yield* TestClock.adjust("1 hour")
      assert.deepStrictEqual(
        Api.reasonOf(yield* Effect.flip((yield* Fiber.join(held)).exit)),
        rateLimited("100 seconds"),
      )
      assert.isTrue(Exit.isSuccess((yield* Fiber.join(free)).exit))
      assert.deepStrictEqual(Api.times(api), [0, 3_600_000])
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
        for (const _ of seconds) yield* Api.startAt(0, Api.list(service))
        yield* Api.startAt(1_001, Api.join(service))
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
      for (const _ of [1, 2, 3]) yield* Api.startAt(0, Api.list(service))
      yield* Api.startAt(2, Api.join(service))
      yield* TestClock.adjust("22999 millis")
      assert.deepStrictEqual(Api.operations(api), ["list", "list", "list"])
      yield* TestClock.adjust("1 milli")
      assert.deepStrictEqual(Api.times(api).slice(3), [23_000, 23_000, 23_000, 23_000])
    }),
  )

  it.effect("holds the verification of others", () =>
    Effect.gen(function* () {
      const api = Api.scripted({ join: [Api.reset], leave: [tooMany(20), Api.left], list: [Api.roster("user")] })
      const service = yield* Api.over(api)
      yield* Api.startAt(0, Api.join(service))
      yield* Api.startAt(1, Api.leave(service))
      yield* TestClock.adjust("1 minute")
      assert.deepStrictEqual(Api.operations(api).slice(0, 2), ["join", "leave"])
      assert.deepStrictEqual(Api.times(api), [0, 1, 20_001, 20_001])
    }),
  )

  it.effect("holds a request that was refused with a 401 in the meantime, and has a new credential", () =>
    Effect.gen(function* () {
      const api = Api.scripted({
        list: [Effect.delay(Api.status(401), "2 seconds"), Api.roster()],
        leave: [tooMany(10), Api.left],
      })
      const service = yield* Api.over(api, { credentials: Api.renewable() })
      yield* Api.startAt(0, Api.list(service))
      yield* Api.startAt(1_000, Api.leave(service))
      yield* TestClock.adjust("10999 millis")
      assert.deepStrictEqual(Api.operations(api), ["list", "leave"])
      yield* TestClock.adjust("1 milli")
      assert.deepStrictEqual(Api.times(api), [0, 1_000, 11_000, 11_000])
    }),
  )

  it.effect("holds a request whose credential comes while it holds", () =>
    Effect.gen(function* () {
      const api = Api.scripted({ leave: [tooMany(30), Api.left] })
      let asked = 0
      // The first token comes at once, and the second one takes 3 seconds.
      const token = Effect.suspend(() =>
        Effect.delay(Effect.succeed(Redacted.make(`token-${++asked}`)), asked === 1 ? 0 : "3 seconds"),
      )
      const service = yield* Api.over(api, { credentials: Credentials.bearer(token, { timeToLive: "10 seconds" }) })
      yield* Api.startAt(0, Api.list(service))
      yield* Api.startAt(9_999, Api.leave(service))
      yield* Api.startAt(10_000, Api.list(service))
      yield* TestClock.adjust("39998 millis")
      assert.deepStrictEqual(Api.times(api), [0, 9_999])
      yield* TestClock.adjust("10 seconds")
      assert.deepStrictEqual(Api.operations(api), ["list", "leave", "leave", "list"])
    }),
  )

  it.effect("holds from its head on, whatever becomes of its body", () =>
    Effect.gen(function* () {
      const stalled = Effect.sync(
        () => new Response(new ReadableStream(), { status: 429, headers: { "retry-after": "30" } }),
      )
      const api = Api.scripted({ list: [Effect.delay(stalled, "6 seconds"), Api.roster()] })
      const service = yield* Api.over(api)
      const first = yield* Api.startAt(0, Api.list(service))
      yield* Api.startAt(6_001, Api.leave(service))
      yield* TestClock.adjust("35999 millis")
      assert.deepStrictEqual(Api.operations(api), ["list"])
      yield* TestClock.adjust("1 milli")
      assert.deepStrictEqual(Api.times(api), [0, 36_000, 36_000])
      assert.isTrue(Exit.isSuccess((yield* Fiber.join(first)).exit))
    }),
  )

  it.effect("holds nobody on another layer", () =>
    Effect.gen(function* () {
      const api = Api.scripted({ list: [tooMany(10), Api.roster()] })
      const held = yield* Api.over(api)
      const free = yield* Api.over(api)
      yield* Api.startAt(0, Api.list(held))
      yield* Api.startAt(1, Api.list(free))
      yield* TestClock.adjust("1 second")
      assert.deepStrictEqual(Api.times(api), [0, 1])
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
        const service = yield* Api.over(api, { retryPolicy: { deadline: "1 hour" } })
        for (const [millis] of drawn) yield* Api.startAt(millis, Api.list(service))
        yield* TestClock.adjust("1 hour")
        const starts = new Set(drawn.map(([millis]) => start + millis))
        for (const { at } of api.arrivals) {
          const passed = holds.filter(({ from, until }) => from < at && at < until)
          assert.deepStrictEqual(passed, [], `seed ${seed}: a request at ${at - start} passed a hold`)
          // It comes when its caller does, or when a hold is over.
          const isInTime = starts.has(at) || holds.some(({ until }) => until === at)
          assert.isTrue(isInTime, `seed ${seed}: late at ${at - start}`)
        }
        assert.isAbove(api.arrivals.length, 60)
      }
    }),
  )
})

describe("a hold is guessed, and holds all callers,", () => {
  for (const [what, answer] of [
    ["after a 429 that names no time", Api.status(429)],
    ["after a 429 that names a time that cannot be read", tooMany("soon")],
    ["after a 429 that names a time that has passed", tooMany("Wed, 31 Dec 1969 23:00:00 GMT")],
    ["after a 429 that names zero seconds", tooMany(0)],
  ] as const) {
    it.effect(what, () =>
      Effect.gen(function* () {
        const api = Api.scripted({ list: [answer, Api.roster()] })
        const service = yield* Api.over(api)
        yield* Api.startAt(0, Api.list(service))
        yield* Api.startAt(1, Api.join(service))
        yield* TestClock.adjust("1 minute")
        assert.sameMembers([...Api.operations(api)], ["list", "list", "join"])
        for (const at of Api.times(api).slice(1)) {
          assert.isAtLeast(at, 300)
          assert.isAtMost(at, 330)
        }
      }),
    )
  }

  it.effect("and not after a 503 with Retry-After, which holds its own call", () =>
    Effect.gen(function* () {
      const api = Api.scripted({ list: [Api.status(503, { retryAfter: 10 }), Api.roster()] })
      const service = yield* Api.over(api)
      yield* Api.startAt(0, Api.list(service))
      yield* Api.startAt(1, Api.join(service))
      yield* TestClock.adjust("1 milli")
      assert.deepStrictEqual(Api.operations(api), ["list", "join"])
    }),
  )
})

// ---------------------------------------------------------------------------
// Callers
// ---------------------------------------------------------------------------

describe("a caller that is held", () => {
  for (const [what, policy] of [
    ["would not wait for so long", { maxRetryAfter: "5 seconds" }],
    ["has a deadline before the end of the hold", { deadline: "10 seconds" }],
    ["has a deadline at the end of the hold", { deadline: "29 seconds" }],
  ] as const) {
    it.effect(`fails at once if it ${what}, with the time that remains, even where all places are taken`, () =>
      Effect.gen(function* () {
        const api = Api.scripted({ list: [tooMany(30), Api.roster()] })
        const service = yield* Api.over(api, { limits: { concurrency: 1 } })
        yield* Api.startAt(0, Api.list(service))
        yield* Api.startAt(1, Api.join(service))
        const hasty = yield* Api.startAt(1_000, RetryPolicy.override(Api.leave(service), policy))
        yield* TestClock.adjust("1 second")
        const { at, exit } = yield* Fiber.join(hasty)
        assert.deepStrictEqual(Api.reasonOf(yield* Effect.flip(exit)), rateLimited("29 seconds"))
        assert.deepStrictEqual([at, Api.operations(api)], [1_000, ["list"]])
      }),
    )
  }

  it.effect("fails as soon as a 429 holds it for longer than it would wait, and says how long it has waited", () =>
    Effect.gen(function* () {
      const api = Api.scripted({ join: [Effect.delay(tooMany(70), "4 seconds")] })
      const service = yield* Api.over(api, { limits: { concurrency: 1 }, retryPolicy: { deadline: "1 hour" } })
      yield* Api.startAt(0, Api.join(service))
      const waiting = yield* Api.startAt(1_000, Api.list(service))
      yield* TestClock.adjust("4 seconds")
      const { at, exit } = yield* Fiber.join(waiting)
      assert.deepStrictEqual(Api.reasonOf(yield* Effect.flip(exit)), rateLimited("70 seconds", "3 seconds"))
      assert.deepStrictEqual([at, Api.operations(api)], [4_000, ["join"]])
    }),
  )

  it.effect("waits once the time that remains is short enough", () =>
    Effect.gen(function* () {
      const api = Api.scripted({ list: [tooMany(300), Api.roster()] })
      const service = yield* Api.over(api)
      yield* Api.startAt(0, Api.list(service))
      const early = yield* Api.startAt(239_999, Api.join(service))
      yield* Api.startAt(240_000, Api.leave(service))
      yield* TestClock.adjust("1 hour")
      assert.strictEqual((yield* Fiber.join(early)).at, 239_999)
      assert.deepStrictEqual(Api.operations(api), ["list", "leave"])
      assert.deepStrictEqual(Api.times(api), [0, 300_000])
    }),
  )

  it.effect("takes no place: one 429 costs one request, however many wait", () =>
    Effect.gen(function* () {
      const api = Api.scripted({ list: [Effect.delay(tooMany(30), "5 seconds"), Api.roster()] })
      const service = yield* Api.over(api, { limits: { concurrency: 1 } })
      yield* Api.startAt(0, Api.list(service))
      yield* Api.startAt(1, Api.join(service))
      yield* Api.startAt(2, Api.leave(service))
      yield* TestClock.adjust("1 minute")
      assert.deepStrictEqual(Api.times(api), [0, 35_000, 35_000, 35_000])
      assert.strictEqual(api.mostAtOnce(), 1)
    }),
  )

  it.effect("can be interrupted: it ends at once, sends nothing, and the others go on", () =>
    Effect.gen(function* () {
      const api = Api.scripted({ list: [tooMany(30), Api.roster()] })
      const service = yield* Api.over(api, { limits: { concurrency: 1 } })
      yield* Api.startAt(0, Api.list(service))
      const first = yield* Effect.forkChild(Effect.delay(Api.join(service), 1))
      yield* Api.startAt(2, Api.leave(service))
      yield* TestClock.adjust("1 second")
      yield* Fiber.interrupt(first)
      assert.strictEqual(yield* Clock.currentTimeMillis, 1_000)
      yield* TestClock.adjust("1 minute")
      assert.sameMembers([...Api.operations(api)], ["list", "list", "leave"])
    }),
  )
})

describe("a caller that waits for a round after a hold", () => {
  it.effect("is rate limited: its wait and its error at the deadline say so", () =>
    Effect.gen(function* () {
      // The round after the hold has two requests, which are not answered.
      const api = Api.scripted({ list: [tooMany(1), Api.hangs] })
      const waits: Array<Events.WaitCause> = []
      const onEvent = (event: Events.Event) => {
        if (event._tag === "Waited" && event.operation === "join") waits.push(event.cause)
      }
      const service = yield* Api.over(api, { onEvent })
      yield* Api.startAt(0, Api.list(service))
      yield* Api.startAt(1, Api.list(service))
      const late = yield* Api.startAt(1_200, RetryPolicy.override(Api.join(service), { deadline: "300 millis" }))
      yield* TestClock.adjust("2 seconds")
      const { at, exit } = yield* Fiber.join(late)
      const reason = Api.reasonOf(yield* Effect.flip(exit))
      assert.deepStrictEqual(
        [reason, at, waits],
        [new SunshineError.RateLimited({ errors: [], waited: Duration.millis(300) }), 1_500, ["rate limited"]],
      )
    }),
  )
})

describe("a hold that has ended long ago", () => {
  it.effect("is forgotten: as many calls go at once as at first", () =>
    Effect.gen(function* () {
      const api = Api.scripted({ list: [tooMany(1), Effect.delay(Api.roster(), "100 millis")] })
      const service = yield* Api.over(api)
      yield* Api.success(Api.list(service))
      yield* Api.crowd(32, () => Api.list(service))
      assert.deepStrictEqual(new Set(Api.times(api).slice(2)), new Set([3_600_000]))
    }),
  )
})

describe("a caller that ends while another is woken", () => {
  it.effect("stops nobody with an observer that throws", () =>
    Effect.gen(function* () {
      const api = Api.make(() => Effect.delay(Api.roster(), "1 second"))
      const service = yield* Api.over(api, { limits: { concurrency: 1 } })
      yield* Api.startAt(0, Api.list(service))
      yield* TestClock.adjust("1 milli")
      const impatient = RetryPolicy.override(Api.list(service), { deadline: "500 millis" })
      const context = yield* Effect.context<never>()
      Effect.runForkWith(context)(impatient).addObserver(() => {
        throw new Error("a bug of the caller")
      })
      const other = yield* Api.startAt(600, Api.list(service))
      yield* TestClock.adjust("1 minute")
      assert.isTrue(Exit.isSuccess((yield* Fiber.join(other)).exit))
    }),
  )

  it.effect("takes nobody else from the queue", () =>
    Effect.gen(function* () {
      const api = Api.scripted({ list: [Effect.delay(Api.roster(), "1500 millis"), Api.roster()] })
      const service = yield* Api.over(api, { limits: { concurrency: 1 } })
      yield* Api.startAt(0, Api.list(service))
      // The deadline of both comes at once, and the first one that fails interrupts the other.
      const both = Effect.all([listOf(service, 1), listOf(service, 2)], { concurrency: "unbounded" })
      yield* Api.startAt(1, RetryPolicy.override(both, { deadline: "500 millis" }))
      const third = yield* Api.startAt(2, listOf(service, 3))
      yield* TestClock.adjust("1 minute")
      const { at, exit } = yield* Fiber.join(third)
      assert.deepStrictEqual([at, Exit.isSuccess(exit)], [1_500, true])
    }),
  )

  it.effect("gives its place back if the end of its wait interrupts it", () =>
    Effect.gen(function* () {
      const api = Api.make(() => Effect.delay(Api.roster(), "1 second"))
      let second: Fiber.Fiber<unknown> | undefined
      const service = yield* Api.over(api, {
        limits: { concurrency: 1 },
        onEvent: ({ _tag, conversationId }) => {
          if (_tag === "Waited" && conversationId === "caller-2") second?.interruptUnsafe()
        },
      })
      yield* Api.startAt(0, listOf(service, 1))
      second = yield* Api.startAt(1, listOf(service, 2))
      const third = yield* Api.startAt(2, listOf(service, 3))
      yield* TestClock.adjust("1 minute")
      const { at, exit } = yield* Fiber.join(third)
      assert.deepStrictEqual([callersOf(api), at, Exit.isSuccess(exit)], [[1, 3], 2_000, true])
    }),
  )
})

describe("calls go in the order they came", () => {
  const callers = [0, 1, 2, 3, 4, 5]

  it.effect("also after a hold: a call that was refused goes back to its place", () =>
    Effect.gen(function* () {
      const api = Api.make((_, number) => Effect.delay(number === 2 ? tooMany(1) : Api.roster(), "10 millis"))
      const service = yield* Api.over(api, { limits: { concurrency: 1 } })
      for (const caller of callers) yield* Api.startAt(caller, listOf(service, caller))
      yield* TestClock.adjust("1 minute")
      assert.deepStrictEqual(callersOf(api), [0, 1, 1, 2, 3, 4, 5])
    }),
  )

  it.effect("also after a retry, which keeps the place of its call", () =>
    Effect.gen(function* () {
      const api = Api.make((_, number) => Effect.delay(number === 1 ? Api.status(500) : Api.roster(), "10 millis"))
      const service = yield* Api.over(api, { limits: { concurrency: 1 } })
      for (const caller of callers) yield* Api.startAt(caller, listOf(service, caller))
      yield* TestClock.adjust("1 minute")
      // The second call takes the place that the first one leaves when it fails.
      assert.deepStrictEqual(callersOf(api), [0, 1, 0, 2, 3, 4, 5])
    }),
  )
})

// ---------------------------------------------------------------------------
// Crowds
// ---------------------------------------------------------------------------

/** A server that allows 50 requests a second, 10 ms away. */
const fiftyPerSecond = () => {
  const windows = new Map<number, number>()
  return Api.make(({ at }) => {
    const window = Math.floor(at / 1_000)
    const count = (windows.get(window) ?? 0) + 1
    windows.set(window, count)
    return Effect.delay(count > 50 ? tooMany(1) : Api.roster(), "10 millis")
  })
}

describe("many callers at once", () => {
  it.effect("send 32 requests at first, and more as those succeed", () =>
    Effect.gen(function* () {
      const api = Api.make(() => Effect.delay(Api.roster(), "100 millis"))
      const service = yield* Api.over(api)
      yield* Api.crowd(200, () => Api.list(service))
      const sentBy = (time: number) => Api.times(api).filter((at) => at <= time).length
      assert.deepStrictEqual([sentBy(0), sentBy(100), sentBy(200)], [32, 32 + 48, 32 + 48 + 72])
    }),
  )

  it.effect("are all served by a server that allows 50 a second, with few requests in vain", () =>
    Effect.gen(function* () {
      const api = fiftyPerSecond()
      const service = yield* Api.over(api)
      const { at } = yield* Api.crowd(500, () => Api.list(service))
      // Nobody can be faster than 9 seconds, or send less than 500 requests.
      assert.isAtMost(at, 11_500)
      assert.isAtMost(api.arrivals.length, 620)
    }),
  )

  it.effect(
    "are served in their order until the deadline; the others fail with RateLimited, and how long they waited",
    () =>
      Effect.gen(function* () {
        const service = yield* Api.over(fiftyPerSecond(), { retryPolicy: { deadline: "5 seconds" } })
        const calls = yield* Effect.forEach(Array.from({ length: 400 }), (_, caller) =>
          Api.startAt(0, listOf(service, caller)),
        )
        yield* TestClock.adjust("1 minute")
        const exits = yield* Effect.forEach(calls, (call) => Effect.map(Fiber.join(call), ({ exit }) => exit))
        const served = exits.findIndex(Exit.isFailure)
        // In the first second 50 are served, and as many in each of the four others.
        assert.isAtLeast(served, 220)
        assert.isAtMost(served, 250)
        for (const exit of exits.slice(served)) {
          const reason = Api.reasonOf(yield* Effect.flip(exit))
          if (reason._tag !== "RateLimited" || reason.waited === undefined) return assert.fail(String(reason))
          assert.isAtLeast(Duration.toMillis(reason.waited), 3_500)
        }
      }),
  )
})
