/**
 * Validates the options of a layer, once, when it is built. The first invalid option is reported by name.
 */
import * as Context from "effect/Context"
import * as Headers from "effect/http/Headers"
import * as Predicate from "effect/Predicate"
import * as Record from "effect/Record"
import * as Result from "effect/Result"
import type { Limits, Rate } from "../Limits.ts"
import type { Options } from "../ParticipantsHttp.ts"
import type * as RetryPolicy from "../RetryPolicy.ts"
import {
  check,
  type Checked,
  fields,
  madeWith,
  invalid,
  millis,
  oneOf,
  optional,
  orConfigError,
  wholeNumber,
} from "./checks.ts"

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

/** The parts of the policy that `RetryPolicy.override` has set for the calls of an effect. They have been checked. */
export const Overrides = Context.Reference<Partial<Policy>>("@effect-sunco/http/RetryPolicy/Overrides", {
  defaultValue: () => ({}),
})

/** In bytes. */
const defaultMaxBodySize = 10 * 1024 * 1024

// ---------------------------------------------------------------------------
// Base URL
// ---------------------------------------------------------------------------

const isLoopback = (hostname: string): boolean =>
  hostname === "localhost" || hostname === "[::1]" || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(hostname)

/** Marks the base URL that was made from a text that is not a subdomain. No valid URL begins with it. */
export const notASubdomain = "https://[not a subdomain]"

/**
 * The base URL without a slash at its end. Credentials go to https, or to this machine, unless the user allows http. What was
 * given is not repeated: it can hold a password.
 */
export const checkBaseUrl = (
  input: string | URL,
  allowHttp: boolean,
  nameOfAllowHttp = "the option allowHttp",
): Checked<string> => {
  const text = String(input)
  if (text.startsWith(notASubdomain)) {
    return invalid('a subdomain alone, such as zendesk("acme") for https://acme.zendesk.com/sc')
  }
  const absolute = "an absolute URL, such as https://api.smooch.io or https://acme.zendesk.com/sc"
  if (text.trim() === "") return invalid(`${absolute}; it is empty`)
  // A URL parser drops them.
  if (/[\s\p{Cc}]/u.test(text)) return invalid("a URL without blanks, line ends or other control characters")
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) {
    return invalid(`${absolute}; the scheme is missing: https://, or http:// to this machine`)
  }
  if (!URL.canParse(text)) return invalid(absolute)
  const url = new URL(text)
  const isHttp = url.protocol === "http:"
  if (url.protocol !== "https:" && !(isHttp && (allowHttp || isLoopback(url.hostname)))) {
    const other = isHttp ? `, or to any host with ${nameOfAllowHttp}` : ""
    return invalid(`https; http only to this machine (localhost, 127.0.0.1, [::1])${other}`)
  }
  if (url.username || url.password) return invalid("a URL without credentials in it")
  if (url.search || url.hash) return invalid("a URL without a query or a fragment")
  const path = url.pathname.replace(/\/+$/, "")
  if (path.endsWith("/v2")) return invalid("a URL without /v2 at its end, which is added to it")
  if (/(^|\.)zendesk\.com\.?$/.test(url.hostname) && !path.endsWith("/sc")) {
    return invalid("/sc at the end of a URL of zendesk.com, such as https://acme.zendesk.com/sc")
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
  if (input !== undefined && !Predicate.isObjectOrArray(input)) return invalid("an object, or pairs of name and value")
  const headers = Headers.fromInput(input)
  for (const [name, value] of Object.entries(headers)) {
    if (name === "authorization") {
      return invalid("no such header: it comes from the credentials", ".authorization")
    }
    if (reserved.has(name)) return invalid("no such header: the HTTP client sets it", `.${name}`)
    if (!/^[!#$%&'*+.^_`|~0-9a-z-]+$/.test(name)) return invalid("names that HTTP allows")
    if (!/^[\t\x20-\x7e\x80-\xff]*$/.test(value)) {
      return invalid("a value without line ends or characters beyond Latin-1", `.${name}`)
    }
  }
  return Result.succeed(headers)
}

// ---------------------------------------------------------------------------
// Limits
// ---------------------------------------------------------------------------

const checkRate = (rate: Rate) =>
  fields(rate, {
    limiter: madeWith("RateLimiter.make of effect/persistence", "consume")(rate.limiter),
    limit: wholeNumber(rate.limit),
    window: Result.flatMap(millis(rate.window, "more than zero"), (window) =>
      check(window < Infinity, window, "a finite duration"),
    ),
    algorithm: optional(rate.algorithm, oneOf("fixed-window", "token-bucket")),
    key: Result.succeed(rate.key),
  })

const checkLimits = (limits: Limits) => {
  const { circuitBreaker, concurrency, rate } = limits
  return fields(limits, {
    rate: optional(rate, (rate) =>
      Predicate.isObject(rate) ? checkRate(rate) : invalid("an object with limiter, limit and window"),
    ),
    concurrency: optional(concurrency, wholeNumber),
    circuitBreaker: optional(circuitBreaker, madeWith("CircuitBreaker.make of effect/persistence", "execute")),
  })
}

// ---------------------------------------------------------------------------
// Retry policy
// ---------------------------------------------------------------------------

const checkVerify = (verify: RetryPolicy.Verify | false): Checked<Policy["verify"]> =>
  verify && typeof verify === "object"
    ? fields(verify, { attempts: wholeNumber(verify.attempts), delay: millis(verify.delay, "zero or more") })
    : check(verify === false, verify, "an object with attempts and delay, or false")

export const checkPolicy = (defaults: RetryPolicy.RetryPolicy, parts: RetryPolicy.Partial): Checked<Policy> => {
  // What is undefined counts as left out.
  const part = <Name extends keyof RetryPolicy.RetryPolicy>(name: Name) =>
    parts?.[name] === undefined ? defaults[name] : parts[name]
  return fields(parts, {
    attempts: wholeNumber(part("attempts")),
    attemptTimeout: millis(part("attemptTimeout"), "more than zero"),
    deadline: millis(part("deadline"), "more than zero"),
    base: millis(part("base"), "zero or more"),
    cap: millis(part("cap"), "zero or more"),
    maxRetryAfter: millis(part("maxRetryAfter"), "zero or more"),
    verify: checkVerify(part("verify")),
  })
}

/** Checks parts of a policy by themselves: `defaults` stand in for the others. */
export const checkParts = (defaults: RetryPolicy.RetryPolicy, parts: RetryPolicy.Partial): Checked<Partial<Policy>> =>
  Result.map(checkPolicy(defaults, parts), (policy) => Record.filter(policy, (_, field) => parts[field] !== undefined))

// ---------------------------------------------------------------------------
// All of them
// ---------------------------------------------------------------------------

const aBoolean = (value: boolean) => check(typeof value === "boolean", value, "true or false")

const aFunction = <A>(value: A): Checked<A> => check(typeof value === "function", value, "a function")

/** Validates the options of a layer. Credentials validate themselves when they are opened. */
export const checkOptions = (
  options: Options,
  defaults: { readonly baseUrl: string; readonly retryPolicy: RetryPolicy.RetryPolicy },
) =>
  orConfigError(
    fields(options, {
      credentials: madeWith("Credentials.basic, bearer, jwt or config", "open")(options.credentials),
      // With `null`, a slip in JavaScript must not send the credentials to the default.
      baseUrl: checkBaseUrl(
        options.baseUrl === undefined ? defaults.baseUrl : options.baseUrl,
        options.allowHttp === true,
      ),
      allowHttp: optional(options.allowHttp, aBoolean),
      headers: checkHeaders(options.headers),
      retryPolicy: checkPolicy(defaults.retryPolicy, options.retryPolicy ?? {}),
      limits: checkLimits(options.limits ?? {}),
      maxBodySize: wholeNumber(options.maxBodySize ?? defaultMaxBodySize),
      propagateTraces: optional(options.propagateTraces, aBoolean),
      onEvent: optional(options.onEvent, aFunction),
      logLevel: optional(options.logLevel, oneOf("Fatal", "Error", "Warn", "Info", "Debug", "Trace")),
      transformClient: optional(options.transformClient, aFunction),
    }),
    (path) => path.slice(1) || "options",
  )
