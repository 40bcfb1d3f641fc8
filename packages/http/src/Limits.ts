/**
 * Limits that a layer applies before the API answers 429: requests per window, requests at once, and a circuit
 * breaker. All requests of the layer count: first attempts, retries, and reads that verify a write.
 *
 * Without limits, the layer still adapts to 429 answers; see `docs/failures.md`.
 *
 * @since 0.1.0
 */
import type * as Duration from "effect/Duration"
import type * as CircuitBreaker from "effect/persistence/CircuitBreaker"
import type * as RateLimiter from "effect/persistence/RateLimiter"

/**
 * The limits of a layer. Each is optional.
 *
 * **Example** (Ten requests at once)
 *
 * ```ts
 * import { Credentials, ParticipantsHttp } from "@effect-sunco/http"
 * import { Redacted } from "effect"
 *
 * const ParticipantsLive = ParticipantsHttp.layer({
 *   credentials: Credentials.basic({ keyId: "app_sandbox", secret: Redacted.make("sandbox-secret") }),
 *   limits: { concurrency: 10 },
 * })
 * ```
 *
 * **Example** (Sending nothing to a server that fails)
 *
 * ```ts
 * import { Credentials, ParticipantsHttp } from "@effect-sunco/http"
 * import { Effect, Layer, Redacted } from "effect"
 * import { CircuitBreaker } from "effect/persistence"
 *
 * const ParticipantsLive = Layer.unwrap(
 *   Effect.gen(function* () {
 *     const circuitBreaker = yield* CircuitBreaker.make({
 *       tripPolicy: CircuitBreaker.consecutive(10),
 *       openDuration: "30 seconds",
 *     })
 *     return ParticipantsHttp.layer({
 *       credentials: Credentials.basic({ keyId: "app_sandbox", secret: Redacted.make("sandbox-secret") }),
 *       limits: { circuitBreaker },
 *     })
 *   }),
 * ).pipe(Layer.provide(CircuitBreaker.layerStoreMemory()))
 * ```
 *
 * @category models
 * @since 0.1.0
 */
export interface Limits {
  /** Requests per window; no limit if left out. */
  readonly rate?: Rate | undefined
  /**
   * Requests in flight at once: a whole number, 1 or more; no limit if left out. A call that waits for a retry does not
   * count.
   */
  readonly concurrency?: number | undefined
  /**
   * Effect's circuit breaker; none if left out. Failures of the server (5xx, timeouts, no connection) open the circuit; a
   * 429, or an answer that cannot be decoded, does not count. While it is open, calls fail with the reason `Transport` (`sent: false`) and are not retried. A write that may have
   * happened cannot be verified then, and fails with `OutcomeUnknown`.
   */
  readonly circuitBreaker?: CircuitBreaker.CircuitBreaker | undefined
}

/**
 * A number of requests per window, counted by Effect's `RateLimiter`. Its store decides who shares the budget: this
 * process, or all processes that use the same Redis.
 *
 * Calls take tokens in the order in which they were made. A call that would get its token only after its deadline fails
 * at once with the reason `RateLimited`, and takes none.
 *
 * **Example** (A hundred requests per ten seconds)
 *
 * ```ts
 * import { Credentials, ParticipantsHttp } from "@effect-sunco/http"
 * import { Effect, Layer, Redacted } from "effect"
 * import { RateLimiter } from "effect/persistence"
 *
 * const ParticipantsLive = Layer.unwrap(
 *   Effect.map(RateLimiter.make, (limiter) =>
 *     ParticipantsHttp.layer({
 *       credentials: Credentials.basic({ keyId: "app_sandbox", secret: Redacted.make("sandbox-secret") }),
 *       limits: { rate: { limiter, limit: 100, window: "10 seconds", algorithm: "token-bucket" } },
 *     }),
 *   ),
 * ).pipe(Layer.provide(RateLimiter.layerStoreMemory))
 * ```
 *
 * @category models
 * @since 0.1.0
 */
export interface Rate {
  /** Counts the requests; make one with `RateLimiter.make` of `effect/persistence`. */
  readonly limiter: RateLimiter.RateLimiter
  /** Requests per window: a whole number, 1 or more. */
  readonly limit: number
  /** The length of a window, more than zero and finite. A bare number is milliseconds. */
  readonly window: Duration.Input
  /** `"fixed-window"` if left out; `"token-bucket"` spreads the requests over the window. */
  readonly algorithm?: "fixed-window" | "token-bucket" | undefined
  /** The name of the budget in the store; the base URL if left out. */
  readonly key?: string | undefined
}
