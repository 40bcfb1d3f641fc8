/**
 * What is retried, when, and how long.
 *
 * Lists are retried when the request was not processed, or when nobody knows, since reading twice does no harm. Joins and
 * leaves are sent once.
 *
 * @since 0.1.0
 */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Random from "effect/Random"
import * as Schedule from "effect/Schedule"
import { SunshineError } from "@effect-sunco/core"

/**
 * How often a call is tried, and how long it waits in between.
 *
 * - `attempts`: how often a request is sent at most, the first time included; 4 if left out
 * - `base`: the longest wait before the second attempt; 250 milliseconds if left out. The wait doubles with each attempt,
 *   and is drawn at random from 0 to that (full jitter), so that callers that failed together do not come back together.
 * - `cap`: the longest wait; 10 seconds if left out
 * - `maxRetryAfter`: how long a `Retry-After` of the API may be; 60 seconds if left out. It is never undercut; a longer
 *   one fails the call at once.
 *
 * @category models
 * @since 0.1.0
 */
export interface RetryPolicy {
  readonly attempts: number
  readonly base: Duration.Input
  readonly cap: Duration.Input
  readonly maxRetryAfter: Duration.Input
}

/**
 * The policy where a layer names no other.
 *
 * @category constants
 * @since 0.1.0
 */
export const defaults: RetryPolicy = {
  attempts: 4,
  base: Duration.millis(250),
  cap: Duration.seconds(10),
  maxRetryAfter: Duration.seconds(60),
}

const retryAfterOf = (error: unknown): Duration.Duration => {
  if (!(error instanceof SunshineError.SunshineError)) return Duration.zero
  const { reason } = error
  return (
    (reason._tag === "RateLimited" || reason._tag === "ServerError" ? reason.retryAfter : undefined) ?? Duration.zero
  )
}

/**
 * Retries a read.
 *
 * @category combinators
 * @since 0.1.0
 */
export const retryRead = <A, E, R>(
  effect: Effect.Effect<A, E | SunshineError.SunshineError, R>,
  overrides?: Partial<RetryPolicy>,
): Effect.Effect<A, E | SunshineError.SunshineError, R> => {
  const policy = { ...defaults, ...overrides }
  return Effect.retry(effect, {
    times: policy.attempts - 1,
    while: (error) =>
      error instanceof SunshineError.SunshineError &&
      error.isRetryable &&
      Duration.isLessThanOrEqualTo(retryAfterOf(error), Duration.fromInputUnsafe(policy.maxRetryAfter)),
    schedule: Schedule.exponential(policy.base).pipe(
      Schedule.modifyDelay(({ duration, input }) =>
        Effect.map(Random.next, (random) =>
          Duration.max(
            Duration.times(Duration.min(duration, Duration.fromInputUnsafe(policy.cap)), random),
            retryAfterOf(input),
          ),
        ),
      ),
    ),
  })
}
