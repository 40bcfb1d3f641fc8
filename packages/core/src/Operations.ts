/**
 * What the vendor's API promises for each operation: method, path, the status and schema of a success, and the error
 * class of each documented error status. This is their only definition: `ParticipantsApi` makes an `HttpApi` from it,
 * and the HTTP layer, the local API and the memory layer read it.
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
 * What an implementation has to know about one operation.
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
  /** The operation that failed. */
  readonly operation: SunshineError.Operation
  /** Where the request was sent. */
  readonly baseUrl?: string | undefined
  /** The entries of the error body; empty if the body is not the documented one. */
  readonly errors: ReadonlyArray<ErrorDetail>
  /** The body, if it is not the documented one. */
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
  /** The name of the method of `Participants`. */
  name: "join",
  /** The HTTP method. */
  method: "POST",
  /** The path, with `:appId` and `:conversationId` where the ids go. */
  path: "/v2/apps/:appId/conversations/:conversationId/join",
  /** The answer to a request that succeeded. */
  success: {
    /** Its HTTP status. */
    status: 201,
    /** Its body. */
    schema: Schema.Struct({
      /** The new participant. */
      participant: Participant,
    }),
  },
  /** The class of each documented error, by HTTP status. */
  errors: {
    /** The request was refused. */
    400: BadRequest,
    /** There is no such conversation. */
    404: NotFound,
  },
} as const

/**
 * `POST .../leave`: 200 with an empty object, 404.
 *
 * @see https://developer.zendesk.com/api-reference/conversations/#operation/LeaveConversation
 * @category operations
 * @since 0.1.0
 */
export const leave = {
  /** The name of the method of `Participants`. */
  name: "leave",
  /** The HTTP method. */
  method: "POST",
  /** The path, with `:appId` and `:conversationId` where the ids go. */
  path: "/v2/apps/:appId/conversations/:conversationId/leave",
  /** The answer to a request that succeeded. */
  success: {
    /** Its HTTP status. */
    status: 200,
    /** Its body: an empty object, as the vendor documents it. */
    schema: Schema.Record(Schema.String, Schema.Json),
  },
  /** The class of each documented error, by HTTP status. */
  errors: {
    /** The user is not a member, or there is no such conversation. */
    404: NotFound,
  },
} as const

/**
 * `GET .../participants`: 200 with a page, 400, 404.
 *
 * @see https://developer.zendesk.com/api-reference/conversations/#operation/ListParticipants
 * @category operations
 * @since 0.1.0
 */
export const list = {
  /** The name of the method of `Participants`. */
  name: "list",
  /** The HTTP method. */
  method: "GET",
  /** The path, with `:appId` and `:conversationId` where the ids go. */
  path: "/v2/apps/:appId/conversations/:conversationId/participants",
  /** The answer to a request that succeeded. */
  success: {
    /** Its HTTP status. */
    status: 200,
    /** Its body. */
    schema: ParticipantPage,
  },
  /** The class of each documented error, by HTTP status. */
  errors: {
    /** The request was refused. */
    400: BadRequest,
    /** There is no such conversation. */
    404: NotFound,
  },
} as const
