/**
 * Spans, metrics and logs of a program, as text that a test can compare as a whole.
 */
import { Cause, Effect, Logger, Metric, Option, References, Tracer } from "effect"
import type { Exit } from "effect"

/** What is the same for all spans of a story. */
const constant = new Set([
  "http.request.method",
  "server.address",
  "server.port",
  "sunco.app_id",
  "sunco.conversation_id",
  "url.template",
])

const millisOf = (nanos: bigint) => Number(nanos / 1_000_000n)

const describeExit = (exit: Exit.Exit<unknown, unknown>): string => {
  if (exit._tag === "Success") return ""
  if (Cause.hasInterruptsOnly(exit.cause)) return " interrupted"
  return ` failed: ${String(Cause.squash(exit.cause))}`
}

const describeAttributes = (attributes: ReadonlyMap<string, unknown> | Readonly<Record<string, unknown>>): string =>
  (attributes instanceof Map ? [...attributes] : Object.entries(attributes))
    .filter(([name]) => !constant.has(String(name)))
    .map(([name, value]) => ` ${name}=${String(value)}`)
    .join("")

/** `name from-to ms attributes`, with its events and children below it. */
const renderSpan = (span: Tracer.NativeSpan, all: ReadonlyArray<Tracer.NativeSpan>, indent: string): Array<string> => {
  const { attributes, events, name, startTime, status } = span
  const time = status._tag === "Ended" ? `${millisOf(startTime)}-${millisOf(status.endTime)} ms` : "has not ended"
  const exit = status._tag === "Ended" ? describeExit(status.exit) : ""
  const children = all.filter(({ parent }) => Option.getOrUndefined(parent) === span)
  return [
    `${indent}${name} ${time}${describeAttributes(attributes)}${exit}`,
    ...events.map(
      ([name, at, attributes]) => `${indent}  * ${name} ${millisOf(at)} ms${describeAttributes(attributes)}`,
    ),
    ...children.flatMap((child) => renderSpan(child, all, `${indent}  `)),
  ]
}

/** `name unit labels value`; of a histogram its count and sum. */
const renderMetric = ({ attributes: { unit, ...labels } = {}, id, state, type }: Metric.Metric.Snapshot): string => {
  const value = type === "Histogram" ? `${state.count} x, ${Math.round(state.sum * 1000) / 1000}` : describeState(state)
  return `${id} ${value} ${String(unit)}${describeAttributes(labels)}`
}

const describeState = (state: object): string => ("count" in state ? String(state.count) : JSON.stringify(state))

/** Collects the spans, the metrics and the logs of programs. */
export const make = () => {
  const spans: Array<Tracer.NativeSpan> = []
  const logs: Array<string> = []
  const registry: Metric.MetricRegistry = new Map()
  const tracer = Tracer.make({
    span: (options) => {
      const span = new Tracer.NativeSpan(options)
      spans.push(span)
      return span
    },
  })
  const logger = Logger.make<unknown, void>(({ fiber, logLevel, message }) => {
    const fields = describeAttributes(fiber.getRef(References.CurrentLogAnnotations))
    logs.push(`${logLevel} ${String(message)}${fields}`)
  })
  return {
    spans,
    /** `level message fields`, in order. */
    logs,
    within: <A, E, R>(program: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
      program.pipe(
        Effect.provideService(Tracer.Tracer, tracer),
        Effect.provideService(Metric.MetricRegistry, registry),
        Effect.provide(Logger.layer([logger])),
      ),
    /** One line for each span, below its parent. */
    tree: (): ReadonlyArray<string> =>
      spans.filter(({ parent }) => Option.isNone(parent)).flatMap((root) => renderSpan(root, spans, "")),
    /** One line for each metric of this library with its labels, in alphabetical order. */
    metrics: Effect.map(Metric.snapshot, (all) =>
      all
        .filter(({ id }) => id.startsWith("sunco."))
        .map(renderMetric)
        .toSorted(),
    ).pipe(Effect.provideService(Metric.MetricRegistry, registry)),
  }
}
