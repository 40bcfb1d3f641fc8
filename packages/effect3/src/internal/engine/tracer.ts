/**
 * The tracer of the caller as a tracer of Effect 4: the spans of the engine are spans of the application.
 */
import * as Cause from "effect4/Cause"
import * as Context from "effect4/Context"
import * as Exit from "effect4/Exit"
import * as Option from "effect4/Option"
import * as Tracer from "effect4/Tracer"
import type * as Boundary from "./boundary.ts"

type SpanOptions = Parameters<Tracer.Tracer["span"]>[0]

class BridgedSpan implements Tracer.Span {
  readonly _tag = "Span"
  readonly name: string
  readonly parent: Option.Option<Tracer.AnySpan>
  readonly annotations: Context.Context<never>
  readonly kind: Tracer.SpanKind
  readonly callers: Boundary.Span
  readonly links: Array<Tracer.SpanLink>
  status: Tracer.SpanStatus

  constructor({ annotations, kind, links, name, parent, startTime }: SpanOptions, tracer: Boundary.Tracer) {
    this.name = name
    this.parent = parent
    this.annotations = annotations
    this.kind = kind
    this.links = links
    this.status = { _tag: "Started", startTime }
    this.callers = tracer.span(name, { kind, startTime, parent: bridged(Option.getOrUndefined(parent)) })
  }

  get spanId() {
    return this.callers.spanId
  }

  get traceId() {
    return this.callers.traceId
  }

  get sampled() {
    return this.callers.sampled
  }

  get attributes() {
    return this.callers.attributes
  }

  attribute(key: string, value: unknown) {
    this.callers.attribute(key, value)
  }

  event(name: string, startTime: bigint, attributes?: Record<string, unknown>) {
    this.callers.event(name, startTime, attributes)
  }

  addLinks(links: ReadonlyArray<Tracer.SpanLink>) {
    this.links.push(...links)
  }

  end(endTime: bigint, exit: Exit.Exit<unknown, unknown>) {
    this.status = { _tag: "Ended", startTime: this.status.startTime, endTime, exit }
    this.callers.end(endTime, outcomeOf(exit))
  }
}

/** How a span ended. The error itself stays here: it is a value of Effect 4, and its message says enough. */
const outcomeOf = (exit: Exit.Exit<unknown, unknown>): Boundary.Outcome<void, string> => {
  if (Exit.isSuccess(exit)) return { _tag: "Success", value: undefined }
  if (Cause.hasInterruptsOnly(exit.cause)) return { _tag: "Interrupted" }
  const error = Cause.squash(exit.cause)
  return { _tag: "Failure", error: error instanceof Error ? error.message : String(error) }
}

const bridged = (span: Tracer.AnySpan | undefined): Boundary.Span | undefined =>
  span instanceof BridgedSpan ? span.callers : undefined

/** The span of the caller in which a fiber runs. */
export const callersSpan = (context: Context.Context<never>): Boundary.Span | undefined =>
  bridged(Option.getOrUndefined(Context.getOption(context, Tracer.ParentSpan)))

export const tracerOf = (tracer: Boundary.Tracer): Tracer.Tracer =>
  Tracer.make({ span: (options) => new BridgedSpan(options, tracer) })
