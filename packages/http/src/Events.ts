/**
 * What happens inside the calls of a layer: requests, waits, retries, verification, renewed credentials, writes in doubt,
 * and how calls end. Spans, metrics and logs are made of these events, and `onEvent` of `ParticipantsHttp.Options`
 * receives them.
 *
 * An event names the app and the conversation. It holds no user, cursor, header or body, and no text that a server sent.
 *
 * **Example** (How long callers wait, and why)
 *
 * ```ts
 * import { Participants } from "@effect-sunco/core"
 * import { Credentials, type Events, ParticipantsHttp } from "@effect-sunco/http"
 * import { Faults, LocalApi, Sandbox } from "@effect-sunco/testing"
 * import { Effect, Layer, Redacted } from "effect"
 * import * as assert from "node:assert"
 *
 * const { appId, conversationId, keyId, secret } = Sandbox.demo
 * const waits: Array<Events.Waited> = []
 *
 * const ParticipantsLive = ParticipantsHttp.layer({
 *   credentials: Credentials.basic({ keyId, secret: Redacted.make(secret) }),
 *   onEvent: (event) => {
 *     if (event._tag === "Waited") waits.push(event)
 *   },
 * }).pipe(
 *   Layer.provide(
 *     LocalApi.layerHttpClient(Sandbox.demoSeed({ faults: Faults.scripted({ list: [Faults.status(429)] }) })),
 *   ),
 * )
 *
 * const program = Effect.gen(function* () {
 *   const participants = yield* Participants.Participants
 *   yield* participants.list({ appId, conversationId })
 * })
 *
 * await Effect.runPromise(Effect.provide(program, ParticipantsLive))
 * assert.deepEqual(
 *   waits.map(({ cause, operation }) => ({ cause, operation })),
 *   [{ cause: "rate limited", operation: "list" }],
 * )
 * ```
 *
 * @since 0.1.0
 */
import type { SunshineError } from "@effect-sunco/core"

// ---------------------------------------------------------------------------
// Parts
// ---------------------------------------------------------------------------

/**
 * The call that an event belongs to.
 *
 * @category parts
 * @since 0.1.0
 */
export interface About {
  /** The method of `Participants` that was called. */
  readonly operation: SunshineError.Operation
  /** The id of the app. */
  readonly appId: string
  /** The id of the conversation. */
  readonly conversationId: string
}

/**
 * The tag of an error; of a `SunshineError` the tag of its reason. `Defect` is a bug, such as an exception in
 * `transformClient`.
 *
 * @category parts
 * @since 0.1.0
 */
export type ErrorType = SunshineError.Documented["_tag"] | SunshineError.Reason["_tag"] | "Defect"

/**
 * How a request or a call ended: with `success`, with an error of one of the three outcomes, by an interrupt, or by a
 * defect.
 *
 * @category parts
 * @since 0.1.0
 */
export type Outcome = "success" | SunshineError.Outcome | "interrupted" | "defect"

/**
 * Why a request was sent: for the operation itself, or to read the roster for a write that may have happened.
 *
 * @category parts
 * @since 0.1.0
 */
export type Purpose = "call" | "verification"

/**
 * Why a call waits:
 *
 * - `backoff`: before another attempt
 * - `rate limited`: for the end of a hold after a 429, or for its turn in a round after it
 * - `queued`: for a place or a token of `limits`, or for calls that were made earlier
 * - `verification`: before a read of the roster
 * - `credential`: for a token from its source, or for a signature
 *
 * @category parts
 * @since 0.1.0
 */
export type WaitCause = "backoff" | "rate limited" | "queued" | "verification" | "credential"

// ---------------------------------------------------------------------------
// Events
// ---------------------------------------------------------------------------

/**
 * A request ended.
 *
 * @category events
 * @since 0.1.0
 */
export interface RequestEnded extends About {
  /** `"RequestEnded"`: tells this event from the others. */
  readonly _tag: "RequestEnded"
  /** Whether it was sent for the call itself, or to verify a write. */
  readonly purpose: Purpose
  /** The HTTP method: `GET` for a list, `POST` for a join or a leave. */
  readonly method: "GET" | "POST"
  /** The path, with names in place of ids. */
  readonly template: string
  /** The host of `baseUrl`. */
  readonly serverAddress: string
  /** The port of `baseUrl`: 443 or 80 if it names none. */
  readonly serverPort: number
  /** How many times the same request was sent before. */
  readonly resendCount: number
  /** The status of the answer; undefined if there was none. */
  readonly status: number | undefined
  /** How the request ended. */
  readonly outcome: Outcome
  /** What went wrong; undefined for a success and for an interrupt. */
  readonly errorType: ErrorType | undefined
  /** How long it took, in milliseconds. */
  readonly millis: number
}

/**
 * A request is sent again. `cause` is what happened to the one before it.
 *
 * @category events
 * @since 0.1.0
 */
export interface Retried extends About {
  /** `"Retried"`: tells this event from the others. */
  readonly _tag: "Retried"
  /** Whether it is sent for the call itself, or to verify a write. */
  readonly purpose: Purpose
  /** How many times the same request was sent before: 1 or more. */
  readonly resendCount: number
  /** What went wrong with the request before it. */
  readonly cause: ErrorType
}

/**
 * A wait ended.
 *
 * @category events
 * @since 0.1.0
 */
export interface Waited extends About {
  /** `"Waited"`: tells this event from the others. */
  readonly _tag: "Waited"
  /** Why the call waited. */
  readonly cause: WaitCause
  /** How long the call waited, in milliseconds. */
  readonly millis: number
  /** Whether the call was interrupted while it waited. */
  readonly interrupted: boolean
}

/**
 * The roster was read for a write that may have happened. `result` says whether it shows the change; a roster without
 * external ids can be `inconclusive`.
 *
 * @category events
 * @since 0.1.0
 */
export interface Verified extends About {
  /** `"Verified"`: tells this event from the others. */
  readonly _tag: "Verified"
  /** Whether the roster shows the write; `inconclusive` if it cannot tell, `failed` if it could not be read. */
  readonly result: "shown" | "not shown" | "inconclusive" | "failed" | "interrupted"
  /** How long the read took, in milliseconds. */
  readonly millis: number
}

/**
 * A new credential is in use, because the one before it expired, or was refused with a 401.
 *
 * @category events
 * @since 0.1.0
 */
export interface CredentialRenewed extends About {
  /** `"CredentialRenewed"`: tells this event from the others. */
  readonly _tag: "CredentialRenewed"
  /** Why the one before it was replaced: it expired, or the API refused it with a 401. */
  readonly cause: "expired" | "refused"
}

/**
 * An attempt of a write failed, and it is not known whether the write happened. Reported once per call;
 * {@link WriteSettled} follows.
 *
 * @category events
 * @since 0.1.0
 */
export interface WriteInDoubt extends About {
  /** `"WriteInDoubt"`: tells this event from the others. */
  readonly _tag: "WriteInDoubt"
  /** What went wrong with the attempt. */
  readonly cause: ErrorType
}

/**
 * How a write in doubt ended:
 *
 * - `shown`: the roster shows the change
 * - `sent again`: the roster did not show it, and it was sent again with success
 * - `unknown`: the call failed with `OutcomeUnknown`
 * - `interrupted`: the call was interrupted before it was known
 *
 * @category events
 * @since 0.1.0
 */
export interface WriteSettled extends About {
  /** `"WriteSettled"`: tells this event from the others. */
  readonly _tag: "WriteSettled"
  /** How the doubt ended, as listed above. */
  readonly as: "shown" | "sent again" | "unknown" | "interrupted"
}

/**
 * A call ended. A call that fails validation (`InvalidRequest`) does not reach the HTTP layer, and has no events.
 *
 * @category events
 * @since 0.1.0
 */
export interface CallEnded extends About {
  /** `"CallEnded"`: tells this event from the others. */
  readonly _tag: "CallEnded"
  /** Attempts as `RetryPolicy` counts them: 429 answers and a renewed credential are part of one. */
  readonly attempts: number
  /** How the call ended. */
  readonly outcome: Outcome
  /** What went wrong; undefined for a success and for an interrupt. */
  readonly errorType: ErrorType | undefined
  /** How many participants the page of a list has; undefined for a join, a leave or a failure. */
  readonly participants: number | undefined
  /** How long the call took, in milliseconds. */
  readonly millis: number
}

/**
 * All events.
 *
 * @category events
 * @since 0.1.0
 */
export type Event =
  | RequestEnded
  | Retried
  | Waited
  | Verified
  | CredentialRenewed
  | WriteInDoubt
  | WriteSettled
  | CallEnded
