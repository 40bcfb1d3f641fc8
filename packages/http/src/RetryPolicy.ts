/**
 * What is tried again, when, and for how long.
 *
 * An attempt that fails is one of three things (`SunshineError.Outcome`):
 *
 * - *rejected*: the server said no. The call fails.
 * - *not processed*: 429, or the request never got there. The call is tried again.
 * - *ambiguous*: 5xx, or the answer was lost. A list is tried again. A join or a leave may have happened, so the roster is
 *   read first: if it shows the change, the call succeeds; if not, it is tried again.
 *
 * What stays unclear is an `OutcomeUnknown`, with the reasons of the attempts. A leave that is ambiguous and then answered
 * with 404 `not_found` has happened.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { dual } from "effect/Function"

// ---------------------------------------------------------------------------
// Models
// ---------------------------------------------------------------------------

/**
 * How often a call is tried, how long it may take, and what is done about a write that may have happened.
 *
 * - `attempts`: how often a request is sent at most, the first time included; 4
 * - `attemptTimeout`: how long one request may take, to the last byte of the answer; 10 seconds. A credential that has to
 *   be had first may take as long.
 * - `deadline`: how long the call may take in all, with attempts, waits, looks and renewed credentials; 2 minutes
 * - `base`: the longest wait before the second attempt; 250 milliseconds. It doubles with each attempt, and the wait is
 *   drawn at random from zero to that (full jitter), so that callers that failed together do not come back together.
 * - `cap`: what the longest wait cannot exceed; 10 seconds
 * - `maxRetryAfter`: the longest `Retry-After` that is waited for; 60 seconds. It is never undercut. A longer one ends the
 *   call at once: with `RateLimited` after a 429, with `ServerError` (a write: `OutcomeUnknown`) after a 5xx.
 * - `ambiguous`: `"verify"` looks at the roster after an ambiguous join or leave; `"fail"` does not, and the call fails
 *   with `OutcomeUnknown`
 * - `looks`: how often the roster is read at most after an ambiguous attempt; 3. Each costs a request per 100 participants.
 * - `lookAfter`: the wait before the first look; 500 milliseconds. It doubles with each look. Nobody knows how soon the
 *   vendor's list shows a join; a later look is a safer one.
 *
 * @category models
 * @since 0.1.0
 */
export interface RetryPolicy {
  readonly attempts: number
  readonly attemptTimeout: Duration.Input
  readonly deadline: Duration.Input
  readonly base: Duration.Input
  readonly cap: Duration.Input
  readonly maxRetryAfter: Duration.Input
  readonly ambiguous: "verify" | "fail"
  readonly looks: number
  readonly lookAfter: Duration.Input
}

/**
 * The policy where a layer or a region names no other.
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
  attemptTimeout: Duration.seconds(10),
  deadline: Duration.minutes(2),
  base: Duration.millis(250),
  cap: Duration.seconds(10),
  maxRetryAfter: Duration.seconds(60),
  ambiguous: "verify",
  looks: 3,
  lookAfter: Duration.millis(500),
}

// ---------------------------------------------------------------------------
// Combinators
// ---------------------------------------------------------------------------

/**
 * What the calls in a region of a program do otherwise than their layer says; see {@link override}.
 *
 * @category references
 * @since 0.1.0
 */
export const Overrides = Context.Reference<Partial<RetryPolicy>>("@effect-sunco/http/RetryPolicy/Overrides", {
  defaultValue: () => ({}),
})

/**
 * Overrides parts of the policy for one call, or for all calls of an effect. An inner override wins over an outer one.
 * A value that is not allowed fails the call with `InvalidRequest`, and nothing is sent.
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
  (policy: Partial<RetryPolicy>): <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
  <A, E, R>(effect: Effect.Effect<A, E, R>, policy: Partial<RetryPolicy>): Effect.Effect<A, E, R>
} = dual(2, <A, E, R>(effect: Effect.Effect<A, E, R>, policy: Partial<RetryPolicy>): Effect.Effect<A, E, R> =>
  Effect.flatMap(Overrides, (outer) => Effect.provideService(effect, Overrides, { ...outer, ...policy })),
)
