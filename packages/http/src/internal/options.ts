/**
 * The options of a layer are checked when it is built: what an HTTP client or a limiter says of a wrong one differs, and
 * comes late.
 */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Headers from "effect/http/Headers"
import * as Option from "effect/Option"
import type { Limits } from "./admission.ts"
import { configError } from "./configuration.ts"

export const checkLimits = ({ concurrency, rate, ...limits }: Limits) => {
  if (concurrency !== undefined && !(Number.isInteger(concurrency) && concurrency >= 1)) {
    return Effect.fail(configError("limits.concurrency", "a whole number, 1 or more"))
  }
  if (rate !== undefined) {
    if (!(Number.isInteger(rate.limit) && rate.limit >= 1)) {
      return Effect.fail(configError("limits.rate.limit", "a whole number, 1 or more"))
    }
    const window = Option.getOrUndefined(Duration.fromInput(rate.window))
    if (window === undefined || !Duration.isFinite(window) || !Duration.isGreaterThan(window, Duration.zero)) {
      return Effect.fail(configError("limits.rate.window", "a finite duration of more than zero"))
    }
  }
  return Effect.succeed({ ...limits, concurrency, rate })
}

/** Headers that say where a request ends, or whom it is for. */
const framing: ReadonlySet<string> = new Set(["connection", "content-length", "host", "transfer-encoding", "upgrade"])

export const checkHeaders = (input: Headers.Input | undefined) => {
  const headers = Headers.fromInput(input)
  for (const [name, value] of Object.entries(headers)) {
    if (name === "authorization") {
      return Effect.fail(configError("headers.authorization", "no such header: it comes from the credentials"))
    }
    if (framing.has(name)) {
      return Effect.fail(configError(`headers.${name}`, "no such header: the HTTP client sets it"))
    }
    if (!/^[!#$%&'*+.^_`|~0-9a-z-]+$/.test(name)) return Effect.fail(configError("headers", "names that HTTP allows"))
    if (!/^[\t\x20-\x7e\x80-\xff]*$/.test(value)) {
      return Effect.fail(configError(`headers.${name}`, "a value without line ends or characters beyond Latin-1"))
    }
  }
  return Effect.succeed(headers)
}
