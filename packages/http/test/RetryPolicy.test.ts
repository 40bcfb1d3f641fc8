import { Paginator, Participants, SunshineError } from "@effect-sunco/core"
import { assert, describe } from "@effect/vitest"
import { Clock, Duration, Effect, Exit, Fiber, Option, Random, Redacted, Stream } from "effect"
import { TestClock } from "effect/testing"
import { inspect } from "node:util"
import * as Credentials from "../src/Credentials.ts"
import * as RetryPolicy from "../src/RetryPolicy.ts"
import * as Api from "./support/retry.ts"
import { it } from "./support/retry.ts"

type Policy = Partial<RetryPolicy.RetryPolicy>

type Faults = ReadonlyArray<readonly [what: string, answer: Api.Answer, reason: string]>

/** The API did not act on the request. */
const notProcessed: Faults = [
  ["429", Api.status(429), "RateLimited"],
  ["425", Api.status(425), "UnexpectedStatus"],
  ["a connection that is refused", Api.refused, "Transport"],
  ["a name that is not found", Api.failsWith("ENOTFOUND"), "Transport"],
  ["a certificate that has expired", Api.failsWith("CERT_HAS_EXPIRED"), "Transport"],
]

/** The API may have acted on the request. */
const ambiguous = (success: number): Faults => [
  ["500", Api.status(500), "ServerError"],
  ["502", Api.status(502), "ServerError"],
  ["503", Api.status(503), "ServerError"],
  ["408", Api.status(408), "UnexpectedStatus"],
  ["a reset", Api.reset, "Transport"],
  ["no answer in time", Api.hangs, "TimedOut"],
  ["a success with HTML in its body", Api.html(success), "InvalidResponse"],
  ["a success whose body does not end", Api.endlessBody(success), "TimedOut"],
]

/** The API said no. */
const rejected: Faults = [
  ["401", Api.status(401), "Unauthorized"],
  ["403", Api.status(403), "Forbidden"],
  ["404", Api.status(404, { code: "conversation_not_found" }), "NotFound"],
  ["301", Api.status(301), "UnexpectedStatus"],
]

const successOf = { join: 201, leave: 200, list: 200 } as const

/** What the roster is before and after a write took effect. */
const unchanged = { join: Api.roster("other"), leave: Api.roster("other", "user") }
const changed = { join: Api.roster("other", "user"), leave: Api.roster("other") }

const withPolicy = (policy: Policy) => ({ retryPolicy: { ...Api.withoutBackoff, ...policy } })

/** Waits between requests, in milliseconds. */
const gaps = (times: ReadonlyArray<number>): ReadonlyArray<number> =>
  times.slice(1).map((time, index) => time - (times[index] ?? 0))

const reasonOf = (error: Api.CallError): SunshineError.Reason => {
  if (error._tag !== "SunshineError") throw new Error(`expected a SunshineError, got ${String(error)}`)
  return error.reason
}

// ---------------------------------------------------------------------------
// What is tried again
// ---------------------------------------------------------------------------

describe("list", () => {
  for (const [what, answer] of [...notProcessed, ...ambiguous(200)]) {
    it.effect(`is tried again after ${what}`, () =>
      Effect.gen(function* () {
        const api = Api.scripted({ list: [answer, Api.roster("user")] })
        const service = yield* Api.over(api)
        const { value } = yield* Api.success(Api.list(service))
        assert.deepStrictEqual(
          value.participants.map(({ userId }) => userId),
          ["user"],
        )
        assert.lengthOf(api.arrivals, 2)
      }),
    )
  }

  const refusals: Faults = [...rejected, ["400", Api.status(400, { code: "bad_request" }), "BadRequest"]]
  for (const [what, answer, expected] of refusals) {
    it.effect(`is not tried again after ${what}`, () =>
      Effect.gen(function* () {
        const api = Api.scripted({ list: [answer] })
        const service = yield* Api.over(api)
        const { at, error } = yield* Api.failure(Api.list(service))
        assert.strictEqual(Api.summary(error), expected)
        assert.deepStrictEqual([api.arrivals.length, at], [1, 0])
      }),
    )
  }

  it.effect("fails with its last error when its attempts are used up", () =>
    Effect.gen(function* () {
      const api = Api.scripted({ list: [Api.reset, Api.status(500), Api.status(503)] })
      const service = yield* Api.over(api, withPolicy({ attempts: 3 }))
      const { error } = yield* Api.failure(Api.list(service))
      const reason = reasonOf(error)
      assert.deepStrictEqual([reason._tag, "status" in reason && reason.status], ["ServerError", 503])
      assert.lengthOf(api.arrivals, 3)
    }),
  )

  it.effect("is sent once when its policy says one attempt", () =>
    Effect.gen(function* () {
      const api = Api.scripted({ list: [Api.status(500)] })
      const service = yield* Api.over(api, withPolicy({ attempts: 1 }))
      yield* Api.failure(Api.list(service))
      assert.lengthOf(api.arrivals, 1)
    }),
  )
})

for (const write of Api.writes) {
  describe(write, () => {
    for (const [what, answer] of notProcessed) {
      it.effect(`is tried again after ${what}, without a look`, () =>
        Effect.gen(function* () {
          const api = Api.scripted({ [write]: [answer, Api.good[write]] })
          const service = yield* Api.over(api)
          yield* Api.success(Api.calls[write](service))
          assert.deepStrictEqual(Api.operations(api), [write, write])
        }),
      )
    }

    for (const [what, answer, expected] of rejected) {
      it.effect(`is not tried again after ${what}`, () =>
        Effect.gen(function* () {
          const api = Api.scripted({ [write]: [answer] })
          const service = yield* Api.over(api)
          const { at, error } = yield* Api.failure(Api.calls[write](service))
          assert.strictEqual(Api.summary(error), expected)
          assert.deepStrictEqual([Api.operations(api), at], [[write], 0])
        }),
      )
    }

    for (const [what, answer] of ambiguous(successOf[write])) {
      it.effect(`has happened after ${what}, when the roster shows it: it is not sent again`, () =>
        Effect.gen(function* () {
          const api = Api.scripted({ [write]: [answer], list: [changed[write]] })
          const service = yield* Api.over(api)
          yield* Api.success(Api.calls[write](service))
          assert.deepStrictEqual(Api.operations(api), [write, "list"])
        }),
      )

      it.effect(`is tried again after ${what}, when no look shows it`, () =>
        Effect.gen(function* () {
          const api = Api.scripted({ [write]: [answer, Api.good[write]], list: [unchanged[write]] })
          const service = yield* Api.over(api)
          yield* Api.success(Api.calls[write](service))
          assert.deepStrictEqual(Api.operations(api), [write, "list", "list", "list", write])
        }),
      )
    }

    it.effect("is never sent twice without a look between, whatever the mixture of faults", () =>
      Effect.gen(function* () {
        const api = Api.scripted({
          [write]: [Api.status(429), Api.reset, Api.refused, Api.status(500), Api.good[write]],
          list: [unchanged[write]],
        })
        const service = yield* Api.over(api, withPolicy({ attempts: 5, looks: 1 }))
        yield* Api.success(Api.calls[write](service))
        assert.deepStrictEqual(Api.operations(api), [write, write, "list", write, write, "list", write])
      }),
    )

    it.effect("is an unknown outcome with the reasons of all attempts, in order, when its attempts are used up", () =>
      Effect.gen(function* () {
        const api = Api.scripted({
          [write]: [Api.status(429), Api.reset, Api.hangs, Api.status(502)],
          list: [unchanged[write]],
        })
        const service = yield* Api.over(api)
        const { error } = yield* Api.failure(Api.calls[write](service))
        assert.strictEqual(Api.summary(error), "OutcomeUnknown (RateLimited, Transport, TimedOut, ServerError)")
      }),
    )

    it.effect("is an unknown outcome when its last attempt was not processed and an earlier one was ambiguous", () =>
      Effect.gen(function* () {
        const api = Api.scripted({ [write]: [Api.reset, Api.status(429)], list: [unchanged[write]] })
        const service = yield* Api.over(api, withPolicy({ attempts: 2 }))
        const { error } = yield* Api.failure(Api.calls[write](service))
        assert.strictEqual(Api.summary(error), "OutcomeUnknown (Transport, RateLimited)")
      }),
    )

    it.effect("fails with its last error when no attempt was processed", () =>
      Effect.gen(function* () {
        const api = Api.scripted({ [write]: [Api.refused, Api.status(429)] })
        const service = yield* Api.over(api, withPolicy({ attempts: 2 }))
        const { error } = yield* Api.failure(Api.calls[write](service))
        assert.strictEqual(Api.summary(error), "RateLimited")
        assert.deepStrictEqual(Api.operations(api), [write, write])
      }),
    )

    it.effect("looks after its last attempt too", () =>
      Effect.gen(function* () {
        const api = Api.scripted({ [write]: [Api.reset], list: [changed[write]] })
        const service = yield* Api.over(api, withPolicy({ attempts: 1 }))
        yield* Api.success(Api.calls[write](service))
        assert.deepStrictEqual(Api.operations(api), [write, "list"])
      }),
    )

    it.effect("is an unknown outcome at once, without a look, when its policy says so", () =>
      Effect.gen(function* () {
        const api = Api.scripted({ [write]: [Api.status(429), Api.reset], list: [changed[write]] })
        const service = yield* Api.over(api, withPolicy({ ambiguous: "fail" }))
        const { at, error } = yield* Api.failure(Api.calls[write](service))
        assert.strictEqual(Api.summary(error), "OutcomeUnknown (RateLimited, Transport)")
        assert.deepStrictEqual([Api.operations(api), at], [[write, write], 0])
      }),
    )

    it.effect("is an unknown outcome with the error of the look as its cause, when a look fails", () =>
      Effect.gen(function* () {
        const api = Api.scripted({ [write]: [Api.reset], list: [Api.status(403)] })
        const service = yield* Api.over(api)
        const { error } = yield* Api.failure(Api.calls[write](service))
        assert.strictEqual(Api.summary(error), "OutcomeUnknown (Transport)")
        assert.instanceOf(error.cause, SunshineError.SunshineError)
        assert.strictEqual(Api.summary(error.cause), "Forbidden")
        assert.deepStrictEqual(Api.operations(api), [write, "list"])
      }),
    )

    it.effect("looks again after a rejection that follows an ambiguous attempt, and believes what it sees", () =>
      Effect.gen(function* () {
        const api = Api.scripted({
          [write]: [Api.reset, Api.status(403)],
          list: [unchanged[write], changed[write]],
        })
        const service = yield* Api.over(api, withPolicy({ looks: 1 }))
        yield* Api.success(Api.calls[write](service))
        assert.deepStrictEqual(Api.operations(api), [write, "list", write, "list"])
      }),
    )

    it.effect("stays unclear when no look after the rejection shows it, and the rejection is the cause", () =>
      Effect.gen(function* () {
        const api = Api.scripted({ [write]: [Api.reset, Api.status(403)], list: [unchanged[write]] })
        const service = yield* Api.over(api, withPolicy({ looks: 1 }))
        const { error } = yield* Api.failure(Api.calls[write](service))
        assert.strictEqual(Api.summary(error), "OutcomeUnknown (Transport, Forbidden)")
        assert.include(String(error.cause), "403")
        assert.deepStrictEqual(Api.operations(api), [write, "list", write, "list"])
      }),
    )
  })
}

describe("a join that a look found", () => {
  const shown = Api.roster("other", "user")

  it.effect("is the participant on the roster", () =>
    Effect.gen(function* () {
      const service = yield* Api.over(Api.scripted({ join: [Api.reset], list: [shown] }))
      const { value } = yield* Api.success(Api.join(service))
      assert.deepStrictEqual([value.id, value.userId], ["user-listed", "user"])
    }),
  )

  it.effect("is found by the caller's own id too", () =>
    Effect.gen(function* () {
      const service = yield* Api.over(Api.scripted({ join: [Api.reset], list: [shown] }))
      const { value } = yield* Api.success(service.join({ ...Api.conversation, userExternalId: "my-user" }))
      assert.deepStrictEqual([value.id, value.userExternalId], ["user-listed", Option.some("my-user")])
    }),
  )

  it.effect("is found on a later page, and no page after that one is read", () =>
    Effect.gen(function* () {
      const api = Api.scripted({
        join: [Api.reset],
        list: [Api.pageBefore("a".repeat(24), "other"), Api.pageBefore("b".repeat(24), "user"), Api.roster("last")],
      })
      const service = yield* Api.over(api)
      const { value } = yield* Api.success(Api.join(service))
      assert.strictEqual(value.id, "user-listed")
      assert.deepStrictEqual(
        api.arrivals.map(({ url }) => url.searchParams.get("page[after]")),
        [null, null, "a".repeat(24)],
      )
    }),
  )

  it.effect("after a 400 that says the user has joined is the participant on the roster", () =>
    Effect.gen(function* () {
      const api = Api.scripted({
        join: [Api.reset, Api.status(400, { code: "bad_request" })],
        list: [Api.roster("other"), shown],
      })
      const service = yield* Api.over(api, withPolicy({ looks: 1 }))
      const { value } = yield* Api.success(Api.join(service))
      assert.strictEqual(value.id, "user-listed")
    }),
  )

  it.effect("is never taken from a roster that shows nobody of that name", () =>
    Effect.gen(function* () {
      const api = Api.scripted({
        join: [Api.reset, Api.status(400, { code: "bad_request" })],
        list: [Api.roster("other")],
      })
      const service = yield* Api.over(api)
      const { error } = yield* Api.failure(Api.join(service))
      assert.strictEqual(Api.summary(error), "OutcomeUnknown (Transport)")
      assert.include(String(error.cause), "400 bad_request")
    }),
  )
})

describe("a user named by an external id, on a roster that shows some without one", () => {
  const byExternalId = { ...Api.conversation, userExternalId: "my-user" }

  it.effect("is not joined again: the roster would not have shown a join", () =>
    Effect.gen(function* () {
      const api = Api.scripted({ join: [Api.reset, Api.joined], list: [Api.rosterWithoutExternalIds("other")] })
      const service = yield* Api.over(api, withPolicy({ looks: 2 }))
      const { error } = yield* Api.failure(service.join(byExternalId))
      assert.strictEqual(Api.summary(error), "OutcomeUnknown (Transport)")
      assert.deepStrictEqual(Api.operations(api), ["join", "list", "list"])
    }),
  )

  it.effect("is joined again when the roster shows an id for everybody, and theirs is none of them", () =>
    Effect.gen(function* () {
      const api = Api.scripted({ join: [Api.reset, Api.joined], list: [Api.roster("other")] })
      const service = yield* Api.over(api, withPolicy({ looks: 1 }))
      yield* Api.success(service.join(byExternalId))
      assert.deepStrictEqual(Api.operations(api), ["join", "list", "join"])
    }),
  )

  it.effect("has joined when a later look shows the id", () =>
    Effect.gen(function* () {
      const api = Api.scripted({
        join: [Api.reset],
        list: [Api.rosterWithoutExternalIds("other"), Api.roster("other", "user")],
      })
      const service = yield* Api.over(api)
      const { value } = yield* Api.success(service.join(byExternalId))
      assert.strictEqual(value.userId, "user")
    }),
  )

  it.effect("is asked to leave again: not to be shown is no proof of having left", () =>
    Effect.gen(function* () {
      const api = Api.scripted({ leave: [Api.reset, Api.left], list: [Api.rosterWithoutExternalIds("user")] })
      const service = yield* Api.over(api, withPolicy({ looks: 1 }))
      yield* Api.success(service.leave(byExternalId))
      assert.deepStrictEqual(Api.operations(api), ["leave", "list", "leave"])
    }),
  )
})

describe("a look that is old", () => {
  it.effect("is made again directly before a join in doubt, when a 429 came in between", () =>
    Effect.gen(function* () {
      const api = Api.scripted({
        join: [Api.reset, Api.status(429, { retryAfter: 30 })],
        list: [Api.roster(), Api.roster(), Api.roster(), Api.roster("user")],
      })
      const service = yield* Api.over(api, { retryPolicy: Api.withoutBackoff })
      const { value } = yield* Api.success(Api.join(service))
      assert.strictEqual(value.id, "user-listed")
      assert.deepStrictEqual(Api.operations(api), ["join", "list", "list", "list", "join", "list"])
      assert.deepStrictEqual(Api.times(api), [0, 500, 1_500, 3_500, 3_500, 33_500])
    }),
  )

  /** A join in doubt is refused with a 429, and sent again after a wait; this is how often the roster is read by then. */
  const oldAfter = (wait: number, looks: number, policy: Partial<RetryPolicy.RetryPolicy>) =>
    Effect.gen(function* () {
      // The answer itself takes the milliseconds that Retry-After cannot name.
      const seconds = Math.floor(wait / 1_000)
      const refusal = Effect.delay(Api.status(429, { retryAfter: seconds }), wait - seconds * 1_000)
      const api = Api.scripted({ join: [Api.reset, refusal, Api.joined], list: [Api.roster()] })
      const service = yield* Api.over(api, withPolicy(policy))
      yield* Api.success(Api.join(service))
      assert.strictEqual(Api.operations(api).filter((each) => each === "list").length, looks)
    })

  const usual = { looks: 3, lookAfter: "500 millis" } as const
  for (const [what, wait, looks, policy] of [
    ["is made again after a wait of more than the longest between looks", 2_001, 4, usual],
    ["is not made again after a wait of just that", 2_000, 3, usual],
    ["is made again after more than a second, however short the waits", 1_001, 2, { looks: 1, lookAfter: 0 }],
    ["is not made again after a second, however short the waits", 1_000, 1, { looks: 1, lookAfter: 0 }],
  ] as const) {
    it.effect(what, () => oldAfter(wait, looks, policy))
  }

  it.effect("is made again when a join in doubt has waited for its slot", () =>
    Effect.gen(function* () {
      const api = Api.scripted({
        join: [Api.reset],
        list: [Api.roster(), Api.roster("user")],
        leave: [Effect.delay(Api.left, "9 seconds")],
      })
      const service = yield* Api.over(api, {
        ...withPolicy({ looks: 1, base: "4 seconds" }),
        limits: { concurrency: 1 },
      })
      const joining = yield* Effect.forkChild(Api.success(Random.withSeed(Api.join(service), "a long wait")))
      yield* TestClock.adjust("500 millis")
      yield* Effect.forkChild(Api.leave(service))
      yield* TestClock.adjust("1 minute")
      const { value } = yield* Fiber.join(joining)
      assert.strictEqual(value.id, "user-listed")
      assert.deepStrictEqual(Api.operations(api), ["join", "list", "leave", "list"])
    }),
  )

  it.effect(
    "is made again when a join in doubt was refused with a 401, and held before it had its new credential",
    () =>
      Effect.gen(function* () {
        const api = Api.scripted({
          join: [Api.reset, Effect.delay(Api.status(401), "1 second"), Api.joined],
          list: [Api.roster(), Api.roster("user")],
          leave: [Effect.delay(Api.status(429, { retryAfter: 50 }), "1 second")],
        })
        const service = yield* Api.over(api, {
          ...withPolicy({ looks: 1 }),
          credentials: tokensUntil(2),
        })
        const joining = yield* Effect.forkChild(Api.success(Api.join(service)))
        yield* Effect.forkChild(Api.leave(service).pipe(RetryPolicy.override({ attempts: 1 }), Effect.ignore))
        yield* TestClock.adjust("1 minute")
        const { value } = yield* Fiber.join(joining)
        assert.strictEqual(value.id, "user-listed")
        assert.deepStrictEqual(
          Api.operations(api).filter((each) => each !== "leave"),
          ["join", "list", "join", "list"],
        )
      }),
  )

  it.effect("is made again in the slot that a join in doubt has waited for, be it the only one", () =>
    Effect.gen(function* () {
      const api = Api.scripted({
        join: [Api.reset, Api.joined],
        list: [Effect.delay(Api.roster(), "100 millis"), Api.roster("user")],
        leave: [Effect.delay(Api.left, "9 seconds")],
      })
      const service = yield* Api.over(api, { ...withPolicy({ looks: 1 }), limits: { concurrency: 1 } })
      // The leave comes while the first look is on its way, and so is next in the queue.
      yield* Effect.forkChild(Effect.delay(Api.leave(service), "550 millis"))
      const { at, value } = yield* Api.success(Api.join(service))
      assert.strictEqual(value.id, "user-listed")
      assert.deepStrictEqual(Api.operations(api), ["join", "list", "leave", "list"])
      assert.strictEqual(at, 9_600)
    }),
  )

  it.effect("that cannot be made again leaves the join unknown", () =>
    Effect.gen(function* () {
      const api = Api.scripted({
        join: [Api.reset, Api.status(429, { retryAfter: 30 })],
        list: [Api.roster(), Api.status(403)],
      })
      const service = yield* Api.over(api, withPolicy({ looks: 1 }))
      const { error } = yield* Api.failure(Api.join(service))
      assert.strictEqual(Api.summary(error), "OutcomeUnknown (Transport, RateLimited)")
      assert.include(String(error.cause), "Forbidden")
      assert.deepStrictEqual(Api.operations(api), ["join", "list", "join", "list"])
    }),
  )

  it.effect("is not made again when it is not old", () =>
    Effect.gen(function* () {
      const api = Api.scripted({
        join: [Api.reset, Api.status(429, { retryAfter: 1 }), Api.joined],
        list: [Api.roster()],
      })
      const service = yield* Api.over(api, { retryPolicy: Api.withoutBackoff })
      yield* Api.success(Api.join(service))
      assert.deepStrictEqual(Api.operations(api), ["join", "list", "list", "list", "join", "join"])
    }),
  )
})

describe("Retry-After", () => {
  for (const status of [408, 425]) {
    it.effect(`is honoured on ${status}`, () =>
      Effect.gen(function* () {
        const api = Api.scripted({ list: [Api.status(status, { retryAfter: 30 }), Api.roster()] })
        const service = yield* Api.over(api, { retryPolicy: Api.withoutBackoff })
        yield* Api.success(Api.list(service))
        assert.deepStrictEqual(Api.times(api), [0, 30_000])
      }),
    )
  }
})

describe("a look", () => {
  it.effect("begins no wait that could only end in the deadline of its call", () =>
    Effect.gen(function* () {
      const api = Api.scripted({ join: [Api.hangs], list: [Api.status(429, { retryAfter: 25 })] })
      const service = yield* Api.over(api, withPolicy({ deadline: "30 seconds" }))
      const { at, error } = yield* Api.failure(Api.join(service))
      assert.strictEqual(Api.summary(error), "OutcomeUnknown (TimedOut)")
      assert.strictEqual(at, 10_500)
    }),
  )

  it.effect("after a rejection comes no sooner than the rejection asked for", () =>
    Effect.gen(function* () {
      const api = Api.scripted({
        join: [Api.reset, Api.status(413, { retryAfter: 30 })],
        list: [Api.roster(), Api.roster("user")],
      })
      const service = yield* Api.over(api, withPolicy({ looks: 1 }))
      const { at, value } = yield* Api.success(Api.join(service))
      assert.deepStrictEqual([value.id, at], ["user-listed", 30_500])
    }),
  )

  it.effect("after a rejection that asked for more than the cap is not made", () =>
    Effect.gen(function* () {
      const api = Api.scripted({ join: [Api.reset, Api.status(413, { retryAfter: 61 })], list: [Api.roster()] })
      const service = yield* Api.over(api, withPolicy({ looks: 1 }))
      const { at, error } = yield* Api.failure(Api.join(service))
      assert.deepStrictEqual([Api.summary(error), at], ["OutcomeUnknown (Transport, UnexpectedStatus)", 500])
    }),
  )
})

describe("a refusal whose head comes late", () => {
  it.effect("is read by its status, though its body does not end", () =>
    Effect.gen(function* () {
      const stalled = Effect.sync(() => new Response(new ReadableStream(), { status: 403 }))
      const api = Api.scripted({ join: [Effect.delay(stalled, "9 seconds")] })
      const service = yield* Api.over(api)
      const { at, error } = yield* Api.failure(Api.join(service))
      assert.deepStrictEqual([Api.summary(error), at, Api.operations(api)], ["Forbidden", 9_500, ["join"]])
    }),
  )
})

describe("a 404 on a leave", () => {
  const notAMember = Api.status(404, { code: "not_found" })
  const noConversation = Api.status(404, { code: "conversation_not_found" })
  const noCode = Api.status(404)

  it.effect("is success after an ambiguous attempt when its code is not_found, without another look", () =>
    Effect.gen(function* () {
      const api = Api.scripted({ leave: [Api.reset, notAMember], list: [unchanged.leave] })
      const service = yield* Api.over(api, withPolicy({ looks: 1 }))
      yield* Api.success(Api.leave(service))
      assert.deepStrictEqual(Api.operations(api), ["leave", "list", "leave"])
    }),
  )

  it.effect("is success when other attempts that were not processed lie between", () =>
    Effect.gen(function* () {
      const api = Api.scripted({
        leave: [Api.status(500), Api.status(429), Api.refused, notAMember],
        list: [unchanged.leave],
      })
      const service = yield* Api.over(api)
      yield* Api.success(Api.leave(service))
    }),
  )

  const before: ReadonlyArray<readonly [string, ReadonlyArray<Api.Answer>]> = [
    ["the first attempt", []],
    ["attempts that were not processed", [Api.status(429), Api.refused, Api.failsWith("ENOTFOUND")]],
  ]
  for (const [what, answers] of before) {
    it.effect(`is never success after ${what}`, () =>
      Effect.gen(function* () {
        const api = Api.scripted({ leave: [...answers, notAMember], list: [changed.leave] })
        const service = yield* Api.over(api)
        const { error } = yield* Api.failure(Api.leave(service))
        assert.deepStrictEqual([error._tag, "code" in error && error.code], ["NotFound", "not_found"])
        assert.notInclude(Api.operations(api), "list")
      }),
    )
  }

  for (const [what, answer, code] of [
    ["with another code", noConversation, "conversation_not_found"],
    ["without a code", noCode, undefined],
  ] as const) {
    it.effect(`${what}, after an ambiguous attempt, is success when a look shows it`, () =>
      Effect.gen(function* () {
        const api = Api.scripted({ leave: [Api.reset, answer], list: [unchanged.leave, changed.leave] })
        const service = yield* Api.over(api, withPolicy({ looks: 1 }))
        yield* Api.success(Api.leave(service))
        assert.deepStrictEqual(Api.operations(api), ["leave", "list", "leave", "list"])
      }),
    )

    it.effect(
      `${what}, after an ambiguous attempt, is the cause of what stays unclear when no look shows the leave`,
      () =>
        Effect.gen(function* () {
          const api = Api.scripted({ leave: [Api.reset, answer], list: [unchanged.leave] })
          const service = yield* Api.over(api)
          const { error } = yield* Api.failure(Api.leave(service))
          assert.strictEqual(Api.summary(error), "OutcomeUnknown (Transport)")
          assert.instanceOf(error.cause, SunshineError.NotFound)
          assert.strictEqual(error.cause.code, code)
        }),
    )
  }

  it.effect("with not_found on a join after an ambiguous attempt is no success", () =>
    Effect.gen(function* () {
      const api = Api.scripted({ join: [Api.reset, notAMember], list: [unchanged.join] })
      const service = yield* Api.over(api)
      const { error } = yield* Api.failure(Api.join(service))
      assert.strictEqual(Api.summary(error), "OutcomeUnknown (Transport)")
      assert.instanceOf(error.cause, SunshineError.NotFound)
    }),
  )
})

// ---------------------------------------------------------------------------
// When it is tried again
// ---------------------------------------------------------------------------

describe("looks", () => {
  it.effect("are late, and later each time", () =>
    Effect.gen(function* () {
      const api = Api.scripted({ join: [Api.reset, Api.joined], list: [unchanged.join] })
      const service = yield* Api.over(api, withPolicy({ looks: 4, lookAfter: "1 second" }))
      yield* Api.success(Api.join(service))
      assert.deepStrictEqual(Api.operations(api), ["join", "list", "list", "list", "list", "join"])
      assert.deepStrictEqual(Api.times(api), [0, 1_000, 3_000, 7_000, 15_000, 15_000])
    }),
  )

  it.effect("end with the first that shows the write", () =>
    Effect.gen(function* () {
      const api = Api.scripted({ join: [Api.reset], list: [unchanged.join, changed.join] })
      const service = yield* Api.over(api, withPolicy({ looks: 4, lookAfter: "1 second" }))
      const { at } = yield* Api.success(Api.join(service))
      assert.deepStrictEqual([Api.times(api), at], [[0, 1_000, 3_000], 3_000])
    }),
  )

  it.effect("are one when the policy says one", () =>
    Effect.gen(function* () {
      const api = Api.scripted({ leave: [Api.reset, Api.left], list: [unchanged.leave] })
      const service = yield* Api.over(api, withPolicy({ looks: 1 }))
      yield* Api.success(Api.leave(service))
      assert.deepStrictEqual(Api.operations(api), ["leave", "list", "leave"])
    }),
  )

  it.effect("begin anew after each ambiguous attempt", () =>
    Effect.gen(function* () {
      const api = Api.scripted({ leave: [Api.reset, Api.status(500), Api.left], list: [unchanged.leave] })
      const service = yield* Api.over(api, withPolicy({ looks: 2, lookAfter: "1 second" }))
      yield* Api.success(Api.leave(service))
      assert.deepStrictEqual(Api.times(api), [0, 1_000, 3_000, 3_000, 4_000, 6_000, 6_000])
    }),
  )

  it.effect("are lists, and are tried again like them", () =>
    Effect.gen(function* () {
      const api = Api.scripted({ join: [Api.reset], list: [Api.status(503), Api.reset, changed.join] })
      const service = yield* Api.over(api)
      const { value } = yield* Api.success(Api.join(service))
      assert.strictEqual(value.id, "user-listed")
      assert.deepStrictEqual(Api.operations(api), ["join", "list", "list", "list"])
    }),
  )
})

describe("backoff", () => {
  it.effect("is drawn from zero to a limit that doubles up to the cap, whatever the seed", () =>
    Effect.gen(function* () {
      const limits = [100, 200, 400, 800, 1_000, 1_000]
      const halves = limits.map(() => new Set<"lower" | "upper">())
      const api = Api.scripted({ list: [Api.status(500)] })
      const service = yield* Api.over(api, {
        retryPolicy: { attempts: limits.length + 1, base: "100 millis", cap: "1 second" },
      })
      for (let seed = 0; seed < 100; seed++) {
        yield* Api.failure(Random.withSeed(Api.list(service), seed))
        const waits = gaps(Api.times(api).slice(-limits.length - 1))
        for (const [index, limit] of limits.entries()) {
          const wait = waits[index] ?? Number.NaN
          assert.isAtLeast(wait, 0)
          assert.isBelow(wait, limit)
          halves[index]?.add(wait < limit / 2 ? "lower" : "upper")
        }
      }
      assert.lengthOf(api.arrivals, 100 * (limits.length + 1))
      assert.deepStrictEqual(
        halves.map(({ size }) => size),
        limits.map(() => 2),
      )
    }),
  )

  it.effect("is the same for the same seed, and another for another one", () =>
    Effect.gen(function* () {
      const waitsOf = Effect.fnUntraced(function* (seed: string) {
        const api = Api.scripted({ list: [Api.status(500)] })
        const service = yield* Api.over(api, { retryPolicy: { attempts: 4 } })
        yield* Api.failure(Random.withSeed(Api.list(service), seed))
        return gaps(Api.times(api)).map(Math.round)
      })
      assert.deepStrictEqual(yield* waitsOf("one"), yield* waitsOf("one"))
      assert.notDeepEqual(yield* waitsOf("one"), yield* waitsOf("two"))
    }),
  )
})

describe("Retry-After", () => {
  const start = Date.UTC(2030, 0, 1)
  const inSevenSeconds = new Date(start + 7_000).toUTCString()

  for (const [what, retryAfter, expected] of [
    ["seconds", 7, 7_000],
    ["a date", inSevenSeconds, 7_000],
    ["a date that has passed", new Date(start - 7_000).toUTCString(), 0],
    ["zero seconds", 0, 0],
    ["something that cannot be read", "soon", 0],
  ] as const) {
    for (const status of [429, 503]) {
      it.effect(`as ${what}, on ${status}, is how long a list waits`, () =>
        Effect.gen(function* () {
          yield* TestClock.setTime(start)
          const api = Api.scripted({ list: [Api.status(status, { retryAfter }), Api.roster()] })
          const service = yield* Api.over(api)
          yield* Api.success(Api.list(service))
          assert.deepStrictEqual(gaps(Api.times(api)), [expected])
        }),
      )
    }
  }

  it.effect("is never undercut, and a longer backoff is not cut short by it, whatever the seed", () =>
    Effect.gen(function* () {
      let longer = 0
      const fault = (number: number) => Api.status(number % 4 === 1 ? 429 : 503, { retryAfter: 2 })
      const api = Api.make((_, number) => (number % 2 === 1 ? fault(number) : Api.roster()))
      const service = yield* Api.over(api, { retryPolicy: { base: "4 seconds" } })
      for (let seed = 0; seed < 100; seed++) {
        yield* Api.success(Random.withSeed(Api.list(service), seed))
        const wait = gaps(Api.times(api).slice(-2))[0] ?? Number.NaN
        assert.isAtLeast(wait, 2_000)
        if (wait > 2_000) longer += 1
      }
      assert.lengthOf(api.arrivals, 200)
      assert.isAbove(longer, 20)
    }),
  )

  for (const write of Api.writes) {
    it.effect(`on the 503 of a ${write} is not undercut by a look, and is waited for once`, () =>
      Effect.gen(function* () {
        const api = Api.scripted({
          [write]: [Api.status(503, { retryAfter: 20 }), Api.good[write]],
          list: [unchanged[write]],
        })
        const service = yield* Api.over(api, withPolicy({ looks: 2, lookAfter: "1 second" }))
        yield* Api.success(Api.calls[write](service))
        assert.deepStrictEqual(Api.operations(api), [write, "list", "list", write])
        assert.deepStrictEqual(Api.times(api), [0, 20_000, 22_000, 22_000])
      }),
    )
  }

  for (const operation of ["join", "leave", "list"] as const) {
    it.effect(`of 60 seconds is waited for by a ${operation}`, () =>
      Effect.gen(function* () {
        const api = Api.scripted({ [operation]: [Api.status(429, { retryAfter: 60 }), Api.good[operation]] })
        const service = yield* Api.over(api)
        const { at } = yield* Api.success(Api.calls[operation](service))
        assert.strictEqual(at, 60_000)
      }),
    )

    it.effect(`of 61 seconds fails a ${operation} at once, and says how long`, () =>
      Effect.gen(function* () {
        const api = Api.scripted({ [operation]: [Api.status(429, { retryAfter: 61 })] })
        const service = yield* Api.over(api)
        const { at, error } = yield* Api.failure(Api.calls[operation](service))
        const reason = reasonOf(error)
        assert.strictEqual(reason._tag, "RateLimited")
        assert.deepStrictEqual("retryAfter" in reason && reason.retryAfter, Duration.seconds(61))
        assert.deepStrictEqual([Api.operations(api), at], [[operation], 0])
      }),
    )
  }

  it.effect("above the cap as a date fails at once too", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(start)
      const api = Api.scripted({ list: [Api.status(429, { retryAfter: new Date(start + 90_000).toUTCString() })] })
      const service = yield* Api.over(api)
      const { at, error } = yield* Api.failure(Api.list(service))
      const reason = reasonOf(error)
      assert.deepStrictEqual("retryAfter" in reason && reason.retryAfter, Duration.seconds(90))
      assert.strictEqual(at, start)
    }),
  )

  it.effect("above the cap on a 503 fails a list at once, and says how long", () =>
    Effect.gen(function* () {
      const api = Api.scripted({ list: [Api.status(503, { retryAfter: 3_600 })] })
      const service = yield* Api.over(api, withPolicy({ deadline: "1 day" }))
      const { at, error } = yield* Api.failure(Api.list(service))
      const reason = reasonOf(error)
      assert.deepStrictEqual(
        [reason._tag, "retryAfter" in reason && reason.retryAfter],
        ["ServerError", Duration.hours(1)],
      )
      assert.deepStrictEqual([api.arrivals.length, at], [1, 0])
    }),
  )

  it.effect("above the cap on the 503 of a join leaves it unknown at once, and nothing more is sent", () =>
    Effect.gen(function* () {
      const api = Api.scripted({ join: [Api.status(503, { retryAfter: 3_600 })], list: [changed.join] })
      const service = yield* Api.over(api, withPolicy({ deadline: "1 day" }))
      const { at, error } = yield* Api.failure(Api.join(service))
      assert.strictEqual(Api.summary(error), "OutcomeUnknown (ServerError)")
      assert.deepStrictEqual([Api.operations(api), at], [["join"], 0])
    }),
  )

  it.effect("has the cap that the policy names", () =>
    Effect.gen(function* () {
      const api = Api.scripted({ list: [Api.status(429, { retryAfter: 300 }), Api.roster()] })
      const service = yield* Api.over(api, withPolicy({ maxRetryAfter: "5 minutes", deadline: "10 minutes" }))
      const { at } = yield* Api.success(Api.list(service))
      assert.strictEqual(at, 300_000)
    }),
  )
})

// ---------------------------------------------------------------------------
// How long it may take
// ---------------------------------------------------------------------------

/** Credentials whose tokens take for ever, from the n-th on. */
const tokensUntil = (last: number) => {
  let count = 0
  return Credentials.bearer(
    Effect.suspend(() => (++count > last ? Effect.never : Effect.succeed(Redacted.make(`token-${count}`)))),
    { timeToLive: "1 day" },
  )
}

describe("attemptTimeout", () => {
  it.effect("ends an attempt that gets no answer", () =>
    Effect.gen(function* () {
      const api = Api.scripted({ list: [Api.hangs] })
      const service = yield* Api.over(api, withPolicy({ attempts: 2, attemptTimeout: "3 seconds" }))
      const { at, error } = yield* Api.failure(Api.list(service))
      assert.deepStrictEqual(reasonOf(error), new SunshineError.TimedOut({ after: Duration.seconds(3), sent: true }))
      assert.deepStrictEqual([Api.times(api), at], [[0, 3_000], 6_000])
    }),
  )

  it.effect("ends an attempt whose answer does not end", () =>
    Effect.gen(function* () {
      const api = Api.scripted({ list: [Api.endlessBody(200)] })
      const service = yield* Api.over(api, withPolicy({ attempts: 1, attemptTimeout: "3 seconds" }))
      const { at, error } = yield* Api.failure(Api.list(service))
      assert.deepStrictEqual([Api.summary(error), at], ["TimedOut", 3_000])
    }),
  )

  it.effect("ends an attempt that gets no credential: nothing was sent, so a join is tried again without a look", () =>
    Effect.gen(function* () {
      const api = Api.scripted({})
      const service = yield* Api.over(api, {
        ...withPolicy({ attempts: 2, attemptTimeout: "3 seconds" }),
        credentials: tokensUntil(0),
      })
      const { at, error } = yield* Api.failure(Api.join(service))
      assert.deepStrictEqual(reasonOf(error), new SunshineError.TimedOut({ after: Duration.seconds(3), sent: false }))
      assert.deepStrictEqual([Api.operations(api), at], [[], 6_000])
    }),
  )

  it.effect("ends an attempt whose credential is not renewed: a join that was refused with 401 has not happened", () =>
    Effect.gen(function* () {
      const api = Api.scripted({ join: [Api.status(401)] })
      const service = yield* Api.over(api, {
        ...withPolicy({ attempts: 1, attemptTimeout: "3 seconds" }),
        credentials: tokensUntil(1),
      })
      const { error } = yield* Api.failure(Api.join(service))
      assert.deepStrictEqual(reasonOf(error), new SunshineError.TimedOut({ after: Duration.seconds(3), sent: false }))
      assert.deepStrictEqual(Api.operations(api), ["join"])
    }),
  )

  it.effect("does not count the time between attempts", () =>
    Effect.gen(function* () {
      const api = Api.scripted({ list: [Api.status(429, { retryAfter: 30 }), Api.roster()] })
      const service = yield* Api.over(api, withPolicy({ attemptTimeout: "1 second" }))
      const { at } = yield* Api.success(Api.list(service))
      assert.strictEqual(at, 30_000)
    }),
  )
})

describe("deadline", () => {
  const deadline = "10 seconds"

  const cases: ReadonlyArray<{
    readonly what: string
    readonly call: (service: Api.Service) => Effect.Effect<unknown, Api.CallError>
    readonly api: Api.Api
    readonly policy?: Policy
    readonly credentials?: Credentials.Credentials
    readonly at: number
    readonly expected: string
  }> = [
    {
      what: "an attempt of a list",
      call: Api.list,
      api: Api.scripted({ list: [Api.hangs] }),
      policy: { attemptTimeout: "1 minute" },
      at: 10_000,
      expected: "TimedOut",
    },
    {
      what: "an attempt of a join, which may have happened",
      call: Api.join,
      api: Api.scripted({ join: [Api.hangs] }),
      policy: { attemptTimeout: "1 minute" },
      at: 10_000,
      expected: "OutcomeUnknown (TimedOut)",
    },
    {
      what: "all attempts together",
      call: Api.list,
      api: Api.scripted({ list: [Api.hangs] }),
      policy: { attemptTimeout: "3 seconds", attempts: 100 },
      at: 10_000,
      expected: "TimedOut",
    },
    {
      what: "the looks: what is known comes as soon as the next one would be too late",
      call: Api.join,
      api: Api.scripted({ join: [Api.reset], list: [unchanged.join] }),
      policy: { looks: 100, lookAfter: "1 second" },
      at: 7_000,
      expected: "OutcomeUnknown (Transport)",
    },
    {
      what: "a look that gets no answer",
      call: Api.leave,
      api: Api.scripted({ leave: [Api.reset], list: [Api.hangs] }),
      policy: { attemptTimeout: "1 minute" },
      at: 10_000,
      expected: "OutcomeUnknown (Transport, TimedOut)",
    },
    {
      what: "a credential",
      call: Api.join,
      api: Api.scripted({}),
      policy: { attemptTimeout: "1 minute" },
      credentials: tokensUntil(0),
      at: 10_000,
      expected: "TimedOut",
    },
    {
      what: "the renewal of a credential",
      call: Api.join,
      api: Api.scripted({ join: [Api.status(401)] }),
      policy: { attemptTimeout: "1 minute" },
      credentials: tokensUntil(1),
      at: 10_000,
      expected: "TimedOut",
    },
    {
      what: "the renewal of a credential for a look",
      call: Api.join,
      api: Api.scripted({ join: [Api.reset], list: [Api.status(401)] }),
      policy: { attemptTimeout: "1 minute" },
      credentials: tokensUntil(1),
      at: 10_000,
      expected: "OutcomeUnknown (Transport, TimedOut)",
    },
    {
      what: "a wait that would pass it: the last error comes at once",
      call: Api.list,
      api: Api.scripted({ list: [Api.status(429, { retryAfter: 1 }), Api.status(429, { retryAfter: 9 })] }),
      at: 1_000,
      expected: "RateLimited",
    },
    {
      what: "a wait of a join that would pass it: the last error comes at once",
      call: Api.join,
      api: Api.scripted({ join: [Api.status(429, { retryAfter: 10 })] }),
      at: 0,
      expected: "RateLimited",
    },
    {
      what: "a wait that would pass it after an ambiguous join: the unknown outcome comes at once",
      call: Api.join,
      api: Api.scripted({ join: [Api.reset, Api.status(429, { retryAfter: 10 })], list: [unchanged.join] }),
      policy: { looks: 1, lookAfter: "1 second" },
      at: 1_000,
      expected: "OutcomeUnknown (Transport, RateLimited)",
    },
    {
      what: "a look that would come after it: the unknown outcome comes at once",
      call: Api.join,
      api: Api.scripted({ join: [Api.status(503, { retryAfter: 10 })] }),
      at: 0,
      expected: "OutcomeUnknown (ServerError)",
    },
  ]

  for (const { api, at: expectedAt, call, credentials, expected, policy, what } of cases) {
    it.effect(`bounds ${what}`, () =>
      Effect.gen(function* () {
        const service = yield* Api.over(api, {
          ...withPolicy({ deadline, ...policy }),
          ...(credentials === undefined ? {} : { credentials }),
        })
        const { at, error } = yield* Api.failure(call(service))
        assert.deepStrictEqual([Api.summary(error), at], [expected, expectedAt])
        const sent = api.arrivals.length
        yield* TestClock.adjust("1 hour")
        assert.lengthOf(api.arrivals, sent, "something was sent after the end")
      }),
    )
  }

  it.effect("is what the error names, and whether a request was on its way", () =>
    Effect.gen(function* () {
      const service = yield* Api.over(
        Api.scripted({ list: [Api.hangs] }),
        withPolicy({ deadline, attemptTimeout: "1 hour" }),
      )
      const { error } = yield* Api.failure(Api.list(service))
      assert.deepStrictEqual(reasonOf(error), new SunshineError.TimedOut({ after: Duration.seconds(10), sent: true }))
    }),
  )

  it.effect("is not outlived by any call, whatever the faults and the seed", () =>
    Effect.gen(function* () {
      const faults = [
        Api.status(429),
        Api.status(429, { retryAfter: 3 }),
        Api.status(503, { retryAfter: 2 }),
        Api.status(500),
        Api.reset,
        Api.refused,
        Api.hangs,
        Api.status(401),
        Api.roster("other"),
      ]
      for (let seed = 0; seed < 40; seed++) {
        for (const [operation, call] of Object.entries(Api.calls)) {
          const drawn = yield* Effect.all(
            Array.from({ length: 20 }, () => Random.nextIntBetween(0, faults.length - 1)),
          ).pipe(Random.withSeed(`${operation}/${seed}`))
          const answers = drawn.map((index) => faults[index] ?? Api.reset)
          const service = yield* Api.over(Api.scripted({ join: answers, leave: answers, list: answers }), {
            retryPolicy: { attempts: 20, deadline, attemptTimeout: "2 seconds" },
          })
          const startedAt = yield* Clock.currentTimeMillis
          const { at } = yield* Api.settle(Random.withSeed(call(service), seed), "1 minute")
          assert.isAtMost(at - startedAt, 10_000)
        }
      }
    }),
  )
})

describe("interruption during a wait", () => {
  const waits: ReadonlyArray<
    readonly [string, Api.Api, (service: Api.Service) => Effect.Effect<unknown, Api.CallError>]
  > = [
    ["between attempts", Api.scripted({ list: [Api.status(500)] }), Api.list],
    ["for Retry-After", Api.scripted({ join: [Api.status(429, { retryAfter: 30 })] }), Api.join],
    ["for a look", Api.scripted({ leave: [Api.reset] }), Api.leave],
    ["for an answer", Api.scripted({ join: [Api.hangs] }), Api.join],
  ]
  for (const [what, api, call] of waits) {
    it.effect(`${what} ends the call at once, and nothing more is sent`, () =>
      Effect.gen(function* () {
        const service = yield* Api.over(api, {
          retryPolicy: { base: "1 minute", cap: "1 minute", lookAfter: "10 seconds", deadline: "1 hour" },
        })
        const fiber = yield* Effect.forkChild(Random.withSeed(call(service), "a wait that is not short"))
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

// ---------------------------------------------------------------------------
// What says so
// ---------------------------------------------------------------------------

describe("a policy", () => {
  const attemptsOf = Effect.fnUntraced(function* (
    run: (call: Effect.Effect<unknown, Api.CallError>) => Effect.Effect<unknown, Api.CallError>,
    policy?: Policy,
  ) {
    const api = Api.scripted({ list: [Api.status(500)] })
    const service = yield* Api.over(api, policy === undefined ? {} : withPolicy(policy))
    yield* Api.failure(run(Api.list(service)))
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

  it.effect("is overridden for a region of a program, and for nothing beyond it", () =>
    Effect.gen(function* () {
      const api = Api.scripted({ list: [Api.status(500)], join: [Api.refused] })
      const service = yield* Api.over(api, withPolicy({ attempts: 2 }))
      const region = Effect.all([Effect.exit(Api.list(service)), Effect.exit(Api.join(service))])
      yield* Api.success(Effect.andThen(RetryPolicy.override(region, { attempts: 1 }), Effect.exit(Api.list(service))))
      assert.deepStrictEqual(Api.operations(api), ["list", "join", "list", "list"])
    }),
  )

  it.effect("takes an inner override before an outer one, value by value", () =>
    Effect.gen(function* () {
      const api = Api.scripted({ list: [Api.hangs] })
      const service = yield* Api.over(api)
      const call = Api.list(service).pipe(
        RetryPolicy.override({ attempts: 3 }),
        RetryPolicy.override({ attempts: 7, attemptTimeout: "2 seconds" }),
      )
      yield* Api.failure(call)
      assert.deepStrictEqual(Api.times(api), [0, 2_000, 4_000])
    }),
  )

  it.effect("that is overridden holds for the looks of the call", () =>
    Effect.gen(function* () {
      const api = Api.scripted({ join: [Api.reset], list: [Api.status(500)] })
      const service = yield* Api.over(api)
      yield* Api.failure(RetryPolicy.override(Api.join(service), { attempts: 2 }))
      assert.deepStrictEqual(Api.operations(api), ["join", "list", "list"])
    }),
  )

  it.effect("is overridden in fibers that the region starts", () =>
    Effect.gen(function* () {
      const api = Api.scripted({ list: [Api.status(500)] })
      const service = yield* Api.over(api)
      const region = Effect.all([Effect.exit(Api.list(service)), Effect.exit(Api.list(service))], { concurrency: 2 })
      yield* Api.success(RetryPolicy.override(region, { attempts: 1 }))
      assert.lengthOf(api.arrivals, 2)
    }),
  )

  const invalid: ReadonlyArray<readonly [keyof RetryPolicy.RetryPolicy, Policy, expected: string]> = [
    ["attempts", { attempts: 0 }, "a whole number, 1 or more"],
    ["attempts", { attempts: 1.5 }, "a whole number, 1 or more"],
    ["attempts", { attempts: Number.NaN }, "a whole number, 1 or more"],
    ["attempts", { attempts: Number.POSITIVE_INFINITY }, "a whole number, 1 or more"],
    ["looks", { looks: 0 }, "a whole number, 1 or more"],
    ["attemptTimeout", { attemptTimeout: 0 }, "a duration of more than zero"],
    ["attemptTimeout", { attemptTimeout: Number.NaN }, "a duration of more than zero"],
    ["deadline", { deadline: "0 seconds" }, "a duration of more than zero"],
    ["deadline", { deadline: "-1 seconds" }, "a duration of more than zero"],
    ["base", { base: -1 }, "a duration of zero or more"],
    ["cap", { cap: "-1 seconds" }, "a duration of zero or more"],
    ["maxRetryAfter", { maxRetryAfter: -1 }, "a duration of zero or more"],
    ["lookAfter", { lookAfter: -1 }, "a duration of zero or more"],
  ]
  for (const [field, policy, expected] of invalid) {
    const value = inspect(policy)
    it.effect(`with ${value} is a ConfigError of the layer`, () =>
      Effect.gen(function* () {
        const api = Api.scripted({})
        const error = yield* Effect.flip(Api.over(api, { retryPolicy: policy }))
        assert.strictEqual(error._tag, "ConfigError")
        assert.include(error.message, `retryPolicy.${field}: Expected ${expected}`)
      }),
    )

    it.effect(`with ${value} for a call is an InvalidRequest, and nothing is sent`, () =>
      Effect.gen(function* () {
        const api = Api.scripted({})
        const service = yield* Api.over(api)
        for (const call of Object.values(Api.calls)) {
          const { error } = yield* Api.failure(RetryPolicy.override(call(service), policy))
          assert.deepStrictEqual(
            reasonOf(error),
            new SunshineError.InvalidRequest({ field: `retryPolicy.${field}`, expected: `Expected ${expected}` }),
          )
        }
        assert.lengthOf(api.arrivals, 0)
      }),
    )
  }
})

// ---------------------------------------------------------------------------
// What is sent again
// ---------------------------------------------------------------------------

describe("each attempt", () => {
  for (const subscribeSDKClient of [true, false, undefined]) {
    it.effect(`of a join with subscribeSDKClient ${String(subscribeSDKClient)} sends the same body`, () =>
      Effect.gen(function* () {
        const api = Api.scripted({ join: [Api.status(429), Api.reset, Api.status(500), Api.joined] })
        const service = yield* Api.over(api, withPolicy({ looks: 1 }))
        yield* Api.success(
          service.join({
            ...Api.conversation,
            userExternalId: "Zoë",
            ...(subscribeSDKClient === undefined ? {} : { subscribeSDKClient }),
          }),
        )
        const bodies = api.arrivals.filter(({ operation }) => operation === "join").map(({ body }) => body)
        const body = JSON.stringify({ userExternalId: "Zoë", subscribeSDKClient: subscribeSDKClient ?? false })
        assert.deepStrictEqual(bodies, [body, body, body, body])
      }),
    )
  }

  it.effect("of a leave sends the same body", () =>
    Effect.gen(function* () {
      const api = Api.scripted({ leave: [Api.status(429), Api.reset, Api.left], list: [Api.roster("other", "user")] })
      const service = yield* Api.over(api, withPolicy({ looks: 1 }))
      yield* Api.success(service.leave({ ...Api.conversation, participantId: "user-listed" }))
      const bodies = api.arrivals.filter(({ operation }) => operation === "leave").map(({ body }) => body)
      assert.deepStrictEqual(
        bodies,
        Array.from({ length: 3 }, () => `{"participantId":"user-listed"}`),
      )
    }),
  )

  it.effect("has the credential of its time", () =>
    Effect.gen(function* () {
      let count = 0
      const credentials = Credentials.bearer(
        Effect.sync(() => Redacted.make(`token-${++count}`)),
        { timeToLive: "10 seconds" },
      )
      const api = Api.scripted({
        list: [Api.status(429, { retryAfter: 5 }), Api.status(429, { retryAfter: 10 }), Api.roster()],
      })
      const service = yield* Api.over(api, { credentials })
      yield* Api.success(Api.list(service))
      assert.deepStrictEqual(
        api.arrivals.map(({ authorization }) => authorization),
        ["Bearer token-1", "Bearer token-1", "Bearer token-2"],
      )
    }),
  )
})

describe("a page of a stream", () => {
  it.effect("is tried again alone", () =>
    Effect.gen(function* () {
      const second = "a".repeat(24)
      const third = "b".repeat(24)
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
      const service = yield* Api.over(api)
      const { value } = yield* Api.success(
        Paginator.stream(Api.conversation).pipe(
          Stream.runCollect,
          Effect.provideService(Participants.Participants, service),
        ),
      )
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

  it.effect("has a deadline and attempts of its own", () =>
    Effect.gen(function* () {
      const cursors = ["a", "b", "c"].map((letter) => letter.repeat(24))
      const slow = (answer: Api.Answer) => Effect.delay(answer, "4 seconds")
      const api = Api.scripted({
        list: [
          ...cursors.flatMap((cursor) => [Api.status(500), slow(Api.pageBefore(cursor, cursor))]),
          slow(Api.roster()),
        ],
      })
      const service = yield* Api.over(api, withPolicy({ attempts: 2, deadline: "5 seconds" }))
      const { at } = yield* Api.success(
        Paginator.stream(Api.conversation).pipe(
          Stream.runDrain,
          Effect.provideService(Participants.Participants, service),
        ),
      )
      assert.deepStrictEqual([at, api.arrivals.length], [16_000, 7])
    }),
  )
})
