/**
 * The current authorization header: made once for all callers that wait for it, kept for its time to live, and replaced
 * when the server refuses it.
 *
 * Times to live run on the monotonic clock, so setting the wall clock has no effect.
 */
import * as Cause from "effect/Cause"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { constVoid } from "effect/Function"
import type * as Redacted from "effect/Redacted"
import type { CredentialRenewed } from "../Events.ts"
import { monotonicMillis } from "./clock.ts"

/** The value of an authorization header. */
export interface Header {
  readonly value: Redacted.Redacted
  /** Why the header before it is no longer used; undefined if there was none, and after it was reported. */
  renewal?: CredentialRenewed["cause"] | undefined
  /** Whether it had expired when its source returned it, and was not refused. */
  isLate?: boolean
}

export interface Authentication {
  /** The cached header, if it is valid at `now` (milliseconds of the monotonic clock). */
  readonly valid: (now: number) => Header | undefined
  /**
   * The current header. Waits until one is made if none is valid. Fails with what the source failed with: its error, its
   * defect, or an error for its interruption.
   */
  readonly current: Effect.Effect<Header, unknown>
  /**
   * Whether a header that was acquired earlier may still be sent: it is neither refused, nor replaced, nor expired. A
   * header that had expired when its source returned it may be sent as long as no valid one is available.
   *
   * `now` is in milliseconds of the monotonic clock.
   */
  readonly isUsable: (header: Header, now: number) => boolean
  /** Whether another header can be made when the server has refused one. */
  readonly isRenewable: boolean
  /** Records that the server refused `header`, so that it is not used again. */
  readonly refuse: (header: Header) => void
}

/** A header that never changes. */
export const fixed = (value: Redacted.Redacted): Authentication => {
  const header: Header = { value }
  return {
    valid: () => header,
    current: Effect.succeed(header),
    isUsable: () => true,
    isRenewable: false,
    refuse: constVoid,
  }
}

/** How long the source may take. One that hangs fails then, so that the next caller asks it again. */
const longestRun = Duration.minutes(1)

/** Runs an effect in a fiber of its own, so that a caller that is interrupted does not wait until it has stopped. */
const apart = <A, E>(effect: Effect.Effect<A, E>): Effect.Effect<A, E> =>
  Effect.uninterruptibleMask((restore) =>
    Effect.flatMap(Effect.forkDetach(effect), (fiber) =>
      Effect.onInterrupt(restore(Fiber.join(fiber)), () => Effect.sync(() => fiber.interruptUnsafe())),
    ),
  )

/**
 * Caches the header of `make` for `timeToLive`, counted from the start of `make`. If it fails, all callers that wait
 * for it fail, and nothing is cached.
 */
export const kept = (
  make: Effect.Effect<Redacted.Redacted, unknown>,
  timeToLive: Duration.Duration,
): Effect.Effect<Authentication> =>
  Effect.suspend(() => {
    let entry: { readonly header: Header; readonly endsAt: number } | undefined
    let wasRefused = false

    const valid = (now: number): Header | undefined =>
      entry !== undefined && now < entry.endsAt ? entry.header : undefined

    const run = Effect.clockWith((clock) => {
      const endsAt = monotonicMillis(clock) + Duration.toMillis(timeToLive)
      return Effect.timeout(apart(make), longestRun).pipe(
        Effect.catchCause((cause) => Effect.fail(Cause.squash(cause))),
        Effect.map((value) => {
          const renewal = entry === undefined ? (wasRefused ? "refused" : undefined) : "expired"
          const header: Header = { value, renewal, isLate: monotonicMillis(clock) >= endsAt }
          entry = { header, endsAt }
          return header
        }),
      )
    })

    // Effect lets all callers that wait share one run. It would cache by the wall clock, so it must not.
    return Effect.map(Effect.cachedWithTTL(run, Duration.negativeInfinity), (shared) => ({
      valid,
      current: Effect.clockWith((clock) => {
        const header = valid(monotonicMillis(clock))
        return header === undefined ? shared : Effect.succeed(header)
      }),
      isUsable: (header, now) => {
        const newest = valid(now)
        return newest === undefined ? header.isLate === true : newest === header
      },
      isRenewable: true,
      refuse: (header) => {
        header.isLate = false
        // If another caller has replaced the header in the meantime, the new one is kept.
        if (entry?.header === header) {
          entry = undefined
          wasRefused = true
        }
      },
    }))
  })
