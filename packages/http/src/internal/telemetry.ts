/**
 * The only place where the engine reports what happens. Metrics, logs, the events of spans, and the caller's `onEvent`
 * are made from these reports.
 */
import * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as LogLevel from "effect/LogLevel"
import * as Predicate from "effect/Predicate"
import * as References from "effect/References"
import type { Event } from "../Events.ts"
import type { Call } from "./call.ts"
import type { Happened } from "./happened.ts"
import * as Log from "./logLine.ts"
import * as Metrics from "./metrics.ts"

/** Reports what happened to a call. */
export type Telemetry = (call: Call, happened: Happened) => void

/** Adds what happened to the span of the call: as an event, or as an attribute when the call ends. */
const addToSpan = ({ clock, span }: Call, happened: Happened) => {
  if (span?._tag !== "Span" || !span.sampled) return
  const event = (name: string, attributes: Record<string, unknown>) => {
    span.event(name, clock.currentTimeNanosUnsafe(), attributes)
  }
  switch (happened._tag) {
    case "CallEnded":
      span.attribute("sunco.attempts", happened.attempts)
      return
    case "CredentialRenewed":
      event("credential renewed", { "sunco.renewal.cause": happened.cause })
      return
    case "WriteInDoubt":
      event("write in doubt", { "error.type": happened.cause })
      return
    case "WriteSettled":
      event("write settled", { "sunco.write.settled_as": happened.as })
      return
    case "RequestEnded":
    case "Retried":
    case "Verified":
    case "Waited":
  }
}

export const make = ({
  logLevel = "Debug",
  onEvent,
}: {
  readonly logLevel?: LogLevel.Severity | undefined
  readonly onEvent?: ((event: Event) => void) | undefined
}): Telemetry => {
  const isLogged = (context: Context.Context<never>) =>
    !LogLevel.isGreaterThan(Context.get(context, References.MinimumLogLevel), logLevel)

  const log = (event: Event, context: Context.Context<never>) => {
    const line = Log.of(event)
    if (line === undefined) return
    // In its own fiber, so that a logger that throws does not fail the call.
    Effect.runForkWith(context)(Effect.annotateLogs(Effect.logWithLevel(logLevel)(line.message), line.fields))
  }

  const tell = (onEvent: (event: Event) => void, event: Event, context: Context.Context<never>) => {
    const threw = (error: unknown) => {
      Effect.runForkWith(context)(Effect.logError("onEvent threw", Cause.die(error)))
    }
    try {
      const told: unknown = onEvent(event)
      // The type of `onEvent` allows an async function, too.
      if (Predicate.isPromiseLike(told)) told.then(undefined, threw)
    } catch (error) {
      threw(error)
    }
  }

  return (call, happened) => {
    const { about, context } = call
    Metrics.record(about.operation, happened, context)
    addToSpan(call, happened)
    // Most programs neither log nor listen, and an event costs more than to ask.
    const logged = isLogged(context)
    if (!logged && onEvent === undefined) return
    const event: Event = { ...about, ...happened }
    if (logged) log(event, context)
    if (onEvent !== undefined) tell(onEvent, event, context)
  }
}
