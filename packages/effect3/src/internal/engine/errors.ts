/**
 * The errors of `core` as plain values, and back.
 */
import * as Duration from "effect4/Duration"
import * as Predicate from "effect4/Predicate"
import * as Redacted from "effect4/Redacted"
import { type Paginator, SunshineError } from "@effect-sunco/core"
import { callOf, plainErrorsOf } from "../lineErrors.ts"
import type * as Boundary from "./boundary.ts"

export const redacted = (secret: Boundary.Secret): Redacted.Redacted =>
  Predicate.hasProperty(secret, "reveal") ? Redacted.make(secret.reveal()) : secret

const duration = (millis: number | undefined) => (millis === undefined ? undefined : Duration.millis(millis))

// ---------------------------------------------------------------------------
// To plain values
// ---------------------------------------------------------------------------

export const { plainError, plainPagesError } = plainErrorsOf({
  secret: (text: Redacted.Redacted) => ({ reveal: () => Redacted.value(text) }),
  millis: (duration: Duration.Duration) => Duration.toMillis(duration),
  isError: (cause): cause is Paginator.PagesError =>
    cause instanceof SunshineError.BadRequest ||
    cause instanceof SunshineError.NotFound ||
    cause instanceof SunshineError.SunshineError ||
    cause instanceof SunshineError.PaginationError,
})

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
