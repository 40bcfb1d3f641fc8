/**
 * The application's `HttpClient` for the engine.
 */
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as HttpBody from "@effect/platform/HttpBody"
import * as HttpClient from "@effect/platform/HttpClient"
import type * as HttpClientError from "@effect/platform/HttpClientError"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import type * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import * as Chunk from "effect/Chunk"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { pipe } from "effect/Function"
import * as Option from "effect/Option"
import * as Runtime from "effect/Runtime"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type { Caller } from "./caller.ts"
import type * as Boundary from "./engine/boundary.ts"
import { toTask } from "./task.ts"
import { spanOf } from "./tracer.ts"

type Client = HttpClient.HttpClient.With<HttpClientError.HttpClientError, Scope.Scope>

/** The application's client, set up once for a layer. */
export const setUp = (client: HttpClient.HttpClient): Client =>
  // The engine sends trace headers, if they are wanted. `fetch` would follow a redirect, and repeat the credentials.
  HttpClient.withTracerPropagation(HttpClient.withScope(client), false).pipe(
    HttpClient.transformResponse(
      Effect.mapInputContext((context: Context.Context<Scope.Scope>) =>
        Context.add(context, FetchHttpClient.RequestInit, {
          ...Option.getOrUndefined(Context.getOption(context, FetchHttpClient.RequestInit)),
          redirect: "manual",
        }),
      ),
    ),
  )

const requestOf = ({ body, headers, method, url }: Boundary.Request) => {
  const request = HttpClientRequest.make(method)(url, { headers })
  return body === undefined
    ? request
    : HttpClientRequest.setBody(request, HttpBody.uint8Array(body, headers["content-type"]))
}

/** What the engine may know of a failure. The error itself holds the request, and so the credential. */
const plainError = (error: HttpClientError.HttpClientError): Boundary.SendError => ({
  refused: error.reason === "Encode" || error.reason === "InvalidUrl",
  description: error.description,
  cause: error.cause,
})

const isEmptyBody = (error: HttpClientError.HttpClientError) => error.reason === "EmptyBody"

/** Pulls a body to its end, and then releases what reads it. */
const pullOf = (response: HttpClientResponse.HttpClientResponse, scope: Scope.CloseableScope) =>
  Effect.map(Scope.extend(Stream.toPull(response.stream), scope), (pull) =>
    pull.pipe(
      Effect.map((chunk): ReadonlyArray<Uint8Array> | undefined => Chunk.toReadonlyArray(chunk)),
      Effect.catchAll((end) =>
        Option.isNone(end) || isEmptyBody(end.value)
          ? Effect.as(Scope.close(scope, Exit.void), undefined)
          : Effect.fail(end.value.cause),
      ),
    ),
  )

const send = Effect.fnUntraced(function* (
  client: Client,
  runtime: Runtime.Runtime<never>,
  request: Boundary.Request,
  signal: AbortSignal,
): Effect.fn.Return<Boundary.Response, Boundary.SendError> {
  const connection = yield* Scope.make()
  const reading = yield* Scope.make()
  const giveUp = Effect.zipRight(Scope.close(reading, Exit.void), Scope.close(connection, Exit.void))
  signal.addEventListener("abort", () => Runtime.runFork(runtime)(giveUp), { once: true })
  const response = yield* pipe(
    client.execute(requestOf(request)),
    Effect.provideService(Scope.Scope, connection),
    Effect.mapError(plainError),
  )
  const { headers, status } = response
  const pull = yield* pullOf(response, reading)
  return { status, headers: { ...headers }, pull: toTask(runtime)(pull) }
})

/** A caller that sends its requests through the application's client, in its own context. */
export const withClient = (caller: Caller, client: Client): Boundary.HttpCaller => ({
  clock: caller.clock,
  policy: caller.policy,
  tracer: caller.tracer,
  send: (request, signal, within) => {
    const span = spanOf(within)
    const sent = send(client, caller.runtime, request, signal)
    return toTask(caller.runtime)(span === undefined ? sent : Effect.withParentSpan(sent, span))
  },
})
