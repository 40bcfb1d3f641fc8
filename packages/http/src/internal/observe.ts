/**
 * Spans and reports around the steps of a call: the call itself, each request, each wait, and each read of the roster.
 */
import type * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import * as Tracer from "effect/Tracer"
import { Page, type Paginator, type SunshineError } from "@effect-sunco/core"
import type { Verified, WaitCause, WriteSettled } from "../Events.ts"
import type { Call } from "./call.ts"
import { monotonicMillis } from "./clock.ts"
import * as Ended from "./ended.ts"
import * as Metrics from "./metrics.ts"
import type { RequestTarget } from "./requestTarget.ts"
import { endSpan } from "./telemetry.ts"
import type { Evidence } from "./verification.ts"

type Failure = SunshineError.Documented | SunshineError.SunshineError

/** Calls `onEnd` when the effect ends, with its duration in milliseconds. */
const timed = <A, E>(
  effect: Effect.Effect<A, E>,
  clock: Clock.Clock,
  onEnd: (exit: Exit.Exit<A, E>, millis: number) => void,
): Effect.Effect<A, E> => {
  const startedAt = monotonicMillis(clock)
  return Effect.onExitPrimitive(effect, (exit) => {
    onEnd(exit, monotonicMillis(clock) - startedAt)
    return undefined
  })
}

const settledAs = (call: Call, { outcome }: Ended.Ended): WriteSettled["as"] => {
  if (outcome === "interrupted") return "interrupted"
  if (outcome !== "success") return "unknown"
  return call.doubt === "shown" ? "shown" : "sent again"
}

/** Reports how a call ends. */
export const call = <A, E extends Failure>(
  call: Call,
  run: Effect.Effect<A, E | SunshineError.SunshineError>,
): Effect.Effect<A, E | SunshineError.SunshineError> =>
  timed(run, call.clock, (exit, millis) => {
    const ended = Ended.of(exit)
    if (call.doubt !== "none") call.report({ _tag: "WriteSettled", as: settledAs(call, ended) })
    const participants =
      Exit.isSuccess(exit) && exit.value instanceof Page.ParticipantPage ? exit.value.participants.length : undefined
    call.report({ _tag: "CallEnded", ...ended, attempts: call.attempts, participants, millis })
  })

/**
 * Runs `use` in the span of one request, and reports how it ended. `use` receives the span, and a function for the
 * status.
 */
export const request = <A, E extends Failure>(
  call: Call,
  target: RequestTarget,
  use: (span: Tracer.Span, recordStatus: (status: number) => void) => Effect.Effect<A, E | SunshineError.SunshineError>,
): Effect.Effect<A, E | SunshineError.SunshineError> =>
  Effect.flatMap(Effect.makeSpan(target.spanName, { kind: "client" }), (span) => {
    const { context, purpose } = call
    const resendCount = call.requests++
    let status: number | undefined
    if (span.sampled) {
      for (const name in target.attributes) span.attribute(name, target.attributes[name])
      if (resendCount > 0) span.attribute("http.request.resend_count", resendCount)
    }
    if (call.lastFailure !== undefined) call.report({ _tag: "Retried", purpose, resendCount, cause: call.lastFailure })
    Metrics.activeRequests.updateUnsafe(1, context)
    const recordStatus = (answer: number) => {
      status = answer
    }
    return timed(
      Effect.suspend(() => use(span, recordStatus)),
      call.clock,
      (exit, millis) => {
        const ended = Ended.of(exit)
        const { errorType, outcome } = ended
        call.lastFailure = errorType
        Metrics.activeRequests.updateUnsafe(-1, context)
        if (span.sampled) {
          if (status !== undefined) span.attribute("http.response.status_code", status)
          if (errorType !== undefined) span.attribute("error.type", errorType)
        }
        endSpan(span, Ended.exitOf(exit), context)
        const { method, serverAddress, serverPort, template } = target
        call.report({
          _tag: "RequestEnded",
          purpose,
          method,
          template,
          serverAddress,
          serverPort,
          resendCount,
          status,
          outcome,
          errorType,
          millis,
        })
      },
    )
  })

/** Reports the time that `effect` takes as a wait. */
export const wait = <A, E>(call: Call, cause: WaitCause, effect: Effect.Effect<A, E>): Effect.Effect<A, E> =>
  Effect.suspend(() => {
    const end = call.wait(cause)
    return Effect.onExitPrimitive(effect, (exit) => {
      end({ interrupted: Exit.hasInterrupts(exit) })
      return undefined
    })
  })

/** Sleeps between attempts, or before the roster is read. Fails at once if the deadline comes first. */
export const sleep = <E>(call: Call, cause: WaitCause, millis: number, tooLate: () => E): Effect.Effect<void, E> =>
  Effect.suspend(() => {
    if (call.now() + millis >= call.endsAt) return Effect.fail(tooLate())
    return millis === 0 ? Effect.void : wait(call, cause, Effect.sleep(Duration.millis(millis)))
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
  Effect.flatMap(Effect.makeSpan("Participants.verify"), (span) =>
    timed(Effect.provideService(read, Tracer.ParentSpan, span), call.clock, (exit, millis) => {
      const result = resultOf(exit)
      if (span.sampled) span.attribute("sunco.verification.result", result)
      endSpan(span, Ended.exitOf(exit), call.context)
      call.report({ _tag: "Verified", result, millis })
    }),
  )
