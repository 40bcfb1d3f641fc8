/**
 * What is sent again, after which wait, and which policy says so. `Verification.test.ts` has the writes that may have
 * happened, `Deadlines.test.ts` the times.
 */
import { Paginator, Participants, SunshineError } from "@effect-sunco/core"
import { assert, describe } from "@effect/vitest"
import { Duration, Effect, Random, Redacted, Stream } from "effect"
import { inspect } from "node:util"
import * as Credentials from "../src/Credentials.ts"
import * as RetryPolicy from "../src/RetryPolicy.ts"
import * as Api from "./support/retry.ts"
import { it } from "./support/retry.ts"

const operations = ["join", "leave", "list"] as const

/** Waits between requests, in milliseconds. */
const gaps = (times: ReadonlyArray<number>): ReadonlyArray<number> =>
  times.slice(1).map((time, index) => time - (times[index] ?? 0))

// ---------------------------------------------------------------------------
// What is sent again
// ---------------------------------------------------------------------------

describe.each(operations)("a %s", (operation) => {
  for (const [what, answer] of Api.notProcessed) {
    it.effect(`is sent again after ${what}`, () =>
      Effect.gen(function* () {
        const api = Api.scripted({ [operation]: [answer, Api.good[operation]] })
        const { end, sent } = yield* Api.observe(api, Api.calls[operation])
        assert.deepStrictEqual([end, sent], ["success", [operation, operation]])
      }),
    )
  }

  for (const [what, answer, expected] of Api.rejected) {
    it.effect(`is not sent again after ${what}`, () =>
      Effect.gen(function* () {
        const api = Api.scripted({ [operation]: [answer] })
        const { at, end, sent } = yield* Api.observe(api, Api.calls[operation])
        assert.deepStrictEqual([end, sent, at], [expected, [operation], 0])
      }),
    )
  }

  it.effect("uses no attempt for a 429", () =>
    Effect.gen(function* () {
      const refusals = [Api.status(429, { retryAfter: 5 }), Api.status(429), Api.status(429, { retryAfter: 1 })]
      const api = Api.scripted({ [operation]: [...refusals, Api.good[operation]] })
      const { end, sent } = yield* Api.observe(api, Api.calls[operation], { attempts: 1 })
      assert.deepStrictEqual([end, sent], ["success", [operation, operation, operation, operation]])
    }),
  )

  it.effect("fails with its last error when its attempts are used up and none was processed", () =>
    Effect.gen(function* () {
      const api = Api.scripted({ [operation]: [Api.refused, Api.status(429), Api.status(425)] })
      const { end, sent } = yield* Api.observe(api, Api.calls[operation], { attempts: 2 })
      assert.deepStrictEqual([end, sent.length], ["UnexpectedStatus", 3])
    }),
  )
})

describe("a list", () => {
  for (const [what, answer, expected] of Api.ambiguous(200)) {
    it.effect(`is sent again after ${what}, and fails with it after its last attempt`, () =>
      Effect.gen(function* () {
        const api = Api.scripted({ list: [answer] })
        const { end, sent } = yield* Api.observe(api, Api.list, { attempts: 3 })
        assert.deepStrictEqual([end, sent.length], [expected, 3])
      }),
    )
  }

  it.effect("is not sent again after 400", () =>
    Effect.gen(function* () {
      const api = Api.scripted({ list: [Api.status(400, { code: "bad_request" })] })
      const { end, sent } = yield* Api.observe(api, Api.list)
      assert.deepStrictEqual([end, sent.length], ["BadRequest", 1])
    }),
  )
})

describe("a request that is sent again", () => {
  for (const subscribeSDKClient of [true, undefined]) {
    it.effect(`has the same body: a join with subscribeSDKClient ${String(subscribeSDKClient)}`, () =>
      Effect.gen(function* () {
        const api = Api.scripted({ join: [Api.status(429), Api.reset, Api.status(500), Api.joined] })
        const request = { ...Api.conversation, userExternalId: "Zoë", subscribeSDKClient }
        yield* Api.observe(api, (service) => service.join(request), { verify: { attempts: 1, delay: 0 } })
        const bodies = api.arrivals.filter(({ operation }) => operation === "join").map(({ body }) => body)
        const body = JSON.stringify({ userExternalId: "Zoë", subscribeSDKClient: subscribeSDKClient ?? false })
        assert.deepStrictEqual(bodies, [body, body, body, body])
      }),
    )
  }

  it.effect("has the same body: a leave", () =>
    Effect.gen(function* () {
      const api = Api.scripted({ leave: [Api.status(429), Api.reset, Api.left], list: [Api.unchanged.leave] })
      const request = { ...Api.conversation, participantId: "user-listed" }
      yield* Api.observe(api, (service) => service.leave(request))
      const bodies = api.arrivals.filter(({ operation }) => operation === "leave").map(({ body }) => body)
      const body = `{"participantId":"user-listed"}`
      assert.deepStrictEqual(bodies, [body, body, body])
    }),
  )

  it.effect("has the credential of its time", () =>
    Effect.gen(function* () {
      let count = 0
      const token = Effect.sync(() => Redacted.make(`token-${++count}`))
      const api = Api.scripted({
        list: [Api.status(429, { retryAfter: 5 }), Api.status(503, { retryAfter: 10 }), Api.roster()],
      })
      yield* Api.observe(api, Api.list, {}, { credentials: Credentials.bearer(token, { timeToLive: "10 seconds" }) })
      assert.deepStrictEqual(
        api.arrivals.map(({ authorization }) => authorization),
        ["Bearer token-1", "Bearer token-1", "Bearer token-2"],
      )
    }),
  )

  it.effect("gets a new credential after a 401, though a 429 came before", () =>
    Effect.gen(function* () {
      let count = 0
      const token = Effect.sync(() => Redacted.make(`token-${++count}`))
      const api = Api.scripted({ list: [Api.status(429, { retryAfter: 1 }), Api.status(401), Api.roster()] })
      const { end } = yield* Api.observe(api, Api.list, { attempts: 1 }, { credentials: Credentials.bearer(token) })
      assert.strictEqual(end, "success")
      assert.strictEqual(api.arrivals[2]?.authorization, "Bearer token-2")
    }),
  )
})

describe("a page of a stream", () => {
  const drain = (service: Api.Service) =>
    Stream.runCollect(Paginator.stream(Api.conversation)).pipe(
      Effect.provideService(Participants.Participants, service),
    )

  it.effect("is sent again alone", () =>
    Effect.gen(function* () {
      const [second, third] = ["a".repeat(24), "b".repeat(24)]
      const api = Api.scripted({
        list: [
          Api.pageBefore(second, "one"),
          Api.status(503),
          Api.reset,
          Api.pageBefore(third, "two"),
          Api.status(429, { retryAfter: 5 }),
          Api.roster("three"),
        ],
      })
      const { value } = yield* Api.success(drain(yield* Api.over(api)))
      assert.deepStrictEqual(
        value.map(({ userId }) => userId),
        ["one", "two", "three"],
      )
      assert.deepStrictEqual(
        api.arrivals.map(({ url }) => url.searchParams.get("page[after]")),
        [null, second, second, second, third, third],
      )
    }),
  )

  it.effect("has its own deadline and attempts", () =>
    Effect.gen(function* () {
      const cursors = ["a", "b", "c"].map((letter) => letter.repeat(24))
      const slow = (answer: Api.Answer) => Effect.delay(answer, "4 seconds")
      const pages = [...cursors.map((cursor) => Api.pageBefore(cursor, cursor)), Api.roster()]
      const api = Api.scripted({ list: pages.flatMap((page) => [Api.status(500), slow(page)]) })
      const service = yield* Api.over(api, { retryPolicy: { attempts: 2, deadline: "5 seconds" } })
      const { at } = yield* Api.success(drain(service))
      assert.deepStrictEqual([at, api.arrivals.length], [16_000, 8])
    }),
  )
})

// ---------------------------------------------------------------------------
// Waits
// ---------------------------------------------------------------------------

describe("the backoff", () => {
  it.effect("is drawn from zero to a limit that doubles up to the cap, whatever the seed", () =>
    Effect.gen(function* () {
      const limits = [100, 200, 400, 800, 1_000, 1_000]
      const halves = limits.map(() => new Set<"lower" | "upper">())
      const api = Api.scripted({ list: [Api.status(500)] })
      const service = yield* Api.over(api, {
        retryPolicy: { attempts: limits.length + 1, base: "100 millis", cap: "1 second" },
      })
      for (let seed = 0; seed < 40; seed++) {
        yield* Api.failure(Random.withSeed(Api.list(service), seed))
        const waits = gaps(Api.times(api).slice(-limits.length - 1))
        assert.lengthOf(waits, limits.length)
        for (const [index, limit] of limits.entries()) {
          const wait = waits[index] ?? Number.NaN
          assert.isAtLeast(wait, 0)
          assert.isBelow(wait, limit)
          halves[index]?.add(wait < limit / 2 ? "lower" : "upper")
        }
      }
      assert.isTrue(halves.every(({ size }) => size === 2))
    }),
  )

  it.effect("is longer than Retry-After where that is shorter, and Retry-After is never undercut", () =>
    Effect.gen(function* () {
      let longer = 0
      const api = Api.make((_, number) => (number % 2 === 1 ? Api.status(503, { retryAfter: 2 }) : Api.roster()))
      const service = yield* Api.over(api, { retryPolicy: { base: "4 seconds" } })
      for (let seed = 0; seed < 40; seed++) {
        yield* Api.success(Random.withSeed(Api.list(service), seed))
        const [wait = Number.NaN] = gaps(Api.times(api).slice(-2))
        assert.isAtLeast(wait, 2_000)
        if (wait > 2_000) longer++
      }
      assert.isAbove(longer, 8)
    }),
  )
})

describe("Retry-After", () => {
  for (const status of [408, 425, 503]) {
    it.effect(`of a ${status} is waited for by its call`, () =>
      Effect.gen(function* () {
        const api = Api.scripted({ list: [Api.status(status, { retryAfter: 30 }), Api.roster()] })
        const { times } = yield* Api.observe(api, Api.list)
        assert.deepStrictEqual(times, [0, 30_000])
      }),
    )
  }

  for (const operation of operations) {
    it.effect(`of exactly maxRetryAfter is waited for by a ${operation}`, () =>
      Effect.gen(function* () {
        const api = Api.scripted({ [operation]: [Api.status(429, { retryAfter: 60 }), Api.good[operation]] })
        const { at, end } = yield* Api.observe(api, Api.calls[operation])
        assert.deepStrictEqual([end, at], ["success", 60_000])
      }),
    )

    it.effect(`beyond maxRetryAfter fails a ${operation} at once, with what the API said`, () =>
      Effect.gen(function* () {
        const refusal = Api.status(429, { code: "too_many_requests", retryAfter: 61 })
        const api = Api.scripted({ [operation]: [refusal] })
        const { at, error } = yield* Api.failure(Api.calls[operation](yield* Api.over(api)))
        assert.deepStrictEqual(
          Api.reasonOf(error),
          new SunshineError.RateLimited({
            errors: [new SunshineError.ErrorDetail({ code: "too_many_requests", title: "a title" })],
            retryAfter: Duration.seconds(61),
            waited: Duration.zero,
          }),
        )
        assert.deepStrictEqual([Api.operations(api), at], [[operation], 0])
      }),
    )
  }

  it.effect("of two hours is reported as it is, though a layer holds for an hour at most", () =>
    Effect.gen(function* () {
      const api = Api.scripted({ list: [Api.status(429, { retryAfter: 7_200 })] })
      const { error } = yield* Api.failure(Api.list(yield* Api.over(api)))
      const reason = Api.reasonOf(error)
      assert.deepStrictEqual("retryAfter" in reason && reason.retryAfter, Duration.hours(2))
    }),
  )

  it.effect("beyond maxRetryAfter on a 503 fails a list at once, with what the API said", () =>
    Effect.gen(function* () {
      const api = Api.scripted({ list: [Api.status(503, { retryAfter: 3_600 })] })
      const service = yield* Api.over(api, { retryPolicy: { deadline: "1 day" } })
      const { at, error } = yield* Api.failure(Api.list(service))
      const reason = Api.reasonOf(error)
      assert.deepStrictEqual(
        [reason._tag, "retryAfter" in reason && reason.retryAfter, api.arrivals.length, at],
        ["ServerError", Duration.hours(1), 1, 0],
      )
    }),
  )

  it.effect("is waited for as long as the policy says", () =>
    Effect.gen(function* () {
      const api = Api.scripted({ list: [Api.status(429, { retryAfter: 300 }), Api.roster()] })
      const { at, end } = yield* Api.observe(api, Api.list, { maxRetryAfter: "5 minutes", deadline: "10 minutes" })
      assert.deepStrictEqual([end, at], ["success", 300_000])
    }),
  )
})

// ---------------------------------------------------------------------------
// Policies
// ---------------------------------------------------------------------------

describe("a policy", () => {
  /** How often a list that always fails is sent. */
  const attemptsOf = Effect.fnUntraced(function* (
    run: (call: Effect.Effect<unknown, Api.CallError>) => Effect.Effect<unknown, Api.CallError>,
    policy?: RetryPolicy.Partial,
  ) {
    const api = Api.scripted({ list: [Api.status(500)] })
    yield* Api.observe(api, (service) => run(Api.list(service)), policy)
    return api.arrivals.length
  })

  it.effect("has four attempts unless told", () =>
    Effect.gen(function* () {
      assert.strictEqual(yield* attemptsOf((call) => call), 4)
    }),
  )

  it.effect("is set for a layer", () =>
    Effect.gen(function* () {
      assert.strictEqual(yield* attemptsOf((call) => call, { attempts: 2 }), 2)
    }),
  )

  it.effect("is overridden for a call", () =>
    Effect.gen(function* () {
      assert.strictEqual(yield* attemptsOf(RetryPolicy.override({ attempts: 3 }), { attempts: 2 }), 3)
    }),
  )

  it.effect("is overridden for a region of a program, its fibers too, and for nothing beyond it", () =>
    Effect.gen(function* () {
      const api = Api.scripted({ list: [Api.status(500)], join: [Api.refused] })
      const service = yield* Api.over(api, { retryPolicy: { attempts: 2 } })
      const region = Effect.all([Effect.exit(Api.list(service)), Effect.exit(Api.join(service))], { concurrency: 2 })
      yield* Api.success(Effect.andThen(RetryPolicy.override(region, { attempts: 1 }), Effect.exit(Api.list(service))))
      assert.deepStrictEqual(Api.operations(api), ["list", "join", "list", "list"])
    }),
  )

  it.effect("takes an inner override before an outer one, value by value", () =>
    Effect.gen(function* () {
      const api = Api.scripted({ list: [Api.hangs] })
      const { times } = yield* Api.observe(api, (service) =>
        Api.list(service).pipe(
          RetryPolicy.override({ attempts: 3 }),
          RetryPolicy.override({ attempts: 7, attemptTimeout: "2 seconds" }),
        ),
      )
      assert.deepStrictEqual(times, [0, 2_000, 4_000])
    }),
  )

  it.effect("that is overridden holds for the verification of the call", () =>
    Effect.gen(function* () {
      const api = Api.scripted({ join: [Api.reset], list: [Api.status(500)] })
      const { sent } = yield* Api.observe(api, (service) => RetryPolicy.override(Api.join(service), { attempts: 2 }))
      assert.deepStrictEqual(sent, ["join", "list", "list"])
    }),
  )

  it.effect("overrides with the fields that an object inherits, too", () =>
    Effect.gen(function* () {
      class Twice {
        get attempts() {
          return 2
        }
      }
      const api = Api.scripted({ list: [Api.status(500)] })
      const overridden = (service: Api.Service) => RetryPolicy.override(Api.list(service), new Twice())
      const { sent } = yield* Api.observe(api, overridden, { attempts: 1 })
      assert.deepStrictEqual(sent, ["list", "list"])
    }),
  )

  const more = 'a duration of more than zero, such as "30 seconds"'
  const zero = 'a duration of zero or more, such as "30 seconds"'
  const invalid: ReadonlyArray<readonly [field: string, RetryPolicy.Partial, expected: string]> = [
    ["attempts", { attempts: 0 }, "a whole number, 1 or more"],
    ["attempts", { attempts: 1.5 }, "a whole number, 1 or more"],
    ["attempts", { attempts: Number.NaN }, "a whole number, 1 or more"],
    ["attempts", { attempts: Number.POSITIVE_INFINITY }, "a whole number, 1 or more"],
    ["attemptTimeout", { attemptTimeout: 0 }, more],
    ["attemptTimeout", { attemptTimeout: Number.NaN }, more],
    ["deadline", { deadline: "-1 seconds" }, more],
    ["base", { base: -1 }, zero],
    ["base", { base: Number.NaN }, zero],
    ["cap", { cap: "-1 seconds" }, zero],
    ["maxRetryAfter", { maxRetryAfter: -1 }, zero],
    ["verify.attempts", { verify: { attempts: 0, delay: 0 } }, "a whole number, 1 or more"],
    ["verify.delay", { verify: { attempts: 1, delay: -1 } }, zero],
  ]
  for (const [field, policy, expected] of invalid) {
    it.effect(`with ${inspect(policy)} is refused by the layer, and for a call before anything is sent`, () =>
      Effect.gen(function* () {
        const api = Api.scripted({})
        const error = yield* Effect.flip(Api.over(api, { retryPolicy: policy }))
        assert.strictEqual(error._tag, "ConfigError")
        assert.include(error.message, `retryPolicy.${field}: Expected ${expected}`)

        const service = yield* Api.over(api)
        for (const call of Object.values(Api.calls)) {
          const error = yield* Effect.flip(RetryPolicy.override(call(service), policy))
          assert.deepStrictEqual(
            Api.reasonOf(error),
            new SunshineError.InvalidRequest({ field: `retryPolicy.${field}`, expected: `Expected ${expected}` }),
          )
        }
        assert.lengthOf(api.arrivals, 0)
      }),
    )
  }
})
