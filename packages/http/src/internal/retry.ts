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
  /** One attempt, of a call that ends at a time (epoch milliseconds). */
  readonly attempt: (state: Attempt.Attempt, endsAt: number) => Effect.Effect<A, E | SunshineError.SunshineError>
  /** Waits until an attempt may be sent. */
  readonly ready: (endsAt: number) => Effect.Effect<void, SunshineError.SunshineError>
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

    const lookOnce = ({ look }: Verification<A, E>): Effect.Effect<Look<A>, SunshineError.SunshineError> =>
      Effect.tap(Effect.mapError(look, unknown), () =>
        Effect.map(Clock.currentTimeMillis, (now) => {
          lookedAt = now
        }),
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

    /** The last look is old when the wait since is longer than any wait between looks: another 429, or a hold. */
    const oldAfter = Duration.toMillis(policy.lookAfter) * 2 ** (policy.looks - 1)

    /** Once more directly before a write in doubt is sent again, if the last look is old. */
    const lookAgain = (verification: Verification<A, E>) =>
      options.ready(endsAt).pipe(
        Effect.andThen(Clock.currentTimeMillis),
        Effect.flatMap((now) =>
          now - lookedAt > oldAfter ? Effect.flatMap(lookOnce(verification), resultOf) : Effect.succeedNone,
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
      if (reason._tag === "OutcomeUnknown") return Effect.fail(error)
      if (reason._tag === "InvalidRequest") return rejected(error)
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

    const send = Effect.suspend(() => {
      const state = Attempt.make()
      inFlight = state
      return options.attempt(state, endsAt)
    })

    const once = Effect.suspend(() =>
      inDoubt && verification !== undefined
        ? Effect.flatMap(lookAgain(verification), Option.match({ onNone: () => send, onSome: Effect.succeed<A> }))
        : send,
    ).pipe(Effect.catch(failed))

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
