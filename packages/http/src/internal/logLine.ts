/**
 * The log line of an event, and its structured fields. Minor events have no line.
 */
import type { Event } from "../Events.ts"

export interface LogLine {
  readonly message: string
  readonly fields: Readonly<Record<string, unknown>>
}

/** Shorter waits are normal, and not logged (milliseconds). */
const longWait = 1000

const textOf = (event: Event): LogLine | undefined => {
  switch (event._tag) {
    case "RequestEnded":
      return {
        message: `${event.method} ${event.template} ended: ${event.status ?? event.errorType ?? event.outcome}`,
        fields: {
          "http.request.resend_count": event.resendCount,
          "http.response.status_code": event.status,
          "sunco.duration_ms": event.millis,
          "sunco.outcome": event.outcome,
          "sunco.purpose": event.purpose,
          "error.type": event.errorType,
        },
      }
    case "Waited":
      return event.millis <= longWait
        ? undefined
        : {
            message: `waited ${Math.round(event.millis)} ms: ${event.cause}`,
            fields: { "sunco.wait.cause": event.cause, "sunco.duration_ms": event.millis },
          }
    case "CredentialRenewed":
      return { message: `renewed the credential: ${event.cause}`, fields: { "sunco.renewal.cause": event.cause } }
    case "WriteInDoubt":
      return { message: `the write is in doubt: ${event.cause}`, fields: { "error.type": event.cause } }
    case "WriteSettled":
      return { message: `the write in doubt ended: ${event.as}`, fields: { "sunco.write.settled_as": event.as } }
    case "CallEnded":
    case "Retried":
    case "Verified":
      return undefined
  }
}

export const of = (event: Event): LogLine | undefined => {
  const line = textOf(event)
  if (line === undefined) return undefined
  const { appId, conversationId, operation } = event
  const all = {
    "sunco.operation": operation,
    "sunco.app_id": appId,
    "sunco.conversation_id": conversationId,
    ...line.fields,
  }
  return {
    message: `Participants.${operation}: ${line.message}`,
    fields: Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)),
  }
}
