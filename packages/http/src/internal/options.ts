/**
 * Validates the options of a layer, once, when it is built. The first invalid option is reported by name.
 */
import type * as Config from "effect/Config"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Headers from "effect/http/Headers"
import * as LogLevel from "effect/LogLevel"
import * as Option from "effect/Option"
import * as Record from "effect/Record"
import * as Result from "effect/Result"
import type { Limits, Rate } from "../Limits.ts"
import type { Options } from "../ParticipantsHttp.ts"
import type * as RetryPolicy from "../RetryPolicy.ts"
import { configError } from "./configuration.ts"

/** The option that is wrong, and what is allowed there. */
export interface Invalid {
  readonly field: string
  readonly expected: string
}

/** A retry policy with all durations in milliseconds. */
export interface Policy {
  readonly attempts: number
  readonly attemptTimeout: number
  readonly deadline: number
  readonly base: number
  readonly cap: number
  readonly maxRetryAfter: number
  readonly verify: { readonly attempts: number; readonly delay: number } | false
}

/** In bytes. */
const defaultMaxBodySize = 10 * 1024 * 1024

type Checked<A> = Result.Result<A, Invalid>

const invalid = (field: string, expected: string) => Result.fail<Invalid>({ field, expected })

const wholeNumber = (field: string, value: unknown): Checked<number> =>
  typeof value === "number" && Number.isInteger(value) && value >= 1
    ? Result.succeed(value)
    : invalid(field, "a whole number, 1 or more")

const millis = (field: string, input: Duration.Input, allowed: "zero or more" | "more than zero"): Checked<number> => {
  const duration = Number.isNaN(input) ? Option.none() : Duration.fromInput(input)
  const value = Option.getOrElse(Option.map(duration, Duration.toMillis), () => -1)
  return value > 0 || (value === 0 && allowed === "zero or more")
    ? Result.succeed(value)
    : invalid(field, `a duration of ${allowed}`)
}

// ---------------------------------------------------------------------------
// Base URL
// ---------------------------------------------------------------------------

const isLoopback = (hostname: string): boolean =>
  hostname === "localhost" || hostname === "[::1]" || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(hostname)

/** Marks the base URL that was made from a text that is not a subdomain. No valid URL begins with it. */
export const notASubdomain = "https://[not a subdomain]"

/** The names of the base URL, and of what allows http, where the user wrote them. */
interface BaseUrlNames {
  readonly baseUrl: string
  readonly allowHttp: string
}

const optionNames: BaseUrlNames = { baseUrl: "baseUrl", allowHttp: "the option allowHttp" }

/**
 * The base URL without a slash at its end. Credentials go to https, or to this machine, unless the user allows http. What was
 * given is not repeated: it can hold a password.
 */
export const checkBaseUrl = (input: string | URL, allowHttp: boolean, names = optionNames): Checked<string> => {
  const field = names.baseUrl
  const text = String(input)
  if (text.startsWith(notASubdomain)) {
    return invalid(field, 'a subdomain alone, such as zendesk("acme") for https://acme.zendesk.com/sc')
  }
  const examples = "such as https://api.smooch.io or https://acme.zendesk.com/sc"
  if (text.trim() === "") return invalid(field, `an absolute URL, ${examples}; it is empty`)
  // A URL parser drops them.
  if (/[\s\p{Cc}]/u.test(text)) return invalid(field, "a URL without blanks, line ends or other control characters")
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) {
    return invalid(field, `an absolute URL, ${examples}; the scheme is missing: https://, or http:// to this machine`)
  }
  if (!URL.canParse(text)) return invalid(field, `an absolute URL, ${examples}`)
  const url = new URL(text)
  const isHttp = url.protocol === "http:"
  if (url.protocol !== "https:" && !(isHttp && (allowHttp || isLoopback(url.hostname)))) {
    const other = isHttp ? `, or to any host with ${names.allowHttp}` : ""
    return invalid(field, `https; http only to this machine (localhost, 127.0.0.1, [::1])${other}`)
  }
  if (url.username !== "" || url.password !== "") return invalid(field, "a URL without credentials in it")
  if (url.search !== "" || url.hash !== "") return invalid(field, "a URL without a query or a fragment")
  const path = url.pathname.replace(/\/+$/, "")
  if (path.endsWith("/v2")) return invalid(field, "a URL without /v2 at its end, which is added to it")
  if (url.hostname.endsWith(".zendesk.com") && !path.endsWith("/sc")) {
    return invalid(field, "/sc at the end of a URL of zendesk.com, such as https://acme.zendesk.com/sc")
  }
  return Result.succeed(url.origin + path)
}

// ---------------------------------------------------------------------------
// Headers
// ---------------------------------------------------------------------------

/** Headers that the HTTP client owns: they frame the message, or say how it may be encoded. */
const reserved: ReadonlySet<string> = new Set([
  "accept-encoding",
  "connection",
  "content-length",
  "expect",
  "host",
  "keep-alive",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
])

const checkHeaders = (input: Headers.Input | undefined): Checked<Headers.Headers> => {
  const headers = Headers.fromInput(input)
  for (const [name, value] of Object.entries(headers)) {
    if (name === "authorization") {
      return invalid("headers.authorization", "no such header: it comes from the credentials")
    }
    if (reserved.has(name)) return invalid(`headers.${name}`, "no such header: the HTTP client sets it")
    if (!/^[!#$%&'*+.^_`|~0-9a-z-]+$/.test(name)) return invalid("headers", "names that HTTP allows")
    if (!/^[\t\x20-\x7e\x80-\xff]*$/.test(value)) {
      return invalid(`headers.${name}`, "a value without line ends or characters beyond Latin-1")
    }
  }
  return Result.succeed(headers)
}

// ---------------------------------------------------------------------------
// Limits
// ---------------------------------------------------------------------------

const checkRate = (rate: Rate): Checked<Rate> =>
  Result.gen(function* () {
    yield* wholeNumber("limits.rate.limit", rate.limit)
    const window = yield* millis("limits.rate.window", rate.window, "more than zero")
    return window === Infinity ? yield* invalid("limits.rate.window", "a finite duration") : rate
  })

const checkLimits = ({ concurrency, rate, ...limits }: Limits): Checked<Limits> =>
  Result.gen(function* () {
    if (concurrency !== undefined) yield* wholeNumber("limits.concurrency", concurrency)
    return { ...limits, concurrency, rate: rate === undefined ? undefined : yield* checkRate(rate) }
  })

// ---------------------------------------------------------------------------
// Retry policy
// ---------------------------------------------------------------------------

const checkVerify = (verify: RetryPolicy.Verify | false): Checked<Policy["verify"]> => {
  if (verify === false) return Result.succeed(false)
  if (typeof verify !== "object" || verify === null) {
    return invalid("retryPolicy.verify", "an object with attempts and delay, or false")
  }
  return Result.all({
    attempts: wholeNumber("retryPolicy.verify.attempts", verify.attempts),
    delay: millis("retryPolicy.verify.delay", verify.delay, "zero or more"),
  })
}

/** The fields that are set. What is undefined counts as left out. */
const defined = (parts: RetryPolicy.Partial | undefined) =>
  Object.fromEntries(Object.entries({ ...parts }).filter(([, value]) => value !== undefined))

export const checkPolicy = (policy: RetryPolicy.RetryPolicy): Checked<Policy> =>
  Result.all({
    attempts: wholeNumber("retryPolicy.attempts", policy.attempts),
    attemptTimeout: millis("retryPolicy.attemptTimeout", policy.attemptTimeout, "more than zero"),
    deadline: millis("retryPolicy.deadline", policy.deadline, "more than zero"),
    base: millis("retryPolicy.base", policy.base, "zero or more"),
    cap: millis("retryPolicy.cap", policy.cap, "zero or more"),
    maxRetryAfter: millis("retryPolicy.maxRetryAfter", policy.maxRetryAfter, "zero or more"),
    verify: checkVerify(policy.verify),
  })

/** Checks parts of a policy by themselves: `defaults` stand in for the others. */
export const checkParts = (defaults: RetryPolicy.RetryPolicy, parts: RetryPolicy.Partial): Checked<Partial<Policy>> => {
  const given = defined(parts)
  return Result.map(checkPolicy({ ...defaults, ...given }), (policy) =>
    Record.filter(policy, (_, field) => Object.hasOwn(given, field)),
  )
}

// ---------------------------------------------------------------------------
// Telemetry
// ---------------------------------------------------------------------------

const checkTelemetry = ({ logLevel, onEvent }: Options): Checked<Pick<Options, "logLevel" | "onEvent">> => {
  if (logLevel !== undefined && (!LogLevel.values.includes(logLevel) || isBound(logLevel))) {
    return invalid("logLevel", "one of Fatal, Error, Warn, Info, Debug, Trace")
  }
  return onEvent === undefined || typeof onEvent === "function"
    ? Result.succeed({ logLevel, onEvent })
    : invalid("onEvent", "a function")
}

/** Bounds of what is logged; no line has one of them as its level. */
const isBound = (level: LogLevel.LogLevel) => level === "All" || level === "None"

// ---------------------------------------------------------------------------
// All of them
// ---------------------------------------------------------------------------

/** Validates the options of a layer. Credentials validate themselves when they are opened. */
export const checkOptions = (
  options: Options,
  defaults: { readonly baseUrl: string; readonly retryPolicy: RetryPolicy.RetryPolicy },
) =>
  Effect.mapError(
    Effect.fromResult(
      Result.all({
        baseUrl: checkBaseUrl(options.baseUrl ?? defaults.baseUrl, options.allowHttp ?? false),
        headers: checkHeaders(options.headers),
        limits: checkLimits(options.limits ?? {}),
        maxBodySize: wholeNumber("maxBodySize", options.maxBodySize ?? defaultMaxBodySize),
        policy: checkPolicy({ ...defaults.retryPolicy, ...defined(options.retryPolicy) }),
        telemetry: checkTelemetry(options),
      }),
    ),
    ({ expected, field }): Config.ConfigError => configError(field, expected),
  )
