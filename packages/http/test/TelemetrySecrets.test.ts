/**
 * What must not leave the process with traces, metrics, logs and events: everything that is marked here.
 */
import { assert, describe } from "@effect/vitest"
import { Effect, Layer, Metric, Redacted, References } from "effect"
import { HttpClient, HttpClientResponse } from "effect/http"
import { Otlp, OtlpExporter } from "effect/observability"
import * as Credentials from "../src/Credentials.ts"
import type * as Events from "../src/Events.ts"
import type * as ParticipantsHttp from "../src/ParticipantsHttp.ts"
import { type CallError, conversation, it, make, over, type Service, settle } from "./support/retry.ts"

const mark = "marked"
const secret = `${mark}-secret`
const userId = `${mark}-user`
const cursor = `${mark}-cursor`
const basic = Buffer.from(`app_key:${secret}`).toString("base64")

const calls: Readonly<Record<string, (service: Service) => Effect.Effect<unknown, CallError>>> = {
  join: (service) => service.join({ ...conversation, userId }),
  "join by external id": (service) => service.join({ ...conversation, userExternalId: `${mark}-external` }),
  leave: (service) => service.leave({ ...conversation, participantId: `${mark}-participant` }),
  list: (service) => service.list({ ...conversation, page: { after: cursor } }),
}

/** What a server can send back: the text is marked wherever there is one. */
const json = (status: number, body: unknown) =>
  Effect.sync(() =>
    Response.json(body, {
      status,
      headers: { "x-request-id": `${mark}-header`, location: `/${mark}-location`, "retry-after": `${mark}-retry` },
    }),
  )

const participants = [{ id: `${mark}-participant-2`, userId: `${mark}-user-2`, userExternalId: `${mark}-external-2` }]

const answers = {
  "errors of the vendor": (status: number) =>
    json(status, { errors: [{ code: `${mark}-code`, title: `${mark}-title` }] }),
  "a page of a gateway": (status: number) => json(status, `<h1>${mark}-page</h1>`),
  "a body that does not decode": (status: number) =>
    json(status, { participant: `${mark}-body`, participants: [{ id: [`${mark}-body`] }] }),
  "a roster with more pages": (status: number) =>
    json(status, {
      participant: participants[0],
      participants,
      meta: { hasMore: true, afterCursor: `${cursor}-2` },
    }),
}

const statuses = [200, 201, 302, 400, 401, 403, 404, 408, 418, 429, 500, 503]

const textOf = (body: { readonly _tag: string; readonly body?: unknown }): string =>
  body.body instanceof Uint8Array ? new TextDecoder().decode(body.body) : ""

/** All is exported at the end: no call takes as long. */
const never = "1 day"

/** Runs a program with Effect's exporter, and returns all bytes that it sent to its collector. */
const exportedBy = Effect.fnUntraced(function* <A, E>(program: Effect.Effect<A, E>) {
  const bytes: Array<string> = []
  const collector = HttpClient.make((request) =>
    Effect.sync(() => {
      bytes.push(textOf(request.body))
      return HttpClientResponse.fromWeb(request, new Response())
    }),
  )
  yield* program.pipe(
    Effect.andThen(Effect.flatMap(OtlpExporter.Flusher, ({ flush }) => flush)),
    Effect.provide(
      Otlp.layerJson({
        baseUrl: "http://collector",
        resource: { serviceName: "test" },
        loggerExportInterval: never,
        metricsExportInterval: never,
        tracerExportInterval: never,
      }).pipe(Layer.provide(Layer.succeed(HttpClient.HttpClient, collector))),
    ),
    Effect.provideService(Metric.MetricRegistry, new Map()),
    Effect.provideService(References.MinimumLogLevel, "All"),
  )
  return bytes.join("\n")
})

const assertUnmarked = (text: string) => {
  for (const hidden of [mark, basic, encodeURIComponent(basic)]) {
    const at = text.indexOf(hidden)
    if (at >= 0) assert.fail(`"${hidden}" is shown: ${text.slice(Math.max(0, at - 300), at + 300)}`)
  }
}

/** Settles a call on an API that always gives one answer, in an hour of the test's clock. */
const settled = Effect.fnUntraced(function* (
  call: (service: Service) => Effect.Effect<unknown, CallError>,
  answer: Effect.Effect<Response>,
  events: Array<Events.Event> = [],
  options: Partial<ParticipantsHttp.Options> = {},
) {
  const service = yield* over(
    make(() => answer),
    {
      credentials: Credentials.basic({ keyId: "app_key", secret: Redacted.make(secret) }),
      onEvent: (event) => events.push(event),
      ...options,
    },
  )
  return yield* settle(call(service))
})

describe.each(Object.entries(calls))("a %s", (_, call) => {
  for (const [what, answer] of Object.entries(answers)) {
    it.effect(`exports nothing of its caller or the server if it is answered with ${what}`, () =>
      Effect.gen(function* () {
        for (const status of statuses) {
          const events: Array<Events.Event> = []
          const bytes = yield* exportedBy(settled(call, answer(status), events))
          // Spans, metrics, and logs: what is searched is there.
          for (const part of ["POST /v2|GET /v2", "sunco.client.call.duration", "sunco.purpose"]) {
            assert.match(bytes, new RegExp(part))
          }
          assert.isNotEmpty(events)
          assertUnmarked(bytes)
          assertUnmarked(JSON.stringify(events))
        }
      }),
    )
  }
})

describe("a call that ends in the code of its caller", () => {
  const bug = Effect.die(new Error(`${mark}-bug`))

  for (const [what, options] of [
    ["a defect", { transformClient: HttpClient.mapRequestEffect(() => bug) }],
    ["a failed token source", { credentials: Credentials.bearer(Effect.fail(`${mark}-source`)) }],
    [
      "a token that no header can hold",
      { credentials: Credentials.bearer(Effect.succeed(Redacted.make(`${mark}\n`))) },
    ],
  ] as const) {
    it.effect(`exports nothing of ${what}`, () =>
      Effect.gen(function* () {
        const call = (service: Service) => Effect.ignoreCause(service.list(conversation))
        const events: Array<Events.Event> = []
        const bytes = yield* exportedBy(settled(call, json(200, {}), events, options))
        assert.include(bytes, "Participants.list")
        assertUnmarked(bytes)
        assertUnmarked(JSON.stringify(events))
        const ended = events.at(-1)
        assert.isTrue(ended?._tag === "CallEnded" && ended.outcome !== "success")
      }),
    )
  }
})

describe("the search", () => {
  it.effect("finds what a span of the caller shows of the error that ends it", () =>
    Effect.gen(function* () {
      const bytes = yield* exportedBy(
        settled(
          (service) => Effect.withSpan(service.list(conversation), "caller"),
          answers["errors of the vendor"](400),
        ),
      )
      assert.throws(() => assertUnmarked(bytes), "is shown")
    }),
  )
})
