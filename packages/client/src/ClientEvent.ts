/**
 * What happens inside calls, for logs, metrics and traces of the application. No event holds an id of a user, a cursor, a
 * header, a body, or a text of the server.
 */
import type { Operation, Outcome, Reason } from "./Failure.ts"

/**
 * Which call an event is about.
 *
 * @inline
 */
interface About {
  /** The method of the client that was called. */
  readonly operation: Operation
  /** The id of the app. */
  readonly appId: string
  /** The id of the conversation. */
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
        /** The method of HTTP: `GET` for a list, `POST` for a join or a leave. */
        readonly method: "GET" | "POST"
        /** The path, with names in place of ids. */
        readonly template: string
        /** The host of `baseUrl`. */
        readonly serverAddress: string
        /** The port of `baseUrl`: 443 or 80 if it names none. */
        readonly serverPort: number
        /** How many requests were sent for the same answer before this one. */
        readonly resendCount: number
        /** The status of the answer; undefined if none came. */
        readonly status: number | undefined
        /** How the request ended. */
        readonly outcome: EventOutcome
        /** What went wrong; undefined for a success and for an interrupt. */
        readonly errorType: ErrorType | undefined
        /** How long it took, in milliseconds. */
        readonly millis: number
      }
    | {
        /** A request is sent again. */
        readonly _tag: "Retried"
        /** Whether it is a request of the call, or one that reads the roster to verify a write. */
        readonly purpose: "call" | "verification"
        /** How many requests were sent for the same answer before this one: 1 or more. */
        readonly resendCount: number
        /** What went wrong with the request before it. */
        readonly cause: ErrorType
      }
    | {
        /** A call has waited. */
        readonly _tag: "Waited"
        /**
         * Why: before another attempt (`backoff`), after a 429 (`rate limited`), for its turn under the `limits` of the
         * client or behind earlier calls (`queued`), before a read of the roster (`verification`), or
         * for a token (`credential`).
         */
        readonly cause: "backoff" | "rate limited" | "queued" | "verification" | "credential"
        /** How long it waited, in milliseconds. */
        readonly millis: number
        /** Whether the call was interrupted while it waited. */
        readonly interrupted: boolean
      }
    | {
        /** The roster was read after a write that may have happened. */
        readonly _tag: "Verified"
        /** Whether the roster shows the write; `inconclusive` if it cannot tell, `failed` if it could not be read. */
        readonly result: "shown" | "not shown" | "inconclusive" | "failed" | "interrupted"
        /** How long the read took, in milliseconds. */
        readonly millis: number
      }
    | {
        /** A new credential is in use. */
        readonly _tag: "CredentialRenewed"
        /** Why the one before it ended: its time was over, or the API refused it with a 401. */
        readonly cause: "expired" | "refused"
      }
    | {
        /** An attempt of a write failed, and the write may have happened. Once per call; `WriteSettled` follows. */
        readonly _tag: "WriteInDoubt"
        /** What went wrong with the attempt. */
        readonly cause: ErrorType
      }
    | {
        /** It is clear what became of a write in doubt, or the call has ended without that. */
        readonly _tag: "WriteSettled"
        /**
         * The roster shows the write (`shown`); it did not, and the write was sent again with success (`sent again`); the
         * call failed with `OutcomeUnknown` (`unknown`), or was interrupted before that (`interrupted`).
         */
        readonly as: "shown" | "sent again" | "unknown" | "interrupted"
      }
    | {
        /** A call has ended. */
        readonly _tag: "CallEnded"
        /** How many attempts it made. 429 answers and a renewed credential are part of one attempt. */
        readonly attempts: number
        /** How the call ended. */
        readonly outcome: EventOutcome
        /** What went wrong; undefined for a success and for an interrupt. */
        readonly errorType: ErrorType | undefined
        /** How many participants the page of a list has; undefined for the others. */
        readonly participants: number | undefined
        /** How long the call took, in milliseconds. */
        readonly millis: number
      }
  )
