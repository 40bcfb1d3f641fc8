/**
 * Sunshine Conversations participants for programs without Effect.
 *
 * @since 0.1.0
 */
export { createClient } from "./Client.ts"
export type { CallOptions, Client } from "./Client.ts"
export type { ClientEvent, ErrorType, EventOutcome } from "./ClientEvent.ts"
export type { CircuitBreaker, ClientOptions, Fetch, Limits, Rate, RetryPolicy, Verify } from "./ClientOptions.ts"
export { Credentials } from "./Credentials.ts"
export type { ApiKey, BearerOptions, JwtOptions, TokenSource } from "./Credentials.ts"
export {
  BadRequest,
  ClientClosed,
  InvalidOption,
  NotFound,
  PaginationError,
  SunshineError,
  SuncoError,
} from "./errors.ts"
export { HiddenText } from "./HiddenText.ts"
export type { CallNamed, ErrorDetail, Failure, Operation, Outcome, Reason, UnrecognizedBody } from "./Failure.ts"
export type { ClientAssociation, Participant, ParticipantPage } from "./Participant.ts"
export type { Conversation, JoinRequest, LeaveRequest, ListRequest, PagesRequest, UserReference } from "./Requests.ts"
