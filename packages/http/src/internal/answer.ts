/**
 * Every answer becomes a value or a domain error. The contract reads what it declares; what it does not declare, or what
 * does not decode, is read here by its status, which no body can hide.
 */
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as HttpApiClient from "effect/http-api/HttpApiClient"
import * as Headers from "effect/http/Headers"
import type * as HttpClientError from "effect/http/HttpClientError"
import * as HttpClientResponse from "effect/http/HttpClientResponse"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { type Page, type Participant, ParticipantsApi, SunshineError } from "@effect-sunco/core"
import { type Attempt, withoutCredential } from "./attempt.ts"
import { describe } from "./transport.ts"

/** How much of a body that cannot be read is kept, in characters. */
const bodyLimit = 1000

// ---------------------------------------------------------------------------
// The body
// ---------------------------------------------------------------------------

interface Answer {
  readonly status: number
  readonly headers: Headers.Headers
  readonly text: string
  /** Where a redirect points. */
  readonly location: string | undefined
  /** Why the body ended early, if it did. */
  readonly problem: string | undefined
}

interface Body {
  readonly text: string
  readonly problem: string | undefined
}

/** Reads the body once. That it ends early, or not in time, does not make the status unknown. */
const receive = (response: HttpClientResponse.HttpClientResponse, timeout: Duration.Duration): Effect.Effect<Answer> =>
  Effect.match(response.text, {
    onSuccess: (text): Body => ({ text, problem: undefined }),
    onFailure: ({ reason }): Body => ({
      text: "",
      problem: describe("cause" in reason ? reason.cause : undefined, reason.message),
    }),
  }).pipe(
    Effect.timeoutOrElse({
      duration: timeout,
      orElse: () => Effect.succeed<Body>({ text: "", problem: "the body did not end in time" }),
    }),
    Effect.map((body) => {
      const { headers, status } = response
      return { ...body, status, headers, location: headers["location"] }
    }),
  )

/** The answer as an error may show it. A success is read as it came. */
const presentable = (attempt: Attempt, answer: Answer): Answer => ({
  ...answer,
  text: withoutCredential(attempt, answer.text),
  location: answer.location && withoutCredential(attempt, answer.location),
})

/** A success as the contract reads it. */
const toResponse = (request: HttpClientResponse.HttpClientResponse["request"], { status, text }: Answer) =>
  HttpClientResponse.fromWeb(request, new Response(text, { status }))

const documentedErrors = Schema.decodeUnknownOption(Schema.fromJsonString(ParticipantsApi.ErrorBody))

/** The error body of older generations of the API. */
const olderErrors = Schema.decodeUnknownOption(
  Schema.fromJsonString(
    Schema.Struct({
      error: Schema.Struct({
        code: Schema.optional(Schema.NullOr(Schema.String)),
        description: Schema.optional(Schema.NullOr(Schema.String)),
      }),
    }),
  ),
)

/** The entries of the error body; or, where it is none, the beginning of the text. */
const errorsOf = ({ problem, text }: Answer) =>
  Option.match(
    Option.orElse(
      Option.map(documentedErrors(text), ({ errors }) => errors),
      () =>
        Option.map(olderErrors(text), ({ error }) => [
          new SunshineError.ErrorDetail({ code: error.code ?? "", title: error.description ?? "" }),
        ]),
    ),
    {
      onSome: (errors) => ({
        errors: errors.map(
          ({ code, title }) =>
            new SunshineError.ErrorDetail({ code: code.slice(0, bodyLimit), title: title.slice(0, bodyLimit) }),
        ),
      }),
      onNone: () => ({ errors: [], body: problem ?? text.slice(0, bodyLimit) }),
    },
  )

/** How long the server asked to wait. A value that cannot be read asks for nothing. */
export const retryAfterOf = ({
  headers,
}: {
  readonly headers: Headers.Headers
}): Effect.Effect<Duration.Duration | undefined> => {
  const value = headers["retry-after"]
  if (value === undefined) return Effect.undefined
  const parsed = Headers.parseRetryAfter(value)
  return Result.isFailure(parsed)
    ? Effect.undefined
    : Effect.map(Clock.currentTimeMillis, (now) => Headers.retryAfterDelay(parsed.success, now))
}

// ---------------------------------------------------------------------------
// The status
// ---------------------------------------------------------------------------

/** The reason for a status that the contract does not declare. */
const undocumented = (answer: Answer) =>
  Effect.map(retryAfterOf(answer), (retryAfter) =>
    SunshineError.reasonOfStatus(answer.status, { ...errorsOf(answer), retryAfter, location: answer.location }),
  )

type Documented = SunshineError.BadRequest | SunshineError.NotFound

const reader =
  <A, E extends Documented>(options: {
    readonly operation: SunshineError.Operation
    readonly success: number
    readonly errors: Readonly<Record<number, (fields: ReturnType<typeof errorsOf>) => E>>
    readonly decode: (
      response: HttpClientResponse.HttpClientResponse,
    ) => Effect.Effect<A, E | HttpClientError.HttpClientError | Schema.SchemaError>
  }) =>
  (
    response: HttpClientResponse.HttpClientResponse,
    attempt: Attempt,
    timeLeft: Duration.Duration,
  ): Effect.Effect<A, E | SunshineError.SunshineError> =>
    // A refusal is one without its body: that has half of the time that is left of the attempt.
    Effect.flatMap(
      receive(response, response.status === options.success ? Duration.infinity : Duration.times(timeLeft, 0.5)),
      (answer) => {
        const because = (reason: SunshineError.Reason) =>
          new SunshineError.SunshineError({ operation: options.operation, reason })
        if (answer.status === options.success) {
          return Effect.mapError(options.decode(toResponse(response.request, answer)), (error) =>
            error._tag === "BadRequest" || error._tag === "NotFound"
              ? error
              : because(
                  new SunshineError.InvalidResponse({
                    status: answer.status,
                    detail: answer.problem ?? withoutCredential(attempt, error.message),
                    body: presentable(attempt, answer).text.slice(0, bodyLimit),
                  }),
                ),
          )
        }
        const shown = presentable(attempt, answer)
        const documented = options.errors[answer.status]
        return documented === undefined
          ? Effect.flatMap(undocumented(shown), (reason) => Effect.fail(because(reason)))
          : Effect.fail(documented(errorsOf(shown)))
      },
    )

const badRequest = (operation: SunshineError.Operation) => (fields: ReturnType<typeof errorsOf>) =>
  new SunshineError.BadRequest({ operation, ...fields })

const notFound = (operation: SunshineError.Operation) => (fields: ReturnType<typeof errorsOf>) =>
  new SunshineError.NotFound({ operation, ...fields })

const decodeJoin = HttpApiClient.decodeResponse(ParticipantsApi.ParticipantsApi, {
  group: "participants",
  endpoint: "join",
})

/** Reads the answer to a join. */
export const join = reader<Participant.Participant, Documented>({
  operation: "join",
  success: 201,
  errors: { 400: badRequest("join"), 404: notFound("join") },
  decode: (response) => Effect.map(decodeJoin(response), ({ participant }) => participant),
})

/** Reads the answer to a leave. */
export const leave = reader<unknown, SunshineError.NotFound>({
  operation: "leave",
  success: 200,
  errors: { 404: notFound("leave") },
  decode: HttpApiClient.decodeResponse(ParticipantsApi.ParticipantsApi, { group: "participants", endpoint: "leave" }),
})

/** Reads the answer to a list. */
export const list = reader<Page.ParticipantPage, Documented>({
  operation: "list",
  success: 200,
  errors: { 400: badRequest("list"), 404: notFound("list") },
  decode: HttpApiClient.decodeResponse(ParticipantsApi.ParticipantsApi, { group: "participants", endpoint: "list" }),
})
