/**
 * Limits that a layer keeps on its own, before the API answers 429. All requests of the layer count: first attempts,
 * retries, and reads that verify a write.
 *
 * @since 0.1.0
 */
import type * as Duration from "effect/Duration"

/**
 * The limits of a layer. Each is optional.
 *
 * @category models
 * @since 0.1.0
 */
export interface Limits {
  /** Requests per window; no limit if left out. */
  readonly rate?: Rate | undefined
  /** Requests in flight at once: a whole number, 1 or more; no limit if left out. A retry wait takes no place. */
  readonly concurrency?: number | undefined
}

/**
 * A number of requests per window, counted in the memory of this layer. Calls wait for their turn in the order they came. A
 * call whose deadline comes before its turn fails at once with the reason `RateLimited`.
 *
 * @category models
 * @since 0.1.0
 */
export interface Rate {
  /** Requests per window: a whole number, 1 or more. */
  readonly limit: number
  /** The length of a window, more than zero and finite. A bare number is milliseconds. */
  readonly window: Duration.DurationInput
  /** `"fixed-window"` if left out; `"token-bucket"` spreads the requests over the window. */
  readonly algorithm?: "fixed-window" | "token-bucket" | undefined
}
