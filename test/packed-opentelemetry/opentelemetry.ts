/**
 * What the guide to observability says of `@effect/opentelemetry`: with its layer, OpenTelemetry's own SDK gets the spans and
 * metrics of a call.
 */
import * as NodeSdk from "@effect/opentelemetry/NodeSdk"
import { Participants } from "@effect-sunco/core"
import { Credentials, ParticipantsHttp } from "@effect-sunco/http"
import { LocalApi, Sandbox } from "@effect-sunco/testing"
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  PeriodicExportingMetricReader,
} from "@opentelemetry/sdk-metrics"
import { InMemorySpanExporter, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-base"
import { Effect, Layer, Redacted } from "effect"
import * as assert from "node:assert"

const { appId, conversationId, keyId, secret } = Sandbox.demo

const spans = new InMemorySpanExporter()
const metrics = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE)
const reader = new PeriodicExportingMetricReader({ exporter: metrics })

const Telemetry = NodeSdk.layer(() => ({
  resource: { serviceName: "consumer" },
  spanProcessor: new SimpleSpanProcessor(spans),
  metricReader: reader,
}))

const InProcess = ParticipantsHttp.layer({
  credentials: Credentials.basic({ keyId, secret: Redacted.make(secret) }),
}).pipe(Layer.provide(LocalApi.layerHttpClient()))

const listed = Effect.gen(function* () {
  const participants = yield* Participants.Participants
  yield* participants.list({ appId, conversationId })
  yield* Effect.promise(() => reader.forceFlush())
  const [call, request] = ["Participants.list", "GET /v2/apps/{appId}/conversations/{conversationId}/participants"].map(
    (name) => spans.getFinishedSpans().find((span) => span.name === name),
  )
  assert.strictEqual(call?.attributes["sunco.outcome"], "success")
  assert.strictEqual(request?.attributes["http.response.status_code"], 200)
  assert.strictEqual(request.parentSpanContext?.spanId, call.spanContext().spanId)
  const names = metrics
    .getMetrics()
    .flatMap(({ scopeMetrics }) =>
      scopeMetrics.flatMap((scope) => scope.metrics.map(({ descriptor }) => descriptor.name)),
    )
  assert.ok(names.includes("sunco.client.call.duration"), `metrics: ${names.join(", ")}`)
})

await Effect.runPromise(listed.pipe(Effect.provide(Layer.mergeAll(InProcess, Telemetry))))
console.log("the spans and metrics of a call reach OpenTelemetry's SDK")
