/**
 * The engine behind a client: core and http over `fetch`, with the options of the client in its own words.
 */
import * as Effect from "effect/Effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as CircuitBreaker from "effect/persistence/CircuitBreaker"
import * as RateLimiter from "effect/persistence/RateLimiter"
import * as Scope from "effect/Scope"
import { type Limits as HttpLimits, ParticipantsHttp, type RetryPolicy as HttpRetryPolicy } from "@effect-sunco/http"
import type { CircuitBreaker as BreakerOptions, ClientOptions, Limits, Rate, RetryPolicy } from "../ClientOptions.ts"
import * as Check from "./checks.ts"
import { runSetup, unseal } from "./setup.ts"

// ---------------------------------------------------------------------------
// Names and types of the options
// ---------------------------------------------------------------------------

const orFalse = Check.check("an object with attempts and delayMs, or false", (value) => value === false)

const verify = Check.fields({ attempts: Check.number, delayMs: Check.millis })

const checkOptions = Check.fields(
  {
    credentials: unseal,
  },
  {
    baseUrl: Check.url,
    fetch: Check.callable,
    retryPolicy: Check.fields(
      {},
      {
        attempts: Check.number,
        attemptTimeoutMs: Check.millis,
        deadlineMs: Check.millis,
        baseMs: Check.millis,
        capMs: Check.millis,
        maxRetryAfterMs: Check.millis,
        verify: (value, option) => (value !== null && typeof value === "object" ? verify : orFalse)(value, option),
      },
    ),
    limits: Check.fields(
      {},
      {
        concurrency: Check.number,
        rate: Check.fields(
          { limit: Check.number, windowMs: Check.millis },
          { algorithm: Check.oneOf("fixed-window", "token-bucket") },
        ),
        // The circuit breaker of Effect throws for other numbers.
        circuitBreaker: Check.fields({
          consecutiveFailures: Check.check(
            "a whole number, 1 or more",
            (value) => Number.isInteger(value) && Number(value) >= 1,
          ),
          openMs: Check.check(
            "a number of milliseconds, more than zero",
            (value) => typeof value === "number" && value > 0,
          ),
        }),
      },
    ),
    headers: Check.record(Check.string),
    allowHttp: Check.boolean,
    onEvent: Check.callable,
  },
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

const circuitBreakerOf = ({ consecutiveFailures, openMs }: BreakerOptions) =>
  CircuitBreaker.make({
    tripPolicy: CircuitBreaker.consecutive(consecutiveFailures),
    openDuration: openMs,
  }).pipe(Effect.provide(CircuitBreaker.layerStoreMemory()))

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

/** Another implementation of `fetch` has a class of its own. The status of `Response.error()`, a network error, is 0. */
const isResponse = (value: unknown): value is Response =>
  typeof value === "object" &&
  value !== null &&
  "headers" in value &&
  "status" in value &&
  Number.isInteger(value.status) &&
  value.status !== 0

/** Calls `fetch` with a URL only. What it gives instead of a response is a failure of the request. */
const fetchOf =
  ({ fetch = globalFetch }: ClientOptions): typeof globalThis.fetch =>
  async (input, init) => {
    const response: unknown = await fetch(input instanceof Request ? input.url : input, init)
    if (!isResponse(response)) throw new TypeError("fetch resolved to something that is not a Response with a status")
    return response
  }

export const make = (options: ClientOptions, scope: Scope.Scope) => {
  checkOptions(options, "options")
  const { allowHttp, baseUrl = ParticipantsHttp.legacyUS, headers, limits = {}, onEvent, retryPolicy = {} } = options
  const service = runSetup(
    Effect.flatMap(limitsOf(limits), (limits) =>
      ParticipantsHttp.make({
        credentials: unseal(options.credentials),
        baseUrl,
        allowHttp,
        headers,
        limits,
        onEvent,
        retryPolicy: retryPolicyOf(retryPolicy),
      }),
    ).pipe(
      Effect.provide(FetchHttpClient.layer),
      Effect.provideService(FetchHttpClient.Fetch, fetchOf(options)),
      Scope.provide(scope),
    ),
  )
  // As errors of the engine name it.
  const { origin, pathname } = new URL(baseUrl)
  return { service, baseUrl: origin + pathname.replace(/\/+$/, "") }
}
