/**
 * The target of an operation's requests, by OpenTelemetry's conventions for HTTP clients. It names no user, and has
 * placeholders in place of ids.
 *
 * @see https://opentelemetry.io/docs/specs/semconv/http/http-spans/#http-client
 */
import type { Operations, SunshineError } from "@effect-sunco/core"
import type { RequestEnded } from "../Events.ts"

/** The values that all requests of an operation share. */
export interface RequestTarget {
  /** What the event of each request has of it. */
  readonly event: Pick<RequestEnded, "method" | "template" | "serverAddress" | "serverPort">
  readonly spanName: string
  readonly attributes: Readonly<Record<string, unknown>>
}

export const make = (
  { method, path }: Operations.Operation<unknown, SunshineError.Documented>,
  baseUrl: string,
): RequestTarget => {
  const { hostname, pathname, port, protocol } = new URL(baseUrl)
  const template = `${pathname === "/" ? "" : pathname}${path.replaceAll(/:(\w+)/g, "{$1}")}`
  const serverPort = port === "" ? (protocol === "https:" ? 443 : 80) : Number(port)
  return {
    event: { method, template, serverAddress: hostname, serverPort },
    spanName: `${method} ${template}`,
    attributes: {
      "http.request.method": method,
      "url.template": template,
      "server.address": hostname,
      "server.port": serverPort,
    },
  }
}
