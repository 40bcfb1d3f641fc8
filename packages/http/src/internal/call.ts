/**
 * One call of a method, from its first request to its last: its policy, its deadline, and its errors.
 */
import * as Clock from "effect/Clock"
import type * as Context from "effect/Context"
import * as Data from "effect/Data"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Fiber from "effect/Fiber"
import type * as Tracer from "effect/Tracer"
import { type Participant, SunshineError } from "@effect-sunco/core"
import type { About, ErrorType, Purpose } from "../Events.ts"
import { monotonicMillis } from "./clock.ts"
import { Overrides, type Policy } from "./options.ts"
import type { Happened, Telemetry } from "./telemetry.ts"

/** Where the calls of a layer are sent, and with which kind of credentials. */
export interface Destination {
  readonly baseUrl: string
  readonly credentials: SunshineError.CredentialsKind
}

type WaitingFor = SunshineError.TimedOut["waitingFor"]

/** What does not change during a call. */
interface Parts {
  readonly operation: SunshineError.Operation
  /** The call that events name: for a read of the roster, the call of the write. */
  readonly about: About
  /** The context of the fiber that made the call, with its metrics, loggers and tracer. */
  readonly context: Context.Context<never>
  readonly clock: Clock.Clock
  /** The span of the call. */
  readonly span: Tracer.AnySpan | undefined
  readonly purpose: Purpose
  readonly telemetry: Telemetry
  readonly destination: Destination
  readonly policy: Policy
  /** The place in the queue, for all requests of the call. An earlier call has a lower place. */
  readonly place: number
  /** When the call began (monotonic milliseconds). */
  readonly startedAt: number
  /** The deadline (monotonic milliseconds). */
  readonly endsAt: number
}

export class Call extends Data.Class<Parts> {
  /** How long the call has waited for its turn (milliseconds). */
  waited = 0
  /** Whether the call has a token of the rate limit that it has not used yet. */
  hasToken = false
  /** Whether a request was answered with the status of a success, whatever came of its body. */
  isAccepted = false
  /** The authorization headers that the server has seen: two after a 401. No error may show them. */
  readonly authorizations = new Set<string>()
  /** The last 429. */
  refusal: SunshineError.RateLimited | undefined
  /** The last attempt in which the credential was renewed. */
  renewedIn = 0
  /** How many attempts and requests there were, the status of the last answer, and what happened to the last request. */
  attempts = 1
  requests = 0
  status: number | undefined
  lastFailure: ErrorType | undefined
  /** What went wrong with the attempts. */
  readonly failures: Array<SunshineError.AttemptReason> = []
  /** Whether an attempt may have written (`open`), and whether the roster showed that it did (`shown`). */
  doubt: "none" | "open" | "shown" = "none"
  /** When the roster was last read for the write (monotonic milliseconds). */
  verifiedAt = 0

  /**
   * A list that is part of this call, in the span of `fiber`: it has the same place and the same deadline. What it counts
   * begins anew, because fields with an initial value are set after those that are given.
   */
  read(fiber: Fiber.Fiber<unknown, unknown>): Call {
    return new Call({
      ...this,
      operation: "list",
      purpose: "verification",
      context: fiber.context,
      span: fiber.cache.span,
    })
  }

  /** The time of the monotonic clock (milliseconds). */
  now(): number {
    return monotonicMillis(this.clock)
  }

  /** Reports what happened to the call. */
  report(happened: Happened): void {
    this.telemetry(this, happened)
  }

  fail(reason: SunshineError.Reason, cause?: unknown): SunshineError.SunshineError {
    return new SunshineError.SunshineError({
      operation: this.operation,
      baseUrl: this.destination.baseUrl,
      reason,
      ...(cause === undefined ? {} : { cause }),
    })
  }

  /**
   * The error of a call that would have to wait past its deadline, or longer than its policy allows, with what the API
   * last answered. The gate holds for an hour at most, so if the API asked for more than `maxRetryAfter`, its time is used.
   */
  rateLimited(millis: number | undefined, cause?: unknown): SunshineError.SunshineError {
    const { body, errors = [], retryAfter: asked } = this.refusal ?? {}
    const isNotWaitedFor = asked !== undefined && Duration.toMillis(asked) > this.policy.maxRetryAfter
    const left = millis === undefined ? undefined : Duration.millis(Math.ceil(millis))
    const waited = Duration.millis(Math.round(this.waited))
    const reason = { errors, body, retryAfter: isNotWaitedFor ? asked : left, waited }
    return this.fail(new SunshineError.RateLimited(reason), cause)
  }

  /** The error of a write that may have happened; `detail` says why verification did not settle it. */
  outcomeUnknown(detail: string, cause?: unknown): SunshineError.SunshineError {
    return this.fail(new SunshineError.OutcomeUnknown({ attempts: [...this.failures], detail }), cause)
  }

  /** How long the next step may take, and what happens if it takes longer: the options of `Effect.timeoutOrElse`. */
  timeout(now: number, sent: boolean, waitingFor: WaitingFor, longest = this.policy.attemptTimeout) {
    const left = this.endsAt - now
    const limit = left <= longest ? "deadline" : "attemptTimeout"
    return {
      duration: Duration.millis(Math.max(0, Math.min(longest, left))),
      orElse: () => Effect.fail(this.timedOut(limit, sent, waitingFor)),
    }
  }

  timedOut(limit: "deadline" | "attemptTimeout", sent: boolean, waitingFor: WaitingFor): SunshineError.SunshineError {
    return this.fail(
      new SunshineError.TimedOut({ after: Duration.millis(this.policy[limit]), sent, limit, waitingFor }),
    )
  }
}

/** Runs `use` with a new call. Its policy is that of the layer with the current overrides. */
export const start = (destination: Destination, telemetry: Telemetry, layerPolicy: Policy) => {
  let places = 0
  return <A, E>(
    operation: SunshineError.Operation,
    { appId, conversationId }: Participant.ConversationReference,
    use: (call: Call) => Effect.Effect<A, E>,
  ): Effect.Effect<A, E> =>
    Effect.withFiber((fiber) => {
      const policy: Policy = { ...layerPolicy, ...fiber.getRef(Overrides) }
      const clock = fiber.getRef(Clock.Clock)
      const startedAt = monotonicMillis(clock)
      return use(
        new Call({
          operation,
          destination,
          purpose: "call",
          telemetry,
          about: { operation, appId, conversationId },
          context: fiber.context,
          span: fiber.cache.span,
          clock,
          policy,
          place: places++,
          startedAt,
          endsAt: startedAt + policy.deadline,
        }),
      )
    })
}
