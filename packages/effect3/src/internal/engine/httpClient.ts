/**
 * The HTTP client of the caller as an `HttpClient` of Effect 4.
 */
import * as Context from "effect4/Context"
import * as Effect from "effect4/Effect"
import * as HttpClient from "effect4/http/HttpClient"
import * as HttpClientError from "effect4/http/HttpClientError"
import type * as HttpClientRequest from "effect4/http/HttpClientRequest"
import type * as HttpClientResponse from "effect4/http/HttpClientResponse"
import * as HttpServerResponse from "effect4/http/HttpServerResponse"
import * as UrlParams from "effect4/http/UrlParams"
import * as Scope from "effect4/Scope"
import * as Stream from "effect4/Stream"
import * as Cause from "effect4/Cause"
import { isReadonlyArrayNonEmpty } from "effect4/Array"
import type { Request, Response, SendError, Task } from "./boundary.ts"
import { Http } from "./caller.ts"
import { fromTask } from "./task.ts"
import { callersSpan } from "./tracer.ts"

const requestOf = ({ body, headers, method, url, urlParams }: HttpClientRequest.HttpClientRequest): Request => {
  const query = UrlParams.toString(urlParams)
  return {
    method: method === "POST" ? method : "GET",
    url: query === "" ? url : `${url}?${query}`,
    headers: { ...headers },
    // A body of the engine is JSON, which is bytes.
    body: body._tag === "Uint8Array" ? body.body : undefined,
  }
}

const streamOf = (pull: Task<ReadonlyArray<Uint8Array> | undefined, unknown>) =>
  Stream.fromPull(
    Effect.succeed(
      Effect.flatMap(fromTask(pull), (chunks) =>
        chunks === undefined
          ? Cause.done()
          : isReadonlyArrayNonEmpty(chunks)
            ? Effect.succeed(chunks)
            : Effect.succeed([new Uint8Array()] as const),
      ),
    ),
  )

const responseOf = (
  request: HttpClientRequest.HttpClientRequest,
  { body, headers, status }: Response,
): HttpClientResponse.HttpClientResponse => {
  const options = { status, headers }
  const made =
    body._tag === "Chunks"
      ? HttpServerResponse.stream(streamOf(body.pull), options)
      : body.bytes === undefined
        ? HttpServerResponse.stream(Stream.fail(undefined), options)
        : HttpServerResponse.uint8Array(body.bytes, options)
  // A body gets a content type, which the server may not have named.
  const answer = "content-type" in headers ? made : HttpServerResponse.removeHeader(made, "content-type")
  return HttpServerResponse.toClientResponse(answer, { request })
}

const errorOf = (request: HttpClientRequest.HttpClientRequest, { cause, description, refused }: SendError) => {
  const fields = { request, cause, ...(description === undefined ? {} : { description }) }
  return new HttpClientError.HttpClientError({
    reason: refused ? new HttpClientError.EncodeError(fields) : new HttpClientError.TransportError(fields),
  })
}

const execute = (request: HttpClientRequest.HttpClientRequest) =>
  Effect.withFiber(({ context }) => {
    const { answer, close } = Context.getUnsafe(context, Http).send(requestOf(request), callersSpan(context))
    return Scope.addFinalizer(Context.getUnsafe(context, Scope.Scope), Effect.sync(close)).pipe(
      Effect.andThen(fromTask(answer)),
      Effect.mapBoth({
        onSuccess: (response) => responseOf(request, response),
        onFailure: (error) => errorOf(request, error),
      }),
    )
  })

/**
 * The application's client parses the URL, ends its request when it is interrupted, and makes its own span, so
 * `HttpClient.make`, which does so, too, is not used.
 */
export const callersHttpClient: HttpClient.HttpClient = HttpClient.makeWith(
  (request: Effect.Effect<HttpClientRequest.HttpClientRequest>) => Effect.flatMap(request, execute),
  Effect.succeed,
)
