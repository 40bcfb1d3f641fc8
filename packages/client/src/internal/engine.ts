/**
 * The engine behind a client: core and http over `fetch`, with the options of the client in its own words.
 */
import * as Effect from "effect/Effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as CircuitBreaker from "effect/persistence/CircuitBreaker"
import * as RateLimiter from "effect/persistence/RateLimiter"
import * as Scope from "effect/Scope"
import type { Participants } from "@effect-sunco/core"
import { type Limits as HttpLimits, ParticipantsHttp, type RetryPolicy as HttpRetryPolicy } from "@effect-sunco/http"
import type { CircuitBreaker as BreakerOptions, ClientOptions, Limits, Rate, RetryPolicy } from "../ClientOptions.ts"
import { InvalidOption } from "../errors.ts"
import * as Check from "./checks.ts"
import { unseal } from "./credentials.ts"
import { runSetup } from "./setup.ts"

// ---------------------------------------------------------------------------
// Names and types of the options
// ---------------------------------------------------------------------------

const checkVerify: Check.Check = (value, option) => {
  if (value !== false)
    Check.fields({ attempts: Check.number, delayMs: Check.number }, ["attempts", "delayMs"])(value, option)
}

/** Credentials are checked by their constructor: only what one returned is known. */
const checkCredentials: Check.Check = (value, option) => {
  if (unseal(value) === undefined) {
    throw new InvalidOption(option, "what Credentials.basic, bearer, jwt or fromEnv of this package returned")
  }
}

const checkOptions = Check.fields(
  {
    credentials: checkCredentials,
    baseUrl: Check.url,
    fetch: Check.callable("a function"),
    retryPolicy: Check.fields({
      attempts: Check.number,
      attemptTimeoutMs: Check.number,
      deadlineMs: Check.number,
      baseMs: Check.number,
      capMs: Check.number,
      maxRetryAfterMs: Check.number,
      verify: checkVerify,
    }),
    limits: Check.fields({
      concurrency: Check.number,
      rate: Check.fields(
        { limit: Check.number, windowMs: Check.number, algorithm: Check.oneOf("fixed-window", "token-bucket") },
        ["limit", "windowMs"],
      ),
      circuitBreaker: Check.fields({ consecutiveFailures: Check.number, openMs: Check.number }, [
        "consecutiveFailures",
        "openMs",
      ]),
    }),
    headers: Check.record(Check.string),
    allowHttp: Check.boolean,
    onEvent: Check.callable("a function"),
  },
  ["credentials"],
)

// ---------------------------------------------------------------------------
// Translation
// ---------------------------------------------------------------------------

const retryPolicyOf = (policy: RetryPolicy): HttpRetryPolicy.Partial => ({
  attempts: policy.attempts,
  attemptTimeout: policy.attemptTimeoutMs,
  deadline: policy.deadlineMs,
  base: policy.baseMs,
  cap: policy.capMs,
  maxRetryAfter: policy.maxRetryAfterMs,
  verify: policy.verify && { attempts: policy.verify.attempts, delay: policy.verify.delayMs },
})

const rateOf = ({ algorithm, limit, windowMs }: Rate): Effect.Effect<HttpLimits.Rate> =>
  Effect.map(RateLimiter.make, (limiter) => ({ limiter, limit, window: windowMs, algorithm })).pipe(
    Effect.provide(RateLimiter.layerStoreMemory),
  )

/** The circuit breaker of Effect throws for numbers that it does not take. */
const circuitBreakerOf = ({ consecutiveFailures, openMs }: BreakerOptions) => {
  if (!(Number.isInteger(consecutiveFailures) && consecutiveFailures >= 1)) {
    throw new InvalidOption("limits.circuitBreaker.consecutiveFailures", "a whole number, 1 or more")
  }
  if (!(openMs > 0)) throw new InvalidOption("limits.circuitBreaker.openMs", "a duration of more than zero")
  return CircuitBreaker.make({
    tripPolicy: CircuitBreaker.consecutive(consecutiveFailures),
    openDuration: openMs,
  }).pipe(Effect.provide(CircuitBreaker.layerStoreMemory()))
}

const limitsOf = Effect.fnUntraced(function* ({ circuitBreaker, concurrency, rate }: Limits) {
  return {
    concurrency,
    rate: rate && (yield* rateOf(rate)),
    circuitBreaker: circuitBreaker && (yield* circuitBreakerOf(circuitBreaker)),
  }
})

// A tool that replaces the global `fetch` later, such as one that records requests in a test, is called too.
// @effect-diagnostics-next-line globalFetch:off
const globalFetch: typeof fetch = (input, init) => globalThis.fetch(input, init)

/** `fetch` is called with a URL only. */
const fetchOf = ({ fetch }: ClientOptions): typeof globalThis.fetch =>
  fetch === undefined ? globalFetch : (input, init) => fetch(input instanceof Request ? input.url : input, init)

export const make = (options: ClientOptions, scope: Scope.Scope): Participants.Participants["Service"] => {
  checkOptions(options, "options")
  const { allowHttp, baseUrl, headers, limits, onEvent, retryPolicy } = options
  const credentials = unseal(options.credentials)
  if (credentials === undefined) throw new InvalidOption("credentials", "this option, which is required")
  return runSetup(
    Effect.flatMap(limitsOf(limits ?? {}), (limits) =>
      ParticipantsHttp.make({
        credentials,
        baseUrl,
        allowHttp,
        headers,
        limits,
        onEvent,
        retryPolicy: retryPolicyOf(retryPolicy ?? {}),
      }),
    ).pipe(
      Effect.provide(FetchHttpClient.layer),
      Effect.provideService(FetchHttpClient.Fetch, fetchOf(options)),
      Scope.provide(scope),
    ),
  )
}
