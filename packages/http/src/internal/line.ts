/**
 * What is said of an event: a log line, and for some an event of the span of the call, too. Minor events have neither.
 */
import type { Happened } from "./telemetry.ts"

export interface Line {
  readonly message: string
  /** The fields of the log line, and the attributes of the event of the span. */
  readonly fields: Readonly<Record<string, unknown>>
  /** The name of the event of the span; undefined if there is none. */
  readonly spanEvent?: string
}

/** Shorter waits are normal, and not logged (milliseconds). */
const longWait = 1000

const milestone = (spanEvent: string, field: string, value: string): Line => ({
  message: `${spanEvent}: ${value}`,
  fields: { [field]: value },
  spanEvent,
})

export const of = (happened: Happened): Line | undefined => {
  switch (happened._tag) {
    case "RequestEnded":
      return {
        message: `${happened.method} ${happened.template} ended: ${happened.status ?? happened.errorType ?? happened.outcome}`,
        fields: {
          "http.request.resend_count": happened.resendCount,
          "http.response.status_code": happened.status,
          "sunco.duration_ms": happened.millis,
          "sunco.outcome": happened.outcome,
          "sunco.purpose": happened.purpose,
          "error.type": happened.errorType,
        },
      }
    case "Waited":
      return happened.millis <= longWait
        ? undefined
        : {
            message: `waited ${Math.round(happened.millis)} ms: ${happened.cause}`,
            fields: { "sunco.wait.cause": happened.cause, "sunco.duration_ms": happened.millis },
          }
    case "CredentialRenewed":
      return milestone("credential renewed", "sunco.renewal.cause", happened.cause)
    case "WriteInDoubt":
      return milestone("write in doubt", "error.type", happened.cause)
    case "WriteSettled":
      return milestone("write settled", "sunco.write.settled_as", happened.as)
    case "CallEnded":
    case "Retried":
    case "Verified":
      return undefined
  }
}
