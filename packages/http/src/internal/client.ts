/**
 * The caller's HTTP client, and the context of its requests.
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import { constTrue, identity } from "effect/Function"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as HttpClient from "effect/http/HttpClient"
import type * as HttpClientError from "effect/http/HttpClientError"
import type * as HttpClientRequest from "effect/http/HttpClientRequest"
import type * as HttpClientResponse from "effect/http/HttpClientResponse"
import * as Scope from "effect/Scope"
import * as Tracer from "effect/Tracer"

/** Sends a request as a child of `span`. Closing `scope` gives up its answer. */
export type Client = (
  request: HttpClientRequest.HttpClientRequest,
  span: Tracer.Span,
  scope: Scope.Scope,
) => Effect.Effect<HttpClientResponse.HttpClientResponse, HttpClientError.HttpClientError>

export const make = (
  httpClient: HttpClient.HttpClient,
  transform: (client: HttpClient.HttpClient) => HttpClient.HttpClient = identity,
): Client => {
  const client = HttpClient.withScope(transform(httpClient))
  return (request, span, scope) =>
    Effect.updateContext(client.execute(request), (context: Context.Context<never>) => {
      // `fetch` would follow a redirect, and turn a POST into a GET. The other clients do not follow.
      const init = { ...Context.getOrUndefined(context, FetchHttpClient.RequestInit), redirect: "manual" } as const
      const own = context.pipe(
        Context.add(FetchHttpClient.RequestInit, init),
        Context.add(Scope.Scope, scope),
        Context.add(Tracer.ParentSpan, span),
      )
      // The client makes no span, because each request has ours, unless the caller decides when the client makes one.
      return Context.getOrUndefined(context, HttpClient.TracerDisabledWhen) === undefined
        ? Context.add(own, HttpClient.TracerDisabledWhen, constTrue)
        : own
    })
}
