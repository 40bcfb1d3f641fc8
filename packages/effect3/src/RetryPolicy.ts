/**
 * What is retried, when, and for how long. See `docs/failures.md` of the repository for every case.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { dual } from "effect/Function"

/**
 * Parts of a policy. The defaults are those of `RetryPolicy.defaults` of `@effect-sunco/http`.
 *
 * @category models
 * @since 0.1.0
 */
export interface Partial {
  /** How often a request is sent at most, the first time included: 1 or more. 4 by default. 429 answers do not count. */
  readonly attempts?: number | undefined
  /** How long one request may take, to the last byte of the answer. 15 seconds by default. A bare number is milliseconds. */
  readonly attemptTimeout?: Duration.DurationInput | undefined
  /** How long the call may take in all. 2 minutes by default. A bare number is milliseconds. */
  readonly deadline?: Duration.DurationInput | undefined
  /** The longest wait before the second attempt. 250 milliseconds by default; it doubles, and is drawn at random. A bare number is milliseconds. */
  readonly base?: Duration.DurationInput | undefined
  /** What the longest wait between attempts cannot exceed. 10 seconds by default. A bare number is milliseconds. */
  readonly cap?: Duration.DurationInput | undefined
  /** The longest `Retry-After` that is waited for. 60 seconds by default. A longer one ends the call at once. A bare number is milliseconds. */
  readonly maxRetryAfter?: Duration.DurationInput | undefined
  /** How a write that may have happened is verified before it is sent again; `false` never sends it again. */
  readonly verify?: Verify | false | undefined
}

/**
 * How often, and when, the roster is read after a write that may have happened.
 *
 * @category models
 * @since 0.1.0
 */
export interface Verify {
  /** How often the roster is read at most: 1 or more. 3 by default. */
  readonly attempts: number
  /** The wait before the first read. 500 milliseconds by default. It doubles with each read. A bare number is milliseconds. */
  readonly delay: Duration.DurationInput
}

/**
 * The overrides for the calls that an effect makes, the outermost first; see {@link override}.
 *
 * @category references
 * @since 0.1.0
 */
export class Overrides extends Context.Reference<Overrides>()("@effect-sunco/effect3/RetryPolicy/Overrides", {
  defaultValue: (): ReadonlyArray<Partial> => [],
}) {}

/**
 * Overrides parts of the policy for one call, or for all calls of an effect. An inner override wins over an outer one.
 * What is undefined changes nothing. If any of them is invalid, each of the calls fails with `InvalidRequest`, in memory
 * too, and nothing is sent.
 *
 * @category combinators
 * @since 0.1.0
 */
export const override: {
  (policy: Partial): <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
  <A, E, R>(effect: Effect.Effect<A, E, R>, policy: Partial): Effect.Effect<A, E, R>
} = dual(2, <A, E, R>(effect: Effect.Effect<A, E, R>, policy: Partial): Effect.Effect<A, E, R> =>
  Effect.flatMap(Overrides, (outer) => Effect.provideService(effect, Overrides, [...outer, policy])),
)
