/**
 * Effect's rate limiter, in memory or over a store that does not work, and its circuit breaker.
 */
import { Effect, Layer } from "effect"
import { CircuitBreaker, RateLimiter } from "effect/persistence"

const limiterOf = (store: Layer.Layer<RateLimiter.RateLimiterStore>) =>
  Effect.flatMap(Layer.build(RateLimiter.layer.pipe(Layer.provide(store))), (context) =>
    Effect.provide(RateLimiter.RateLimiter, context),
  )

export const makeLimiter = limiterOf(RateLimiter.layerStoreMemory)

/** A limiter whose store gives this answer to everything. */
export const limiterOver = (answer: Effect.Effect<never, RateLimiter.RateLimiterError>) =>
  limiterOf(
    Layer.succeed(RateLimiter.RateLimiterStore, {
      fixedWindow: () => answer,
      tokenBucket: () => answer,
      adaptiveConsume: () => answer,
      adaptiveFeedback: () => answer,
    }),
  )

/** Opens after three failures in a row, for 30 seconds. */
export const makeBreaker = Effect.flatMap(
  Layer.build(
    CircuitBreaker.layer({ tripPolicy: CircuitBreaker.consecutive(3), openDuration: "30 seconds" }).pipe(
      Layer.provide(CircuitBreaker.layerStoreMemory()),
    ),
  ),
  (context) => Effect.provide(CircuitBreaker.CircuitBreaker, context),
)
