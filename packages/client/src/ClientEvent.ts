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
        readonly cause: ErrorType
      }
    | {
        /** A call has waited. */
        readonly _tag: "Waited"
        readonly cause: "backoff" | "rate limited" | "queued" | "verification"
        readonly millis: number
        readonly interrupted: boolean
      }
    | {
        /** The roster was read after a write that may have happened. */
        readonly _tag: "Verified"
        readonly result: "shown" | "not shown" | "inconclusive" | "failed" | "interrupted"
        readonly millis: number
      }
    | { readonly _tag: "CredentialRenewed"; readonly cause: "expired" | "refused" }
    | { readonly _tag: "WriteInDoubt"; readonly cause: ErrorType }
    | { readonly _tag: "WriteSettled"; readonly as: "shown" | "sent again" | "unknown" | "interrupted" }
    | {
        /** A call has ended. */
        readonly _tag: "CallEnded"
        readonly attempts: number
        readonly outcome: EventOutcome
        readonly errorType: ErrorType | undefined
        /** How many participants the page of a list has. */
        readonly participants: number | undefined
        readonly millis: number
      }
  )
