/**
 * What can go wrong when participants are joined, removed or listed.
 *
 * - {@link BadRequest}: status 400, where the vendor documents it (join and list)
 * - {@link NotFound}: status 404; its `code` tells a missing conversation from a user who is not a member
 * - {@link SunshineError}: everything else, with a `reason` to match on
 *
 * Match on `code` and never on `title`: titles are for people, and can change. `docs/errors.md` lists the tags, reasons
 * and codes, and what to do about each.
 *
 * An error names its call: the app, the conversation, the base URL of the layer, and for a join or a leave the `user` as
 * the request named them. The service fills these in. They are optional, so that a test can leave them out. The message
 * names the conversation, the app and the base URL, and never the user.
 *
 * Every reason has an {@link Outcome}, which says whether it is safe to send the request again.
 *
 * @since 0.1.0
 */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import * as SchemaTransformation from "effect/SchemaTransformation"
import { orElse } from "./internal/constraints.ts"
import { withDefault } from "./internal/withDefault.ts"
import { describe } from "./internal/describe.ts"

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
 * How a join or a leave named its user: by one of the three ids. An invalid request can name none, or several.
 *
 * @category models
 * @since 0.1.0
 */
export const NamedUser = Schema.Struct({
  /** The id that Sunshine Conversations gave the user. */
  userId: Schema.optional(Schema.String),
  /** The id that you gave the user. */
  userExternalId: Schema.optional(Schema.String),
  /** The id of the membership. */
  participantId: Schema.optional(Schema.String),
})

/**
 * The decoded type of {@link NamedUser}.
 *
 * @category models
 * @since 0.1.0
 */
export type NamedUser = typeof NamedUser.Type

/**
 * One entry of the vendor's error body. A missing `code` or `title` decodes to an empty string.
 *
 * The documented codes are `bad_request`, `conversation_not_found`, `not_found` and `unauthorized`; the API may send
 * others.
 *
 * @category models
 * @since 0.1.0
 */
export class ErrorDetail extends Schema.Class<ErrorDetail>("@effect-sunco/core/ErrorDetail")({
  /** Which error it is, such as `conversation_not_found`; `""` if the answer has none. `""` by default. */
  code: orElse(Schema.String, ""),
  /** The error in words, for people; `""` if the answer has none. `""` by default. */
  title: orElse(Schema.String, ""),
}) {}

/**
 * What is known about a failed request.
 *
 * - `rejected`: the server refused the request, or it was invalid and nothing was sent; the same request fails again
 * - `not processed`: the server did not act on the request; sending it again is safe
 * - `ambiguous`: the server may have acted on it; sending a read again is safe, sending a write again may write twice
 *
 * @category models
 * @since 0.1.0
 */
export type Outcome = "rejected" | "not processed" | "ambiguous"

/** Text from the server that may contain a credential. It encodes to `<redacted>`. */
const hiddenText = Schema.String.pipe(
  Schema.decodeTo(
    Schema.declare((input): input is Redacted.Redacted => Redacted.isRedacted(input)),
    SchemaTransformation.transform({ decode: (text) => Redacted.make(text), encode: () => "<redacted>" }),
  ),
)

/**
 * A body that is not what the vendor documents for its status.
 *
 * A server can echo a credential in it, so its text is `Redacted` and appears in no message.
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

/**
 * A kind of credentials: an API key (`basic`), a token (`bearer`), or a token signed with an API key (`jwt`).
 *
 * @category models
 * @since 0.1.0
 */
export const CredentialsKind = Schema.Literals(["basic", "bearer", "jwt"])

/**
 * The decoded type of {@link CredentialsKind}.
 *
 * @category models
 * @since 0.1.0
 */
export type CredentialsKind = typeof CredentialsKind.Type

/** The fields of every answer with an error status. */
const answer = {
  /** The entries of the error body, 20 at most; empty if the body is not the documented one. Empty by default. */
  errors: withDefault(Schema.Array(ErrorDetail), Effect.succeed([])),
  /** The body, if it is not the documented one. */
  body: Schema.optional(UnrecognizedBody),
}

interface Answer {
  readonly errors: ReadonlyArray<ErrorDetail>
  readonly body?: UnrecognizedBody | undefined
}

const describeAnswer = (status: number, { body, errors }: Answer): string => {
  if (errors.length > 0)
    return `${status} ${errors.map(({ code, title }) => (title === "" ? code : `${code}: ${title}`)).join("; ")}`
  return body === undefined ? `${status}, with no error entry` : `${status} with ${String(body)}`
}

/** How long the server asked to wait, if it did. */
const describeWait = (retryAfter: Duration.Duration | undefined): string =>
  retryAfter === undefined ? "" : `, retry after ${Duration.toSeconds(retryAfter)} s`

/** Whether a body is not from the API. A body that was cut off does not tell. */
const isFromElsewhere = (body: UnrecognizedBody | undefined): boolean =>
  body !== undefined && body.problem === undefined

/** The cursor of the page that failed, set by the paginator. A stream from this cursor continues. */
const cursor = Schema.optional(Schema.String)

/** The conversation of a call. */
const conversation = {
  /** The id of the app; undefined if the request names none that can be read. */
  appId: Schema.optional(Schema.String),
  /** The id of the conversation; undefined if the request names none that can be read. */
  conversationId: Schema.optional(Schema.String),
}

/** What identifies the call that failed. */
const call = {
  /** The operation that failed. */
  operation: Operation,
  ...conversation,
  /** How a join or a leave named its user. It is in no message. */
  user: Schema.optional(NamedUser),
  /** Where the layer sends its requests; undefined if it sends none. */
  baseUrl: Schema.optional(Schema.String),
}

/** The 404 codes that the vendor documents, by operation. */
const notFoundCodes: { readonly [Name in Operation]: ReadonlyArray<string> } = {
  join: ["conversation_not_found"],
  leave: ["not_found"],
  list: ["conversation_not_found"],
}

// ---------------------------------------------------------------------------
// Documented errors
// ---------------------------------------------------------------------------

/**
 * The API refused the request with status 400, which the vendor documents for join and list.
 *
 * `errors` can have several entries. `code` is the code of the first one, or `undefined` when the body was not the
 * documented one; then `body` describes it. `cursor` is set by the paginator: a stream from it continues.
 *
 * **Example** (A conversation that is full)
 *
 * ```ts
 * import { SunshineError } from "@effect-sunco/core"
 * import { Effect } from "effect"
 * import * as assert from "node:assert"
 *
 * const join = Effect.fail(SunshineError.badRequest("join", "bad_request", "Too many participants"))
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
  ...call,
  ...answer,
  cursor,
}) {
  /** The code of the first entry of `errors`; undefined if there is none. */
  get code(): string | undefined {
    return this.errors[0]?.code
  }

  override get message(): string {
    return describe(this, describeAnswer(400, this), isFromElsewhere(this.body))
  }
}

/**
 * The API answered with status 404.
 *
 * The vendor documents `conversation_not_found` for a conversation that does not exist (join and list), and `not_found`
 * for a user who is not a member (leave). `not_found` is also the code for an address that does not exist, so it does not
 * prove that the user has left: only the roster does. With any other code, and with a body that is not the documented
 * one, the message says that the base URL may be wrong. `code` is `undefined` in the latter case, and `body` describes
 * the answer. `cursor` is set by the paginator: a stream from it continues.
 *
 * **Example** (After a leave fails with `NotFound`, the roster shows whether the user has left)
 *
 * ```ts
 * import { Paginator, type Participant, Participants } from "@effect-sunco/core"
 * import { ParticipantsTest, Sandbox } from "@effect-sunco/testing"
 * import { Effect, Stream } from "effect"
 * import * as assert from "node:assert"
 *
 * const { appId, conversationId, userId } = Sandbox.demo
 *
 * const leave = (request: Participant.ConversationReference & { readonly userId: string }) =>
 *   Effect.gen(function* () {
 *     const participants = yield* Participants.Participants
 *     yield* participants.leave(request)
 *     return "has left"
 *   }).pipe(
 *     Effect.catchTag("NotFound", (error) =>
 *       Paginator.stream({ appId: request.appId, conversationId: request.conversationId }).pipe(
 *         Stream.filter((participant) => participant.userId === request.userId),
 *         Stream.runCount,
 *         // A wrong base URL fails here too.
 *         Effect.flatMap((count) => (count === 0 ? Effect.succeed("was no member") : Effect.fail(error))),
 *       ),
 *     ),
 *   )
 *
 * const program = leave({ appId, conversationId, userId }).pipe(Effect.provide(ParticipantsTest.layerMemory()))
 *
 * assert.equal(await Effect.runPromise(program), "was no member")
 * ```
 *
 * @category errors
 * @since 0.1.0
 */
export class NotFound extends Schema.TaggedError<NotFound>("@effect-sunco/core/NotFound")("NotFound", {
  ...call,
  ...answer,
  cursor,
}) {
  /** The code of the first entry of `errors`; undefined if there is none. */
  get code(): string | undefined {
    return this.errors[0]?.code
  }

  override get message(): string {
    const isDocumented = this.code === undefined || notFoundCodes[this.operation].includes(this.code)
    return describe(this, describeAnswer(404, this), isFromElsewhere(this.body), isDocumented)
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
 * The request is invalid, and nothing was sent. `field` names the part of the request, `expected` says what is allowed
 * there.
 *
 * **Example** (Reporting the invalid field)
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
  {
    /** The part of the request that is wrong, with dots for what is nested. */
    field: Schema.String,
    /** What is allowed there. */
    expected: Schema.String,
  },
) {
  /** See {@link Outcome}. */
  readonly outcome: Outcome = "rejected"

  override get message(): string {
    return `${this.field}: ${this.expected}`
  }
}

/** What to check when the API refuses credentials of a kind. */
const mayBeWrong = {
  basic: "the key id or the secret may be wrong",
  bearer: "the token may be wrong or expired",
  jwt: "the key id, the secret or the scope may be wrong",
} as const

/**
 * Status 401: the credentials are missing, wrong or expired.
 *
 * @category reasons
 * @since 0.1.0
 */
export class Unauthorized extends Schema.TaggedError<Unauthorized>("@effect-sunco/core/Unauthorized")("Unauthorized", {
  ...answer,
  /** The kind of credentials that were refused. */
  credentials: Schema.optional(CredentialsKind),
}) {
  /** See {@link Outcome}. */
  readonly outcome: Outcome = "rejected"

  override get message(): string {
    const { credentials } = this
    const refused =
      credentials === undefined ? "" : `; the request had ${credentials} credentials: ${mayBeWrong[credentials]}`
    return `${describeAnswer(401, this)}${refused}`
  }
}

/**
 * Status 403: the credentials are valid, but do not allow this call.
 *
 * @category reasons
 * @since 0.1.0
 */
export class Forbidden extends Schema.TaggedError<Forbidden>("@effect-sunco/core/Forbidden")("Forbidden", answer) {
  /** See {@link Outcome}. */
  readonly outcome: Outcome = "rejected"

  override get message(): string {
    return describeAnswer(403, this)
  }
}

/**
 * Status 429: too many requests. A layer also fails a call with it, and sends nothing, if the call would have to wait
 * too long for its turn: after a 429 that another call received, or because of `limits.rate`.
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
  /** See {@link Outcome}. */
  readonly outcome: Outcome = "not processed"

  override get message(): string {
    const waited = this.waited === undefined ? "" : `, waited ${Duration.toSeconds(this.waited)} s`
    const isAnswered = this.errors.length > 0 || this.body !== undefined
    return `${isAnswered ? describeAnswer(429, this) : "too many requests"}${describeWait(this.retryAfter)}${waited}`
  }
}

/**
 * A status of 500 or more: the server failed, and may have acted on the request. `retryAfter` is how long it asked to
 * wait, if it did.
 *
 * @category reasons
 * @since 0.1.0
 */
export class ServerError extends Schema.TaggedError<ServerError>("@effect-sunco/core/ServerError")("ServerError", {
  /** The status of the answer: 500 or more. */
  status: Schema.Int,
  ...answer,
  /** How long the server asked to wait. */
  retryAfter: Schema.optional(Schema.DurationFromMillis),
}) {
  /** See {@link Outcome}. */
  readonly outcome: Outcome = "ambiguous"

  override get message(): string {
    return `${describeAnswer(this.status, this)}${describeWait(this.retryAfter)}`
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
    /** The status of the answer. */
    status: Schema.Int,
    ...answer,
    /** Where a redirect points. */
    location: Schema.optional(hiddenText),
    /** How long the server asked to wait. */
    retryAfter: Schema.optional(Schema.DurationFromMillis),
  },
) {
  /**
   * `ambiguous` for a 2xx, for 303 (which answers a request that was carried out) and for 408; `not processed` for 425
   * (the server did not process an early request); `rejected` for all others.
   */
  get outcome(): Outcome {
    if (this.status === 425) return "not processed"
    return (this.status >= 200 && this.status < 300) || this.status === 303 || this.status === 408
      ? "ambiguous"
      : "rejected"
  }

  override get message(): string {
    const isRedirect = this.location !== undefined && this.status >= 300 && this.status < 400
    const where = isRedirect ? ", a redirect, which is never followed" : ""
    return `${describeAnswer(this.status, this)}${where}${describeWait(this.retryAfter)}`
  }
}

/**
 * There is no answer. `sent` is false if the request certainly did not reach the API: the name was not found, the
 * connection was refused, TLS failed, no credential could be obtained, or the circuit breaker is open. `code` is the
 * code of the system error, such as `ECONNREFUSED`, if there is one.
 *
 * **Example** (Whether the request may have reached the API)
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
  /** What happened to the connection, or why nothing was sent. */
  description: Schema.String,
  /** Whether the request may have reached the API. */
  sent: Schema.Boolean,
  /** The code of the system error, such as `ECONNREFUSED`; undefined if there is none. */
  code: Schema.optional(Schema.String),
}) {
  /** See {@link Outcome}. */
  get outcome(): Outcome {
    return this.sent ? "ambiguous" : "not processed"
  }

  override get message(): string {
    return this.code === undefined ? this.description : `${this.description} (${this.code})`
  }
}

/** What a call can wait for, and how the message says that it did not come. */
const missing = {
  answer: "no answer",
  credential: "no credential",
  turn: "no turn to send the request",
  "rate limit": "no token of the rate limit",
} as const

/**
 * What the call waited for did not come in time. `after` is the time that was allowed. `sent` is false if the request
 * was certainly not sent in that time.
 *
 * @category reasons
 * @since 0.1.0
 */
export class TimedOut extends Schema.TaggedError<TimedOut>("@effect-sunco/core/TimedOut")("TimedOut", {
  /** The time that was allowed. */
  after: Schema.DurationFromMillis,
  /** Whether the request may have reached the API. */
  sent: Schema.Boolean,
  /** The field of the retry policy that ended the wait: `deadline` for the call, `attemptTimeout` for one step of it. */
  limit: Schema.optional(Schema.Literals(["deadline", "attemptTimeout"])),
  /** What the call was waiting for. `turn` is its turn in the queue of the layer. */
  waitingFor: Schema.optional(Schema.Literals(["answer", "credential", "turn", "rate limit"])),
}) {
  /** See {@link Outcome}. */
  get outcome(): Outcome {
    return this.sent ? "ambiguous" : "not processed"
  }

  override get message(): string {
    const limit = this.limit === undefined ? "" : ` (${this.limit})`
    return `${missing[this.waitingFor ?? "answer"]} within ${Duration.toSeconds(this.after)} s${limit}`
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
    /** What is wrong with the body. It contains no text of the body. */
    detail: Schema.String,
    /** The body. */
    body: UnrecognizedBody,
  },
) {
  /** See {@link Outcome}. */
  readonly outcome: Outcome = "ambiguous"

  override get message(): string {
    // Of a body that could not be read, it has said why.
    const detail = this.detail === this.body.problem ? "" : `: ${this.detail}`
    return `status ${this.status} with ${String(this.body)}${detail}`
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
 * A write that may or may not have happened. `attempts` has the reason of each attempt that failed, in order; `detail`
 * says why verification failed.
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
  {
    /** The reason of each attempt that failed, in order. */
    attempts: Schema.Array(AttemptReason),
    /** Why verification did not settle it. Only a mock leaves it out. */
    detail: Schema.optional(Schema.String),
  },
) {
  /** See {@link Outcome}. */
  readonly outcome: Outcome = "ambiguous"

  override get message(): string {
    const why = this.detail === undefined ? "" : `: ${this.detail}`
    return `it is not known whether the write happened${why}; attempts: ${this.attempts
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
 * const reason = SunshineError.reasonOfStatus(503)
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
    /** The entries of the error body; none by default. */
    readonly errors?: ReadonlyArray<ErrorDetail> | undefined
    /** The body, if it is not the documented one. */
    readonly body?: UnrecognizedBody | undefined
    /** How long the server asked to wait. */
    readonly retryAfter?: Duration.Duration | undefined
    /** Where a redirect points. */
    readonly location?: Redacted.Redacted | undefined
    /** The kind of credentials that were sent. */
    readonly credentials?: CredentialsKind | undefined
  } = {},
): AttemptReason => {
  const { body, credentials, errors = [], location, retryAfter } = answer
  if (status === 401) return new Unauthorized({ errors, body, credentials })
  if (status === 403) return new Forbidden({ errors, body })
  if (status === 429) return new RateLimited({ errors, body, retryAfter })
  // HTTP has no status above 599, and tells clients to treat one as a 500.
  if (status >= 500) return new ServerError({ status, errors, body, retryAfter })
  return new UnexpectedStatus({ status, errors, body, location, retryAfter })
}

/**
 * Whether the answer seems to come from another server. 5xx and 429 are left out: gateways of the API send them, too.
 */
const isReasonFromElsewhere = (reason: Reason): boolean => {
  if (reason._tag === "InvalidResponse") {
    return reason.body.contentType !== undefined && !/json$/i.test(reason.body.contentType)
  }
  return (
    (reason._tag === "Unauthorized" || reason._tag === "Forbidden" || reason._tag === "UnexpectedStatus") &&
    isFromElsewhere(reason.body)
  )
}

// ---------------------------------------------------------------------------
// Errors
// ---------------------------------------------------------------------------

/**
 * Everything that can go wrong besides the documented 400 and 404.
 *
 * `reason` says what; `cause` is the underlying error, if there is one. `cursor` is set by the paginator: a stream from
 * it continues.
 *
 * **Example** (Handling one reason)
 *
 * ```ts
 * import { SunshineError } from "@effect-sunco/core"
 * import { Duration, Effect } from "effect"
 * import * as assert from "node:assert"
 *
 * const list = Effect.fail(
 *   SunshineError.failure("list", new SunshineError.RateLimited({ retryAfter: Duration.seconds(90) })),
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
  {
    ...call,
    /** What went wrong. */
    reason: Reason,
    cursor,
    /** The underlying error, such as that of the HTTP client or of a source of tokens; undefined if there is none. */
    cause: Schema.optional(Schema.Defect()),
  },
) {
  /** What is known about the request; see {@link Outcome}. */
  get outcome(): Outcome {
    return this.reason.outcome
  }

  /** The code of the first entry of the error body, or that of a system error; undefined if the reason has neither. */
  get code(): string | undefined {
    const { reason } = this
    return "code" in reason ? reason.code : "errors" in reason ? reason.errors[0]?.code : undefined
  }

  /** Whether it is safe to send the same request again, and may help. */
  get isRetryable(): boolean {
    return this.outcome === "not processed" || (this.outcome === "ambiguous" && this.operation === "list")
  }

  override get message(): string {
    const { reason } = this
    return describe(this, `${reason._tag}: ${reason.message}`, isReasonFromElsewhere(reason))
  }
}

/**
 * Paging cannot continue: a cursor repeats, more participants follow without a cursor to request them, or 100 pages in
 * a row had no new participants.
 *
 * The page with the fault has been delivered. A stream from `cursor` continues after it; `undefined` is the first page.
 *
 * **Example** (Continuing where paging stopped)
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
  {
    /** What is wrong with the page. */
    description: Schema.String,
    ...conversation,
    cursor,
  },
) {
  override get message(): string {
    return describe({ ...this, operation: "list", cursor: this.cursor ?? "the first page" }, this.description)
  }
}

// ---------------------------------------------------------------------------
// Constructors
// ---------------------------------------------------------------------------

/**
 * A {@link BadRequest} with one entry, for mocks and tests.
 *
 * **Example**
 *
 * ```ts
 * import { SunshineError } from "@effect-sunco/core"
 * import * as assert from "node:assert"
 *
 * const error = SunshineError.badRequest("join", "bad_request", "Too many participants")
 *
 * assert.equal(error.message, "join: 400 bad_request: Too many participants")
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const badRequest = (operation: Operation, code: string, title = ""): BadRequest =>
  new BadRequest({ operation, errors: [new ErrorDetail({ code, title })] })

/**
 * A {@link NotFound} with one entry, for mocks and tests.
 *
 * **Example** (A mock with a user who is not a member)
 *
 * ```ts
 * import { SunshineError } from "@effect-sunco/core"
 * import { ParticipantsTest } from "@effect-sunco/testing"
 * import { Effect } from "effect"
 *
 * const nobody = ParticipantsTest.layerMock({
 *   leave: () => Effect.fail(SunshineError.notFound("leave", "not_found")),
 * })
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const notFound = (operation: Operation, code: string, title = ""): NotFound =>
  new NotFound({ operation, errors: [new ErrorDetail({ code, title })] })

/**
 * A {@link SunshineError} with a reason, for mocks and tests.
 *
 * **Example** (A server that fails)
 *
 * ```ts
 * import { SunshineError } from "@effect-sunco/core"
 * import * as assert from "node:assert"
 *
 * const error = SunshineError.failure("list", SunshineError.reasonOfStatus(503))
 *
 * assert.equal(error.reason._tag, "ServerError")
 * assert.equal(error.isRetryable, true)
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const failure = (operation: Operation, reason: Reason): SunshineError => new SunshineError({ operation, reason })
