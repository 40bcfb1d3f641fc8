/**
 * What is known of a call, or of one attempt, that failed.
 */
import type { HiddenText } from "./HiddenText.ts"

/** The operation that failed. Paging fails as `"list"`. */
export type Operation = "join" | "leave" | "list"

/**
 * What is known of a failed request.
 *
 * - `"rejected"`: the server answered no, or nothing was sent because the request cannot succeed
 * - `"not processed"`: the server did not act on the request; sending it again is safe
 * - `"ambiguous"`: the server may have acted on it; sending a write again may write twice
 */
export type Outcome = "rejected" | "not processed" | "ambiguous"

/** Why a call failed with `SunshineError`. */
export type Reason =
  | "InvalidRequest"
  | "Unauthorized"
  | "Forbidden"
  | "RateLimited"
  | "ServerError"
  | "UnexpectedStatus"
  | "Transport"
  | "TimedOut"
  | "InvalidResponse"
  | "OutcomeUnknown"

/** Which call an error ends. User ids are in no message. */
export interface CallNamed {
  /** The id of the app; undefined if the request names none that can be read. */
  readonly appId?: string | undefined
  /** The id of the conversation; undefined if the request names none that can be read. */
  readonly conversationId?: string | undefined
  /** How a join or a leave named its user. */
  readonly user?:
    | {
        /** The id that Sunshine Conversations gave the user. */
        readonly userId?: string | undefined
        /** The id that you gave the user. */
        readonly userExternalId?: string | undefined
        /** The id of the membership. */
        readonly participantId?: string | undefined
      }
    | undefined
  /** Where the client sends its requests. */
  readonly baseUrl?: string | undefined
}

/** One entry of the vendor's error body. Match on `code`; `title` is prose, and changes. */
export interface ErrorDetail {
  /** Which error it is, such as `conversation_not_found`; `""` if the answer has none. */
  readonly code: string
  /** The error in words, for people; `""` if the answer has none. */
  readonly title: string
}

/** A body that is not what the vendor documents for its status. */
export interface UnrecognizedBody {
  /** The media type that the answer names, such as `text/html`. */
  readonly contentType: string | undefined
  /** How many bytes of the body arrived. */
  readonly bytes: number
  /** The beginning of the text, 1,000 characters at most. */
  readonly text: HiddenText
  /** Why the body ended early; undefined if it is complete. */
  readonly problem: string | undefined
}

/** A reason with what belongs to it. What does not apply to the reason is undefined, and `errors` is empty. */
export interface Failure {
  /** What went wrong. */
  readonly reason: Reason
  /** What is known of the request. */
  readonly outcome: Outcome
  /**
   * What went wrong, in a line for people. It holds no user id, and of a server's text only the codes and titles of
   * `errors`.
   */
  readonly message: string
  /** The HTTP status, where the failure is about one. */
  readonly status: number | undefined
  /** The code of the first entry of `errors`, or of a system error, such as `ECONNREFUSED`. */
  readonly code: string | undefined
  /** How long the server, or the client's own limit, asks to wait, in milliseconds. */
  readonly retryAfterMs: number | undefined
  /** The entries of the vendor's error body. */
  readonly errors: ReadonlyArray<ErrorDetail>
  /** The body, if it is not the documented one. */
  readonly body: UnrecognizedBody | undefined
  /** `InvalidRequest`: the field that is wrong. */
  readonly field: string | undefined
  /** `InvalidRequest`: what is allowed there. */
  readonly expected: string | undefined
  /**
   * `InvalidResponse`: what is wrong with the body; it repeats nothing of the body. `OutcomeUnknown`: why verification
   * did not settle it.
   */
  readonly detail: string | undefined
  /** `UnexpectedStatus`: where a redirect points. Redirects are never followed. */
  readonly location: HiddenText | undefined
  /** `Transport` and `TimedOut`: false if the request was certainly not sent. */
  readonly sent: boolean | undefined
  /** `RateLimited`: how long the call has waited for its turn, in milliseconds. */
  readonly waitedMs: number | undefined
  /** `TimedOut`: the time that was allowed, in milliseconds. */
  readonly timeoutMs: number | undefined
  /** `TimedOut`: the field of the retry policy that ended the wait. */
  readonly limit: "deadline" | "attemptTimeout" | undefined
  /** `TimedOut`: what the call was waiting for. `turn` is its place among the requests of the client. */
  readonly waitingFor: "answer" | "credential" | "turn" | "rate limit" | undefined
  /** `Unauthorized`: the kind of credentials that were refused. */
  readonly credentials: "basic" | "bearer" | "jwt" | undefined
}
