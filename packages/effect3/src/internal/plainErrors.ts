/**
 * The errors of Effect 3 as plain values.
 */
import * as Duration from "effect/Duration"
import * as Redacted from "effect/Redacted"
import type * as SunshineError from "../SunshineError.ts"
import type * as Boundary from "./engine/boundary.ts"

type CallError = SunshineError.BadRequest | SunshineError.NotFound | SunshineError.SunshineError
type PagesError = CallError | SunshineError.PaginationError

export const secret = (text: Redacted.Redacted): Boundary.Secret => ({ reveal: () => Redacted.value(text) })

const millis = (duration: Duration.Duration | undefined) =>
  duration === undefined ? undefined : Duration.toMillis(duration)

const plainBody = ({ bytes, contentType, problem, text }: SunshineError.UnrecognizedBody): Boundary.Body => ({
  contentType,
  bytes,
  text: secret(text),
  problem,
})

const plainAnswer = (answer: {
  readonly errors: ReadonlyArray<SunshineError.ErrorDetail>
  readonly body?: SunshineError.UnrecognizedBody | undefined
}): Boundary.Answer => ({
  errors: answer.errors.map(({ code, title }) => ({ code, title })),
  body: answer.body && plainBody(answer.body),
})

const callOf = (error: {
  readonly operation: Boundary.Operation
  readonly appId?: string | undefined
  readonly conversationId?: string | undefined
  readonly user?: Boundary.CallNamed["user"]
  readonly baseUrl?: string | undefined
}): Boundary.CallNamed => ({
  operation: error.operation,
  appId: error.appId,
  conversationId: error.conversationId,
  user: error.user,
  baseUrl: error.baseUrl,
})

const plainAttempt = (reason: SunshineError.AttemptReason): Boundary.AttemptReason => {
  switch (reason._tag) {
    case "Unauthorized":
      return { _tag: reason._tag, ...plainAnswer(reason), credentials: reason.credentials }
    case "Forbidden":
      return { _tag: reason._tag, ...plainAnswer(reason) }
    case "RateLimited": {
      const { _tag, retryAfter, waited } = reason
      return { _tag, ...plainAnswer(reason), retryAfter: millis(retryAfter), waited: millis(waited) }
    }
    case "ServerError": {
      const { _tag, retryAfter, status } = reason
      return { _tag, status, ...plainAnswer(reason), retryAfter: millis(retryAfter) }
    }
    case "UnexpectedStatus": {
      const { _tag, location, retryAfter, status } = reason
      const where = location && secret(location)
      return { _tag, status, ...plainAnswer(reason), location: where, retryAfter: millis(retryAfter) }
    }
    case "Transport":
      return { _tag: reason._tag, description: reason.description, sent: reason.sent, code: reason.code }
    case "TimedOut": {
      const { _tag, after, limit, sent, waitingFor } = reason
      return { _tag, after: Duration.toMillis(after), sent, limit, waitingFor }
    }
    case "InvalidResponse":
      return { _tag: reason._tag, status: reason.status, detail: reason.detail, body: plainBody(reason.body) }
  }
}

export const plainReason = (reason: SunshineError.Reason): Boundary.Reason => {
  if (reason._tag === "InvalidRequest") {
    return { _tag: reason._tag, field: reason.field, expected: reason.expected }
  }
  if (reason._tag === "OutcomeUnknown") {
    return { _tag: reason._tag, attempts: reason.attempts.map(plainAttempt), detail: reason.detail }
  }
  return plainAttempt(reason)
}

export const plainSunshineError = (error: SunshineError.SunshineError): Boundary.SunshineError => ({
  _tag: error._tag,
  ...callOf(error),
  reason: plainReason(error.reason),
  cursor: error.cursor,
  cause: error.cause,
})

export const plainError = (error: CallError): Boundary.CallError =>
  error._tag === "SunshineError"
    ? plainSunshineError(error)
    : { _tag: error._tag, ...callOf(error), cursor: error.cursor, ...plainAnswer(error) }

export const plainPagesError = (error: PagesError): Boundary.PagesError =>
  error._tag === "PaginationError"
    ? {
        _tag: error._tag,
        description: error.description,
        appId: error.appId,
        conversationId: error.conversationId,
        cursor: error.cursor,
      }
    : plainError(error)
