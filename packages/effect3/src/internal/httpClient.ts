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
import { constTrue } from "effect/Function"
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

/** Bytes up to which the body of a list is read with its head. A stream of Effect 3 costs as much as the request. */
const shortBody = 65_536

/**
 * The engine judges errors and answers to writes by their head, before their body has come. An encoded body can be longer
 * than its length says, and a body in chunks does not end there.
 */
const isShortList = (method: Boundary.Request["method"], status: number, headers: Boundary.Response["headers"]) =>
  method === "GET" &&
  status >= 200 &&
  status < 300 &&
  Number(headers["content-length"] || Infinity) <= shortBody &&
  headers["content-encoding"] === undefined &&
  headers["transfer-encoding"] === undefined

/** Sends a request, and reads the body of its answer at once, or else by a task until the connection is given up. */
const send = (
  client: Client,
  request: Boundary.Request,
  connection: Scope.Scope,
  runtime: Runtime.Runtime<Scope.Scope>,
): Effect.Effect<Boundary.Response, Boundary.SendError, Scope.Scope> =>
  Effect.matchEffect(client.execute(requestOf(request)), {
    onFailure: (error) => Effect.fail(plainError(error)),
    onSuccess: (response) => {
      // The clients of `@effect/platform` make the headers anew each time they are read.
      const { headers, status } = response
      const answer = (body: Boundary.ResponseBody): Boundary.Response => ({ status, headers: { ...headers }, body })
      return isShortList(request.method, status, headers)
        ? Effect.match(response.arrayBuffer, {
            onFailure: () => answer({ _tag: "Whole", bytes: undefined }),
            onSuccess: (buffer) => answer({ _tag: "Whole", bytes: new Uint8Array(buffer) }),
          })
        : Effect.flatMap(Scope.fork(connection, ExecutionStrategy.sequential), (reading) =>
            Effect.map(pullOf(response, reading), (pull) => answer({ _tag: "Chunks", pull: toTask(runtime)(pull) })),
          )
    },
  })

/** The engine sends trace headers, if they are wanted. */
const noPropagation = [HttpClient.currentTracerPropagation, [[FiberId.none, false]]] as const

/**
 * The engine makes the span of a request. That of the client would show cursors, and headers with whatever a server put into
 * them. An application that sets the reference, or makes its client with `HttpClient.withTracerDisabledWhen`, has its way.
 */
const noSpan = [HttpClient.currentTracerDisabledWhen, [[FiberId.none, constTrue]]] as const

/** The runtime of a caller for one request. It costs less than `Effect.provideService` around the request for each of its parts. */
const runtimeOf = (
  { context, fiberRefs, runtimeFlags }: Runtime.Runtime<never>,
  connection: Scope.Scope,
  span: Tracer.AnySpan | undefined,
): Runtime.Runtime<Scope.Scope> => {
  const tracing = FiberRefs.get(fiberRefs, HttpClient.currentTracerDisabledWhen)
  const init = Option.getOrUndefined(Context.getOption(context, FetchHttpClient.RequestInit))
  // `fetch` would follow a redirect, and repeat the credentials.
  const own = Context.make(FetchHttpClient.RequestInit, { ...init, redirect: "manual" }).pipe(
    Context.add(Scope.Scope, connection),
  )
  return Runtime.make({
    context: Context.merge(context, span === undefined ? own : Context.add(own, Tracer.ParentSpan, span)),
    fiberRefs: FiberRefs.updateManyAs(fiberRefs, {
      entries: Option.isNone(tracing) ? [noPropagation, noSpan] : [noPropagation],
    }),
    runtimeFlags,
  })
}

/** A caller that sends its requests through the application's client, in its own context. */
export const withClient = ({ clock, overrides, runtime, tracer }: Caller, client: Client): Boundary.HttpCaller => ({
  clock,
  overrides,
  tracer,
  send: (request, within) => {
    const connection = Effect.runSync(Scope.make())
    const requests = runtimeOf(runtime, connection, spanOf(within))
    return {
      answer: toTask(requests)(send(client, request, connection, requests)),
      close: () => {
        Runtime.runFork(runtime)(Scope.close(connection, Exit.void))
      },
    }
  },
})
