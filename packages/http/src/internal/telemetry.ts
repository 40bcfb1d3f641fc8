/**
 * The only place where the engine reports what happens. Metrics, logs, the events of spans, and the caller's `onEvent`
 * are made from these reports.
 */
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as LogLevel from "effect/LogLevel"
import * as Predicate from "effect/Predicate"
import * as References from "effect/References"
import type * as Tracer from "effect/Tracer"
import type { About, Event, WaitCause } from "../Events.ts"
import { monotonicMillis } from "./clock.ts"
import type { Happened } from "./happened.ts"
import * as Log from "./logLine.ts"
import * as Metrics from "./metrics.ts"

/** What a report is about. */
export interface Subject {
  readonly about: About
  /** The context of the fiber that made the call, with its metrics, loggers, tracer and clock. */
  readonly context: Context.Context<never>
  /** The span of the call. */
  readonly span: Tracer.AnySpan | undefined
}

export interface Telemetry {
  readonly report: (subject: Subject, happened: Happened) => void
  /** Begins a wait. The result ends it, with a `cause` if that has changed in the meantime. */
  readonly wait: (subject: Subject, cause: WaitCause) => EndWait
}

export type EndWait = (options?: { readonly cause?: WaitCause; readonly interrupted?: boolean }) => void

/** Adds what happened to the span of the call: as an event, or as an attribute when the call ends. */
const addToSpan = ({ context, span }: Subject, happened: Happened) => {
  if (span?._tag !== "Span" || !span.sampled) return
  const event = (name: string, attributes: Record<string, unknown>) => {
    span.event(name, Context.get(context, Clock.Clock).currentTimeNanosUnsafe(), attributes)
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

  const report = (subject: Subject, happened: Happened) => {
    const { about, context } = subject
    Metrics.record(about.operation, happened, context)
    addToSpan(subject, happened)
    // Most programs neither log nor listen, and an event costs more than to ask.
    const logged = isLogged(context)
    if (!logged && onEvent === undefined) return
    const event: Event = { ...about, ...happened }
    if (logged) log(event, context)
    if (onEvent !== undefined) tell(onEvent, event, context)
  }

  return {
    report,
    wait: (subject, initialCause) => {
      const { context } = subject
      const clock = Context.get(context, Clock.Clock)
      const since = monotonicMillis(clock)
      const span = Effect.runSyncWith(context)(
        Effect.makeSpan("Participants.wait", subject.span === undefined ? {} : { parent: subject.span }),
      )
      Metrics.waitingCalls.updateUnsafe(1, context)
      return ({ cause = initialCause, interrupted = false } = {}) => {
        Metrics.waitingCalls.updateUnsafe(-1, context)
        if (span.sampled) span.attribute("sunco.wait.cause", cause)
        endSpan(span, interrupted ? Exit.interrupt() : Exit.void, context)
        report(subject, { _tag: "Waited", cause, interrupted, millis: monotonicMillis(clock) - since })
      }
    },
  }
}

/** Ends a span as Effect does: without a time if the program has turned off `TracerTimingEnabled`. */
export const endSpan = (span: Tracer.Span, exit: Exit.Exit<void, string>, context: Context.Context<never>): void => {
  const isTimed = Context.get(context, References.TracerTimingEnabled)
  span.end(isTimed ? Context.get(context, Clock.Clock).currentTimeNanosUnsafe() : 0n, exit)
}
