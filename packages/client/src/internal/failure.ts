/**
 * Errors of the engine as classes of this package.
 */
import * as Duration from "effect/Duration"
import * as Redacted from "effect/Redacted"
import { SunshineError as Core } from "@effect-sunco/core"
import { BadRequest, NotFound, PaginationError, type SuncoError, SunshineError } from "../errors.ts"
import type { CallNamed, Failure, UnrecognizedBody } from "../Failure.ts"
import { HiddenText } from "../HiddenText.ts"
import { inMillis } from "./durations.ts"

export type EngineError = Core.BadRequest | Core.NotFound | Core.SunshineError | Core.PaginationError

const isEngineError = (value: unknown): value is EngineError =>
  value instanceof Core.BadRequest ||
  value instanceof Core.NotFound ||
  value instanceof Core.SunshineError ||
  value instanceof Core.PaginationError

const millis = (duration: Duration.Duration | undefined): number | undefined => duration && Duration.toMillis(duration)

const hidden = (text: Redacted.Redacted): HiddenText => new HiddenText(Redacted.value(text))

const bodyOf = (body: Core.UnrecognizedBody | undefined): UnrecognizedBody | undefined =>
  body && { contentType: body.contentType, bytes: body.bytes, text: hidden(body.text), problem: body.problem }

const detailsOf = (errors: ReadonlyArray<Core.ErrorDetail>) => errors.map(({ code, title }) => ({ code, title }))

const statuses: Readonly<Partial<Record<Core.Reason["_tag"], number>>> = {
  Unauthorized: 401,
  Forbidden: 403,
  RateLimited: 429,
}

const failureOf = (reason: Core.Reason): Failure => {
  const errors = "errors" in reason ? detailsOf(reason.errors) : []
  return {
    reason: reason._tag,
    outcome: reason.outcome,
    message: reason.message,
    status: "status" in reason ? reason.status : statuses[reason._tag],
    code: "code" in reason ? reason.code : errors[0]?.code,
    retryAfterMs: "retryAfter" in reason ? millis(reason.retryAfter) : undefined,
    errors,
    body: "body" in reason ? bodyOf(reason.body) : undefined,
    field: "field" in reason ? inMillis(reason.field) : undefined,
    expected: "expected" in reason ? reason.expected : undefined,
    detail: "detail" in reason ? reason.detail : undefined,
    location: "location" in reason && reason.location !== undefined ? hidden(reason.location) : undefined,
    sent: "sent" in reason ? reason.sent : undefined,
    waitedMs: "waited" in reason ? millis(reason.waited) : undefined,
    timeoutMs: "after" in reason ? millis(reason.after) : undefined,
    limit: "limit" in reason ? reason.limit : undefined,
    waitingFor: "waitingFor" in reason ? reason.waitingFor : undefined,
    credentials: "credentials" in reason ? reason.credentials : undefined,
  }
}

const callOf = (error: CallNamed): CallNamed => ({
  appId: error.appId,
  conversationId: error.conversationId,
  user: error.user,
  baseUrl: error.baseUrl,
})

const causeOf = (cause: unknown): unknown => (isEngineError(cause) ? errorOf(cause) : cause)

export const errorOf = (error: EngineError): SuncoError => {
  switch (error._tag) {
    case "BadRequest":
    case "NotFound": {
      const { code, cursor, operation } = error
      const details = {
        code,
        cursor,
        operation,
        call: callOf(error),
        errors: detailsOf(error.errors),
        body: bodyOf(error.body),
      }
      return error._tag === "BadRequest" ? new BadRequest(error.message, details) : new NotFound(error.message, details)
    }
    case "PaginationError":
      return new PaginationError(error.message, error.cursor, callOf(error))
    case "SunshineError": {
      const { cause, cursor, isRetryable, message, operation, reason } = error
      const attempts = reason._tag === "OutcomeUnknown" ? reason.attempts.map(failureOf) : []
      return new SunshineError(message, failureOf(reason), {
        operation,
        call: callOf(error),
        isRetryable,
        attempts,
        cursor,
        cause: causeOf(cause),
      })
    }
  }
}
