/**
 * The tracer of a caller for the engine: its spans are spans of the application.
 */
import * as Context from "effect/Context"
import * as Exit from "effect/Exit"
import * as FiberId from "effect/FiberId"
import * as Option from "effect/Option"
import type * as Tracer from "effect/Tracer"
import type * as Boundary from "./engine/boundary.ts"
import { match } from "./outcome.ts"

const exitOf = (outcome: Boundary.Outcome<void, string>) =>
  match<void, string, Exit.Exit<void, string>>(outcome, {
    success: () => Exit.void,
    failure: Exit.fail,
    defect: Exit.die,
    interrupted: () => Exit.interrupt(FiberId.none),
  })

/** A span of the application as one of the engine. */
class PlainSpan implements Boundary.Span {
  readonly span: Tracer.Span

  constructor(span: Tracer.Span) {
    this.span = span
  }

  get spanId() {
    return this.span.spanId
  }

  get traceId() {
    return this.span.traceId
  }

  get sampled() {
    return this.span.sampled
  }

  get attributes() {
    return this.span.attributes
  }

  attribute(key: string, value: unknown) {
    this.span.attribute(key, value)
  }

  event(name: string, startTime: bigint, attributes: Readonly<Record<string, unknown>> | undefined) {
    this.span.event(name, startTime, { ...attributes })
  }

  end(endTime: bigint, outcome: Boundary.Outcome<void, string>) {
    this.span.end(endTime, exitOf(outcome))
  }
}

/** The span of the application behind one of the engine. */
export const spanOf = (span: Boundary.Span | undefined): Tracer.AnySpan | undefined =>
  span instanceof PlainSpan ? span.span : undefined

export const tracerOf = (tracer: Tracer.Tracer, current: Tracer.AnySpan | undefined): Boundary.Tracer => ({
  span: (name, { kind, parent, startTime }) => {
    const parentSpan = Option.fromNullable(spanOf(parent) ?? current)
    return new PlainSpan(tracer.span(name, parentSpan, Context.empty(), [], startTime, kind))
  },
})
