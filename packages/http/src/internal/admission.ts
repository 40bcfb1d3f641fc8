/**
 * When a request may be sent: not before the time that a 429 named, within the limits of the caller, and not through an
 * open circuit.
 */
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
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

/** Whether a request is part of a call that has a slot: a look that is made again there needs no other. */
const InSlot = Context.Reference<boolean>("@effect-sunco/http/InSlot", { defaultValue: () => false })

/** `key` names the API that the limits are for. */
export const make = (limits: Limits, key: string): Admission => {
  const { circuitBreaker, concurrency, rate } = limits
  const slot = concurrency === undefined ? identity : Semaphore.makeUnsafe(concurrency).withPermit
  const oneAtATime = rate === undefined ? identity : Semaphore.makeUnsafe(1).withPermit

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

  /** Takes a token, or gives the error that says when there will be one. */
  const takeToken = (
    operation: SunshineError.Operation,
  ): Effect.Effect<RateLimiter.RateLimiterError | undefined, SunshineError.SunshineError> => {
    if (rate === undefined) return Effect.undefined
    const { algorithm, limit, limiter, window } = rate
    return Effect.matchEffect(limiter.consume({ key: rate.key ?? key, limit, window, algorithm, onExceeded: "fail" }), {
      onSuccess: () => Effect.undefined,
      onFailure: (error) =>
        error.reason._tag === "RateLimitExceeded"
          ? Effect.succeed(error)
          : Effect.fail(notSent(operation, "the rate limiter failed")(error)),
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
      type Turn = "held" | "not prepared" | "token"

      /**
       * Waits for a token, first come, first served. Each is asked for when it is there, and by one who can use it: so
       * nobody takes one who gives up, is held, or has to prepare again.
       */
      const turn: Effect.Effect<Turn, SunshineError.SunshineError> = Effect.gen(function* () {
        while (true) {
          if ((yield* remaining) > 0) return "held"
          if (!(yield* preparation.holds)) return "not prepared"
          const exceeded = yield* takeToken(operation)
          if (exceeded === undefined) return "token"
          const retryAfter = waitOf(exceeded)
          if ((yield* Clock.currentTimeMillis) + Duration.toMillis(retryAfter) >= endsAt) {
            return yield* new SunshineError.SunshineError({
              operation,
              reason: new SunshineError.RateLimited({ errors: [], retryAfter }),
              cause: exceeded,
            })
          }
          yield* Effect.sleep(retryAfter)
        }
      })

      /** Sends the request, or gives the slot back when a 429 has come: then it waits outside. */
      const inSlot: Effect.Effect<
        Option.Option<Effect.Success<typeof request>>,
        Effect.Error<typeof request>
      > = Effect.gen(function* () {
        while (true) {
          const outcome = yield* oneAtATime(turn)
          if (outcome === "held" || (yield* remaining) > 0) return Option.none()
          if (outcome === "token" && (yield* preparation.holds)) {
            return Option.some(yield* throughCircuit(operation, request))
          }
          // What has grown old in the queue is made anew in its place there.
          const result = yield* Effect.provideService(preparation.run, InSlot, true)
          if (Option.isSome(result)) return result
        }
      })

      return passHold(operation, policy, endsAt).pipe(
        Effect.andThen(preparation.run),
        Effect.filterOrElse(Option.isSome, () => Effect.flatMap(InSlot, (within) => (within ? inSlot : slot(inSlot)))),
        Effect.repeat({ until: Option.isSome }),
        Effect.map(Option.getOrThrow),
      )
    },
  }
}

/** In whole milliseconds, of which a wait has one at least. */
const waitOf = ({ reason }: RateLimiter.RateLimiterError): Duration.Duration =>
  Duration.millis("retryAfter" in reason ? Math.max(1, Math.ceil(Duration.toMillis(reason.retryAfter))) : 1)

/** The circuit opens on failures of the server and of the way to it. An answer of the API is none, and 429 says nothing. */
const classify = (exit: Exit.Exit<unknown, Documented | SunshineError.SunshineError>): CircuitBreaker.Outcome => {
  const error = Option.getOrUndefined(Exit.findErrorOption(exit))
  if (error?._tag !== "SunshineError" || error.outcome === "rejected") return CircuitBreaker.success
  if (error.reason._tag === "RateLimited") return CircuitBreaker.ignored
  return CircuitBreaker.failure({
    retryAfter: error.reason._tag === "ServerError" ? error.reason.retryAfter : undefined,
  })
}
