/**
 * A trace as a tree with times, and metrics as a table.
 */
import type { Attributes, Metric, Span } from "./collector.ts"

/** What would be the same on each line, or is a part of the name. */
const omitted = new Set([
  "http.request.method",
  "server.address",
  "server.port",
  "sunco.app_id",
  "sunco.conversation_id",
  "unit",
  "url.template",
])

const textOf = (attributes: Attributes): string =>
  attributes
    .filter(({ key }) => !omitted.has(key))
    .map(({ key, value }) => `${key}=${Object.values(value).join()}`)
    .join(" ")

const millisBetween = (from: string, to: string) => Math.round(Number(BigInt(to) - BigInt(from)) / 1_000_000)

const millis = (value: number) => `${value.toLocaleString("en")} ms`.padStart(9)

const compareTimes = (one: string, other: string) => Number(BigInt(one) - BigInt(other))

/** When each span began, how long it took, and its name below that of its parent; an event has no duration. */
export const tree = (spans: ReadonlyArray<Span>): ReadonlyArray<string> => {
  const ids = new Set(spans.map(({ spanId }) => spanId))

  const below = (span: Span, root: Span, indent: string): ReadonlyArray<string> => {
    const { endTimeUnixNano: end, startTimeUnixNano: start } = span
    const line = (at: string, duration: string, text: string) =>
      `  at ${millis(millisBetween(root.startTimeUnixNano, at))} ${duration}  ${indent}${text}`.trimEnd()
    const events = span.events
      // The exporter makes one of the error that ends a span, which `error.type` names already.
      .filter(({ name }) => name !== "exception")
      .map(({ attributes, name, timeUnixNano: at }) => ({
        at,
        lines: [line(at, " ".repeat(9), `  * ${name}  ${textOf(attributes)}`)],
      }))
    const children = spans
      .filter(({ parentSpanId }) => parentSpanId === span.spanId)
      .map((child) => ({ at: child.startTimeUnixNano, lines: below(child, root, `${indent}  `) }))
    return [
      line(start, millis(millisBetween(start, end)), `${span.name}  ${textOf(span.attributes)}`),
      ...[...events, ...children]
        .toSorted((one, other) => compareTimes(one.at, other.at))
        .flatMap(({ lines }) => lines),
    ]
  }

  return spans
    .filter(({ parentSpanId }) => parentSpanId === undefined || !ids.has(parentSpanId))
    .toSorted((one, other) => compareTimes(one.startTimeUnixNano, other.startTimeUnixNano))
    .flatMap((root) => below(root, root, ""))
}

/** One row for each metric with its labels: the value of a counter, the count and the sum of a histogram. */
export const table = (metrics: ReadonlyArray<Metric>): ReadonlyArray<string> => {
  const rows = metrics
    .filter(({ name }) => name.startsWith("sunco."))
    .flatMap(({ histogram, name, sum, unit }) =>
      [...(sum?.dataPoints ?? []), ...(histogram?.dataPoints ?? [])].map((point) => {
        const value = point.asDouble ?? point.sum ?? 0
        const total = `${value.toLocaleString("en", { maximumFractionDigits: 2 })} ${unit}`
        return [
          name,
          point.count === undefined ? total : `${point.count} x, ${total}`,
          textOf(point.attributes),
        ] as const
      }),
    )
    .toSorted(([one], [other]) => one.localeCompare(other))
  const width = (column: 0 | 1) => Math.max(0, ...rows.map((row) => row[column].length))
  return rows.map(([name, value, labels]) =>
    `  ${name.padEnd(width(0))}  ${value.padEnd(width(1))}  ${labels}`.trimEnd(),
  )
}
