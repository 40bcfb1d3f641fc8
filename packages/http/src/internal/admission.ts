/**
 * When a request may be sent: not before the time that a 429 named, within the limits of the caller, and not through an
 * open circuit.
 */
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { identity } from "effect/Function"
import type * as HttpClientResponse from "effect/http/HttpClientResponse"
import * as Option from "effect/Option"
import * as CircuitBreaker from "effect/persistence/CircuitBreaker"
import type * as RateLimiter from "effect/persistence/RateLimiter"
import * as Semaphore from "effect/Semaphore"
import { SunshineError } from "@effect-sunco/core"
import * as Answer from "./answer.ts"
import type { Policy } from "./policy.ts"

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

/** What a request needs before it is sent, and has to have still when it is. */
export interface Preparation<A, E> {
  /** Runs when no 429 holds the layer, before the wait for a slot. A result is that of the call: nothing is sent. */
  readonly run: Effect.Effect<Option.Option<A>, E>
  /** Whether it still holds. If not, it runs again. */
  readonly holds: Effect.Effect<boolean>
}

export interface Admission {
  /** Sends a request when it may be sent, for a call that ends at a time (epoch milliseconds). */
  readonly admit: <A, E extends Documented>(options: {
    readonly operation: SunshineError.Operation
    readonly policy: Policy
    readonly endsAt: number
    readonly preparation: Preparation<A, E | SunshineError.SunshineError>
    readonly request: Effect.Effect<A, E | SunshineError.SunshineError>
  }) => Effect.Effect<A, E | SunshineError.SunshineError>
  /** Notes what the head of an answer says to all callers, whatever becomes of its body. */
  readonly hear: (response: HttpClientResponse.HttpClientResponse) => Effect.Effect<void>
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

  const hear = (response: HttpClientResponse.HttpClientResponse) =>
    response.status === 429
      ? Effect.gen(function* () {
          const named = Duration.toMillis((yield* Answer.retryAfterOf(response)) ?? Duration.zero)
          heldUntil = Math.max(heldUntil, (yield* Clock.currentTimeMillis) + Math.min(named, longestHold))
        })
      : Effect.void

  const notSent = (operation: SunshineError.Operation, description: string) => (cause: unknown) =>
    new SunshineError.SunshineError({
      operation,
      reason: new SunshineError.Transport({ description, sent: false }),
      cause,
    })

  /** Waits for a token. Each is asked for when it is there, so that one who gives up has taken none. */
  const takeToken = (
    operation: SunshineError.Operation,
    endsAt: number,
  ): Effect.Effect<void, SunshineError.SunshineError> => {
    if (rate === undefined) return Effect.void
    const { algorithm, limit, limiter, window } = rate
    const take = limiter.consume({ key: rate.key ?? key, limit, window, algorithm, onExceeded: "fail" })
    return Effect.catch(Effect.asVoid(take), (cause) => {
      const { reason } = cause
      if (reason._tag !== "RateLimitExceeded") return Effect.fail(notSent(operation, "the rate limiter failed")(cause))
      // In whole milliseconds, of which a wait has one at least.
      const retryAfter = Duration.millis(Math.max(1, Math.ceil(Duration.toMillis(reason.retryAfter))))
      return Effect.flatMap(Clock.currentTimeMillis, (now) =>
        now + Duration.toMillis(retryAfter) < endsAt
          ? Effect.andThen(Effect.sleep(retryAfter), takeToken(operation, endsAt))
          : Effect.fail(
              new SunshineError.SunshineError({
                operation,
                reason: new SunshineError.RateLimited({ errors: [], retryAfter }),
                cause,
              }),
            ),
      )
    })
  }

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
    hear,
    admit: ({ endsAt, operation, policy, preparation, request }) => {
      // A 429 can arrive while this caller waits for its slot or its token: then it gives the slot back, and waits outside.
      const unlessHeld = <A, E>(effect: Effect.Effect<Option.Option<A>, E>) =>
        Effect.flatMap(remaining, (millis) => (millis > 0 ? Effect.succeedNone : effect))
      const send = Effect.flatMap(preparation.holds, (holds) =>
        holds ? Effect.asSome(throughCircuit(operation, request)) : Effect.succeedNone,
      )
      // A token is for the window in which it comes, so it is the last thing to wait for.
      const inSlot = slot(unlessHeld(Effect.andThen(takeToken(operation, endsAt), unlessHeld(send))))
      return passHold(operation, policy, endsAt).pipe(
        Effect.andThen(preparation.run),
        Effect.filterOrElse(Option.isSome, () => inSlot),
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
  return CircuitBreaker.failure({
    retryAfter: error.reason._tag === "ServerError" ? error.reason.retryAfter : undefined,
  })
}
