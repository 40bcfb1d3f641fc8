/**
 * The errors of a line of Effect as plain values: of Effect 3 for the application, of Effect 4 for the engine.
 */
import type * as Boundary from "./engine/boundary.ts"

/** What a line of Effect makes of its `Redacted` and its `Duration`. */
export interface Line<Text, Time> {
  readonly secret: (text: Text) => Boundary.Secret
  readonly millis: (time: Time) => number
  /** Whether a cause is an error of the line, which must not cross as it is. */
  readonly isError: (cause: unknown) => cause is Boundary.PagesError<Text, Time>
}

export const plainErrorsOf = <Text, Time>(line: Line<Text, Time>) => {
  const millis = (time: Time | undefined) => (time === undefined ? undefined : line.millis(time))

  const plainBody = ({ bytes, contentType, problem, text }: Boundary.Body<Text>): Boundary.Body => ({
    contentType,
    bytes,
    text: line.secret(text),
    problem,
  })

  const plainAnswer = ({ body, errors }: Boundary.Answer<Text>): Boundary.Answer => ({
    errors: errors.map(({ code, title }) => ({ code, title })),
    body: body && plainBody(body),
  })

  const plainAttempt = (reason: Boundary.AttemptReason<Text, Time>): Boundary.AttemptReason => {
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
        const where = location === undefined ? undefined : line.secret(location)
        return { _tag, status, ...plainAnswer(reason), location: where, retryAfter: millis(retryAfter) }
      }
      case "Transport":
        return { _tag: reason._tag, description: reason.description, sent: reason.sent, code: reason.code }
      case "TimedOut": {
        const { _tag, after, limit, sent, waitingFor } = reason
        return { _tag, after: line.millis(after), sent, limit, waitingFor }
      }
      case "InvalidResponse":
        return { _tag: reason._tag, status: reason.status, detail: reason.detail, body: plainBody(reason.body) }
    }
  }

  const plainReason = (reason: Boundary.Reason<Text, Time>): Boundary.Reason => {
    if (reason._tag === "InvalidRequest") {
      return { _tag: reason._tag, field: reason.field, expected: reason.expected }
    }
    if (reason._tag === "OutcomeUnknown") {
      return { _tag: reason._tag, attempts: reason.attempts.map(plainAttempt), detail: reason.detail }
    }
    return plainAttempt(reason)
  }

  const plainSunshineError = (error: Boundary.SunshineError<Text, Time>): Boundary.SunshineError => ({
    _tag: error._tag,
    ...callOf(error),
    reason: plainReason(error.reason),
    cursor: error.cursor,
    ...(line.isError(error.cause) ? { causedBy: plainPagesError(error.cause) } : { cause: error.cause }),
  })

  const plainError = (error: Boundary.CallError<Text, Time>): Boundary.CallError =>
    error._tag === "SunshineError"
      ? plainSunshineError(error)
      : { _tag: error._tag, ...callOf(error), cursor: error.cursor, ...plainAnswer(error) }

  const plainPagesError = (error: Boundary.PagesError<Text, Time>): Boundary.PagesError =>
    error._tag === "PaginationError"
      ? {
          _tag: error._tag,
          description: error.description,
          appId: error.appId,
          conversationId: error.conversationId,
          cursor: error.cursor,
        }
      : plainError(error)

  return { plainReason, plainSunshineError, plainError, plainPagesError }
}

/** The fields that say which call an error ends. */
export const callOf = ({ appId, baseUrl, conversationId, operation, user }: Boundary.CallNamed) => ({
  operation,
  appId,
  conversationId,
  user,
  baseUrl,
})
