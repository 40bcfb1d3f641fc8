/**
 * What can go wrong when participants are joined, removed or listed.
 *
 * - {@link BadRequest}: status 400, where the vendor documents it (join and list)
 * - {@link NotFound}: status 404; its `code` tells a missing conversation from a user who is no member
 * - {@link SunshineError}: everything else, with a `reason` to match on
 *
 * Match on `code` and never on `title`: titles are prose for people, and change.
 *
 * Every reason has an {@link Outcome}, which says whether sending the request again can do harm.
 *
 * @since 0.1.0
 */
import * as Duration from "effect/Duration"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import * as SchemaTransformation from "effect/SchemaTransformation"
import { orElse } from "./internal/constraints.ts"

// ---------------------------------------------------------------------------
// Models
// ---------------------------------------------------------------------------

/**
 * The operation that failed.
 *
 * @category models
 * @since 0.1.0
 */
export const Operation = Schema.Literals(["join", "leave", "list"])

/**
 * The decoded type of {@link Operation}.
 *
 * @category models
 * @since 0.1.0
 */
export type Operation = typeof Operation.Type

/**
 * One entry of the vendor's error body. A missing `code` or `title` is read as an empty string.
 *
 * The documented codes are `bad_request`, `conversation_not_found`, `not_found` and `unauthorized`; others can come.
 *
 * @category models
 * @since 0.1.0
 */
export class ErrorDetail extends Schema.Class<ErrorDetail>("@effect-sunco/core/ErrorDetail")({
  code: orElse(Schema.String, ""),
  title: orElse(Schema.String, ""),
}) {}

/**
 * What is known of a failed request.
 *
 * - `rejected`: the server answered no, or nothing was sent because the request cannot succeed; the same request gives
 *   the same answer
 * - `not processed`: the server did not act on the request; sending it again is safe
 * - `ambiguous`: the server may have acted on it; sending a read again is safe, sending a write again may write twice
 *
 * @category models
 * @since 0.1.0
 */
export type Outcome = "rejected" | "not processed" | "ambiguous"

/** A text of the server that can hold a credential. Encoded, it says that there was one, and not which. */
const hiddenText = Schema.String.pipe(
  Schema.decodeTo(
    Schema.Redacted(Schema.String),
    SchemaTransformation.transform({ decode: (text) => Redacted.make(text), encode: () => "<redacted>" }),
  ),
)

/**
 * A body that is not what the vendor documents for its status.
 *
 * A server can repeat a credential in it, so its text is `Redacted` and appears in no message.
 *
 * @category models
 * @since 0.1.0
 */
export class UnrecognizedBody extends Schema.Class<UnrecognizedBody>("@effect-sunco/core/UnrecognizedBody")({
  /** The media type that the answer names, such as `text/html`; undefined if it names none that can be shown. */
  contentType: Schema.optional(Schema.String),
  /** How many bytes of the body arrived. */
  bytes: Schema.Int,
  /** The beginning of the text, 1,000 characters at most. */
  text: hiddenText,
  /** Why the body ended early; undefined if it is complete. */
  problem: Schema.optional(Schema.String),
}) {
  override toString(): string {
    if (this.problem !== undefined) return `a body that could not be read: ${this.problem}`
    return this.bytes === 0 ? "an empty body" : `a body of ${this.contentType ?? "no known type"}, ${this.bytes} bytes`
  }
}

/** What every answer with an error status carries. */
const answer = {
  /** The entries of the error body, 20 at most; empty if the body is not the documented one. */
  errors: Schema.Array(ErrorDetail),
  /** The body, if it is not the documented one. */
  body: Schema.optional(UnrecognizedBody),
}

interface Answer {
  readonly errors: ReadonlyArray<ErrorDetail>
  readonly body?: UnrecognizedBody | undefined
}

const describeAnswer = (status: number, { body, errors }: Answer): string => {
  if (errors.length > 0) return `${status} ${errors.map(({ code, title }) => `${code}: ${title}`).join("; ")}`
  return body === undefined ? `${status}, with no error entry` : `${status} with ${String(body)}`
}

/** The cursor that asked for the page that failed, set by the paginator: page on from here. */
const cursor = Schema.optional(Schema.String)

// ---------------------------------------------------------------------------
// Documented errors
// ---------------------------------------------------------------------------

/**
 * The API refused the request with status 400, which the vendor documents for join and list.
 *
 * `errors` can hold several entries. `code` is the code of the first one, or `undefined` when the body was not the
 * documented one; then `body` describes it. `cursor` is set by the paginator: paging can go on from it.
 *
 * **Example** (A conversation that is full)
 *
 * ```ts
 * import { SunshineError } from "@effect-sunco/core"
 * import { Effect } from "effect"
 * import * as assert from "node:assert"
 *
 * const join = Effect.fail(
 *   new SunshineError.BadRequest({
 *     operation: "join",
 *     errors: [{ code: "bad_request", title: "Too many participants" }],
 *   }),
 * )
 *
 * const program = join.pipe(Effect.catchTag("BadRequest", ({ code }) => Effect.succeed(code)))
 *
 * assert.equal(await Effect.runPromise(program), "bad_request")
 * ```
 *
 * @category errors
 * @since 0.1.0
 */
export class BadRequest extends Schema.TaggedError<BadRequest>("@effect-sunco/core/BadRequest")("BadRequest", {
  operation: Operation,
  ...answer,
  cursor,
}) {
  get code(): string | undefined {
    return this.errors[0]?.code
  }

  override get message(): string {
    return `${this.operation}: ${describeAnswer(400, this)}`
  }
}

/**
 * The API answered with status 404.
 *
 * `code` tells the cases apart. Documented are `conversation_not_found` for a conversation that does not exist (join and
 * list), and `not_found` for a user who is not a member (leave). `code` is `undefined` when the body was not the
 * documented one, as with a wrong base URL; then `body` describes it. `cursor` is set by the paginator: paging can
 * go on from it.
 *
 * **Example** (Telling two kinds of 404 apart)
 *
 * ```ts
 * import { SunshineError } from "@effect-sunco/core"
 * import { Effect } from "effect"
 * import * as assert from "node:assert"
 *
 * const leave = Effect.fail(
 *   new SunshineError.NotFound({
 *     operation: "leave",
 *     errors: [{ code: "not_found", title: "User is not a member of the conversation" }],
 *   }),
 * )
 *
 * const program = leave.pipe(
 *   Effect.catchTag("NotFound", (error) =>
 *     error.code === "not_found" ? Effect.succeed("was no member") : Effect.fail(error),
 *   ),
 * )
 *
 * assert.equal(await Effect.runPromise(program), "was no member")
 * ```
 *
 * @category errors
 * @since 0.1.0
 */
export class NotFound extends Schema.TaggedError<NotFound>("@effect-sunco/core/NotFound")("NotFound", {
  operation: Operation,
  ...answer,
  cursor,
}) {
  get code(): string | undefined {
    return this.errors[0]?.code
  }

  override get message(): string {
    return `${this.operation}: ${describeAnswer(404, this)}`
  }
}

/**
 * The errors that the vendor documents; see `Operations` for which operation has which.
 *
 * @category errors
 * @since 0.1.0
 */
export type Documented = BadRequest | NotFound

// ---------------------------------------------------------------------------
// Reasons
// ---------------------------------------------------------------------------

/**
 * The request was refused before anything was sent. `field` names the part of the request, `expected` says what is
 * allowed there.
 *
 * **Example** (Telling a user what is wrong)
 *
 * ```ts
 * import { Participants, SunshineError } from "@effect-sunco/core"
 * import { ParticipantsTest } from "@effect-sunco/testing"
 * import { Effect } from "effect"
 * import * as assert from "node:assert"
 *
 * const program = Effect.gen(function* () {
 *   const participants = yield* Participants.Participants
 *   yield* participants.leave({ appId: "app", conversationId: "conversation", userId: "" })
 *   return "left"
 * }).pipe(
 *   Effect.catchReason("SunshineError", "InvalidRequest", ({ field }) => Effect.succeed(`wrong: ${field}`)),
 *   Effect.provide(ParticipantsTest.layerMemory()),
 * )
 *
 * assert.equal(await Effect.runPromise(program), "wrong: userId")
 * assert.equal(new SunshineError.InvalidRequest({ field: "userId", expected: "Expected an id" }).outcome, "rejected")
 * ```
 *
 * @category reasons
 * @since 0.1.0
 */
export class InvalidRequest extends Schema.TaggedError<InvalidRequest>("@effect-sunco/core/InvalidRequest")(
  "InvalidRequest",
  { field: Schema.String, expected: Schema.String },
) {
  readonly outcome: Outcome = "rejected"

  override get message(): string {
    return `${this.field}: ${this.expected}`
  }
}

/**
 * Status 401: the credentials are missing, wrong or expired.
 *
 * @category reasons
 * @since 0.1.0
 */
export class Unauthorized extends Schema.TaggedError<Unauthorized>("@effect-sunco/core/Unauthorized")(
  "Unauthorized",
  answer,
) {
  readonly outcome: Outcome = "rejected"

  override get message(): string {
    return describeAnswer(401, this)
  }
}

/**
 * Status 403: the credentials are good, and do not reach this far.
 *
 * @category reasons
 * @since 0.1.0
 */
export class Forbidden extends Schema.TaggedError<Forbidden>("@effect-sunco/core/Forbidden")("Forbidden", answer) {
  readonly outcome: Outcome = "rejected"

  override get message(): string {
    return describeAnswer(403, this)
  }
}

/**
 * Status 429: too many requests. A layer also fails a call with it, without a request, when the wait for a 429 that other
 * calls met, or for its own limit, is longer than the call may take.
 *
 * @category reasons
 * @since 0.1.0
 */
export class RateLimited extends Schema.TaggedError<RateLimited>("@effect-sunco/core/RateLimited")("RateLimited", {
  ...answer,
  /** How long to wait before the next request, if that is known. */
  retryAfter: Schema.optional(Schema.DurationFromMillis),
  /** How long the call has waited for its turn. */
  waited: Schema.optional(Schema.DurationFromMillis),
}) {
  readonly outcome: Outcome = "not processed"

  override get message(): string {
    const wait = this.retryAfter === undefined ? "" : `, retry after ${Duration.format(this.retryAfter)}`
    const waited = this.waited === undefined ? "" : `, waited ${Duration.format(this.waited)}`
    return `${describeAnswer(429, this)}${wait}${waited}`
  }
}

/**
 * A status of 500 or more: the server failed, perhaps after it had acted. `retryAfter` is how long it asked to wait, if
 * it did.
 *
 * @category reasons
 * @since 0.1.0
 */
export class ServerError extends Schema.TaggedError<ServerError>("@effect-sunco/core/ServerError")("ServerError", {
  status: Schema.Int,
  ...answer,
  retryAfter: Schema.optional(Schema.DurationFromMillis),
}) {
  readonly outcome: Outcome = "ambiguous"

  override get message(): string {
    return describeAnswer(this.status, this)
  }
}

/**
 * A status that the vendor does not document for the operation and that has no reason of its own. Redirects are among
 * them: they are never followed, and `location` says where they point. `retryAfter` is how long the server asked to wait, if
 * it did.
 *
 * @category reasons
 * @since 0.1.0
 */
export class UnexpectedStatus extends Schema.TaggedError<UnexpectedStatus>("@effect-sunco/core/UnexpectedStatus")(
  "UnexpectedStatus",
  {
    status: Schema.Int,
    ...answer,
    /** Where a redirect points. */
    location: Schema.optional(hiddenText),
    /** How long the server asked to wait. */
    retryAfter: Schema.optional(Schema.DurationFromMillis),
  },
) {
  /**
   * `ambiguous` for a 2xx, for 303 (which answers a request that was carried out) and for 408; `not processed` for 425,
   * with which a server refuses to take a risk; `rejected` for all others.
   */
  get outcome(): Outcome {
    if (this.status === 425) return "not processed"
    return (this.status >= 200 && this.status < 300) || this.status === 303 || this.status === 408
      ? "ambiguous"
      : "rejected"
  }

  override get message(): string {
    const where = this.location === undefined ? "" : ", a redirect, which is never followed"
    return `${describeAnswer(this.status, this)}${where}`
  }
}

/**
 * There is no answer. `sent` is false when the request certainly did not reach the API: the name was not found, the
 * connection was refused, TLS failed, or no credential could be had. `code` is the code of the system error, such as
 * `ECONNREFUSED`, where there is one.
 *
 * **Example** (Whether the request can have reached the API)
 *
 * ```ts
 * import { SunshineError } from "@effect-sunco/core"
 * import * as assert from "node:assert"
 *
 * const refused = new SunshineError.Transport({ description: "no connection", sent: false, code: "ECONNREFUSED" })
 * const cut = new SunshineError.Transport({ description: "the connection ended", sent: true, code: "ECONNRESET" })
 *
 * assert.equal(refused.outcome, "not processed")
 * assert.equal(cut.outcome, "ambiguous")
 * ```
 *
 * @category reasons
 * @since 0.1.0
 */
export class Transport extends Schema.TaggedError<Transport>("@effect-sunco/core/Transport")("Transport", {
  description: Schema.String,
  sent: Schema.Boolean,
  code: Schema.optional(Schema.String),
}) {
  get outcome(): Outcome {
    return this.sent ? "ambiguous" : "not processed"
  }

  override get message(): string {
    return this.code === undefined ? this.description : `${this.description} (${this.code})`
  }
}

/**
 * No answer came in time. `after` is the time that was allowed. `sent` is false when the request was certainly not sent
 * in that time.
 *
 * @category reasons
 * @since 0.1.0
 */
export class TimedOut extends Schema.TaggedError<TimedOut>("@effect-sunco/core/TimedOut")("TimedOut", {
  after: Schema.DurationFromMillis,
  sent: Schema.Boolean,
}) {
  get outcome(): Outcome {
    return this.sent ? "ambiguous" : "not processed"
  }

  override get message(): string {
    return `no answer within ${Duration.format(this.after)}`
  }
}

/**
 * The status says success, and the body cannot be read. `detail` says why.
 *
 * @category reasons
 * @since 0.1.0
 */
export class InvalidResponse extends Schema.TaggedError<InvalidResponse>("@effect-sunco/core/InvalidResponse")(
  "InvalidResponse",
  {
    /** The HTTP status. */
    status: Schema.Int,
    /** What is wrong with the body. It repeats nothing of the body. */
    detail: Schema.String,
    /** The body. */
    body: UnrecognizedBody,
  },
) {
  readonly outcome: Outcome = "ambiguous"

  override get message(): string {
    return `status ${this.status} with ${String(this.body)}: ${this.detail}`
  }
}

/**
 * The reasons for which one attempt can fail.
 *
 * @category reasons
 * @since 0.1.0
 */
export const AttemptReason = Schema.Union([
  RateLimited,
  ServerError,
  UnexpectedStatus,
  Transport,
  TimedOut,
  InvalidResponse,
  Unauthorized,
  Forbidden,
])

/**
 * The decoded type of {@link AttemptReason}.
 *
 * @category reasons
 * @since 0.1.0
 */
export type AttemptReason = typeof AttemptReason.Type

/**
 * A write that may or may not have happened. `attempts` holds the reason of each attempt that failed, in order.
 *
 * **Example** (What was tried)
 *
 * ```ts
 * import { SunshineError } from "@effect-sunco/core"
 * import * as assert from "node:assert"
 *
 * const reason = new SunshineError.OutcomeUnknown({
 *   attempts: [new SunshineError.ServerError({ status: 502, errors: [] })],
 * })
 *
 * assert.equal(reason.outcome, "ambiguous")
 * assert.deepEqual(
 *   reason.attempts.map(({ _tag }) => _tag),
 *   ["ServerError"],
 * )
 * ```
 *
 * @category reasons
 * @since 0.1.0
 */
export class OutcomeUnknown extends Schema.TaggedError<OutcomeUnknown>("@effect-sunco/core/OutcomeUnknown")(
  "OutcomeUnknown",
  { attempts: Schema.Array(AttemptReason) },
) {
  readonly outcome: Outcome = "ambiguous"

  override get message(): string {
    return `it is not known whether the write happened; attempts: ${this.attempts
      .map((reason) => `${reason._tag} (${reason.message})`)
      .join("; ")}`
  }
}

/**
 * The reasons of a {@link SunshineError}.
 *
 * @category reasons
 * @since 0.1.0
 */
export const Reason = Schema.Union([InvalidRequest, ...AttemptReason.members, OutcomeUnknown])

/**
 * The decoded type of {@link Reason}.
 *
 * @category reasons
 * @since 0.1.0
 */
export type Reason = typeof Reason.Type

/**
 * The reason for an error status that is not documented for the operation.
 *
 * **Example** (An implementation of `Participants` over another transport)
 *
 * ```ts
 * import { SunshineError } from "@effect-sunco/core"
 * import * as assert from "node:assert"
 *
 * const reason = SunshineError.reasonOfStatus(503, { errors: [] })
 *
 * assert.equal(reason._tag, "ServerError")
 * assert.equal(reason.outcome, "ambiguous")
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const reasonOfStatus = (
  status: number,
  answer: {
    readonly errors: ReadonlyArray<ErrorDetail>
    readonly body?: UnrecognizedBody | undefined
    readonly retryAfter?: Duration.Duration | undefined
    readonly location?: Redacted.Redacted | undefined
  },
): AttemptReason => {
  const { body, errors, location, retryAfter } = answer
  if (status === 401) return new Unauthorized({ errors, body })
  if (status === 403) return new Forbidden({ errors, body })
  if (status === 429) return new RateLimited({ errors, body, retryAfter })
  // A status above 599 is no status of HTTP, which asks clients to take it for one of 500.
  if (status >= 500) return new ServerError({ status, errors, body, retryAfter })
  return new UnexpectedStatus({ status, errors, body, location, retryAfter })
}

// ---------------------------------------------------------------------------
// Errors
// ---------------------------------------------------------------------------

/**
 * Everything that can go wrong beside the documented 400 and 404.
 *
 * `reason` says what; `cause` is the error below it, where there is one. `cursor` is set by the paginator: paging can go
 * on from it.
 *
 * **Example** (Handling one reason)
 *
 * ```ts
 * import { SunshineError } from "@effect-sunco/core"
 * import { Duration, Effect } from "effect"
 * import * as assert from "node:assert"
 *
 * const list = Effect.fail(
 *   new SunshineError.SunshineError({
 *     operation: "list",
 *     reason: new SunshineError.RateLimited({ errors: [], retryAfter: Duration.seconds(90) }),
 *   }),
 * )
 *
 * const program = list.pipe(
 *   Effect.catchReason("SunshineError", "RateLimited", ({ retryAfter }) => Effect.succeed(retryAfter)),
 * )
 *
 * assert.deepEqual(await Effect.runPromise(program), Duration.seconds(90))
 * ```
 *
 * @category errors
 * @since 0.1.0
 */
export class SunshineError extends Schema.TaggedError<SunshineError>("@effect-sunco/core/SunshineError")(
  "SunshineError",
  { operation: Operation, reason: Reason, cursor, cause: Schema.optional(Schema.Defect()) },
) {
  /** What is known of the request; see {@link Outcome}. */
  get outcome(): Outcome {
    return this.reason.outcome
  }

  /** Whether sending the same request again can do no harm and may help. */
  get isRetryable(): boolean {
    return this.outcome === "not processed" || (this.outcome === "ambiguous" && this.operation === "list")
  }

  override get message(): string {
    return `${this.operation}: ${this.reason._tag}: ${this.reason.message}`
  }
}

/**
 * Paging cannot go on: a cursor repeats, more participants follow without a cursor to ask for them, or many pages in a row
 * brought nothing new.
 *
 * The page with the fault has been delivered. A stream that starts at `cursor` goes on after it; `undefined` is the first
 * page.
 *
 * **Example** (Going on from where paging stopped)
 *
 * ```ts
 * import { Paginator } from "@effect-sunco/core"
 * import { Faults, ParticipantsTest, Sandbox } from "@effect-sunco/testing"
 * import { Effect, Stream } from "effect"
 * import * as assert from "node:assert"
 *
 * const { appId, conversationId } = Sandbox.demo
 * const seed = Sandbox.demoSeed({ faults: Faults.scripted({ list: { 2: Faults.vanishedCursor } }) })
 *
 * const program = Paginator.stream({ appId, conversationId }).pipe(
 *   Stream.catchTag("PaginationError", ({ cursor }) => Paginator.stream({ appId, conversationId, cursor })),
 *   Stream.runCount,
 *   Effect.provide(ParticipantsTest.layerMemory(seed)),
 * )
 *
 * assert.equal(await Effect.runPromise(program), 250)
 * ```
 *
 * @category errors
 * @since 0.1.0
 */
export class PaginationError extends Schema.TaggedError<PaginationError>("@effect-sunco/core/PaginationError")(
  "PaginationError",
  { description: Schema.String, cursor },
) {
  override get message(): string {
    return `${this.description}; resume from ${this.cursor ?? "the first page"}`
  }
}
