/**
 * The only place where the engine reports what happens. Metrics, logs, the events of spans, and the caller's `onEvent`
 * are made from these reports.
 */
import * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as LogLevel from "effect/LogLevel"
import * as Predicate from "effect/Predicate"
import * as Record from "effect/Record"
import * as References from "effect/References"
import type { About, Event } from "../Events.ts"
import type { Call } from "./call.ts"
import * as Line from "./line.ts"
import * as Metrics from "./metrics.ts"

type Without<Union, Key extends PropertyKey> = Union extends unknown ? Omit<Union, Key> : never

/** What a call reports: an event, without what it is about. */
export type Happened = Without<Event, keyof About>

/** Reports what happened to a call. */
export type Telemetry = (call: Call, happened: Happened) => void

export const make = ({
  logLevel = "Debug",
  onEvent,
}: {
  readonly logLevel?: LogLevel.Severity | undefined
  readonly onEvent?: ((event: Event) => void) | undefined
}): Telemetry => {
  const log = ({ about: { appId, conversationId, operation }, context }: Call, { fields, message }: Line.Line) => {
    if (LogLevel.isGreaterThan(Context.get(context, References.MinimumLogLevel), logLevel)) return
    const all = {
      "sunco.operation": operation,
      "sunco.app_id": appId,
      "sunco.conversation_id": conversationId,
      ...Record.filter(fields, Predicate.isNotUndefined),
    }
    const line = Effect.logWithLevel(logLevel)(`Participants.${operation}: ${message}`)
    // In its own fiber, so that a logger that throws does not fail the call.
    Effect.runForkWith(context)(Effect.annotateLogs(line, all))
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
    const { about, clock, context, span } = call
    Metrics.record(about.operation, happened, context)
    const line = Line.of(happened)
    if (span?._tag === "Span" && span.sampled) {
      if (happened._tag === "CallEnded") span.attribute("sunco.attempts", happened.attempts)
      if (line?.spanEvent !== undefined) span.event(line.spanEvent, clock.currentTimeNanosUnsafe(), line.fields)
    }
    if (line !== undefined) log(call, line)
    if (onEvent !== undefined) tell(onEvent, { ...about, ...happened }, context)
  }
}
