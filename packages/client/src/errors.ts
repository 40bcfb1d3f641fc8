// Without Effect, an error is a subclass of Error.
// @effect-diagnostics extendsNativeError:off
/**
 * What can go wrong. A call rejects with `BadRequest`, `NotFound`, `SunshineError` or `PaginationError`, as the Effect
 * packages fail; with `ClientClosed` after `close()`; and with the reason of its `AbortSignal` when that aborts.
 */
import type { CallNamed, ErrorDetail, Failure, Operation, Outcome, Reason, UnrecognizedBody } from "./Failure.ts"
import type { HiddenText } from "./HiddenText.ts"

/** What an error can carry. */
type Fields = Partial<
  Failure & {
    readonly call: CallNamed
    readonly cursor: string | undefined
    readonly operation: Operation
    readonly isRetryable: boolean
    readonly attempts: ReadonlyArray<Failure>
    readonly option: string
    readonly cause: unknown
  }
>

/** Sets the name that messages and stacks show. On the prototype, so that it is there before the stack is written. */
const setName = (errorClass: { readonly prototype: Error }, name: string): void => {
  Object.defineProperty(errorClass.prototype, "name", { value: name, configurable: true, writable: true })
}

/** The base class of all errors of this package. Fields that say nothing about an error are undefined. */
export abstract class SuncoError extends Error {
  /** What tells errors of one class apart: the vendor's code, a system code such as `ECONNREFUSED`, or one of this package. */
  declare readonly code: string | undefined
  /** The operation that failed. */
  declare readonly operation: Operation | undefined
  /** The HTTP status, where the error is about one. */
  declare readonly status: number | undefined
  /** The kind of a `SunshineError`. */
  declare readonly reason: Reason | undefined
  /** How long to wait before the next request, in milliseconds. */
  declare readonly retryAfterMs: number | undefined
  /** Paging can go on from here: give it back as `cursor`. */
  declare readonly cursor: string | undefined
  /** The app, the conversation and the user of the call, and where it went. */
  declare readonly call: CallNamed | undefined

  /** @internal */
  constructor(message: string, { cause, ...fields }: Fields) {
    super(message, cause === undefined ? undefined : { cause })
    Object.assign(this, { ...fields, message })
  }

  /** The fields with `name` and `message`, and without the cause. */
  toJSON(): object {
    return { ...this, name: this.name, message: this.message }
  }
}

/** Status 400, which the vendor documents for join and list. `code` is the vendor's. */
export class BadRequest extends SuncoError {
  /** Tells this class from the others: `"BadRequest"`. */
  declare readonly name: "BadRequest"
  declare readonly operation: Operation
  declare readonly status: 400
  /** All entries of the error body. */
  declare readonly errors: ReadonlyArray<ErrorDetail>
  /** The body, if it is not the documented one. */
  declare readonly body: UnrecognizedBody | undefined

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
  declare readonly errors: ReadonlyArray<ErrorDetail>
  /** The body, if it is not the documented one. */
  declare readonly body: UnrecognizedBody | undefined

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
  declare readonly outcome: Outcome
  /** Whether sending the same request again can do no harm and may help. */
  declare readonly isRetryable: boolean
  declare readonly errors: ReadonlyArray<ErrorDetail>
  declare readonly body: UnrecognizedBody | undefined
  declare readonly field: string | undefined
  declare readonly expected: string | undefined
  declare readonly detail: string | undefined
  declare readonly location: HiddenText | undefined
  declare readonly sent: boolean | undefined
  declare readonly waitedMs: number | undefined
  declare readonly timeoutMs: number | undefined
  declare readonly limit: Failure["limit"]
  declare readonly waitingFor: Failure["waitingFor"]
  declare readonly credentials: Failure["credentials"]
  /** `OutcomeUnknown`: each attempt that failed, in order. Empty for all other reasons. */
  declare readonly attempts: ReadonlyArray<Failure>

  static {
    setName(this, "SunshineError")
  }
}

/** Paging cannot go on: a cursor repeats, or more participants follow without a cursor to ask for them. */
export class PaginationError extends SuncoError {
  /** Tells this class from the others: `"PaginationError"`. */
  declare readonly name: "PaginationError"
  declare readonly operation: "list"

  static {
    setName(this, "PaginationError")
  }
}

/** A client, its credentials or a call were given an option that is not valid. No field repeats its value. */
export class InvalidOption extends SuncoError {
  /** Tells this class from the others: `"InvalidOption"`. */
  declare readonly name: "InvalidOption"
  declare readonly code: "invalid_option"
  /** The option, with dots for what is nested. */
  declare readonly option: string
  /** What is allowed there. */
  declare readonly expected: string

  /** @internal */
  constructor(option: string, expected: string) {
    super(`${option}: Expected ${expected}`, { code: "invalid_option", option, expected })
  }

  static {
    setName(this, "InvalidOption")
  }
}

/** The client was closed before or during the call. A write that was under way may have happened; list again. */
export class ClientClosed extends SuncoError {
  /** Tells this class from the others: `"ClientClosed"`. */
  declare readonly name: "ClientClosed"
  declare readonly code: "client_closed"
  declare readonly operation: Operation

  /** @internal */
  constructor(about: { readonly operation: Operation; readonly call: CallNamed }) {
    super("the client is closed", { ...about, code: "client_closed" })
  }

  static {
    setName(this, "ClientClosed")
  }
}
