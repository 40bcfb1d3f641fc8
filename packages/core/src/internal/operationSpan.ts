/**
 * The span of a call of the service. It ends with the tag of an error, not the error itself: exporters write out the
 * error that a span ends with, and an error can contain text of the server.
 */
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as References from "effect/References"
import * as Tracer from "effect/Tracer"
import type { Documented, SunshineError } from "../SunshineError.ts"

interface Ended {
  readonly outcome: string
  readonly errorType?: string
  readonly exit: Exit.Exit<void, string>
}

const success: Ended = { outcome: "success", exit: Exit.void }

const endedOf = (exit: Exit.Exit<unknown, Documented | SunshineError>): Ended => {
  if (Exit.isSuccess(exit)) return success
  const error = Option.getOrUndefined(Exit.findErrorOption(exit))
  if (error === undefined) {
    return Cause.hasInterruptsOnly(exit.cause)
      ? { outcome: "interrupted", exit: Exit.interrupt() }
      : { outcome: "defect", errorType: "Defect", exit: Exit.fail("Defect") }
  }
  const [errorType, outcome] =
    error._tag === "SunshineError" ? [error.reason._tag, error.outcome] : [error._tag, "rejected"]
  return { outcome, errorType, exit: Exit.fail(errorType) }
}

/**
 * Runs `use` with a new span as its parent. It adds no frame to stack traces as `withParentSpan` does: that costs some
 * microseconds a call, and the errors name the operation.
 */
export const within = <A, E extends Documented | SunshineError, R>(
  name: string,
  use: (span: Tracer.Span, fiber: Fiber.Fiber<unknown, unknown>) => Effect.Effect<A, E, R>,
): Effect.Effect<A, E, R> =>
  Effect.withFiber((fiber) => {
    let started: Tracer.Span | undefined
    const begun = Effect.flatMap(Effect.makeSpan(name, { kind: "client" }), (span) => {
      started = span
      return Effect.provideService(use(span, fiber), Tracer.ParentSpan, span)
    })
    const isTimed = fiber.getRef(References.TracerTimingEnabled)
    const clock = fiber.getRef(Clock.Clock)
    return Effect.onExitPrimitive(begun, (exit) => {
      const { errorType, exit: ended, outcome } = endedOf(exit)
      if (started?.sampled === true) {
        started.attribute("sunco.outcome", outcome)
        if (errorType !== undefined) started.attribute("error.type", errorType)
      }
      started?.end(isTimed ? clock.currentTimeNanosUnsafe() : 0n, ended)
      return undefined
    })
  })
