/**
 * The events that `onEvent` receives, the log lines made of them, and the parts of spans that are the same in all stories.
 */
import { assert, describe } from "@effect/vitest"
import { Effect, Logger, Redacted, References, Result } from "effect"
import { HttpClient } from "effect/http"
import * as Credentials from "../src/Credentials.ts"
import type * as Events from "../src/Events.ts"
import type * as ParticipantsHttp from "../src/ParticipantsHttp.ts"
import * as Observed from "./support/observed.ts"
import {
  type Api,
  hangs,
  it,
  join,
  joined,
  list,
  make,
  over,
  renewable,
  reset,
  roster,
  scripted,
  type Service,
  settle,
  startAt,
  status,
} from "./support/retry.ts"

const lostJoin = () => scripted({ join: [reset], list: [roster("other"), roster("other", "user")] })

describe("onEvent", () => {
  it.effect("receives what happens in a call, in order", () =>
    Effect.gen(function* () {
      const events: Array<Events.Event> = []
      const service = yield* over(lostJoin(), { onEvent: (event) => events.push(event) })
      yield* settle(join(service))
      const about = { operation: "join", appId: "app", conversationId: "conversation" }
      const requestEnded = { ...about, _tag: "RequestEnded", resendCount: 0, millis: 0 }
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

  it.effect("does not fail the call when it throws", () =>
    Effect.gen(function* () {
      const observed = Observed.make()
      const service = yield* over(scripted({}), {
        onEvent: () => {
          throw new Error("a bug of the caller")
        },
      })
      const { result } = yield* observed.within(settle(list(service)))
      assert.isTrue(Result.isSuccess(result))
      assert.deepEqual(observed.logs, ["Error onEvent threw", "Error onEvent threw"])
    }),
  )
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
})

/** The log lines of calls, at the level that Effect does not print by default. */
const linesOf = Effect.fnUntraced(function* (api: Api, options: Partial<ParticipantsHttp.Options> = {}) {
  const observed = Observed.make()
  const service = yield* over(api, options)
  yield* observed.within(settle(join(service))).pipe(Effect.provideService(References.MinimumLogLevel, "Debug"))
  return observed.logs
})

const POST = "POST /v2/apps/{appId}/conversations/{conversationId}/join"
const GET = "GET /v2/apps/{appId}/conversations/{conversationId}/participants"

describe("logs", () => {
  it.effect("have a line for each attempt, each wait of more than a second, and each write in doubt", () =>
    Effect.gen(function* () {
      const lines = yield* linesOf(lostJoin(), { retryPolicy: { verify: { attempts: 2, delay: "600 millis" } } })
      assert.deepEqual(lines, [
        `Debug Participants.join: ${POST} ended: Transport sunco.operation=join http.request.resend_count=0 sunco.duration_ms=0 sunco.outcome=ambiguous sunco.purpose=call error.type=Transport`,
        "Debug Participants.join: the write is in doubt: Transport sunco.operation=join error.type=Transport",
        `Debug Participants.join: ${GET} ended: 200 sunco.operation=join http.request.resend_count=0 http.response.status_code=200 sunco.duration_ms=0 sunco.outcome=success sunco.purpose=verification`,
        "Debug Participants.join: waited 1200 ms: verification sunco.operation=join sunco.wait.cause=verification sunco.duration_ms=1200",
        `Debug Participants.join: ${GET} ended: 200 sunco.operation=join http.request.resend_count=0 http.response.status_code=200 sunco.duration_ms=0 sunco.outcome=success sunco.purpose=verification`,
        "Debug Participants.join: the write in doubt ended: shown sunco.operation=join sunco.write.settled_as=shown",
      ])
    }),
  )

  it.effect("have a line for each renewed credential", () =>
    Effect.gen(function* () {
      const lines = yield* linesOf(scripted({ join: [status(401), joined] }), { credentials: renewable() })
      assert.include(
        lines,
        "Debug Participants.join: renewed the credential: refused sunco.operation=join sunco.renewal.cause=refused",
      )
    }),
  )

  it.effect("name the app and the conversation", () =>
    Effect.gen(function* () {
      const fields: Array<unknown> = []
      const logger = Logger.make<unknown, void>(({ fiber }) => {
        const annotations = fiber.getRef(References.CurrentLogAnnotations)
        fields.push([annotations["sunco.app_id"], annotations["sunco.conversation_id"]])
      })
      const service = yield* over(scripted({}))
      yield* settle(list(service)).pipe(
        Effect.provide(Logger.layer([logger])),
        Effect.provideService(References.MinimumLogLevel, "Debug"),
      )
      assert.deepEqual(fields, [["app", "conversation"]])
    }),
  )

  it.effect("have the level that logLevel names", () =>
    Effect.gen(function* () {
      const observed = Observed.make()
      const service = yield* over(lostJoin(), { logLevel: "Warn" })
      yield* observed.within(settle(join(service)))
      assert.isAbove(observed.logs.length, 0)
      assert.deepEqual(
        observed.logs.filter((line) => !line.startsWith("Warn ")),
        [],
      )
    }),
  )
})

describe("spans", () => {
  it.effect("name the request as OpenTelemetry does", () =>
    Effect.gen(function* () {
      const observed = Observed.make()
      const service = yield* over(scripted({}), { baseUrl: "https://acme.zendesk.com/sc" })
      yield* observed.within(settle(list(service)))
      const [call, request] = observed.spans
      assert.deepEqual([call?.kind, request?.kind], ["client", "client"])
      assert.deepEqual(Object.fromEntries(call?.attributes ?? []), {
        "sunco.app_id": "app",
        "sunco.conversation_id": "conversation",
        "sunco.attempts": 1,
        "sunco.outcome": "success",
      })
      assert.equal(request?.name, "GET /sc/v2/apps/{appId}/conversations/{conversationId}/participants")
      assert.deepEqual(Object.fromEntries(request?.attributes ?? []), {
        "http.request.method": "GET",
        "url.template": "/sc/v2/apps/{appId}/conversations/{conversationId}/participants",
        "server.address": "acme.zendesk.com",
        "server.port": 443,
        "http.response.status_code": 200,
      })
    }),
  )

  it.effect("replace the span of the HTTP client, unless the caller has said when it makes one", () =>
    Effect.gen(function* () {
      const observed = Observed.make()
      const service = yield* over(scripted({}))
      yield* observed.within(settle(list(service)))
      assert.equal(observed.spans.length, 2)
      yield* observed
        .within(settle(list(service)))
        .pipe(Effect.provideService(HttpClient.TracerDisabledWhen, () => false))
      assert.deepEqual(
        observed.spans.slice(2).map(({ name }) => name),
        ["Participants.list", GET, "GET"],
      )
    }),
  )

  it.effect("are in the trace headers of a request only if propagateTraces is set", () =>
    Effect.gen(function* () {
      const headers: Array<string | undefined> = []
      const observed = Observed.make()
      for (const propagateTraces of [false, true]) {
        const service = yield* over(scripted({}), {
          propagateTraces,
          transformClient: HttpClient.tapRequest((request) =>
            Effect.sync(() => {
              headers.push(request.headers["traceparent"])
            }),
          ),
        })
        yield* observed.within(settle(list(service)))
      }
      const sent = observed.spans.at(-1)
      assert.deepEqual(headers, [undefined, `00-${sent?.traceId}-${sent?.spanId}-01`])
    }),
  )
})

describe("metrics", () => {
  it.effect("count requests in flight and callers that wait", () =>
    Effect.gen(function* () {
      const observed = Observed.make()
      const service = yield* over(
        make(() => hangs),
        { limits: { concurrency: 1 }, retryPolicy: { attempts: 1 } },
      )
      const during = Effect.delay(
        Effect.map(observed.metrics, (lines) => lines.filter((line) => /active_requests|waiting_calls/.test(line))),
        "1 second",
      )
      const { result } = yield* observed.within(
        settle(
          Effect.gen(function* () {
            for (let callers = 0; callers < 3; callers++) yield* startAt(0, list(service))
            return yield* during
          }),
        ),
      )
      assert.deepEqual(yield* Effect.fromResult(result), [
        "sunco.client.active_requests 1 {request}",
        "sunco.client.waiting_calls 2 {call}",
      ])
    }),
  )
})
