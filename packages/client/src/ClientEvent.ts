/**
 * What happens inside calls, for logs, metrics and traces of the application. No event holds an id of a user, a cursor, a
 * header, a body, or a text of the server.
 */
import type { Operation, Outcome, Reason } from "./Failure.ts"

/** Which call an event is about. */
interface About {
  /** The method of the client that was called. */
  readonly operation: Operation
  readonly appId: string
  readonly conversationId: string
}

/** What kind of error it was. */
export type ErrorType = "BadRequest" | "NotFound" | Reason | "Defect"

/** How a request or a call ended. */
export type EventOutcome = "success" | Outcome | "interrupted" | "defect"

/** One thing that happened; `_tag` says what. */
export type ClientEvent = About &
  (
    | {
        /** A request has an answer, or will get none. */
        readonly _tag: "RequestEnded"
        /** Whether it is a request of the call, or one that reads the roster to verify a write. */
        readonly purpose: "call" | "verification"
        readonly method: "GET" | "POST"
        /** The path, with names in place of ids. */
        readonly template: string
        /** How many requests were sent for the same answer before this one. */
        readonly resendCount: number
        /** The status of the answer; undefined if none came. */
        readonly status: number | undefined
        readonly outcome: EventOutcome
        readonly errorType: ErrorType | undefined
        /** How long it took, in milliseconds. */
        readonly millis: number
      }
    | {
        /** A request is sent again. */
        readonly _tag: "Retried"
        readonly purpose: "call" | "verification"
        readonly resendCount: number
        /** What happened to the request before it. */
        readonly cause: ErrorType
      }
    | {
        /** A call has waited. */
        readonly _tag: "Waited"
        /**
         * `backoff`: before another attempt. `rate limited`: for its turn after a 429. `queued`: for a place or a token of
         * `limits`, or behind earlier calls. `verification`: before the roster is read.
         */
        readonly cause: "backoff" | "rate limited" | "queued" | "verification"
        readonly millis: number
        /** Whether the call ended while it waited. */
        readonly interrupted: boolean
      }
    | {
        /** The roster was read after a write that may have happened. */
        readonly _tag: "Verified"
        /** Whether the roster shows the change. */
        readonly result: "shown" | "not shown" | "inconclusive" | "failed" | "interrupted"
        readonly millis: number
      }
    | {
        /** A new credential is in use: the one before it expired, or was refused with a 401. */
        readonly _tag: "CredentialRenewed"
        readonly cause: "expired" | "refused"
      }
    | {
        /** A write failed in a way that leaves open whether it happened. Comes once for a call; `WriteSettled` follows. */
        readonly _tag: "WriteInDoubt"
        readonly cause: ErrorType
      }
    | {
        /** What became of a write in doubt. With `unknown` the call rejects with the reason `OutcomeUnknown`. */
        readonly _tag: "WriteSettled"
        readonly as: "shown" | "sent again" | "unknown" | "interrupted"
      }
    | {
        /** A call has ended. */
        readonly _tag: "CallEnded"
        /** As `RetryPolicy.attempts` counts them: 429 answers and a renewed credential are part of one. */
        readonly attempts: number
        readonly outcome: EventOutcome
        readonly errorType: ErrorType | undefined
        /** How many participants the page of a list has. */
        readonly participants: number | undefined
        readonly millis: number
      }
  )
