/**
 * When a request may be sent: not before the time that a 429 named, within the limits of the caller, and not through an
 * open circuit.
 */
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { identity } from "effect/Function"
import * as Option from "effect/Option"
import * as CircuitBreaker from "effect/persistence/CircuitBreaker"
import * as RateLimiter from "effect/persistence/RateLimiter"
import * as Semaphore from "effect/Semaphore"
import { SunshineError } from "@effect-sunco/core"
import type { Policy } from "./policy.ts"
import { noCredential } from "./transport.ts"

type Documented = SunshineError.BadRequest | SunshineError.NotFound

/** What the caller allows; see `ParticipantsHttp.Limits`. */
export interface Limits {
  readonly rate?:
    | {
        readonly limiter: RateLimiter.RateLimiter
        readonly limit: number
        readonly window: Duration.Input
        readonly algorithm?: "fixed-window" | "token-bucket" | undefined
        readonly key?: string | undefined
      }
    | undefined
  readonly concurrency?: number | undefined
  readonly circuitBreaker?: CircuitBreaker.CircuitBreaker | undefined
}

/** A date in a far year, or of a clock that is ahead, must not close a layer for good (milliseconds). */
const longestHold = 60 * 60 * 1000

export interface Admission {
  /** Waits until no 429 holds the callers of the layer. */
  readonly passHold: (
    operation: SunshineError.Operation,
    policy: Policy,
    endsAt: number,
  ) => Effect.Effect<void, SunshineError.SunshineError>
  /** Sends a request when it may be sent, for a call that ends at a time (epoch milliseconds). */
  readonly admit: <A, E extends Documented>(
    operation: SunshineError.Operation,
    policy: Policy,
    endsAt: number,
    request: Effect.Effect<A, E | SunshineError.SunshineError>,
  ) => Effect.Effect<A, E | SunshineError.SunshineError>
}

/** `key` names the API that the limits are for. */
export const make = (limits: Limits, key: string): Admission => {
  const { circuitBreaker, concurrency, rate } = limits
  const slot = concurrency === undefined ? identity : Semaphore.makeUnsafe(concurrency).withPermit

  /** The latest time that an answer with 429 has named, for all callers (epoch milliseconds). */
  let heldUntil = 0
  /** In whole milliseconds: a rest too small to sleep for would be asked for again without end. */
  const remaining = Effect.map(Clock.currentTimeMillis, (now) => Math.max(0, Math.ceil(heldUntil - now)))

  /** Waits until the hold is over; one that the caller would not wait for, or not outlive, fails at once. */
  const passHold = (
    operation: SunshineError.Operation,
    policy: Policy,
    endsAt: number,
  ): Effect.Effect<void, SunshineError.SunshineError> =>
    Effect.gen(function* () {
      const millis = yield* remaining
      if (millis === 0) return
      const retryAfter = Duration.millis(millis)
      const now = yield* Clock.currentTimeMillis
      if (Duration.isGreaterThan(retryAfter, policy.maxRetryAfter) || now + millis >= endsAt) {
        return yield* new SunshineError.SunshineError({
          operation,
          reason: new SunshineError.RateLimited({ errors: [], retryAfter }),
        })
      }
      yield* Effect.sleep(retryAfter)
    })

  const hold = (error: Documented | SunshineError.SunshineError) =>
    Effect.map(Clock.currentTimeMillis, (now) => {
      if (error._tag !== "SunshineError" || error.reason._tag !== "RateLimited") return
      const named = Duration.toMillis(error.reason.retryAfter ?? Duration.zero)
      heldUntil = Math.max(heldUntil, now + Math.min(named, longestHold))
    })

  const notSent = (operation: SunshineError.Operation, description: string) => (cause: unknown) =>
    new SunshineError.SunshineError({
      operation,
      reason: new SunshineError.Transport({ description, sent: false }),
      cause,
    })

  const takeToken = (operation: SunshineError.Operation) =>
    rate === undefined
      ? Effect.void
      : RateLimiter.sleep(rate.limiter, {
          key: rate.key ?? key,
          limit: rate.limit,
          window: rate.window,
          algorithm: rate.algorithm,
        }).pipe(Effect.mapError(notSent(operation, "the rate limiter failed")))

  const throughCircuit = <A, E extends Documented>(
    operation: SunshineError.Operation,
    request: Effect.Effect<A, E | SunshineError.SunshineError>,
  ) =>
    circuitBreaker === undefined
      ? request
      : circuitBreaker
          .execute(request, { key, classify })
          .pipe(
            Effect.mapError((error) =>
              error instanceof CircuitBreaker.CircuitBreakerError
                ? notSent(operation, "the circuit breaker let no request through")(error)
                : error,
            ),
          )

  return {
    passHold,
    admit: (operation, policy, endsAt, request) => {
      // A 429 can arrive while this caller waits for its slot or its token: then it gives the slot back, and waits outside.
      const unlessHeld = <A, E>(effect: Effect.Effect<Option.Option<A>, E>) =>
        Effect.flatMap(remaining, (millis) => (millis > 0 ? Effect.succeedNone : effect))
      const send = Effect.asSome(throughCircuit(operation, Effect.tapError(request, hold)))
      // A token is for the window in which it comes, so it is the last thing to wait for.
      const inSlot = slot(unlessHeld(Effect.andThen(takeToken(operation), unlessHeld(send))))
      return Effect.andThen(passHold(operation, policy, endsAt), inSlot).pipe(
        Effect.repeat({ until: Option.isSome }),
        Effect.map(Option.getOrThrow),
      )
    },
  }
}

/** The circuit opens on failures of the server and of the way to it. An answer of the API is none, and 429 says nothing. */
const classify = (exit: Exit.Exit<unknown, Documented | SunshineError.SunshineError>): CircuitBreaker.Outcome => {
  const error = Option.getOrUndefined(Exit.findErrorOption(exit))
  if (error?._tag !== "SunshineError" || error.outcome === "rejected") return CircuitBreaker.success
  if (error.reason._tag === "RateLimited") return CircuitBreaker.ignored
  if (error.reason._tag === "Transport" && error.reason.description === noCredential) return CircuitBreaker.ignored
  return CircuitBreaker.failure({
    retryAfter: error.reason._tag === "ServerError" ? error.reason.retryAfter : undefined,
  })
}
