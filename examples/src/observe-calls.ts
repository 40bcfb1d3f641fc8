/**
 * Sends traces, metrics and logs over OTLP with Effect's own exporter, to a small collector that it starts, and prints what
 * the collector has received. The local API answers a join with a 429, then makes the join and loses its answer.
 *
 *     node examples/src/observe-calls.ts
 */
import { NodeHttpClient, NodeHttpServer, NodeRuntime } from "@effect/platform-node"
import { Participants } from "@effect-sunco/core"
import { Credentials, ParticipantsHttp } from "@effect-sunco/http"
import { Faults, LocalApi, Sandbox } from "@effect-sunco/testing"
import { Console, Effect, Layer, Redacted, References } from "effect"
import { HttpServer } from "effect/http"
import { Otlp } from "effect/observability"
import { createServer } from "node:http"
import * as Collector from "./support/collector.ts"
import * as Render from "./support/renderTelemetry.ts"
import { reportFailure } from "./support/reportFailure.ts"

const { appId, conversationId, keyId, secret, userId } = Sandbox.demo

const ApiLive = LocalApi.layerServer(
  Sandbox.demoSeed({
    faults: Faults.scripted({ join: [Faults.status(429, { retryAfter: 2 }), Faults.reset({ when: "after" })] }),
  }),
).pipe(Layer.provideMerge(NodeHttpServer.layer(createServer, { host: "127.0.0.1", port: 0 })))

const ParticipantsLive = Layer.unwrap(
  Effect.map(HttpServer.HttpServer, ({ address }) =>
    ParticipantsHttp.layer({
      baseUrl: HttpServer.formatAddress(address),
      credentials: Credentials.basic({ keyId, secret: Redacted.make(secret) }),
    }),
  ),
).pipe(Layer.provide([NodeHttpClient.layerUndici, ApiLive]))

/** All three go to one collector. The log lines of calls are of level debug, which Effect drops by default. */
const ObservabilityLive = Layer.unwrap(
  Effect.map(Collector.Collector, ({ url }) =>
    Otlp.layerJson({ baseUrl: url, resource: { serviceName: "observe-calls" }, loggerMergeWithExisting: false }),
  ),
).pipe(Layer.provide(NodeHttpClient.layerUndici), Layer.merge(Layer.succeed(References.MinimumLogLevel, "Debug")))

const calls = Effect.gen(function* () {
  const participants = yield* Participants.Participants
  yield* participants.join({ appId, conversationId, userId })
  yield* participants.list({ appId, conversationId })
})

const program = Effect.gen(function* () {
  // The exporter sends what is left when its layer is closed.
  yield* Effect.provide(calls, ObservabilityLive)

  const { logs, metrics, spans } = yield* Collector.Collector
  yield* Console.log(["Traces", ...Render.tree(spans)].join("\n"))
  yield* Console.log(["\nMetrics", ...Render.table(metrics())].join("\n"))
  yield* Console.log(
    ["\nLogs", ...logs.map(({ body, severityText }) => `  ${severityText}  ${body.stringValue}`)].join("\n"),
  )
})

program.pipe(
  Effect.provide([ParticipantsLive, Collector.layer]),
  reportFailure,
  NodeRuntime.runMain({ disableErrorReporting: true }),
)
