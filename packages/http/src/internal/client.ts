/**
 * The caller's HTTP client, set up once for a layer.
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import { constTrue, identity } from "effect/Function"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as HttpClient from "effect/http/HttpClient"
import type * as HttpClientError from "effect/http/HttpClientError"
import type * as Scope from "effect/Scope"

export type Client = HttpClient.HttpClient.With<HttpClientError.HttpClientError, Scope.Scope>

export const make = (
  httpClient: HttpClient.HttpClient,
  transform: (client: HttpClient.HttpClient) => HttpClient.HttpClient = identity,
): Client => {
  return HttpClient.transformResponse(
    // The answer is given up with the scope of its request, which is closed only if it did not arrive whole.
    HttpClient.withScope(transform(httpClient)),
    Effect.updateContext((context: Context.Context<Scope.Scope>) => {
      // `fetch` would follow a redirect, and turn a POST into a GET. The other clients do not follow.
      const init = { ...Context.getOrUndefined(context, FetchHttpClient.RequestInit), redirect: "manual" } as const
      const unredirected = Context.add(context, FetchHttpClient.RequestInit, init)
      // Each request has a span of ours, unless the caller has said when the client makes its own.
      return Context.getOrUndefined(context, HttpClient.TracerDisabledWhen) === undefined
        ? Context.add(unredirected, HttpClient.TracerDisabledWhen, constTrue)
        : unredirected
    }),
  )
}
