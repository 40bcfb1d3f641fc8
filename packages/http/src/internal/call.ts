/**
 * One call of a user, from its first request to its last: what it may take, and the errors of its operation.
 */
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { SunshineError } from "@effect-sunco/core"
import * as RetryPolicy from "../RetryPolicy.ts"
import { checkPolicy, mergePolicy, type Policy } from "./options.ts"

/** Milliseconds of the monotonic clock: a wall clock that is set changes no deadline and no wait. */
export const monotonicMillis = (clock: Clock.Clock): number => Number(clock.monotonicTimeNanosUnsafe()) / 1_000_000

/** Where the calls of a layer go, and with what. */
export interface Destination {
  readonly baseUrl: string
  readonly credentials: SunshineError.CredentialsKind
}

type WaitingFor = SunshineError.TimedOut["waitingFor"]

export class Call {
  readonly operation: SunshineError.Operation
  readonly destination: Destination
  readonly policy: Policy
  /** The place in the queue: a call that came earlier has a lower one, for all of its requests. */
  readonly place: number
  /** When the call has to end (monotonic milliseconds). */
  readonly endsAt: number
  /** How long the call has waited for its turn (milliseconds). */
  waited = 0
  /** Whether the call has a token of the rate limit that it has not used yet. */
  hasToken = false

  constructor(
    operation: SunshineError.Operation,
    destination: Destination,
    policy: Policy,
    place: number,
    endsAt: number,
  ) {
    this.operation = operation
    this.destination = destination
    this.policy = policy
    this.place = place
    this.endsAt = endsAt
  }

  /** A call that is part of this one: it has the same place and the same end. */
  child(operation: SunshineError.Operation): Call {
    return new Call(operation, this.destination, this.policy, this.place, this.endsAt)
  }

  fail(reason: SunshineError.Reason, cause?: unknown): SunshineError.SunshineError {
    return new SunshineError.SunshineError({
      operation: this.operation,
      baseUrl: this.destination.baseUrl,
      reason,
      ...(cause === undefined ? {} : { cause }),
    })
  }

  /** The error for a request that would have to wait for longer than the call may, or the policy allows. */
  rateLimited(millis: number | undefined, cause?: unknown): SunshineError.SunshineError {
    return this.fail(
      new SunshineError.RateLimited({
        errors: [],
        retryAfter: millis === undefined ? undefined : Duration.millis(Math.ceil(millis)),
        waited: Duration.millis(Math.round(this.waited)),
      }),
      cause,
    )
  }

  /** How long the next step may take, and the error if it takes longer. */
  timeout(now: number, sent: boolean, waitingFor: WaitingFor) {
    const left = this.endsAt - now
    const { attemptTimeout } = this.policy
    const limit = left <= attemptTimeout ? "deadline" : "attemptTimeout"
    return {
      duration: Duration.millis(Math.max(0, Math.min(attemptTimeout, left))),
      error: () => this.timedOut(limit, sent, waitingFor),
    }
  }

  timedOut(limit: "deadline" | "attemptTimeout", sent: boolean, waitingFor: WaitingFor): SunshineError.SunshineError {
    return this.fail(
      new SunshineError.TimedOut({ after: Duration.millis(this.policy[limit]), sent, limit, waitingFor }),
    )
  }
}

/** Ends what would outlast its call, such as a store that does not answer. Nothing has been sent yet. */
export const withinDeadline = <A, E>(
  call: Call,
  effect: Effect.Effect<A, E>,
  waitingFor: WaitingFor,
): Effect.Effect<A, E | SunshineError.SunshineError> =>
  Effect.clockWith((clock) =>
    Effect.timeoutOrElse(effect, {
      duration: Duration.millis(Math.max(0, call.endsAt - monotonicMillis(clock))),
      orElse: () => Effect.fail(call.timedOut("deadline", false, waitingFor)),
    }),
  )

/** Starts calls with the policy of their layer and the overrides of their region. */
export const start =
  (destination: Destination, layerPolicy: Policy, nextPlace: () => number) =>
  (operation: SunshineError.Operation): Effect.Effect<Call, SunshineError.SunshineError> =>
    Effect.withFiber((fiber) => {
      const overrides = fiber.getRef(RetryPolicy.Overrides)
      const now = monotonicMillis(fiber.getRef(Clock.Clock))
      const startWith = (policy: Policy) => new Call(operation, destination, policy, nextPlace(), now + policy.deadline)
      if (Object.keys(overrides).length === 0) return Effect.succeed(startWith(layerPolicy))
      return Result.match(checkPolicy(mergePolicy(layerPolicy, overrides)), {
        onSuccess: (policy) => Effect.succeed(startWith(policy)),
        onFailure: ({ expected, field }) =>
          Effect.fail(
            new SunshineError.SunshineError({
              operation,
              baseUrl: destination.baseUrl,
              reason: new SunshineError.InvalidRequest({ field, expected: `Expected ${expected}` }),
            }),
          ),
      })
    })
