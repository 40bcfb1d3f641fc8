/**
 * Errors of the engine as classes of this package.
 */
import * as Duration from "effect/Duration"
import * as Redacted from "effect/Redacted"
import { SunshineError as Core } from "@effect-sunco/core"
import { BadRequest, NotFound, PaginationError, type SuncoError, SunshineError } from "../errors.ts"
import type { CallNamed, Failure, UnrecognizedBody } from "../Failure.ts"
import { HiddenText } from "../HiddenText.ts"

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

type FieldOf<Union> = Union extends unknown ? keyof Union : never
type ValueOf<Union, Field> = Union extends unknown ? (Field extends keyof Union ? Union[Field] : never) : never

/** A reason, which may have the fields of the others too. */
type AnyReason = Pick<Core.Reason, "_tag" | "outcome" | "message"> & {
  readonly [Field in Exclude<FieldOf<Core.Reason>, keyof Core.Reason>]?: ValueOf<Core.Reason, Field> | undefined
}

const failureOf = (reason: AnyReason): Failure => ({
  reason: reason._tag,
  outcome: reason.outcome,
  message: reason.message,
  status: reason.status ?? statuses[reason._tag],
  code: reason.code ?? reason.errors?.[0]?.code,
  retryAfterMs: millis(reason.retryAfter),
  errors: detailsOf(reason.errors ?? []),
  body: bodyOf(reason.body),
  field: reason.field,
  expected: reason.expected,
  detail: reason.detail,
  location: reason.location && hidden(reason.location),
  sent: reason.sent,
  waitedMs: millis(reason.waited),
  timeoutMs: millis(reason.after),
  limit: reason.limit,
  waitingFor: reason.waitingFor,
  credentials: reason.credentials,
})

const callOf = ({ appId, baseUrl, conversationId, user }: CallNamed): CallNamed => ({
  appId,
  conversationId,
  user,
  baseUrl,
})

export const errorOf = (error: EngineError): SuncoError => {
  const { cursor, message } = error
  const call = callOf(error)
  switch (error._tag) {
    case "BadRequest":
    case "NotFound": {
      const { body, code, errors, operation } = error
      const fields = { code, cursor, operation, call, errors: detailsOf(errors), body: bodyOf(body) }
      return error._tag === "BadRequest"
        ? new BadRequest(message, { ...fields, status: 400 })
        : new NotFound(message, { ...fields, status: 404 })
    }
    case "PaginationError":
      return new PaginationError(message, { operation: "list", cursor, call })
    case "SunshineError": {
      const { cause, isRetryable, operation, reason } = error
      return new SunshineError(message, {
        ...failureOf(reason),
        operation,
        call,
        isRetryable,
        attempts: reason._tag === "OutcomeUnknown" ? reason.attempts.map(failureOf) : [],
        cursor,
        cause: isEngineError(cause) ? errorOf(cause) : cause,
      })
    }
  }
}
