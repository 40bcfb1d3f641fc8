/**
 * Runs one call: its attempts, the waits between them, and the looks at the roster after a write that may have happened.
 */
import * as Clock from "effect/Clock"
import * as Data from "effect/Data"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as CircuitBreaker from "effect/persistence/CircuitBreaker"
import * as Random from "effect/Random"
import * as Schedule from "effect/Schedule"
import { type Paginator, SunshineError } from "@effect-sunco/core"
import * as Attempt from "./attempt.ts"
import type { Policy } from "./policy.ts"

type Documented = SunshineError.BadRequest | SunshineError.NotFound

/** How a write that may have happened is cleared up. */
export interface Verification<A, E> {
  /** One look at the roster: the result of the write, if the roster shows it. */
  readonly look: Effect.Effect<Option.Option<A>, Paginator.PagesError>
  /** The result of the write, if this rejection shows that an earlier attempt has made it. */
  readonly shownBy: (rejection: E | SunshineError.SunshineError) => Option.Option<A>
}

/** An attempt failed, and the call has not. The server asked for nothing before `notBefore` (epoch milliseconds). */
class Unsettled extends Data.TaggedError("Unsettled")<{
  readonly error: SunshineError.SunshineError
  readonly notBefore: number
}> {}

const retryAfterOf = ({ reason }: SunshineError.SunshineError): Duration.Duration =>
  (reason._tag === "RateLimited" || reason._tag === "ServerError" ? reason.retryAfter : undefined) ?? Duration.zero

export const run = <A, E extends Documented>(options: {
  readonly operation: SunshineError.Operation
  readonly policy: Policy
  /** One attempt, of a call that ends at a time (epoch milliseconds). */
  readonly attempt: (state: Attempt.Attempt, endsAt: number) => Effect.Effect<A, E | SunshineError.SunshineError>
  /** For a write; a read has nothing to clear up. */
  readonly verification: Verification<A, E> | undefined
}): Effect.Effect<A, E | SunshineError.SunshineError> =>
  Effect.flatMap(Clock.currentTimeMillis, (startedAt) => {
    const { operation, policy, verification } = options
    const endsAt = startedAt + Duration.toMillis(policy.deadline)
    const reasons: Array<SunshineError.AttemptReason> = []
    let inFlight: Attempt.Attempt | undefined
    /** Whether an attempt may have written. */
    let inDoubt = false

    const fail = (reason: SunshineError.Reason, cause?: unknown) =>
      new SunshineError.SunshineError({ operation, reason, ...(cause === undefined ? {} : { cause }) })
    const unknown = (cause?: unknown) => fail(new SunshineError.OutcomeUnknown({ attempts: [...reasons] }), cause)

    /** A wait, or an error at once in place of one that could only end in the deadline. */
    const inTime = <Error>(delay: Duration.Duration, error: () => Error): Effect.Effect<Duration.Duration, Error> =>
      Effect.flatMap(Clock.currentTimeMillis, (now) =>
        now + Duration.toMillis(delay) < endsAt ? Effect.succeed(delay) : Effect.fail(error()),
      )

    /** Looks until the roster shows the write. That a look fails, or would come too late, leaves the write unclear. */
    const lookFor = ({ look }: Verification<A, E>, notWithin = Duration.zero) =>
      inTime(Duration.max(policy.lookAfter, notWithin), unknown).pipe(
        Effect.flatMap(Effect.sleep),
        Effect.andThen(
          Effect.repeat(Effect.mapError(look, unknown), {
            until: Option.isSome,
            times: policy.looks - 1,
            schedule: Schedule.exponential(Duration.times(policy.lookAfter, 2)).pipe(
              Schedule.modifyDelay(({ duration }) => inTime(duration, unknown)),
            ),
          }),
        ),
      )

    /** No is final for a write that is not in doubt. One that is may be the reason for the no, so it is looked for. */
    const rejected = (error: E | SunshineError.SunshineError): Effect.Effect<A, E | SunshineError.SunshineError> => {
      if (!inDoubt || verification === undefined) return Effect.fail(error)
      const shown = verification.shownBy(error)
      if (Option.isSome(shown)) return Effect.succeed(shown.value)
      return Effect.flatMap(lookFor(verification), (found) =>
        Effect.mapError(Effect.fromOption(found), () => unknown(error)),
      )
    }

    const failed = (
      error: E | SunshineError.SunshineError,
    ): Effect.Effect<A, E | SunshineError.SunshineError | Unsettled> => {
      inFlight = undefined
      if (error._tag !== "SunshineError") return rejected(error)
      const { outcome, reason } = error
      if (reason._tag === "InvalidRequest" || reason._tag === "OutcomeUnknown") return rejected(error)
      reasons.push(reason)
      if (outcome === "rejected") return rejected(error)
      const retryAfter = retryAfterOf(error)
      return Effect.flatMap(Clock.currentTimeMillis, (now) => {
        const unsettled = new Unsettled({ error, notBefore: now + Duration.toMillis(retryAfter) })
        if (outcome === "not processed" || verification === undefined) return Effect.fail(unsettled)
        inDoubt = true
        // A look is a request too: it comes no sooner than the server asked for.
        if (policy.ambiguous === "fail" || Duration.isGreaterThan(retryAfter, policy.maxRetryAfter)) {
          return Effect.fail(unknown(error.cause))
        }
        return Effect.flatMap(lookFor(verification, retryAfter), (found) =>
          Effect.mapError(Effect.fromOption(found), () => unsettled),
        )
      })
    }

    const once = Effect.suspend(() => {
      const state = Attempt.make()
      inFlight = state
      return Effect.catch(options.attempt(state, endsAt), failed)
    })

    /** Full jitter, never less than the server asked for; no wait that could only end in the deadline. */
    const schedule = Schedule.exponential(policy.base).pipe(
      Schedule.setInputType<E | SunshineError.SunshineError | Unsettled>(),
      Schedule.modifyDelay(
        Effect.fnUntraced(function* ({ duration, input }) {
          // `while` below lets nothing else through.
          if (!(input instanceof Unsettled)) return duration
          const backoff = Duration.times(Duration.min(duration, policy.cap), yield* Random.next)
          const remaining = Duration.millis(input.notBefore - (yield* Clock.currentTimeMillis))
          return yield* inTime(Duration.max(backoff, remaining), () => input)
        }),
      ),
    )

    return once.pipe(
      Effect.retry({
        times: policy.attempts - 1,
        while: (error) =>
          error instanceof Unsettled &&
          // An open circuit is there to spare the server further attempts.
          !(error.error.cause instanceof CircuitBreaker.CircuitBreakerError) &&
          Duration.isLessThanOrEqualTo(retryAfterOf(error.error), policy.maxRetryAfter),
        schedule,
      }),
      Effect.mapError((error) =>
        error instanceof Unsettled ? (inDoubt ? unknown(error.error.cause) : error.error) : error,
      ),
      Effect.timeoutOrElse({
        duration: policy.deadline,
        orElse: () => {
          const timedOut = new SunshineError.TimedOut({ after: policy.deadline, sent: inFlight?.sent ?? false })
          if (verification === undefined || !(inDoubt || timedOut.sent)) return Effect.fail(fail(timedOut))
          reasons.push(timedOut)
          return Effect.fail(unknown())
        },
      }),
    )
  })
