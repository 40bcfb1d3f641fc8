/**
 * What is the same for the spans of all calls, and the metrics of what is going on.
 */
import { assert, describe } from "@effect/vitest"
import { Effect, Exit, References, Tracer } from "effect"
import { HttpClient } from "effect/http"
import * as Credentials from "../src/Credentials.ts"
import * as Observed from "./support/observed.ts"
import { hangs, it, join, list, make, over, reset, roster, scripted, settle, startAt } from "./support/retry.ts"

const lostJoin = () => scripted({ join: [reset], list: [roster("other"), roster("other", "user")] })

const GET = "GET /v2/apps/{appId}/conversations/{conversationId}/participants"

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

  it.effect("name the port that the URL names, or the one of its protocol", () =>
    Effect.gen(function* () {
      const observed = Observed.make()
      for (const baseUrl of ["http://127.0.0.1:8080", "http://127.0.0.1", "https://acme.zendesk.com/sc"]) {
        yield* observed.within(settle(list(yield* over(scripted({}), { baseUrl }))))
      }
      const ports = observed.spans.flatMap(({ attributes }) => attributes.get("server.port") ?? [])
      assert.deepEqual(ports, [8080, 80, 443])
    }),
  )

  it.effect("have nothing that costs if they are not sampled", () =>
    Effect.gen(function* () {
      const spans: Array<Tracer.NativeSpan> = []
      const tracer = Tracer.make({
        span: (options) => {
          const span = new Tracer.NativeSpan({ ...options, sampled: false })
          spans.push(span)
          return span
        },
      })
      const service = yield* over(lostJoin())
      yield* Effect.provideService(settle(join(service)), Tracer.Tracer, tracer)
      assert.equal(spans.length, 8)
      assert.deepEqual(
        spans.flatMap(({ attributes, events }) => [...attributes, ...events]),
        [],
      )
    }),
  )

  it.effect("of a wait that fails end with the tag of the error", () =>
    Effect.gen(function* () {
      const observed = Observed.make()
      const credentials = Credentials.bearer(Effect.fail("closed"))
      const service = yield* over(scripted({}), { credentials, retryPolicy: { attempts: 1 } })
      yield* observed.within(settle(list(service)))
      const ends = observed.spans.map(({ name, status }) => [name, status._tag === "Ended" && status.exit])
      assert.deepEqual(ends, [
        ["Participants.list", Exit.fail("Transport")],
        ["Participants.wait", Exit.fail("Transport")],
      ])
    }),
  )

  it.effect("have no times if the program measures none", () =>
    Effect.gen(function* () {
      const observed = Observed.make()
      const service = yield* over(lostJoin())
      yield* Effect.sleep("1 minute").pipe(
        Effect.andThen(join(service)),
        (call) => observed.within(settle(call)),
        Effect.provideService(References.TracerTimingEnabled, false),
      )
      assert.deepEqual(
        new Set(observed.spans.map(({ status }) => status._tag === "Ended" && status.endTime)),
        new Set([0n]),
      )
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
