/**
 * The span of one request, by OpenTelemetry's conventions for HTTP clients. It takes the place of the span of Effect's HTTP
 * client, which has the whole URL. It names no user, and holds nothing of the answer but its status.
 *
 * @see https://opentelemetry.io/docs/specs/semconv/http/http-spans/#http-client
 */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import type * as Tracer from "effect/Tracer"
import type { Operations, SunshineError } from "@effect-sunco/core"

type Failure = SunshineError.Documented | SunshineError.SunshineError

/** What is the same for all requests of an operation. */
export interface RequestSpan {
  readonly name: string
  readonly attributes: Readonly<Record<string, unknown>>
}

export const make = (
  { method, path }: Operations.Operation<unknown, SunshineError.Documented>,
  baseUrl: string,
): RequestSpan => {
  const { hostname, pathname, port, protocol } = new URL(baseUrl)
  const template = `${pathname === "/" ? "" : pathname}${path.replaceAll(/:(\w+)/g, "{$1}")}`
  return {
    name: `${method} ${template}`,
    attributes: {
      "http.request.method": method,
      "url.template": template,
      "server.address": hostname,
      "server.port": port === "" ? (protocol === "https:" ? 443 : 80) : Number(port),
    },
  }
}

/** The span ends with what kind of error it was. The error itself can hold a text of the server. */
const withoutText = <A, E extends Failure>(exit: Exit.Exit<A, E>): Exit.Exit<void, string> =>
  Option.match(Exit.findErrorOption(exit), {
    onNone: () => Exit.mapBoth(exit, { onSuccess: () => undefined, onFailure: () => "" }),
    onSome: (error) => Exit.fail(error._tag === "SunshineError" ? error.reason._tag : error._tag),
  })

export const within = <A, E extends Failure, R>(
  { attributes, name }: RequestSpan,
  request: (span: Tracer.Span) => Effect.Effect<A, E, R>,
): Effect.Effect<A, E, R> =>
  Effect.flatMap(Effect.makeSpan(name, { kind: "client", attributes }), (span) =>
    Effect.onExit(Effect.withParentSpan(request(span), span, { captureStackTrace: false }), (exit) =>
      Effect.clockWith((clock) =>
        Effect.sync(() => {
          if (Exit.isSuccess(exit)) return span.end(clock.currentTimeNanosUnsafe(), Exit.void)
          const ended = withoutText(exit)
          const error = Option.getOrUndefined(Exit.findErrorOption(ended))
          if (error !== undefined) span.attribute("error.type", error)
          span.end(clock.currentTimeNanosUnsafe(), ended)
        }),
      ),
    ),
  )
