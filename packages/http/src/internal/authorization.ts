/**
 * Keeps an authorization header: one is made at a time, however many callers wait for it, and is renewed before it ends
 * or when the server refuses it.
 */
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Predicate from "effect/Predicate"
import type * as Redacted from "effect/Redacted"
import * as Semaphore from "effect/Semaphore"

/** The value of an authorization header, and when it ends (epoch milliseconds). */
export interface Header {
  readonly value: Redacted.Redacted
  readonly endsAt: number
}

/** The header of the moment, and whether there can be another one. */
export interface Authorization<E> {
  readonly current: Effect.Effect<Header, E>
  /** Whether the header has been neither forgotten nor replaced. */
  readonly isCurrent: (header: Header) => boolean
  /** The server refused `used`: it is not given again. Says whether there can be another one. */
  readonly forget: (used: Header) => boolean
}

export const fixed = (value: Redacted.Redacted): Authorization<never> => ({
  current: Effect.succeed({ value, endsAt: Number.POSITIVE_INFINITY }),
  isCurrent: () => true,
  forget: () => false,
})

/**
 * Keeps what `make` gives for `timeToLive`. A failure is not kept, and is given to all who waited for it, so that a source
 * that fails is not asked by each of them in turn.
 */
export const kept = <E>(
  make: Effect.Effect<Redacted.Redacted, E>,
  timeToLive: Duration.Duration,
): Effect.Effect<Authorization<E>> =>
  Effect.sync(() => {
    const semaphore = Semaphore.makeUnsafe(1)
    let entry: Header | undefined
    let failures = 0
    let failure: E | undefined

    const valid = Effect.map(Clock.currentTimeMillis, (now) =>
      entry !== undefined && now < entry.endsAt ? entry : undefined,
    )
    // Waiters find what the one who was first has made. If that one is interrupted, the next one makes it.
    const makeOne = Effect.suspend(() => {
      const before = failures
      return Effect.gen(function* () {
        const found = yield* valid
        if (found !== undefined) return found
        if (failures > before && failure !== undefined) return yield* Effect.fail(failure)
        const madeAt = yield* Clock.currentTimeMillis
        const value = yield* Effect.tapError(make, (error) =>
          Effect.sync(() => {
            failures++
            failure = error
          }),
        )
        entry = { value, endsAt: madeAt + Duration.toMillis(timeToLive) }
        return entry
      }).pipe(semaphore.withPermit)
    })

    return {
      current: Effect.filterOrElse(valid, Predicate.isNotUndefined, () => makeOne),
      isCurrent: (header) => entry === header,
      forget: (used) => {
        // Where somebody else has renewed it in the meantime, theirs is kept.
        if (entry === used) entry = undefined
        return true
      },
    }
  })
