/**
 * What can go wrong when participants are joined, removed or listed: the errors of `@effect-sunco/core`, with the same tags
 * and fields, as errors of Effect 3.
 *
 * - {@link BadRequest}: status 400, where the vendor documents it (join and list)
 * - {@link NotFound}: status 404; its `code` tells a missing conversation from a user who is no member
 * - {@link SunshineError}: everything else, with a `reason` to match on
 * - {@link PaginationError}: paging cannot go on
 *
 * Match on tags and codes, never on `title`, and never by `instanceof`.
 *
 * @since 0.1.0
 */
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import { engine } from "./internal/engine/index.ts"
import { plainPagesError, plainReason, plainSunshineError } from "./internal/plainErrors.ts"

// ---------------------------------------------------------------------------
// Models
// ---------------------------------------------------------------------------

/**
 * The operation that failed.
 *
 * @category models
 * @since 0.1.0
 */
export const Operation = Schema.Literal("join", "leave", "list")

/**
 * The decoded type of {@link Operation}.
 *
 * @category models
 * @since 0.1.0
 */
export type Operation = typeof Operation.Type

/**
 * What is known of a failed request.
 *
 * - `rejected`: the same request gives the same answer
 * - `not processed`: the server did not act on the request; sending it again is safe
 * - `ambiguous`: the server may have acted on it; sending a write again may write twice
 *
 * @category models
 * @since 0.1.0
 */
export type Outcome = "rejected" | "not processed" | "ambiguous"

/**
 * One entry of the vendor's error body.
 *
 * @category models
 * @since 0.1.0
 */
export class ErrorDetail extends Schema.Class<ErrorDetail>("@effect-sunco/effect3/ErrorDetail")({
  /** Which error it is, such as `conversation_not_found`; `""` if the answer has none. */
  code: Schema.String,
  /** The error in words, for people; `""` if the answer has none. */
  title: Schema.String,
}) {}

/** A text of the server that can hold a credential. Encoded, it says that there was one, and not which. */
const hiddenText = Schema.transform(Schema.String, Schema.RedactedFromSelf(Schema.String), {
  strict: true,
  decode: (text) => Redacted.make(text),
  encode: () => "<redacted>",
})

/**
 * A body that is not what the vendor documents for its status. Its text appears in no message.
 *
 * @category models
 * @since 0.1.0
 */
export class UnrecognizedBody extends Schema.Class<UnrecognizedBody>("@effect-sunco/effect3/UnrecognizedBody")({
  /** The media type that the answer names. */
  contentType: Schema.optional(Schema.String),
  /** How many bytes of the body arrived. */
  bytes: Schema.Int,
  /** The beginning of the text, 1,000 characters at most. */
  text: hiddenText,
  /** Why the body ended early; undefined if it is complete. */
  problem: Schema.optional(Schema.String),
}) {}

/** What every answer with an error status carries. */
const answer = {
  /** The entries of the error body, 20 at most; empty if the body is not the documented one. */
  errors: Schema.Array(ErrorDetail),
  /** The body, if it is not the documented one. */
  body: Schema.optional(UnrecognizedBody),
}

/** Which conversation. */
const conversation = {
  /** The id of the app; undefined if the request names none that can be read. */
  appId: Schema.optional(Schema.String),
  /** The id of the conversation; undefined if the request names none that can be read. */
  conversationId: Schema.optional(Schema.String),
}

/** Which call. */
const call = {
  /** The operation that failed. */
  operation: Operation,
  ...conversation,
  /** How a join or a leave named its user. It is in no message. */
  user: Schema.optional(
    Schema.Struct({
      /** The id that Sunshine Conversations gave the user. */
      userId: Schema.optional(Schema.String),
      /** The id that you gave the user. */
      userExternalId: Schema.optional(Schema.String),
      /** The id of the membership. */
      participantId: Schema.optional(Schema.String),
    }),
  ),
  /** Where the layer sends its requests; undefined if it sends none. */
  baseUrl: Schema.optional(Schema.String),
}

/** The cursor that asked for the page that failed, set by the paginator: page on from here. */
const cursor = Schema.optional(Schema.String)

const duration = Schema.optional(Schema.DurationFromMillis)

// ---------------------------------------------------------------------------
// Documented errors
// ---------------------------------------------------------------------------

/**
 * The API refused the request with status 400.
 *
 * @category errors
 * @since 0.1.0
 */
export class BadRequest extends Schema.TaggedError<BadRequest>("@effect-sunco/effect3/BadRequest")("BadRequest", {
  ...call,
  ...answer,
  cursor,
}) {
  /** The code of the first entry. */
  get code(): string | undefined {
    return this.errors[0]?.code
  }

  override get message(): string {
    return engine.messageOf(plainPagesError(this))
  }
}

/**
 * The API answered with status 404. `code` tells the cases apart.
 *
 * @category errors
 * @since 0.1.0
 */
export class NotFound extends Schema.TaggedError<NotFound>("@effect-sunco/effect3/NotFound")("NotFound", {
  ...call,
  ...answer,
  cursor,
}) {
  /** The code of the first entry. */
  get code(): string | undefined {
    return this.errors[0]?.code
  }

  override get message(): string {
    return engine.messageOf(plainPagesError(this))
  }
}

/**
 * The errors that the vendor documents: 400 for a join and a list, 404 for all three operations.
 *
 * @category errors
 * @since 0.1.0
 */
export type Documented = BadRequest | NotFound

// ---------------------------------------------------------------------------
// Reasons
// ---------------------------------------------------------------------------

/**
 * The request was refused before anything was sent.
 *
 * @category reasons
 * @since 0.1.0
 */
export class InvalidRequest extends Schema.TaggedError<InvalidRequest>("@effect-sunco/effect3/InvalidRequest")(
  "InvalidRequest",
  {
    /** The part of the request that is wrong, with dots for what is nested. */
    field: Schema.String,
    /** What is allowed there. */
    expected: Schema.String,
  },
) {
  /** See {@link Outcome}. */
  get outcome(): Outcome {
    return engine.describeReason(plainReason(this)).outcome
  }

  override get message(): string {
    return engine.describeReason(plainReason(this)).message
  }
}

/**
 * Status 401: the credentials are missing, wrong or expired.
 *
 * @category reasons
 * @since 0.1.0
 */
export class Unauthorized extends Schema.TaggedError<Unauthorized>("@effect-sunco/effect3/Unauthorized")(
  "Unauthorized",
  {
    ...answer,
    /** The kind of credentials that were refused. */
    credentials: Schema.optional(Schema.Literal("basic", "bearer", "jwt")),
  },
) {
  /** See {@link Outcome}. */
  get outcome(): Outcome {
    return engine.describeReason(plainReason(this)).outcome
  }

  override get message(): string {
    return engine.describeReason(plainReason(this)).message
  }
}

/**
 * Status 403: the credentials are valid, but do not allow this call.
 *
 * @category reasons
 * @since 0.1.0
 */
export class Forbidden extends Schema.TaggedError<Forbidden>("@effect-sunco/effect3/Forbidden")("Forbidden", answer) {
  /** See {@link Outcome}. */
  get outcome(): Outcome {
    return engine.describeReason(plainReason(this)).outcome
  }

  override get message(): string {
    return engine.describeReason(plainReason(this)).message
  }
}

/**
 * Status 429, or a wait for one that is longer than the call may take.
 *
 * @category reasons
 * @since 0.1.0
 */
export class RateLimited extends Schema.TaggedError<RateLimited>("@effect-sunco/effect3/RateLimited")("RateLimited", {
  ...answer,
  /** How long to wait before the next request, if that is known. */
  retryAfter: duration,
  /** How long the call has waited for its turn. */
  waited: duration,
}) {
  /** See {@link Outcome}. */
  get outcome(): Outcome {
    return engine.describeReason(plainReason(this)).outcome
  }

  override get message(): string {
    return engine.describeReason(plainReason(this)).message
  }
}

/**
 * A status of 500 or more.
 *
 * @category reasons
 * @since 0.1.0
 */
export class ServerError extends Schema.TaggedError<ServerError>("@effect-sunco/effect3/ServerError")("ServerError", {
  /** The status of the answer: 500 or more. */
  status: Schema.Int,
  ...answer,
  /** How long the server asked to wait. */
  retryAfter: duration,
}) {
  /** See {@link Outcome}. */
  get outcome(): Outcome {
    return engine.describeReason(plainReason(this)).outcome
  }

  override get message(): string {
    return engine.describeReason(plainReason(this)).message
  }
}

/**
 * A status that has no reason of its own, redirects among them: they are never followed.
 *
 * @category reasons
 * @since 0.1.0
 */
export class UnexpectedStatus extends Schema.TaggedError<UnexpectedStatus>("@effect-sunco/effect3/UnexpectedStatus")(
  "UnexpectedStatus",
  {
    /** The status of the answer. */
    status: Schema.Int,
    ...answer,
    /** Where a redirect points. */
    location: Schema.optional(hiddenText),
    /** How long the server asked to wait. */
    retryAfter: duration,
  },
) {
  /** See {@link Outcome}. */
  get outcome(): Outcome {
    return engine.describeReason(plainReason(this)).outcome
  }

  override get message(): string {
    return engine.describeReason(plainReason(this)).message
  }
}

/**
 * There is no answer.
 *
 * @category reasons
 * @since 0.1.0
 */
export class Transport extends Schema.TaggedError<Transport>("@effect-sunco/effect3/Transport")("Transport", {
  /** What happened to the connection, or why nothing was sent. */
  description: Schema.String,
  /** Whether the request may have reached the API. */
  sent: Schema.Boolean,
  /** The code of the system error, such as `ECONNREFUSED`; undefined if there is none. */
  code: Schema.optional(Schema.String),
}) {
  /** See {@link Outcome}. */
  get outcome(): Outcome {
    return engine.describeReason(plainReason(this)).outcome
  }

  override get message(): string {
    return engine.describeReason(plainReason(this)).message
  }
}

/**
 * No answer came in time.
 *
 * @category reasons
 * @since 0.1.0
 */
export class TimedOut extends Schema.TaggedError<TimedOut>("@effect-sunco/effect3/TimedOut")("TimedOut", {
  /** The time that was allowed. */
  after: Schema.DurationFromMillis,
  /** Whether the request may have reached the API. */
  sent: Schema.Boolean,
  /** The field of the retry policy that ended the wait: `deadline` for the call, `attemptTimeout` for one step of it. */
  limit: Schema.optional(Schema.Literal("deadline", "attemptTimeout")),
  /** What the call was waiting for. `turn` is its place among the requests of the layer. */
  waitingFor: Schema.optional(Schema.Literal("answer", "credential", "turn", "rate limit")),
}) {
  /** See {@link Outcome}. */
  get outcome(): Outcome {
    return engine.describeReason(plainReason(this)).outcome
  }

  override get message(): string {
    return engine.describeReason(plainReason(this)).message
  }
}

/**
 * The status says success, and the body cannot be read.
 *
 * @category reasons
 * @since 0.1.0
 */
export class InvalidResponse extends Schema.TaggedError<InvalidResponse>("@effect-sunco/effect3/InvalidResponse")(
  "InvalidResponse",
  {
    /** The status of the answer. */
    status: Schema.Int,
    /** What is wrong with the body, without its text. */
    detail: Schema.String,
    /** The body. */
    body: UnrecognizedBody,
  },
) {
  /** See {@link Outcome}. */
  get outcome(): Outcome {
    return engine.describeReason(plainReason(this)).outcome
  }

  override get message(): string {
    return engine.describeReason(plainReason(this)).message
  }
}

/**
 * The reasons for which one attempt can fail.
 *
 * @category reasons
 * @since 0.1.0
 */
export const AttemptReason = Schema.Union(
  RateLimited,
  ServerError,
  UnexpectedStatus,
  Transport,
  TimedOut,
  InvalidResponse,
  Unauthorized,
  Forbidden,
)

/**
 * The decoded type of {@link AttemptReason}.
 *
 * @category reasons
 * @since 0.1.0
 */
export type AttemptReason = typeof AttemptReason.Type

/**
 * A write that may or may not have happened.
 *
 * @category reasons
 * @since 0.1.0
 */
export class OutcomeUnknown extends Schema.TaggedError<OutcomeUnknown>("@effect-sunco/effect3/OutcomeUnknown")(
  "OutcomeUnknown",
  {
    /** The reason of each attempt that failed, in order. */
    attempts: Schema.Array(AttemptReason),
    /** Why verification did not settle it. Only a mock leaves it out. */
    detail: Schema.optional(Schema.String),
  },
) {
  /** See {@link Outcome}. */
  get outcome(): Outcome {
    return engine.describeReason(plainReason(this)).outcome
  }

  override get message(): string {
    return engine.describeReason(plainReason(this)).message
  }
}

/**
 * The reasons of a {@link SunshineError}.
 *
 * @category reasons
 * @since 0.1.0
 */
export const Reason = Schema.Union(InvalidRequest, ...AttemptReason.members, OutcomeUnknown)

/**
 * The decoded type of {@link Reason}.
 *
 * @category reasons
 * @since 0.1.0
 */
export type Reason = typeof Reason.Type

// ---------------------------------------------------------------------------
// Errors
// ---------------------------------------------------------------------------

/**
 * Everything that can go wrong beside the documented 400 and 404.
 *
 * @category errors
 * @since 0.1.0
 */
export class SunshineError extends Schema.TaggedError<SunshineError>("@effect-sunco/effect3/SunshineError")(
  "SunshineError",
  {
    ...call,
    /** What went wrong. */
    reason: Reason,
    cursor,
    /** The error below this one, such as that of the HTTP client or of a source of tokens; undefined if there is none. */
    cause: Schema.optional(Schema.Defect),
  },
) {
  /** What is known of the request; see {@link Outcome}. */
  get outcome(): Outcome {
    return this.reason.outcome
  }

  /** The code of the first entry of the error body, or that of a system error; undefined if the reason has neither. */
  get code(): string | undefined {
    const { reason } = this
    return "code" in reason ? reason.code : "errors" in reason ? reason.errors[0]?.code : undefined
  }

  /** Whether sending the same request again can do no harm and may help. */
  get isRetryable(): boolean {
    return engine.isRetryable(plainSunshineError(this))
  }

  override get message(): string {
    return engine.messageOf(plainPagesError(this))
  }
}

/**
 * Paging cannot go on. A stream that starts at `cursor` goes on after the page with the fault, which has been delivered;
 * `undefined` is the first page.
 *
 * @category errors
 * @since 0.1.0
 */
export class PaginationError extends Schema.TaggedError<PaginationError>("@effect-sunco/effect3/PaginationError")(
  "PaginationError",
  {
    /** What is wrong with the page. */
    description: Schema.String,
    ...conversation,
    cursor,
  },
) {
  override get message(): string {
    return engine.messageOf(plainPagesError(this))
  }
}

// ---------------------------------------------------------------------------
// Constructors
// ---------------------------------------------------------------------------

/**
 * A {@link BadRequest} with one entry, as a mock or a test needs it.
 *
 * @category constructors
 * @since 0.1.0
 */
export const badRequest = (operation: Operation, code: string, title = ""): BadRequest =>
  new BadRequest({ operation, errors: [new ErrorDetail({ code, title })] })

/**
 * A {@link NotFound} with one entry, as a mock or a test needs it.
 *
 * @category constructors
 * @since 0.1.0
 */
export const notFound = (operation: Operation, code: string, title = ""): NotFound =>
  new NotFound({ operation, errors: [new ErrorDetail({ code, title })] })

/**
 * A {@link SunshineError} with a reason, as a mock or a test needs it.
 *
 * @category constructors
 * @since 0.1.0
 */
export const failure = (operation: Operation, reason: Reason): SunshineError => new SunshineError({ operation, reason })
