/**
 * Spans and reports around the steps of a call: the call itself, each request, each wait, and each read of the roster.
 */
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Metric from "effect/Metric"
import * as Option from "effect/Option"
import * as References from "effect/References"
import * as Tracer from "effect/Tracer"
import { Page, type Paginator, type SunshineError } from "@effect-sunco/core"
import type { Verified, WaitCause, WriteSettled } from "../Events.ts"
import type { Call } from "./call.ts"
import * as Ended from "./ended.ts"
import * as Metrics from "./metrics.ts"
import type { RequestTarget } from "./requestTarget.ts"
import type { Evidence } from "./verification.ts"

/** Runs `use` in a span. `end` receives its exit, however early an interrupt comes, and returns the attributes of the span. */
const inSpan = <A, E extends Ended.Failure | Paginator.PagesError>(
  call: Call,
  { gauge, kind = "internal", name }: { name: string; kind?: Tracer.SpanKind; gauge?: Metric.Counter<number> },
  use: (span: Tracer.Span) => Effect.Effect<A, E>,
  end: (exit: Exit.Exit<A, E>, millis: number) => Readonly<Record<string, unknown>>,
): Effect.Effect<A, E> =>
  Effect.suspend(() => {
    const { clock, context } = call
    const startedAt = call.now()
    let span: Tracer.Span | undefined
    const used = Effect.flatMap(Effect.makeSpan(name, { kind }), (made) => {
      span = made
      gauge?.updateUnsafe(1, context)
      return use(made)
    })
    return Effect.onExitPrimitive(used, (exit) => {
      if (span === undefined) return undefined
      gauge?.updateUnsafe(-1, context)
      const attributes = end(exit, call.now() - startedAt)
      for (const name in attributes) {
        if (span.sampled && attributes[name] !== undefined) span.attribute(name, attributes[name])
      }
      // As Effect does.
      const isTimed = Context.get(context, References.TracerTimingEnabled)
      span.end(isTimed ? clock.currentTimeNanosUnsafe() : 0n, Ended.exitOf(exit))
      return undefined
    })
  })

const settledAs = (call: Call, { outcome }: Ended.Ended): WriteSettled["as"] => {
  if (outcome === "interrupted") return "interrupted"
  if (outcome !== "success") return "unknown"
  return call.doubt === "shown" ? "shown" : "sent again"
}

/** Reports how a call ends. */
export const call = <A, E extends Ended.Failure>(
  call: Call,
  run: Effect.Effect<A, E | SunshineError.SunshineError>,
): Effect.Effect<A, E | SunshineError.SunshineError> =>
  Effect.onExitPrimitive(run, (exit) => {
    const ended = Ended.of(exit)
    if (call.doubt !== "none") call.report({ _tag: "WriteSettled", as: settledAs(call, ended) })
    const participants =
      Exit.isSuccess(exit) && exit.value instanceof Page.ParticipantPage ? exit.value.participants.length : undefined
    const millis = call.now() - call.startedAt
    call.report({ _tag: "CallEnded", ...ended, attempts: call.attempts, participants, millis })
    return undefined
  })

/** Runs `use` in the span of one request, and reports how it ended. */
export const request = <A, E extends Ended.Failure>(
  call: Call,
  target: RequestTarget,
  use: (span: Tracer.Span) => Effect.Effect<A, E | SunshineError.SunshineError>,
): Effect.Effect<A, E | SunshineError.SunshineError> => {
  const { purpose } = call
  let resendCount = 0
  return inSpan(
    call,
    { name: `${target.method} ${target.template}`, kind: "client", gauge: Metrics.activeRequests },
    (span) => {
      resendCount = call.requests++
      call.status = undefined
      const cause = call.lastFailure
      if (cause !== undefined) call.report({ _tag: "Retried", purpose, resendCount, cause })
      return use(span)
    },
    (exit, millis) => {
      const ended = Ended.of(exit)
      const { status } = call
      call.lastFailure = ended.errorType
      call.report({ _tag: "RequestEnded", ...target, ...ended, purpose, resendCount, status, millis })
      return {
        "http.request.method": target.method,
        "url.template": target.template,
        "server.address": target.serverAddress,
        "server.port": target.serverPort,
        "http.request.resend_count": resendCount || undefined,
        "http.response.status_code": status,
        "error.type": ended.errorType,
      }
    },
  )
}

/** Reports the time that `effect` takes as a wait. Its cause is asked for at its end. */
export const wait = <A, E extends Ended.Failure>(
  call: Call,
  causeOf: () => WaitCause,
  effect: Effect.Effect<A, E>,
): Effect.Effect<A, E> =>
  inSpan(
    call,
    { name: "Participants.wait", gauge: Metrics.waitingCalls },
    () => effect,
    (exit, millis) => {
      const cause = causeOf()
      call.report({ _tag: "Waited", cause, interrupted: Exit.hasInterrupts(exit), millis })
      return { "sunco.wait.cause": cause }
    },
  )

/** Sleeps between attempts, or before the roster is read. Fails at once if the deadline comes first. */
export const sleep = <E>(call: Call, cause: WaitCause, millis: number, tooLate: () => E): Effect.Effect<void, E> =>
  Effect.suspend(() => {
    if (call.now() + millis >= call.endsAt) return Effect.fail(tooLate())
    return millis === 0 ? Effect.void : wait(call, () => cause, Effect.sleep(Duration.millis(millis)))
  })

const resultOf = (exit: Exit.Exit<Evidence<unknown>, Paginator.PagesError>): Verified["result"] => {
  if (Exit.isFailure(exit)) return Exit.hasInterrupts(exit) ? "interrupted" : "failed"
  const { conclusive, shown } = exit.value
  return Option.isSome(shown) ? "shown" : conclusive ? "not shown" : "inconclusive"
}

/** Runs one read of the roster in a span, and reports its result. */
export const verification = <A>(
  call: Call,
  read: Effect.Effect<Evidence<A>, Paginator.PagesError>,
): Effect.Effect<Evidence<A>, Paginator.PagesError> =>
  inSpan(
    call,
    { name: "Participants.verify" },
    (span) => Effect.provideService(read, Tracer.ParentSpan, span),
    (exit, millis) => {
      const result = resultOf(exit)
      call.report({ _tag: "Verified", result, millis })
      return { "sunco.verification.result": result }
    },
  )
