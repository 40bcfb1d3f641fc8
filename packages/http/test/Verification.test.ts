/**
 * Writes that may have happened: when the roster is read, and what it proves.
 */
import { SunshineError } from "@effect-sunco/core"
import { assert, describe } from "@effect/vitest"
import { Effect, Fiber, Option, Random } from "effect"
import { TestClock } from "effect/testing"
import * as RetryPolicy from "../src/RetryPolicy.ts"
import * as Calls from "./support/Calls.ts"
import * as Api from "./support/retry.ts"
import { it } from "./support/retry.ts"

const successOf = { join: 201, leave: 200 } as const

const once = { verify: { attempts: 1, delay: 500 } } as const

for (const write of Api.writes) {
  const call = Api.calls[write]
  const good = Api.good[write]
  const unchanged = Api.unchanged[write]
  const changed = Api.changed[write]

  describe(`a ${write}`, () => {
    for (const [what, answer, reason] of Api.ambiguous(successOf[write])) {
      it.effect(`has happened after ${what}, when the roster shows it: it is not sent again`, () =>
        Effect.gen(function* () {
          const api = Api.scripted({ [write]: [answer], list: [changed] })
          const { end, sent } = yield* Api.observe(api, call)
          assert.deepStrictEqual([end, sent], ["success", [write, "list"]])
        }),
      )

      if (write === "join" && what.startsWith("a success")) {
        it.effect(`is not sent again after ${what}, when no read of the roster shows it: somebody has joined`, () =>
          Effect.gen(function* () {
            const api = Api.scripted({ [write]: [answer], list: [unchanged] })
            const { end, sent } = yield* Api.observe(api, call)
            assert.deepStrictEqual([end, sent], [`OutcomeUnknown (${reason})`, [write, "list", "list", "list"]])
          }),
        )
      } else {
        it.effect(`is sent again after ${what}, when no read of the roster shows it`, () =>
          Effect.gen(function* () {
            const api = Api.scripted({ [write]: [answer, good], list: [unchanged] })
            const { end, sent } = yield* Api.observe(api, call)
            assert.deepStrictEqual([end, sent], ["success", [write, "list", "list", "list", write]])
          }),
        )
      }
    }

    it.effect("is never sent after an ambiguous attempt without a read between, whatever the mixture of faults", () =>
      Effect.gen(function* () {
        const api = Api.scripted({
          [write]: [Api.status(429), Api.reset, Api.refused, Api.status(500), good],
          list: [unchanged],
        })
        const { end, sent } = yield* Api.observe(api, call, once)
        assert.deepStrictEqual([end, sent], ["success", [write, write, "list", write, write, "list", write]])
      }),
    )

    it.effect("is an unknown outcome with the reasons of all attempts, in order, when they are used up", () =>
      Effect.gen(function* () {
        const api = Api.scripted({
          [write]: [Api.reset, Api.hangs, Api.status(429), Api.status(502), Api.refused],
          list: [unchanged],
        })
        const { end } = yield* Api.observe(api, call)
        assert.strictEqual(end, "OutcomeUnknown (Transport, TimedOut, ServerError, Transport)")
      }),
    )

    it.effect("is an unknown outcome when it is held for too long after an ambiguous attempt", () =>
      Effect.gen(function* () {
        const api = Api.scripted({ [write]: [Api.reset, Api.status(429, { retryAfter: 61 })], list: [unchanged] })
        const { at, end } = yield* Api.observe(api, call, once)
        assert.deepStrictEqual([end, at], ["OutcomeUnknown (Transport, RateLimited)", 500])
      }),
    )

    it.effect("is verified after its last attempt too", () =>
      Effect.gen(function* () {
        const api = Api.scripted({ [write]: [Api.reset], list: [changed] })
        const { end, sent } = yield* Api.observe(api, call, { attempts: 1 })
        assert.deepStrictEqual([end, sent], ["success", [write, "list"]])
      }),
    )

    it.effect("is an unknown outcome at once, and nothing is read, without verification", () =>
      Effect.gen(function* () {
        const api = Api.scripted({ [write]: [Api.refused, Api.reset], list: [changed] })
        const { at, end, sent } = yield* Api.observe(api, call, { verify: false })
        assert.deepStrictEqual([end, sent, at], ["OutcomeUnknown (Transport, Transport)", [write, write], 0])
      }),
    )

    const details: ReadonlyArray<
      readonly [why: string, RetryPolicy.Partial, Parameters<typeof Api.scripted>[0], detail: string]
    > = [
      [
        "there is no verification",
        { verify: false },
        { [write]: [Api.reset], list: [] },
        "not verified (verify: false)",
      ],
      [
        "a read fails",
        {},
        { [write]: [Api.reset], list: [Api.status(403)] },
        "the roster could not be read: list at https://api.smooch.io: Forbidden: 403 with a body of application/json, 2 bytes",
      ],
      [
        "the server asks to wait for too long",
        {},
        { [write]: [Api.status(503, { retryAfter: 61 })], list: [] },
        "not verified: retryAfter is longer than maxRetryAfter",
      ],
      [
        "the deadline is too near",
        { deadline: 400, verify: { attempts: 1, delay: 500 } },
        { [write]: [Api.reset], list: [] },
        "the deadline comes before the roster can be read",
      ],
      [
        "it is rejected when it is sent again",
        once,
        { [write]: [Api.reset, Api.status(404, { code: "not_found" })], list: [unchanged] },
        "it was rejected when it was sent again",
      ],
      [
        "attempts are used up",
        { ...once, attempts: 1 },
        { [write]: [Api.reset], list: [unchanged] },
        "the roster did not show it",
      ],
    ]

    for (const [why, retryPolicy, script, detail] of details) {
      it.effect(`says why its outcome is unknown, if ${why}`, () =>
        Effect.gen(function* () {
          const api = Api.scripted(script)
          const { error } = yield* Api.failure(call(yield* Api.over(api, { retryPolicy })))
          assert.instanceOf(error, SunshineError.SunshineError)
          assert.instanceOf(error.reason, SunshineError.OutcomeUnknown)
          assert.include(error.reason.detail, detail)
        }),
      )
    }

    it.effect("has the ids of the call in its cause", () =>
      Effect.gen(function* () {
        const api = Api.scripted({ [write]: [Api.reset], list: [Api.status(403)] })
        const { cause } = (yield* Api.failure(call(yield* Api.over(api)))).error
        assert.instanceOf(cause, SunshineError.SunshineError)
        assert.deepStrictEqual(
          [cause.operation, cause.appId, cause.conversationId, cause.user],
          ["list", "app", "conversation", undefined],
        )
      }),
    )

    it.effect("is an unknown outcome when a read fails, with its error as the cause", () =>
      Effect.gen(function* () {
        const api = Api.scripted({ [write]: [Api.reset], list: [Api.status(403)] })
        const { error } = yield* Api.failure(call(yield* Api.over(api)))
        assert.deepStrictEqual([Api.summary(error), error.operation], ["OutcomeUnknown (Transport)", write])
        assert.include(String(error.cause), "403")
        assert.deepStrictEqual(Api.operations(api), [write, "list"])
      }),
    )

    it.effect("has happened when the roster shows it after a rejection that follows an ambiguous attempt", () =>
      Effect.gen(function* () {
        const api = Api.scripted({ [write]: [Api.reset, Api.status(403)], list: [unchanged, changed] })
        const { end, sent } = yield* Api.observe(api, call, once)
        assert.deepStrictEqual([end, sent], ["success", [write, "list", write, "list"]])
      }),
    )

    it.effect("is an unknown outcome when the roster does not, with the rejection as the cause", () =>
      Effect.gen(function* () {
        const api = Api.scripted({ [write]: [Api.reset, Api.status(403)], list: [unchanged] })
        const { error } = yield* Api.failure(call(yield* Api.over(api)))
        assert.strictEqual(Api.summary(error), "OutcomeUnknown (Transport, Forbidden)")
        assert.include(String(error.cause), "403")
      }),
    )

    for (const [what, answers] of [
      ["the first attempt", []],
      ["attempts that were not processed", [Api.status(429), Api.refused, Api.failsWith("ENOTFOUND")]],
    ] as const) {
      it.effect(`is NotFound after ${what}, and nothing is read`, () =>
        Effect.gen(function* () {
          const api = Api.scripted({ [write]: [...answers, Api.status(404, { code: "not_found" })], list: [changed] })
          const { end, sent } = yield* Api.observe(api, call)
          assert.strictEqual(end, "NotFound")
          assert.notInclude(sent, "list")
        }),
      )
    }

    it.effect("is no success by a 404 that follows an ambiguous attempt: only the roster says so", () =>
      Effect.gen(function* () {
        const api = Api.scripted({ [write]: [Api.reset, Api.status(404, { code: "not_found" })], list: [unchanged] })
        const { error } = yield* Api.failure(call(yield* Api.over(api, { retryPolicy: once })))
        assert.strictEqual(Api.summary(error), "OutcomeUnknown (Transport)")
        assert.instanceOf(error.cause, SunshineError.NotFound)
        assert.deepStrictEqual(Api.operations(api), [write, "list", write, "list"])
      }),
    )

    it.effect("waits for the Retry-After of a 503 once, before it is verified", () =>
      Effect.gen(function* () {
        const api = Api.scripted({ [write]: [Api.status(503, { retryAfter: 20 }), good], list: [unchanged] })
        const { sent, times } = yield* Api.observe(api, call, { verify: { attempts: 2, delay: "1 second" } })
        assert.deepStrictEqual(sent, [write, "list", "list", write])
        assert.deepStrictEqual(times, [0, 20_000, 22_000, 22_000])
      }),
    )

    for (const [what, answers, end] of [
      ["a 503", [Api.status(503, { retryAfter: 61 })], "OutcomeUnknown (ServerError)"],
      [
        "a rejection after an ambiguous attempt",
        [Api.reset, Api.status(413, { retryAfter: 61 })],
        "OutcomeUnknown (Transport, UnexpectedStatus)",
      ],
    ] as const) {
      it.effect(`is an unknown outcome at once when ${what} names a Retry-After beyond maxRetryAfter`, () =>
        Effect.gen(function* () {
          const api = Api.scripted({ [write]: answers, list: [unchanged] })
          const observed = yield* Api.observe(api, call, once)
          assert.deepStrictEqual([observed.end, observed.at], [end, answers.length === 1 ? 0 : 500])
        }),
      )
    }
  })
}

describe("the participant of a join that the roster shows", () => {
  it.effect("is the one on the roster", () =>
    Effect.gen(function* () {
      const service = yield* Api.over(Api.scripted({ join: [Api.reset], list: [Api.changed.join] }))
      const { value } = yield* Api.success(Api.join(service))
      assert.deepStrictEqual([value.id, value.userId], ["user-listed", "user"])
    }),
  )

  it.effect("is found by the caller's own id", () =>
    Effect.gen(function* () {
      const service = yield* Api.over(Api.scripted({ join: [Api.reset], list: [Api.changed.join] }))
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
      const { value } = yield* Api.success(Api.join(yield* Api.over(api)))
      assert.strictEqual(value.id, "user-listed")
      assert.deepStrictEqual(
        api.arrivals.map(({ url }) => url.searchParams.get("page[after]")),
        [null, null, "a".repeat(24)],
      )
    }),
  )

  it.effect("is found after a 400 that says that the user has joined", () =>
    Effect.gen(function* () {
      const api = Api.scripted({
        join: [Api.reset, Api.status(400, { code: "bad_request" })],
        list: [Api.roster("other"), Api.changed.join],
      })
      const { value } = yield* Api.success(Api.join(yield* Api.over(api, { retryPolicy: once })))
      assert.strictEqual(value.id, "user-listed")
    }),
  )
})

describe("a roster with a member that cannot be read", () => {
  const rosterOf = (...participants: ReadonlyArray<Readonly<Record<string, unknown>>>): Api.Answer =>
    Effect.sync(() => Response.json({ participants }))

  it.effect("shows a join as long as it has the ids of the member", () =>
    Effect.gen(function* () {
      const unreadable = { unreadCount: 1.5, clientAssociations: [null], lastRead: 0, userExternalId: 7 }
      const list = rosterOf({ id: "other", userId: "other", ...unreadable }, { id: "p", userId: "user", ...unreadable })
      const service = yield* Api.over(Api.scripted({ join: [Api.reset], list: [list] }))
      const { value } = yield* Api.success(Api.join(service))
      assert.strictEqual(value.id, "p")
    }),
  )

  it.effect("proves nothing without the id of one", () =>
    Effect.gen(function* () {
      const list = rosterOf({ userId: "other" }, { id: "p", userId: "user" })
      const api = Api.scripted({ join: [Api.reset], list: [list] })
      assert.strictEqual((yield* Api.observe(api, Api.join)).end, "OutcomeUnknown (Transport)")
    }),
  )
})

describe("a join that is answered with the participant of another user", () => {
  const others = [
    ["userId", { ...Api.conversation, userId: "user" }, { userId: "other", userExternalId: "my-user" }],
    ["userExternalId", { ...Api.conversation, userExternalId: "my-user" }, { userId: "user", userExternalId: "mine" }],
  ] as const

  for (const [field, request, participant] of others) {
    it.effect(`by its ${field} may have happened: the roster decides`, () =>
      Effect.gen(function* () {
        const api = Api.scripted({ join: [Api.joinedAs(participant)], list: [Api.changed.join] })
        const service = yield* Api.over(api)
        const { value } = yield* Api.success(service.join(request))
        assert.strictEqual(value.id, "user-listed")
        assert.deepStrictEqual(Api.operations(api), ["join", "list"])
      }),
    )

    it.effect(`by its ${field} is not sent again: somebody has joined`, () =>
      Effect.gen(function* () {
        const api = Api.scripted({ join: [Api.joinedAs(participant)], list: [Api.roster("other")] })
        const { end, sent } = yield* Api.observe(api, (service) => service.join(request), once)
        assert.deepStrictEqual([end, sent], ["OutcomeUnknown (InvalidResponse)", ["join", "list"]])
      }),
    )

    it.effect(`by its ${field} is an InvalidResponse that names the field, and no value of it`, () =>
      Effect.gen(function* () {
        const api = Api.scripted({ join: [Api.joinedAs(participant)], list: [] })
        const service = yield* Api.over(api, { retryPolicy: { attempts: 1, verify: false } })
        const error = yield* Effect.flip(service.join(request))
        assert.strictEqual(error._tag === "SunshineError" && error.reason._tag, "OutcomeUnknown")
        const { detail } = Calls.expectReason(error, "InvalidResponse")
        assert.strictEqual(detail, `participant.${field}: Expected the user that the request named`)
      }),
    )
  }

  for (const userExternalId of [null, " My-User"]) {
    it.effect(`is none where the answer shows the external id ${userExternalId}`, () =>
      Effect.gen(function* () {
        const api = Api.scripted({ join: [Api.joinedAs({ userId: "user", userExternalId })], list: [] })
        const service = yield* Api.over(api)
        const { value } = yield* Api.success(service.join({ ...Api.conversation, userExternalId: "my-user" }))
        assert.strictEqual(value.id, "participant")
        assert.deepStrictEqual(Api.operations(api), ["join"])
      }),
    )
  }
})

describe("a user named by an external id, on a roster that shows some without one", () => {
  const byExternalId = { ...Api.conversation, userExternalId: "my-user" }

  it.effect("is not joined again: the roster would not have shown a join", () =>
    Effect.gen(function* () {
      const api = Api.scripted({ join: [Api.reset, Api.joined], list: [Api.rosterWithoutExternalIds("other")] })
      const policy = { verify: { attempts: 2, delay: 500 } }
      const { end, sent } = yield* Api.observe(api, (service) => service.join(byExternalId), policy)
      assert.deepStrictEqual([end, sent], ["OutcomeUnknown (Transport)", ["join", "list", "list"]])
    }),
  )

  it.effect("says so in the error of the join", () =>
    Effect.gen(function* () {
      const api = Api.scripted({ join: [Api.reset], list: [Api.rosterWithoutExternalIds("other")] })
      const policy = { verify: { attempts: 1, delay: 500 } }
      const { error } = yield* Api.failure((yield* Api.over(api, { retryPolicy: policy })).join(byExternalId))
      assert.include(error.message, ": participants on the roster have no userExternalId, or one that differs in case")
    }),
  )

  it.effect("is not joined again if an id differs in case or blanks alone: the API may have changed them", () =>
    Effect.gen(function* () {
      const api = Api.scripted({ join: [Api.reset, Api.joined], list: [Api.roster("user")] })
      const { end, sent } = yield* Api.observe(
        api,
        (service) => service.join({ ...Api.conversation, userExternalId: " My-User" }),
        once,
      )
      assert.deepStrictEqual([end, sent], ["OutcomeUnknown (Transport)", ["join", "list"]])
    }),
  )

  it.effect("is joined again when the roster shows an id for everybody, and theirs is none of them", () =>
    Effect.gen(function* () {
      const api = Api.scripted({ join: [Api.reset, Api.joined], list: [Api.roster("other")] })
      const { end, sent } = yield* Api.observe(api, (service) => service.join(byExternalId), once)
      assert.deepStrictEqual([end, sent], ["success", ["join", "list", "join"]])
    }),
  )

  it.effect("has joined when a later read shows the id", () =>
    Effect.gen(function* () {
      const api = Api.scripted({
        join: [Api.reset],
        list: [Api.rosterWithoutExternalIds("other"), Api.roster("other", "user")],
      })
      const { value } = yield* Api.success((yield* Api.over(api)).join(byExternalId))
      assert.strictEqual(value.userId, "user")
    }),
  )

  it.effect("is asked to leave again: not to be shown is no proof of having left", () =>
    Effect.gen(function* () {
      const api = Api.scripted({ leave: [Api.reset, Api.left], list: [Api.rosterWithoutExternalIds("user")] })
      const { end, sent } = yield* Api.observe(api, (service) => service.leave(byExternalId), once)
      assert.deepStrictEqual([end, sent], ["success", ["leave", "list", "leave"]])
    }),
  )
})

describe("reads of the roster", () => {
  const verify = { attempts: 4, delay: "1 second" } as const

  it.effect("are late, and later each time", () =>
    Effect.gen(function* () {
      const api = Api.scripted({ join: [Api.reset, Api.joined], list: [Api.unchanged.join] })
      const { sent, times } = yield* Api.observe(api, Api.join, { verify })
      assert.deepStrictEqual(sent, ["join", "list", "list", "list", "list", "join"])
      assert.deepStrictEqual(times, [0, 1_000, 3_000, 7_000, 15_000, 15_000])
    }),
  )

  it.effect("end with the first that shows the write", () =>
    Effect.gen(function* () {
      const api = Api.scripted({ join: [Api.reset], list: [Api.unchanged.join, Api.changed.join] })
      const { at, times } = yield* Api.observe(api, Api.join, { verify })
      assert.deepStrictEqual([times, at], [[0, 1_000, 3_000], 3_000])
    }),
  )

  it.effect("begin anew after each ambiguous attempt", () =>
    Effect.gen(function* () {
      const api = Api.scripted({ leave: [Api.reset, Api.status(500), Api.left], list: [Api.unchanged.leave] })
      const { times } = yield* Api.observe(api, Api.leave, { verify: { attempts: 2, delay: "1 second" } })
      assert.deepStrictEqual(times, [0, 1_000, 3_000, 3_000, 4_000, 6_000, 6_000])
    }),
  )

  it.effect("are retried like lists", () =>
    Effect.gen(function* () {
      const api = Api.scripted({ join: [Api.reset], list: [Api.status(503), Api.reset, Api.changed.join] })
      const { end, sent } = yield* Api.observe(api, Api.join)
      assert.deepStrictEqual([end, sent], ["success", ["join", "list", "list", "list"]])
    }),
  )

  it.effect("after a rejection wait for what it asked for", () =>
    Effect.gen(function* () {
      const api = Api.scripted({
        join: [Api.reset, Api.status(413, { retryAfter: 30 })],
        list: [Api.unchanged.join, Api.changed.join],
      })
      const { at, end } = yield* Api.observe(api, Api.join, once)
      assert.deepStrictEqual([end, at], ["success", 30_500])
    }),
  )
})

describe("a read of the roster that is old", () => {
  it.effect("is made again directly before a join in doubt, when a 429 came in between", () =>
    Effect.gen(function* () {
      const api = Api.scripted({
        join: [Api.reset, Api.status(429, { retryAfter: 30 })],
        list: [Api.roster(), Api.roster(), Api.roster(), Api.roster("user")],
      })
      const { end, sent, times } = yield* Api.observe(api, Api.join)
      assert.deepStrictEqual([end, sent], ["success", ["join", "list", "list", "list", "join", "list"]])
      assert.deepStrictEqual(times, [0, 500, 1_500, 3_500, 3_500, 33_500])
    }),
  )

  const usual = { attempts: 3, delay: "500 millis" } as const
  const quick = { attempts: 1, delay: 0 } as const
  for (const [what, wait, reads, verify] of [
    ["is made again after a wait of more than the longest between reads", 2_001, 4, usual],
    ["is not made again after a wait of just that", 2_000, 3, usual],
    ["is made again after more than a second, however short the waits", 1_001, 2, quick],
    ["is not made again after a second, however short the waits", 1_000, 1, quick],
  ] as const) {
    it.effect(what, () =>
      Effect.gen(function* () {
        // The answer itself takes the milliseconds that Retry-After cannot name.
        const seconds = Math.floor(wait / 1_000)
        const refusal = Effect.delay(Api.status(429, { retryAfter: seconds }), wait - seconds * 1_000)
        const api = Api.scripted({ join: [Api.reset, refusal, Api.joined], list: [Api.roster()] })
        const { sent } = yield* Api.observe(api, Api.join, { verify })
        assert.lengthOf(
          sent.filter((each) => each === "list"),
          reads,
        )
      }),
    )
  }

  it.effect("is made again when a join in doubt had to wait for its backoff and its place", () =>
    Effect.gen(function* () {
      const api = Api.scripted({
        join: [Api.reset],
        list: [Api.roster(), Api.roster("user")],
        leave: [Effect.delay(Api.left, "9 seconds")],
      })
      const service = yield* Api.over(api, {
        retryPolicy: { ...once, base: "4 seconds" },
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

  it.effect("is made again after a 401, when a hold came before the new credential", () =>
    Effect.gen(function* () {
      const api = Api.scripted({
        join: [Api.reset, Effect.delay(Api.status(401), "1 second"), Api.joined],
        list: [Api.roster(), Api.roster("user")],
        leave: [Effect.delay(Api.status(429, { retryAfter: 50 }), "1 second")],
      })
      const service = yield* Api.over(api, { retryPolicy: once, credentials: Api.tokensUntil(2) })
      const joining = yield* Effect.forkChild(Api.success(Api.join(service)))
      yield* Effect.forkChild(Effect.exit(RetryPolicy.override(Api.leave(service), { maxRetryAfter: 0 })))
      yield* TestClock.adjust("1 minute")
      const { value } = yield* Fiber.join(joining)
      assert.strictEqual(value.id, "user-listed")
      assert.deepStrictEqual(
        Api.operations(api).filter((each) => each !== "leave"),
        ["join", "list", "join", "list"],
      )
    }),
  )

  it.effect("that cannot be made again leaves the join unknown", () =>
    Effect.gen(function* () {
      const api = Api.scripted({
        join: [Api.reset, Api.status(429, { retryAfter: 30 })],
        list: [Api.roster(), Api.status(403)],
      })
      const { error } = yield* Api.failure(Api.join(yield* Api.over(api, { retryPolicy: once })))
      assert.strictEqual(Api.summary(error), "OutcomeUnknown (Transport)")
      assert.include(String(error.cause), "403")
      assert.deepStrictEqual(Api.operations(api), ["join", "list", "join", "list"])
    }),
  )
})
