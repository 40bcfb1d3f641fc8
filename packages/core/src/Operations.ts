/**
 * What the vendor's API promises for each operation: method, path, the status and schema of a success, and the error
 * class of each documented error status. Stated here once. `ParticipantsApi` makes an `HttpApi` from it; the HTTP layer,
 * the local API and the memory layer read it.
 *
 * Applications use `Participants`. This module is for implementations of that service.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import { ParticipantPage } from "./Page.ts"
import { Participant } from "./Participant.ts"
import { BadRequest, type Documented, type ErrorDetail, NotFound, type UnrecognizedBody } from "./SunshineError.ts"
import type * as SunshineError from "./SunshineError.ts"

// ---------------------------------------------------------------------------
// Models
// ---------------------------------------------------------------------------

/**
 * What an implementation has to know of one operation.
 *
 * @category models
 * @since 0.1.0
 */
export interface Operation<out Success, out Error extends Documented> {
  /** The name of the method of `Participants`. */
  readonly name: SunshineError.Operation
  /** The HTTP method. */
  readonly method: "GET" | "POST"
  /** The path, with `:appId` and `:conversationId` where the ids go. */
  readonly path: `/${string}`
  /** The answer to a request that succeeded. */
  readonly success: {
    /** Its HTTP status. */
    readonly status: number
    /** Its body. */
    readonly schema: Schema.ConstraintDecoder<Success>
  }
  /** The class of each documented error, by HTTP status. */
  readonly errors: { readonly [status: number]: ErrorClass<Error> }
}

/**
 * Makes a documented error of an operation.
 *
 * @category models
 * @since 0.1.0
 */
export type ErrorClass<Error> = new (fields: {
  readonly operation: SunshineError.Operation
  /** Where the request was sent. */
  readonly baseUrl?: string | undefined
  readonly errors: ReadonlyArray<ErrorDetail>
  readonly body?: UnrecognizedBody | undefined
}) => Error

// ---------------------------------------------------------------------------
// Operations
// ---------------------------------------------------------------------------

/**
 * `POST .../join`: 201 with the new participant, 400, 404.
 *
 * @see https://developer.zendesk.com/api-reference/conversations/#operation/JoinConversation
 * @category operations
 * @since 0.1.0
 */
export const join = {
  name: "join",
  method: "POST",
  path: "/v2/apps/:appId/conversations/:conversationId/join",
  success: { status: 201, schema: Schema.Struct({ participant: Participant }) },
  errors: { 400: BadRequest, 404: NotFound },
} as const

/**
 * `POST .../leave`: 200 with an empty object, 404.
 *
 * @see https://developer.zendesk.com/api-reference/conversations/#operation/LeaveConversation
 * @category operations
 * @since 0.1.0
 */
export const leave = {
  name: "leave",
  method: "POST",
  path: "/v2/apps/:appId/conversations/:conversationId/leave",
  success: { status: 200, schema: Schema.Record(Schema.String, Schema.Json) },
  errors: { 404: NotFound },
} as const

/**
 * `GET .../participants`: 200 with a page, 400, 404.
 *
 * @see https://developer.zendesk.com/api-reference/conversations/#operation/ListParticipants
 * @category operations
 * @since 0.1.0
 */
export const list = {
  name: "list",
  method: "GET",
  path: "/v2/apps/:appId/conversations/:conversationId/participants",
  success: { status: 200, schema: ParticipantPage },
  errors: { 400: BadRequest, 404: NotFound },
} as const
