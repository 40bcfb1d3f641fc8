/**
 * The tracer of a caller for the engine: its spans are spans of the application.
 */
import * as Context from "effect/Context"
import * as Exit from "effect/Exit"
import * as FiberId from "effect/FiberId"
import * as Option from "effect/Option"
import type * as Tracer from "effect/Tracer"
import type * as Boundary from "./engine/boundary.ts"

/** The span of Effect 3 behind each one that the engine has. */
const spans = new WeakMap<Boundary.Span, Tracer.AnySpan>()

export const spanOf = (span: Boundary.Span | undefined): Tracer.AnySpan | undefined => span && spans.get(span)

const exitOf = (outcome: Boundary.Outcome<void, string>): Exit.Exit<void, string> => {
  switch (outcome._tag) {
    case "Success":
      return Exit.void
    case "Failure":
      return Exit.fail(outcome.error)
    case "Defect":
      return Exit.die(outcome.defect)
    case "Interrupted":
      return Exit.interrupt(FiberId.none)
  }
}

export const tracerOf = (tracer: Tracer.Tracer, current: Tracer.AnySpan | undefined): Boundary.Tracer => ({
  span: (name, { kind, parent, startTime }) => {
    const parentSpan = Option.fromNullable(spanOf(parent) ?? current)
    const span = tracer.span(name, parentSpan, Context.empty(), [], startTime, kind)
    const plain: Boundary.Span = {
      spanId: span.spanId,
      traceId: span.traceId,
      sampled: span.sampled,
      attribute: (key, value) => span.attribute(key, value),
      event: (name, startTime, attributes) => span.event(name, startTime, { ...attributes }),
      end: (endTime, outcome) => span.end(endTime, exitOf(outcome)),
    }
    spans.set(plain, span)
    return plain
  },
})
