/**
 * The current authorization header: made once for all callers that wait for it, kept for its time to live, and replaced
 * when the server refuses it.
 *
 * Times to live run on the monotonic clock, so setting the wall clock has no effect.
 */
import * as Cause from "effect/Cause"
import type * as Clock from "effect/Clock"
import * as Data from "effect/Data"
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Fiber from "effect/Fiber"
import type * as Redacted from "effect/Redacted"
import { monotonicMillis } from "./clock.ts"

/** The value of an authorization header. */
export interface Header {
  readonly value: Redacted.Redacted
}

/** The source returned a token that cannot be sent in a header; `expected` says what can. */
export class InvalidToken extends Data.TaggedError("InvalidToken")<{ readonly expected: string }> {}

/** The source failed; `cause` is its error, its defect, or an error for its interruption. */
export class SourceFailed extends Data.TaggedError("SourceFailed")<{ readonly cause: unknown }> {}

/** Why there is no header. */
export type CredentialFailure = InvalidToken | SourceFailed

export interface Authentication {
  /** The cached header, if it is valid at `now` (milliseconds of the monotonic clock). */
  readonly valid: (now: number) => Header | undefined
  /** The current header. Waits until one is made if none is valid. */
  readonly current: Effect.Effect<Header, CredentialFailure>
  /**
   * Whether a header that was acquired earlier may still be sent: it is neither refused, nor replaced, nor expired. A
   * header that had expired when its source returned it may be sent as long as no valid one is available.
   *
   * `now` is in milliseconds of the monotonic clock.
   */
  readonly isUsable: (header: Header, now: number) => boolean
  /**
   * Records that the server refused `header`, so that it is not used again. Returns whether another one can be made.
   */
  readonly refuse: (header: Header) => boolean
}

/** A header that never changes. */
export const fixed = (value: Redacted.Redacted): Authentication => {
  const header: Header = { value }
  return { valid: () => header, current: Effect.succeed(header), isUsable: () => true, refuse: () => false }
}

/** One run of the source. */
interface Run {
  readonly result: Deferred.Deferred<Header, CredentialFailure>
  /** When it began (monotonic milliseconds). */
  readonly startedAt: number
  fiber: Fiber.Fiber<Redacted.Redacted, unknown> | undefined
  /** How many callers wait for its result. */
  waiting: number
}

/** After this time a run is given up if another caller needs a header, so that one that hangs does not hold up all (milliseconds). */
const longestRun = 60_000

/**
 * Caches the header of `make` for `timeToLive`, counted from the start of `make`. If it fails, all callers that wait
 * for it fail, and nothing is cached.
 *
 * The source runs in its own fiber, so a caller that stops waiting does not wait until the source stops.
 */
export const kept = (
  make: Effect.Effect<Redacted.Redacted, unknown>,
  timeToLive: Duration.Duration,
): Effect.Effect<Authentication> =>
  Effect.sync(() => {
    let entry: { readonly header: Header; readonly endsAt: number } | undefined
    let running: Run | undefined
    /** Headers that had expired when the source returned them, and were not refused. */
    const expiredAtOnce = new WeakSet<Header>()

    const valid = (now: number): Header | undefined =>
      entry !== undefined && now < entry.endsAt ? entry.header : undefined

    const finish = (run: Run, exit: Exit.Exit<Redacted.Redacted, unknown>, now: number) => {
      const fail = (cause: Cause.Cause<unknown>) => Deferred.doneUnsafe(run.result, Exit.fail(failureOf(cause)))
      // It has been given up. Some may still wait for it.
      if (running !== run) return fail(Cause.interrupt())
      running = undefined
      if (Exit.isFailure(exit)) return fail(exit.cause)
      const header: Header = { value: exit.value }
      const endsAt = run.startedAt + Duration.toMillis(timeToLive)
      entry = { header, endsAt }
      if (now >= endsAt) expiredAtOnce.add(header)
      return Deferred.doneUnsafe(run.result, Exit.succeed(header))
    }

    const giveUp = (run: Run) => {
      running = undefined
      run.fiber?.interruptUnsafe()
    }

    // The fiber starts after the callers that are already scheduled, so they share this run even if the source is
    // synchronous.
    const start = (run: Run, clock: Clock.Clock) =>
      Effect.map(Effect.forkDetach(make), (fiber) => {
        run.fiber = fiber
        fiber.addObserver((exit) => {
          finish(run, exit, monotonicMillis(clock))
        })
      })

    const leave = (run: Run) =>
      Effect.sync(() => {
        run.waiting--
        if (run.waiting === 0 && running === run) giveUp(run)
      })

    const wait = (clock: Clock.Clock) =>
      Effect.uninterruptibleMask((restore) => {
        const now = monotonicMillis(clock)
        if (running !== undefined && now - running.startedAt >= longestRun) giveUp(running)
        const joined = running
        // Set before the first effect, because another caller can run between two effects.
        const run = (running ??= { result: Deferred.makeUnsafe(), startedAt: now, fiber: undefined, waiting: 0 })
        run.waiting++
        const result = Effect.onInterrupt(restore(Deferred.await(run.result)), () => leave(run))
        return joined === undefined ? Effect.andThen(start(run, clock), result) : result
      })

    return {
      valid,
      current: Effect.clockWith((clock) => {
        const header = valid(monotonicMillis(clock))
        return header === undefined ? wait(clock) : Effect.succeed(header)
      }),
      isUsable: (header, now) => {
        const newest = valid(now)
        return newest === undefined ? expiredAtOnce.has(header) : newest === header
      },
      refuse: (header) => {
        expiredAtOnce.delete(header)
        // If another caller has replaced the header in the meantime, the new one is kept.
        if (entry?.header === header) entry = undefined
        return true
      },
    }
  })

const failureOf = (cause: Cause.Cause<unknown>): CredentialFailure => {
  const error = Cause.squash(cause)
  return error instanceof InvalidToken ? error : new SourceFailed({ cause: error })
}
