/**
 * Parses `Retry-After`, how long a server asks to wait. Applications use `Participants`; this module is for
 * implementations of that service.
 *
 * It accepts more forms than the specification allows, because sending too early is worse than being
 * lenient.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9110#name-retry-after
 * @since 0.1.0
 */
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Headers from "effect/http/Headers"
import * as Option from "effect/Option"
import * as Result from "effect/Result"

/** The upper bound. A larger value is a mistake, such as a time since 1970 in place of a delay. */
const longest = Duration.days(1)

const decimal = /^(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?$/i

const isoDate = /^\d{4}-\d{2}-\d{2}(?:[t ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:z|[+-]\d{2}:?\d{2})?)?$/i

const weekday = /^(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*$/i

/** The offset from GMT at the end of a date, in the form that mail uses. */
const offset = / ([+-])(\d{2}):?(\d{2})$/

/** Epoch milliseconds of a date, of HTTP or ISO. A date without a zone is one of UTC. */
const dateMillis = (text: string): number | undefined => {
  if (isoDate.test(text)) {
    return Option.getOrUndefined(Option.map(DateTime.make(text.replace(" ", "T")), DateTime.toEpochMillis))
  }
  const [zone, sign, hours, minutes] = offset.exec(text) ?? []
  const http = zone === undefined ? text : `${text.slice(0, -zone.length)} GMT`
  const east = (sign === "-" ? -1 : 1) * (Number(hours ?? 0) * 60 + Number(minutes ?? 0)) * 60_000
  return Option.getOrUndefined(
    Option.map(Result.getSuccess(Headers.parseHttpDate(http)), (date) => DateTime.toEpochMillis(date) - east),
  )
}

/** The values of a header that was sent more than once. The comma after the weekday of a date is not a separator. */
const valuesOf = (header: string): ReadonlyArray<string> => {
  const values: Array<string> = []
  let day = ""
  for (const part of header.split(",")) {
    const value = part.trim()
    if (weekday.test(value)) {
      day = `${value}, `
    } else if (value !== "") {
      values.push(`${day}${value}`)
      day = ""
    }
  }
  return values
}

/**
 * How long the server asked to wait: the longest of its values, and a day at most. A date is measured against the `Date`
 * of the same answer, so the clock of the server need not be right; without one, against `nowMillis`, epoch milliseconds.
 * `undefined` if no value can be read.
 *
 * **Example** (Seconds, and a date)
 *
 * ```ts
 * import * as RetryAfter from "@effect-sunco/core/RetryAfter"
 * import { Duration } from "effect"
 * import { Headers } from "effect/http"
 * import * as assert from "node:assert"
 *
 * const now = Date.UTC(1994, 10, 6, 8, 49, 37)
 * const waitOf = (value: string) => RetryAfter.parse(Headers.fromInput({ "retry-after": value }), now)
 *
 * assert.deepEqual(waitOf("120"), Duration.seconds(120))
 * assert.deepEqual(waitOf("Sun, 06 Nov 1994 08:50:37 GMT"), Duration.seconds(60))
 * assert.equal(waitOf("soon"), undefined)
 * ```
 *
 * @category parsing
 * @since 0.1.0
 */
export const parse = (headers: Headers.Headers, nowMillis: number): Duration.Duration | undefined => {
  const header = headers["retry-after"]
  if (header === undefined) return undefined
  const from = dateMillis((headers["date"] ?? "").trim()) ?? nowMillis

  const millisOf = (value: string): number | undefined => {
    if (decimal.test(value)) return Math.ceil(Number(value) * 1000)
    const date = dateMillis(value)
    return date === undefined ? undefined : Math.max(0, date - from)
  }
  const waits = valuesOf(header)
    .map(millisOf)
    .filter((millis) => millis !== undefined)
  if (waits.length === 0) return undefined
  const wait = waits.reduce((longer, millis) => Math.max(longer, millis))
  return Duration.min(Duration.millis(wait), longest)
}
