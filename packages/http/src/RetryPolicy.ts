/**
 * What is retried, when, and for how long.
 *
 * An attempt that fails has one of three outcomes (`SunshineError.Outcome`):
 *
 * - *rejected*: the server refused the request. The call fails.
 * - *not processed*: the server did not act on the request. It is sent again. A 429 is one of these; it uses up no attempt.
 * - *ambiguous*: 5xx, or the answer was lost. A list is sent again. A join or a leave may have happened, so the roster is
 *   read first: if it shows the change, the call succeeds; if not, the request is sent again.
 *
 * If the outcome stays unclear, the call fails with `OutcomeUnknown`, which has the reasons of the attempts.
 *
 * @since 0.1.0
 */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { dual } from "effect/Function"
import * as Result from "effect/Result"
import { Participants, SunshineError } from "@effect-sunco/core"
import { checkParts, Overrides } from "./internal/options.ts"

// ---------------------------------------------------------------------------
// Models
// ---------------------------------------------------------------------------

/**
 * How often a request is sent, how long a call may take, and how a write that may have happened is verified.
 *
 * @category models
 * @since 0.1.0
 */
export interface RetryPolicy {
  /**
   * How often a request is sent at most, including the first time: 1 or more. 4 by default. 429 answers do not count.
   */
  readonly attempts: number
  /**
   * How long one request may take, to the last byte of the answer. 15 seconds by default, which is longer than undici and
   * fetch wait for a connection: a host that does not answer at all is then reported as a request that was not sent.
   * Acquiring a credential may take as long again. A bare number is milliseconds.
   */
  readonly attemptTimeout: Duration.Input
  /**
   * How long the whole call may take: attempts, waits, verification, credentials. 2 minutes by default. A bare number
   * is milliseconds.
   */
  readonly deadline: Duration.Input
  /**
   * The longest wait before the second attempt. 250 milliseconds by default. It doubles with each attempt. The actual
   * wait is random, between zero and that value (full jitter), so that calls that failed at the same time are not
   * retried at the same time. A bare number is milliseconds.
   */
  readonly base: Duration.Input
  /**
   * The upper bound of the wait between attempts, unless the API asks for a longer one. 10 seconds by default. A bare
   * number is milliseconds.
   */
  readonly cap: Duration.Input
  /**
   * The longest `Retry-After` that is waited for. 60 seconds by default. A longer one ends the call at once: with
   * `RateLimited` after a 429, with `ServerError` (a write: `OutcomeUnknown`) after a 5xx. A bare number is milliseconds.
   */
  readonly maxRetryAfter: Duration.Input
  /**
   * How a write that may have happened is verified before it is sent again. `false` never sends such a write again: the
   * call fails with `OutcomeUnknown`.
   */
  readonly verify: Verify | false
}

/**
 * How often and when the roster is read to verify a write that may have happened.
 *
 * @category models
 * @since 0.1.0
 */
export interface Verify {
  /**
   * How often the roster is read at most after one attempt: 1 or more. 3 by default. Each read takes one request per
   * 100 participants.
   */
  readonly attempts: number
  /**
   * The wait before the first read. 500 milliseconds by default. It doubles with each read. The vendor does not say how
   * soon the list shows a join, so later reads are safer. A bare number is milliseconds.
   */
  readonly delay: Duration.Input
}

/**
 * Parts of a policy. Fields that are left out or undefined change nothing.
 *
 * @category models
 * @since 0.1.0
 */
export type Partial = { readonly [Field in keyof RetryPolicy]?: RetryPolicy[Field] | undefined }

/**
 * The default policy, for each field that neither the layer nor {@link override} sets.
 *
 * **Example** (A layer that gives up sooner)
 *
 * ```ts
 * import { Credentials, ParticipantsHttp, RetryPolicy } from "@effect-sunco/http"
 * import { Redacted } from "effect"
 * import * as assert from "node:assert"
 *
 * const ParticipantsLive = ParticipantsHttp.layer({
 *   credentials: Credentials.basic({ keyId: "app_sandbox", secret: Redacted.make("sandbox-secret") }),
 *   retryPolicy: { attempts: RetryPolicy.defaults.attempts - 1, deadline: "20 seconds" },
 * })
 *
 * assert.equal(RetryPolicy.defaults.attempts, 4)
 * ```
 *
 * @category constants
 * @since 0.1.0
 */
export const defaults: RetryPolicy = {
  attempts: 4,
  attemptTimeout: Duration.seconds(15),
  deadline: Duration.minutes(2),
  base: Duration.millis(250),
  cap: Duration.seconds(10),
  maxRetryAfter: Duration.seconds(60),
  verify: { attempts: 3, delay: Duration.millis(500) },
}

// ---------------------------------------------------------------------------
// Combinators
// ---------------------------------------------------------------------------

/**
 * Overrides parts of the policy for one call, or for all calls that an effect makes. An inner override wins over an
 * outer one. If any of them is invalid, each of the calls fails with `InvalidRequest`, and nothing is sent. The memory and
 * mock layers of `@effect-sunco/testing` fail in the same way; a valid policy changes nothing there.
 *
 * **Example** (One call that must not wait)
 *
 * ```ts
 * import { Participants } from "@effect-sunco/core"
 * import { RetryPolicy } from "@effect-sunco/http"
 * import { Effect } from "effect"
 *
 * const program = Effect.gen(function* () {
 *   const participants = yield* Participants.Participants
 *   return yield* participants
 *     .list({ appId: "app", conversationId: "conversation" })
 *     .pipe(RetryPolicy.override({ attempts: 1, deadline: "2 seconds" }))
 * })
 * ```
 *
 * @category combinators
 * @since 0.1.0
 */
export const override: {
  (policy: Partial): <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
  <A, E, R>(effect: Effect.Effect<A, E, R>, policy: Partial): Effect.Effect<A, E, R>
} = dual(2, <A, E, R>(effect: Effect.Effect<A, E, R>, policy: Partial): Effect.Effect<A, E, R> =>
  Result.match(checkParts(defaults, policy), {
    onFailure: ({ expected, path }) =>
      Effect.provideService(
        effect,
        Participants.Refusal,
        new SunshineError.InvalidRequest({ field: `retryPolicy${path}`, expected: `Expected ${expected}` }),
      ),
    onSuccess: (parts) =>
      Effect.flatMap(Overrides, (outer) => Effect.provideService(effect, Overrides, { ...outer, ...parts })),
  }),
)
