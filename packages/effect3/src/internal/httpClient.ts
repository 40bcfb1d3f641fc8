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
import * as ExecutionStrategy from "effect/ExecutionStrategy"
import * as Exit from "effect/Exit"
import * as FiberId from "effect/FiberId"
import * as FiberRefs from "effect/FiberRefs"
import * as Option from "effect/Option"
import * as Runtime from "effect/Runtime"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as Tracer from "effect/Tracer"
import type { Caller } from "./caller.ts"
import type * as Boundary from "./engine/boundary.ts"
import { toTask } from "./task.ts"
import { spanOf } from "./tracer.ts"

export type Client = HttpClient.HttpClient.With<HttpClientError.HttpClientError, Scope.Scope>

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

/** Bytes up to which the body of a success is read with its head. A stream of Effect 3 costs as much as the request. */
const shortBody = 65_536

/**
 * An error is judged before its body has come. An encoded body can be longer than its length says, and a body in chunks does
 * not end there.
 */
const isShortSuccess = ({ headers, status }: HttpClientResponse.HttpClientResponse) =>
  status >= 200 &&
  status < 300 &&
  Number(headers["content-length"] || Infinity) <= shortBody &&
  headers["content-encoding"] === undefined &&
  headers["transfer-encoding"] === undefined

const bodyOf = (
  response: HttpClientResponse.HttpClientResponse,
  connection: Scope.Scope,
  runtime: Runtime.Runtime<never>,
): Effect.Effect<Boundary.ResponseBody> =>
  isShortSuccess(response)
    ? Effect.match(response.arrayBuffer, {
        onFailure: () => ({ _tag: "Whole", bytes: undefined }),
        onSuccess: (buffer) => ({ _tag: "Whole", bytes: new Uint8Array(buffer) }),
      })
    : Effect.flatMap(Scope.fork(connection, ExecutionStrategy.sequential), (reading) =>
        Effect.map(pullOf(response, reading), (pull) => ({ _tag: "Chunks", pull: toTask(runtime)(pull) })),
      )

const send = (
  client: Client,
  runtime: Runtime.Runtime<never>,
  request: Boundary.Request,
  signal: AbortSignal,
): Effect.Effect<Boundary.Response, Boundary.SendError> =>
  Effect.flatMap(Scope.make(), (connection) => {
    signal.addEventListener("abort", () => Runtime.runFork(runtime)(Scope.close(connection, Exit.void)), { once: true })
    return Effect.matchEffect(Effect.provideService(client.execute(requestOf(request)), Scope.Scope, connection), {
      onFailure: (error) => Effect.fail(plainError(error)),
      onSuccess: (response) =>
        Effect.map(bodyOf(response, connection, runtime), (body) => ({
          status: response.status,
          headers: { ...response.headers },
          body,
        })),
    })
  })

/** The runtime of a caller for its requests. */
const runtimeWithin = (
  { context, fiberRefs, runtimeFlags }: Runtime.Runtime<never>,
  span: Tracer.AnySpan | undefined,
): Runtime.Runtime<never> => {
  const init = Context.getOption(context, FetchHttpClient.RequestInit)
  // `fetch` would follow a redirect, and repeat the credentials.
  const unredirected = Context.make(FetchHttpClient.RequestInit, {
    ...Option.getOrUndefined(init),
    redirect: "manual",
  })
  return Runtime.make({
    context: Context.merge(
      context,
      span === undefined ? unredirected : Context.add(unredirected, Tracer.ParentSpan, span),
    ),
    // The engine sends trace headers, if they are wanted.
    fiberRefs: FiberRefs.updateAs(fiberRefs, {
      fiberId: FiberId.none,
      fiberRef: HttpClient.currentTracerPropagation,
      value: false,
    }),
    runtimeFlags,
  })
}

/** A caller that sends its requests through the application's client, in its own context. */
export const withClient = ({ clock, policy, runtime, tracer }: Caller, client: Client): Boundary.HttpCaller => ({
  clock,
  policy,
  tracer,
  send: (request, signal, within) => {
    const requests = runtimeWithin(runtime, spanOf(within))
    return toTask(requests)(send(client, requests, request, signal))
  },
})
