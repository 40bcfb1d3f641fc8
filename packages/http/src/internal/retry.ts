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
import * as RetryPolicy from "../RetryPolicy.ts"
import type { Preparation } from "./admission.ts"
import * as Attempt from "./attempt.ts"
import type { Policy } from "./policy.ts"

type Documented = SunshineError.BadRequest | SunshineError.NotFound

/** One look at the roster. */
export interface Look<A> {
  /** The result of the write, if the roster shows it. */
  readonly shown: Option.Option<A>
  /** Whether a roster that does not show it says anything. */
  readonly conclusive: boolean
}

/** How a write that may have happened is cleared up. */
export interface Verification<A, E> {
  readonly look: Effect.Effect<Look<A>, Paginator.PagesError>
  /** The result of the write, if this rejection shows that an earlier attempt has made it. */
  readonly shownBy: (rejection: E | SunshineError.SunshineError) => Option.Option<A>
}

/** An attempt failed, and the call has not. The server asked for nothing before `notBefore` (epoch milliseconds). */
class Unsettled extends Data.TaggedError("Unsettled")<{
  readonly error: SunshineError.SunshineError
  readonly notBefore: number
}> {}

const retryAfterOf = ({ reason }: SunshineError.SunshineError): Duration.Duration =>
  ("retryAfter" in reason ? reason.retryAfter : undefined) ?? Duration.zero

export const run = <A, E extends Documented>(options: {
  readonly operation: SunshineError.Operation
  readonly policy: Policy
  /** One attempt, of a call that ends at a time (epoch milliseconds), and what has to be done before it is sent. */
  readonly attempt: (
    state: Attempt.Attempt,
    endsAt: number,
    preparation: Preparation<A, SunshineError.SunshineError>,
  ) => Effect.Effect<A, E | SunshineError.SunshineError>
  /** For a write; a read has nothing to clear up. */
  readonly verification: Verification<A, E> | undefined
}): Effect.Effect<A, E | SunshineError.SunshineError> =>
  Effect.flatMap(Clock.currentTimeMillis, (startedAt) => {
    const { operation, policy, verification } = options
    const endsAt = startedAt + Duration.toMillis(policy.deadline)
    const reasons: Array<SunshineError.AttemptReason> = []
    let inFlight: Attempt.Attempt | undefined
    /** Whether an attempt may have written, and when the roster was last read to find out. */
    let inDoubt = false
    let lookedAt = startedAt

    const fail = (reason: SunshineError.Reason, cause?: unknown) =>
      new SunshineError.SunshineError({ operation, reason, ...(cause === undefined ? {} : { cause }) })
    const unknown = (cause?: unknown) => fail(new SunshineError.OutcomeUnknown({ attempts: [...reasons] }), cause)

    /** A wait, or an error at once in place of one that could only end in the deadline. */
    const inTime = <Error>(delay: Duration.Duration, error: () => Error): Effect.Effect<Duration.Duration, Error> =>
      Effect.flatMap(Clock.currentTimeMillis, (now) =>
        now + Duration.toMillis(delay) < endsAt ? Effect.succeed(delay) : Effect.fail(error()),
      )

    /** A look is part of its call, and has no more time than that. */
    const lookOnce = ({ look }: Verification<A, E>): Effect.Effect<Look<A>, SunshineError.SunshineError> =>
      Effect.flatMap(Clock.currentTimeMillis, (now) =>
        look.pipe(RetryPolicy.override({ deadline: Math.max(1, endsAt - now) }), Effect.mapError(unknown)),
      ).pipe(
        Effect.tap(() =>
          Effect.map(Clock.currentTimeMillis, (now) => {
            lookedAt = now
          }),
        ),
      )

    /** A roster that does not show the write, and would not if it had happened, leaves the write unclear. */
    const resultOf = ({ conclusive, shown }: Look<A>) =>
      Option.isSome(shown) || conclusive ? Effect.succeed(shown) : Effect.fail(unknown())

    /** Looks until the roster shows the write. That a look fails, or would come too late, leaves the write unclear. */
    const lookFor = (verification: Verification<A, E>, notWithin = Duration.zero) =>
      inTime(Duration.max(policy.lookAfter, notWithin), unknown).pipe(
        Effect.flatMap(Effect.sleep),
        Effect.andThen(
          Effect.repeat(lookOnce(verification), {
            until: ({ shown }) => Option.isSome(shown),
            times: policy.looks - 1,
            schedule: Schedule.exponential(Duration.times(policy.lookAfter, 2)).pipe(
              Schedule.modifyDelay(({ duration }) => inTime(duration, unknown)),
            ),
          }),
        ),
        Effect.flatMap(resultOf),
      )

    /** The last look is old when the wait since is longer than any wait between looks, and than a second. */
    const oldAfter = Math.max(1000, Duration.toMillis(policy.lookAfter) * 2 ** (policy.looks - 1))
    const lookIsOld = Effect.map(
      Clock.currentTimeMillis,
      (now) => inDoubt && verification !== undefined && now - lookedAt > oldAfter,
    )

    /** Once more directly before a write in doubt is sent again, if the last look is old: after another 429, or a wait. */
    const lookAgain: Preparation<A, SunshineError.SunshineError> = {
      run: Effect.flatMap(lookIsOld, (old) =>
        old && verification !== undefined ? Effect.flatMap(lookOnce(verification), resultOf) : Effect.succeedNone,
      ),
      holds: Effect.map(lookIsOld, (old) => !old),
    }

    /** No is final for a write that is not in doubt. One that is may be the reason for the no, so it is looked for. */
    const rejected = (error: E | SunshineError.SunshineError): Effect.Effect<A, E | SunshineError.SunshineError> => {
      if (!inDoubt || verification === undefined) return Effect.fail(error)
      const shown = verification.shownBy(error)
      if (Option.isSome(shown)) return Effect.succeed(shown.value)
      // A look is a request too: it comes no sooner than the server asked for.
      const retryAfter = error._tag === "SunshineError" ? retryAfterOf(error) : Duration.zero
      if (Duration.isGreaterThan(retryAfter, policy.maxRetryAfter)) return Effect.fail(unknown(error))
      return Effect.flatMap(lookFor(verification, retryAfter), (found) =>
        Effect.mapError(Effect.fromOption(found), () => unknown(error)),
      )
    }

    const failed = (
      error: E | SunshineError.SunshineError,
    ): Effect.Effect<A, E | SunshineError.SunshineError | Unsettled> => {
      inFlight = undefined
      if (error._tag !== "SunshineError") return rejected(error)
      const { outcome, reason } = error
      if (reason._tag === "OutcomeUnknown") return Effect.fail(error)
      if (reason._tag === "InvalidRequest") return rejected(error)
      reasons.push(reason)
      if (outcome === "rejected") return rejected(error)
      const retryAfter = retryAfterOf(error)
      return Effect.flatMap(Clock.currentTimeMillis, (now) => {
        const unsettled = new Unsettled({ error, notBefore: now + Duration.toMillis(retryAfter) })
        if (outcome === "not processed" || verification === undefined) return Effect.fail(unsettled)
        inDoubt = true
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
      return options.attempt(state, endsAt, lookAgain)
    }).pipe(Effect.catch(failed))

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
