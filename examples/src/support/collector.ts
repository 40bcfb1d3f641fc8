/**
 * A collector for OTLP in JSON over HTTP. It keeps what it receives, where a real one would store it.
 */
import { NodeHttpServer } from "@effect/platform-node"
import { Context, Effect, Layer, Schema } from "effect"
import { HttpServer, HttpServerRequest, HttpServerResponse } from "effect/http"
import { createServer } from "node:http"

const Attributes = Schema.Array(
  Schema.Struct({ key: Schema.String, value: Schema.Record(Schema.String, Schema.Unknown) }),
)

const Span = Schema.Struct({
  spanId: Schema.String,
  parentSpanId: Schema.optionalKey(Schema.String),
  name: Schema.String,
  startTimeUnixNano: Schema.String,
  endTimeUnixNano: Schema.String,
  attributes: Attributes,
  events: Schema.Array(Schema.Struct({ name: Schema.String, timeUnixNano: Schema.String, attributes: Attributes })),
})

const Points = Schema.Struct({
  dataPoints: Schema.Array(
    Schema.Struct({
      attributes: Attributes,
      asDouble: Schema.optionalKey(Schema.Finite),
      count: Schema.optionalKey(Schema.Finite),
      sum: Schema.optionalKey(Schema.Finite),
    }),
  ),
})

const Metric = Schema.Struct({
  name: Schema.String,
  unit: Schema.String,
  sum: Schema.optionalKey(Points),
  histogram: Schema.optionalKey(Points),
})

const Log = Schema.Struct({ severityText: Schema.String, body: Schema.Struct({ stringValue: Schema.String }) })

const Received = Schema.Struct({
  resourceSpans: Schema.optionalKey(
    Schema.Array(Schema.Struct({ scopeSpans: Schema.Array(Schema.Struct({ spans: Schema.Array(Span) })) })),
  ),
  resourceMetrics: Schema.optionalKey(
    Schema.Array(Schema.Struct({ scopeMetrics: Schema.Array(Schema.Struct({ metrics: Schema.Array(Metric) })) })),
  ),
  resourceLogs: Schema.optionalKey(
    Schema.Array(Schema.Struct({ scopeLogs: Schema.Array(Schema.Struct({ logRecords: Schema.Array(Log) })) })),
  ),
})

export type Attributes = typeof Attributes.Type
export type Span = typeof Span.Type
export type Metric = typeof Metric.Type
export type Log = typeof Log.Type

export class Collector extends Context.Service<
  Collector,
  {
    readonly url: string
    readonly spans: ReadonlyArray<Span>
    readonly logs: ReadonlyArray<Log>
    /** The values that came last: they count from the start of the program. */
    readonly metrics: () => ReadonlyArray<Metric>
  }
>()("examples/Collector") {}

/** Listens on a free port of this machine. */
export const layer = Layer.effect(
  Collector,
  Effect.gen(function* () {
    const server = yield* HttpServer.HttpServer
    const spans: Array<Span> = []
    const logs: Array<Log> = []
    let metrics: ReadonlyArray<Metric> = []
    yield* server.serve(
      Effect.gen(function* () {
        const { resourceLogs, resourceMetrics, resourceSpans } = yield* HttpServerRequest.schemaBodyJson(Received)
        spans.push(...(resourceSpans ?? []).flatMap((of) => of.scopeSpans.flatMap((scope) => scope.spans)))
        logs.push(...(resourceLogs ?? []).flatMap((of) => of.scopeLogs.flatMap((scope) => scope.logRecords)))
        if (resourceMetrics !== undefined) {
          metrics = resourceMetrics.flatMap((of) => of.scopeMetrics.flatMap((scope) => scope.metrics))
        }
        return HttpServerResponse.jsonUnsafe({})
      }),
    )
    return { url: HttpServer.formatAddress(server.address), spans, logs, metrics: () => metrics }
  }),
).pipe(Layer.provide(NodeHttpServer.layer(createServer, { host: "127.0.0.1", port: 0 })))
