/**
 * The events that `onEvent` receives.
 */
import { assert, describe } from "@effect/vitest"
import { Effect, Redacted, Result } from "effect"
import { HttpClient } from "effect/http"
import * as Credentials from "../src/Credentials.ts"
import type * as Events from "../src/Events.ts"
import type * as ParticipantsHttp from "../src/ParticipantsHttp.ts"
import * as Observed from "./support/observed.ts"
import {
  type Api,
  conversation,
  hangs,
  it,
  join,
  joined,
  list,
  over,
  reset,
  roster,
  rosterWithoutExternalIds,
  scripted,
  type Service,
  settle,
  status,
} from "./support/retry.ts"

const lostJoin = () => scripted({ join: [reset], list: [roster("other"), roster("other", "user")] })

describe("onEvent", () => {
  it.effect("receives what happens in a call, in order", () =>
    Effect.gen(function* () {
      const events: Array<Events.Event> = []
      const observed = Observed.make()
      const service = yield* over(lostJoin(), { onEvent: (event) => events.push(event) })
      yield* observed.within(settle(join(service)))
      assert.deepEqual(observed.logs, [])
      const about = { operation: "join", appId: "app", conversationId: "conversation" }
      const requestEnded = {
        ...about,
        _tag: "RequestEnded",
        resendCount: 0,
        serverAddress: "api.smooch.io",
        serverPort: 443,
        millis: 0,
      }
      const read = {
        ...requestEnded,
        purpose: "verification",
        method: "GET",
        template: "/v2/apps/{appId}/conversations/{conversationId}/participants",
        status: 200,
        outcome: "success",
        errorType: undefined,
      }
      assert.deepEqual<ReadonlyArray<unknown>>(events, [
        {
          ...requestEnded,
          purpose: "call",
          method: "POST",
          template: "/v2/apps/{appId}/conversations/{conversationId}/join",
          status: undefined,
          outcome: "ambiguous",
          errorType: "Transport",
        },
        { ...about, _tag: "WriteInDoubt", cause: "Transport" },
        { ...about, _tag: "Waited", cause: "verification", millis: 500, interrupted: false },
        read,
        { ...about, _tag: "Verified", result: "not shown", millis: 0 },
        { ...about, _tag: "Waited", cause: "verification", millis: 1000, interrupted: false },
        read,
        { ...about, _tag: "Verified", result: "shown", millis: 0 },
        { ...about, _tag: "WriteSettled", as: "shown" },
        {
          ...about,
          _tag: "CallEnded",
          attempts: 1,
          outcome: "success",
          errorType: undefined,
          participants: undefined,
          millis: 1500,
        },
      ])
    }),
  )

  const bug = new Error("a bug of the caller")
  const broken: Record<string, () => void> = {
    "it throws": () => {
      throw bug
    },
    "its promise is rejected": () => Promise.reject(bug),
  }

  for (const [what, onEvent] of Object.entries(broken)) {
    it.effect(`fails neither the call nor the process if ${what}`, () =>
      Effect.gen(function* () {
        const observed = Observed.make()
        const service = yield* over(scripted({}), { onEvent })
        const { result } = yield* observed.within(settle(list(service)))
        assert.isTrue(Result.isSuccess(result))
        assert.deepEqual(observed.logs, ["Error onEvent threw", "Error onEvent threw"])
      }),
    )
  }
})

/** The events of some calls of a service, all of one kind. */
const eventsOf = Effect.fnUntraced(function* <Tag extends Events.Event["_tag"]>(
  tag: Tag,
  api: Api,
  calls: (service: Service) => Effect.Effect<unknown, unknown>,
  options: Partial<ParticipantsHttp.Options> = {},
) {
  const events: Array<Events.Event> = []
  const service = yield* over(api, { ...options, onEvent: (event) => events.push(event) })
  yield* settle(calls(service))
  return events.filter((event): event is Extract<Events.Event, { readonly _tag: Tag }> => event._tag === tag)
})

describe("a wait", () => {
  const together = (service: Service) => Effect.all([list(service), list(service)], { concurrency: "unbounded" })
  const slow = Effect.delay(roster(), "2 seconds")

  it.effect("for a place is queued", () =>
    Effect.gen(function* () {
      const api = scripted({ list: [slow] })
      const waits = yield* eventsOf("Waited", api, together, { limits: { concurrency: 1 } })
      assert.deepEqual(
        waits.map(({ cause, millis }) => [cause, millis]),
        [["queued", 2000]],
      )
    }),
  )

  it.effect("that is interrupted is interrupted", () =>
    Effect.gen(function* () {
      const oneGivesUp = (service: Service) =>
        Effect.all([list(service), Effect.timeoutOption(list(service), "1 second")], { concurrency: "unbounded" })
      const waits = yield* eventsOf("Waited", scripted({ list: [slow] }), oneGivesUp, { limits: { concurrency: 1 } })
      assert.deepEqual(
        waits.map(({ interrupted, millis }) => [interrupted, millis]),
        [[true, 1000]],
      )
    }),
  )

  it.effect("of no time is none", () =>
    Effect.gen(function* () {
      assert.deepEqual(yield* eventsOf("Waited", scripted({ list: [status(503), roster()] }), list), [])
    }),
  )

  it.effect("for a place is rate limited if a 429 comes in the meantime", () =>
    Effect.gen(function* () {
      const api = scripted({ list: [Effect.delay(status(429, { retryAfter: 3 }), "2 seconds"), roster()] })
      const waits = yield* eventsOf("Waited", api, together, { limits: { concurrency: 1 } })
      assert.deepEqual(
        waits.map(({ cause }) => cause),
        ["rate limited", "rate limited"],
      )
    }),
  )
})

describe("a read of the roster", () => {
  for (const [result, what, roster] of [
    ["inconclusive", "without external ids", rosterWithoutExternalIds("other")],
    ["failed", "that fails", status(403)],
  ] as const) {
    it.effect(`${what} is ${result}`, () =>
      Effect.gen(function* () {
        const joinByExternalId = (service: Service) => service.join({ ...conversation, userExternalId: "my-user" })
        const [read] = yield* eventsOf("Verified", scripted({ join: [reset], list: [roster] }), joinByExternalId)
        assert.equal(read?.result, result)
      }),
    )
  }

  it.effect("that is interrupted is interrupted", () =>
    Effect.gen(function* () {
      const briefly = (service: Service) => Effect.timeoutOption(join(service), "2 seconds")
      const [read] = yield* eventsOf("Verified", scripted({ join: [reset], list: [hangs] }), briefly)
      assert.equal(read?.result, "interrupted")
    }),
  )
})

describe("a call", () => {
  it.effect("that meets a bug ends as a defect", () =>
    Effect.gen(function* () {
      const [ended] = yield* eventsOf("CallEnded", scripted({}), (service) => Effect.ignoreCause(list(service)), {
        transformClient: HttpClient.mapRequestEffect(() => Effect.die(new Error("a bug"))),
      })
      assert.deepEqual([ended?.outcome, ended?.errorType], ["defect", "Defect"])
    }),
  )
})

describe("a renewed credential", () => {
  it.effect("is reported once for all calls that use it, with its cause", () =>
    Effect.gen(function* () {
      const calls = (service: Service) =>
        Effect.gen(function* () {
          yield* list(service)
          yield* Effect.sleep("1 minute")
          yield* Effect.all([list(service), list(service)], { concurrency: "unbounded" })
        })
      const credentials = Credentials.bearer(
        Effect.sync(() => Redacted.make("a-token")),
        { timeToLive: "30 seconds" },
      )
      const renewals = yield* eventsOf("CredentialRenewed", scripted({}), calls, { credentials })
      assert.deepEqual(
        renewals.map(({ cause }) => cause),
        ["expired"],
      )
    }),
  )
})

describe("a write in doubt", () => {
  for (const [as, script] of [
    ["shown", { join: [reset], list: [roster("user")] }],
    ["sent again", { join: [reset, joined], list: [roster("other")] }],
    ["unknown", { join: [reset], list: [status(403)] }],
  ] as const) {
    it.effect(`ends as ${as}`, () =>
      Effect.gen(function* () {
        const settled = yield* eventsOf("WriteSettled", scripted(script), join)
        assert.deepEqual(
          settled.map((event) => event.as),
          [as],
        )
      }),
    )
  }

  it.effect("is reported once, however often it is sent again", () =>
    Effect.gen(function* () {
      const api = scripted({ join: [reset, reset, joined], list: [roster("other")] })
      assert.lengthOf(yield* eventsOf("WriteInDoubt", api, join), 1)
    }),
  )
})
