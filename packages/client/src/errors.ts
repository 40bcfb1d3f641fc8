// Without Effect, an error is a subclass of Error.
// @effect-diagnostics extendsNativeError:off
/**
 * What can go wrong. A call rejects with `BadRequest`, `NotFound`, `SunshineError` or `PaginationError`, as the Effect
 * packages fail; with `ClientClosed` after `close()`; and with the reason of its `AbortSignal` when that aborts.
 */
import type { CallNamed, ErrorDetail, Failure, Operation, Outcome, Reason, UnrecognizedBody } from "./Failure.ts"
import type { HiddenText } from "./HiddenText.ts"

/** What all errors can carry. */
interface Details {
  readonly cause?: unknown
  readonly code?: string | undefined
  readonly cursor?: string | undefined
  readonly operation?: Operation | undefined
  readonly reason?: Reason | undefined
  readonly retryAfterMs?: number | undefined
  readonly status?: number | undefined
  readonly call?: CallNamed | undefined
}

/** Sets the name that messages and stacks show. On the prototype, so that it is there before the stack is written. */
const setName = (errorClass: { readonly prototype: Error }, name: string): void => {
  Object.defineProperty(errorClass.prototype, "name", { value: name, configurable: true, writable: true })
}

/** The base class of all errors of this package. Fields that say nothing about an error are undefined. */
export abstract class SuncoError extends Error {
  /** What tells errors of one class apart: the vendor's code, a system code such as `ECONNREFUSED`, or one of this package. */
  readonly code: string | undefined
  /** The operation that failed. */
  readonly operation: Operation | undefined
  /** The HTTP status, where the error is about one. */
  readonly status: number | undefined
  /** The kind of a `SunshineError`. */
  readonly reason: Reason | undefined
  /** How long to wait before the next request, in milliseconds. */
  readonly retryAfterMs: number | undefined
  /** Paging can go on from here: give it back as `cursor`. */
  readonly cursor: string | undefined
  /** The app, the conversation and the user of the call, and where it went. */
  readonly call: CallNamed | undefined

  /** @internal */
  constructor(message: string, { call, cause, code, cursor, operation, reason, retryAfterMs, status }: Details) {
    super(message, cause === undefined ? undefined : { cause })
    this.code = code
    this.operation = operation
    this.status = status
    this.reason = reason
    this.retryAfterMs = retryAfterMs
    this.cursor = cursor
    this.call = call
  }

  /** The fields with `name` and `message`, and without the cause. */
  toJSON(): object {
    return { ...this, name: this.name, message: this.message }
  }
}

interface DocumentedDetails extends Details {
  readonly operation: Operation
  readonly errors: ReadonlyArray<ErrorDetail>
  readonly body: UnrecognizedBody | undefined
}

/** Status 400, which the vendor documents for join and list. `code` is the vendor's. */
export class BadRequest extends SuncoError {
  /** Tells this class from the others: `"BadRequest"`. */
  declare readonly name: "BadRequest"
  declare readonly operation: Operation
  declare readonly status: 400
  /** All entries of the error body. */
  readonly errors: ReadonlyArray<ErrorDetail>
  /** The body, if it is not the documented one. */
  readonly body: UnrecognizedBody | undefined

  /** @internal */
  constructor(message: string, details: DocumentedDetails) {
    super(message, { ...details, status: 400 })
    this.errors = details.errors
    this.body = details.body
  }

  static {
    setName(this, "BadRequest")
  }
}

/** Status 404. `code` tells a missing conversation (`conversation_not_found`) from a user who is no member (`not_found`). */
export class NotFound extends SuncoError {
  /** Tells this class from the others: `"NotFound"`. */
  declare readonly name: "NotFound"
  declare readonly operation: Operation
  declare readonly status: 404
  /** All entries of the error body. */
  readonly errors: ReadonlyArray<ErrorDetail>
  /** The body, if it is not the documented one. */
  readonly body: UnrecognizedBody | undefined

  /** @internal */
  constructor(message: string, details: DocumentedDetails) {
    super(message, { ...details, status: 404 })
    this.errors = details.errors
    this.body = details.body
  }

  static {
    setName(this, "NotFound")
  }
}

/** Everything else that can go wrong with a call. `reason` says what. */
export class SunshineError extends SuncoError implements Failure {
  /** Tells this class from the others: `"SunshineError"`. */
  declare readonly name: "SunshineError"
  declare readonly operation: Operation
  declare readonly reason: Reason
  /** What is known of the request. */
  readonly outcome: Outcome
  /** Whether sending the same request again can do no harm and may help. */
  readonly isRetryable: boolean
  readonly errors: ReadonlyArray<ErrorDetail>
  readonly body: UnrecognizedBody | undefined
  readonly field: string | undefined
  readonly expected: string | undefined
  readonly detail: string | undefined
  readonly location: HiddenText | undefined
  readonly sent: boolean | undefined
  readonly waitedMs: number | undefined
  readonly timeoutMs: number | undefined
  readonly limit: Failure["limit"]
  readonly waitingFor: Failure["waitingFor"]
  readonly credentials: Failure["credentials"]
  /** `OutcomeUnknown`: each attempt that failed, in order. Empty for all other reasons. */
  readonly attempts: ReadonlyArray<Failure>

  /** @internal */
  constructor(
    message: string,
    failure: Failure,
    rest: {
      readonly operation: Operation
      readonly isRetryable: boolean
      readonly attempts: ReadonlyArray<Failure>
      readonly cursor: string | undefined
      readonly call: CallNamed
      readonly cause: unknown
    },
  ) {
    super(message, { ...failure, ...rest })
    this.outcome = failure.outcome
    this.isRetryable = rest.isRetryable
    this.errors = failure.errors
    this.body = failure.body
    this.field = failure.field
    this.expected = failure.expected
    this.detail = failure.detail
    this.location = failure.location
    this.sent = failure.sent
    this.waitedMs = failure.waitedMs
    this.timeoutMs = failure.timeoutMs
    this.limit = failure.limit
    this.waitingFor = failure.waitingFor
    this.credentials = failure.credentials
    this.attempts = rest.attempts
  }

  static {
    setName(this, "SunshineError")
  }
}

/** Paging cannot go on: a cursor repeats, or more participants follow without a cursor to ask for them. */
export class PaginationError extends SuncoError {
  /** Tells this class from the others: `"PaginationError"`. */
  declare readonly name: "PaginationError"
  declare readonly operation: "list"

  /** @internal */
  constructor(message: string, cursor: string | undefined, call: CallNamed) {
    super(message, { operation: "list", cursor, call })
  }

  static {
    setName(this, "PaginationError")
  }
}

/** A client or its credentials were made with an option that is not valid. No field repeats its value. */
export class InvalidOption extends SuncoError {
  /** Tells this class from the others: `"InvalidOption"`. */
  declare readonly name: "InvalidOption"
  declare readonly code: "invalid_option"
  /** The option, with dots for what is nested. */
  readonly option: string
  /** What is allowed there. */
  readonly expected: string

  /** @internal */
  constructor(option: string, expected: string) {
    super(`${option}: Expected ${expected}`, { code: "invalid_option" })
    this.option = option
    this.expected = expected
  }

  static {
    setName(this, "InvalidOption")
  }
}

/** The client was closed before or during the call. A write that was under way may have happened. */
export class ClientClosed extends SuncoError {
  /** Tells this class from the others: `"ClientClosed"`. */
  declare readonly name: "ClientClosed"
  declare readonly code: "client_closed"

  /** @internal */
  constructor() {
    super("the client is closed", { code: "client_closed" })
  }

  static {
    setName(this, "ClientClosed")
  }
}
