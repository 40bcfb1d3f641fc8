/**
 * The target of an operation's requests, by OpenTelemetry's conventions for HTTP clients. It names no user, and has
 * placeholders in place of ids.
 *
 * @see https://opentelemetry.io/docs/specs/semconv/http/http-spans/#http-client
 */
import type { Operations, SunshineError } from "@effect-sunco/core"
import type { RequestEnded } from "../Events.ts"

export type RequestTarget = Pick<RequestEnded, "method" | "template" | "serverAddress" | "serverPort">

export const make = (
  { method, path }: Operations.Operation<unknown, SunshineError.Documented>,
  baseUrl: string,
): RequestTarget => {
  const { hostname, pathname, port, protocol } = new URL(baseUrl)
  return {
    method,
    template: `${pathname === "/" ? "" : pathname}${path.replaceAll(/:(\w+)/g, "{$1}")}`,
    serverAddress: hostname,
    serverPort: port === "" ? (protocol === "https:" ? 443 : 80) : Number(port),
  }
}
