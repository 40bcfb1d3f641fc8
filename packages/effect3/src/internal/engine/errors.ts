/**
 * The errors of `core` as plain values, and back.
 */
import * as Duration from "effect4/Duration"
import * as Redacted from "effect4/Redacted"
import { type Paginator, SunshineError } from "@effect-sunco/core"
import type * as Boundary from "./boundary.ts"

export const redacted = ({ reveal }: Boundary.Secret, label?: string): Redacted.Redacted =>
  Redacted.make(reveal(), { label })

const secret = (text: Redacted.Redacted): Boundary.Secret => ({ reveal: () => Redacted.value(text) })

const millis = (duration: Duration.Duration | undefined) =>
  duration === undefined ? undefined : Duration.toMillis(duration)

const duration = (millis: number | undefined) => (millis === undefined ? undefined : Duration.millis(millis))

// ---------------------------------------------------------------------------
// To plain values
// ---------------------------------------------------------------------------

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

const plainReason = (reason: SunshineError.Reason): Boundary.Reason => {
  if (reason._tag === "InvalidRequest") {
    return { _tag: reason._tag, field: reason.field, expected: reason.expected }
  }
  if (reason._tag === "OutcomeUnknown") {
    return { _tag: reason._tag, attempts: reason.attempts.map(plainAttempt), detail: reason.detail }
  }
  return plainAttempt(reason)
}

export const plainError = (
  error: SunshineError.BadRequest | SunshineError.NotFound | SunshineError.SunshineError,
): Boundary.CallError =>
  error._tag === "SunshineError"
    ? {
        _tag: error._tag,
        ...callOf(error),
        reason: plainReason(error.reason),
        cursor: error.cursor,
        cause: error.cause,
      }
    : { _tag: error._tag, ...callOf(error), cursor: error.cursor, ...plainAnswer(error) }

export const plainPagesError = (error: Paginator.PagesError): Boundary.PagesError =>
  error._tag === "PaginationError"
    ? {
        _tag: error._tag,
        description: error.description,
        appId: error.appId,
        conversationId: error.conversationId,
        cursor: error.cursor,
      }
    : plainError(error)

// ---------------------------------------------------------------------------
// From plain values
// ---------------------------------------------------------------------------

const bodyOf = ({ bytes, contentType, problem, text }: Boundary.Body) =>
  new SunshineError.UnrecognizedBody({ contentType, bytes, text: redacted(text), problem })

const answerOf = ({ body, errors }: Boundary.Answer) => ({
  errors: errors.map((entry) => new SunshineError.ErrorDetail(entry)),
  body: body && bodyOf(body),
})

const attemptOf = (reason: Boundary.AttemptReason): SunshineError.AttemptReason => {
  switch (reason._tag) {
    case "Unauthorized":
      return new SunshineError.Unauthorized({ ...answerOf(reason), credentials: reason.credentials })
    case "Forbidden":
      return new SunshineError.Forbidden(answerOf(reason))
    case "RateLimited": {
      const { retryAfter, waited } = reason
      return new SunshineError.RateLimited({
        ...answerOf(reason),
        retryAfter: duration(retryAfter),
        waited: duration(waited),
      })
    }
    case "ServerError": {
      const { retryAfter, status } = reason
      return new SunshineError.ServerError({ status, ...answerOf(reason), retryAfter: duration(retryAfter) })
    }
    case "UnexpectedStatus": {
      const { location, retryAfter, status } = reason
      const where = location && redacted(location)
      return new SunshineError.UnexpectedStatus({
        status,
        ...answerOf(reason),
        location: where,
        retryAfter: duration(retryAfter),
      })
    }
    case "Transport":
      return new SunshineError.Transport({ description: reason.description, sent: reason.sent, code: reason.code })
    case "TimedOut": {
      const { after, limit, sent, waitingFor } = reason
      return new SunshineError.TimedOut({ after: Duration.millis(after), sent, limit, waitingFor })
    }
    case "InvalidResponse":
      return new SunshineError.InvalidResponse({
        status: reason.status,
        detail: reason.detail,
        body: bodyOf(reason.body),
      })
  }
}

export const reasonOf = (reason: Boundary.Reason): SunshineError.Reason => {
  if (reason._tag === "InvalidRequest") {
    return new SunshineError.InvalidRequest({ field: reason.field, expected: reason.expected })
  }
  if (reason._tag === "OutcomeUnknown") {
    return new SunshineError.OutcomeUnknown({ attempts: reason.attempts.map(attemptOf), detail: reason.detail })
  }
  return attemptOf(reason)
}

export const sunshineErrorOf = (error: Boundary.SunshineError) =>
  new SunshineError.SunshineError({
    ...callOf(error),
    reason: reasonOf(error.reason),
    cursor: error.cursor,
    ...(error.cause === undefined ? {} : { cause: error.cause }),
  })

export const errorOf = (
  error: Boundary.CallError,
): SunshineError.BadRequest | SunshineError.NotFound | SunshineError.SunshineError => {
  if (error._tag === "SunshineError") return sunshineErrorOf(error)
  const fields = { ...callOf(error), cursor: error.cursor, ...answerOf(error) }
  return error._tag === "BadRequest" ? new SunshineError.BadRequest(fields) : new SunshineError.NotFound(fields)
}

export const pagesErrorOf = (error: Boundary.PagesError): Paginator.PagesError =>
  error._tag === "PaginationError"
    ? new SunshineError.PaginationError({
        description: error.description,
        appId: error.appId,
        conversationId: error.conversationId,
        cursor: error.cursor,
      })
    : errorOf(error)
