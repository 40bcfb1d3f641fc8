/**
 * The errors of the engine as errors of Effect 3.
 */
import * as Duration from "effect/Duration"
import * as Redacted from "effect/Redacted"
import * as SunshineError from "../SunshineError.ts"
import type * as Boundary from "./engine/boundary.ts"
import { callOf } from "./lineErrors.ts"

type CallError = SunshineError.BadRequest | SunshineError.NotFound | SunshineError.SunshineError

/** The engine has validated what it gives. */
const valid = { disableValidation: true } as const

const redacted = ({ reveal }: Boundary.Secret): Redacted.Redacted => Redacted.make(reveal())

const duration = (millis: number | undefined) => (millis === undefined ? undefined : Duration.millis(millis))

const bodyOf = ({ bytes, contentType, problem, text }: Boundary.Body) =>
  new SunshineError.UnrecognizedBody({ contentType, bytes, text: redacted(text), problem }, valid)

const answerOf = ({ body, errors }: Boundary.Answer) => ({
  errors: errors.map((entry) => new SunshineError.ErrorDetail(entry, valid)),
  body: body && bodyOf(body),
})

const attemptOf = (reason: Boundary.AttemptReason): SunshineError.AttemptReason => {
  switch (reason._tag) {
    case "Unauthorized":
      return new SunshineError.Unauthorized({ ...answerOf(reason), credentials: reason.credentials }, valid)
    case "Forbidden":
      return new SunshineError.Forbidden(answerOf(reason), valid)
    case "RateLimited": {
      const { retryAfter, waited } = reason
      const times = { retryAfter: duration(retryAfter), waited: duration(waited) }
      return new SunshineError.RateLimited({ ...answerOf(reason), ...times }, valid)
    }
    case "ServerError": {
      const { retryAfter, status } = reason
      return new SunshineError.ServerError({ status, ...answerOf(reason), retryAfter: duration(retryAfter) }, valid)
    }
    case "UnexpectedStatus": {
      const { location, retryAfter, status } = reason
      const more = { location: location && redacted(location), retryAfter: duration(retryAfter) }
      return new SunshineError.UnexpectedStatus({ status, ...answerOf(reason), ...more }, valid)
    }
    case "Transport": {
      const { code, description, sent } = reason
      return new SunshineError.Transport({ description, sent, code }, valid)
    }
    case "TimedOut": {
      const { after, limit, sent, waitingFor } = reason
      return new SunshineError.TimedOut({ after: Duration.millis(after), sent, limit, waitingFor }, valid)
    }
    case "InvalidResponse": {
      const { body, detail, status } = reason
      return new SunshineError.InvalidResponse({ status, detail, body: bodyOf(body) }, valid)
    }
  }
}

const reasonOf = (reason: Boundary.Reason): SunshineError.Reason => {
  if (reason._tag === "InvalidRequest") {
    return new SunshineError.InvalidRequest({ field: reason.field, expected: reason.expected }, valid)
  }
  if (reason._tag === "OutcomeUnknown") {
    const { attempts, detail } = reason
    return new SunshineError.OutcomeUnknown({ attempts: attempts.map(attemptOf), detail }, valid)
  }
  return attemptOf(reason)
}

const documentedOf = (error: Boundary.DocumentedError) => {
  const fields = { ...callOf(error), cursor: error.cursor, ...answerOf(error) }
  return error._tag === "BadRequest"
    ? new SunshineError.BadRequest(fields, valid)
    : new SunshineError.NotFound(fields, valid)
}

export const errorOf = (error: Boundary.CallError): CallError => {
  if (error._tag !== "SunshineError") return documentedOf(error)
  const { causedBy, cursor, reason } = error
  const cause = causedBy === undefined ? error.cause : pagesErrorOf(causedBy)
  const fields = { ...callOf(error), reason: reasonOf(reason), cursor }
  return new SunshineError.SunshineError(cause === undefined ? fields : { ...fields, cause }, valid)
}

export const pagesErrorOf = (error: Boundary.PagesError): CallError | SunshineError.PaginationError =>
  error._tag === "PaginationError"
    ? new SunshineError.PaginationError(
        {
          description: error.description,
          appId: error.appId,
          conversationId: error.conversationId,
          cursor: error.cursor,
        },
        valid,
      )
    : errorOf(error)
