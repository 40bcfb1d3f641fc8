/**
 * The participants API on this machine: a server from the contract, over a sandbox.
 *
 * It checks credentials (401, 403), requests (400), and follows the rules of the `Sandbox`. The real HTTP layer runs
 * against it, in process with {@link layerHttpClient}, or over sockets with {@link layerServer}.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as HttpApiBuilder from "effect/http-api/HttpApiBuilder"
import * as HttpApiMiddleware from "effect/http-api/HttpApiMiddleware"
import * as HttpApiSecurity from "effect/http-api/HttpApiSecurity"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientError from "effect/http/HttpClientError"
import * as HttpRouter from "effect/http/HttpRouter"
import * as HttpServer from "effect/http/HttpServer"
import * as HttpServerRespondable from "effect/http/HttpServerRespondable"
import * as HttpServerRequest from "effect/http/HttpServerRequest"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import type * as Types from "effect/Types"
import * as ParticipantsApi from "@effect-sunco/core/ParticipantsApi"
import * as Credentials from "./internal/credentials.ts"
import { destroyConnection, withFaults } from "./internal/faults/wire.ts"
import * as Sandbox from "./Sandbox.ts"

// ---------------------------------------------------------------------------
// Server
// ---------------------------------------------------------------------------

/** A request that does not fit the contract is answered with the vendor's error body. */
class RequestError extends Schema.Error<RequestError>("@effect-sunco/testing/RequestError")(
  ParticipantsApi.ErrorBody.fields,
  { httpApiStatus: 400 },
) {}

class RequestCheck extends HttpApiMiddleware.Service<RequestCheck>()("@effect-sunco/testing/RequestCheck", {
  error: RequestError,
}) {}

const Api = ParticipantsApi.ParticipantsApi.middleware(RequestCheck)

const RequestCheckLive = HttpApiMiddleware.layerSchemaErrorTransform(RequestCheck, ({ cause }) =>
  Effect.fail(new RequestError({ errors: [{ code: "bad_request", title: cause.message }] })),
)

const answer = (status: number, code: string, title: string) =>
  HttpServerResponse.jsonUnsafe({ errors: [{ code, title }] }, { status })

/** Lets a request pass if its credential is good and reaches the app. */
const AuthorizationLive = Layer.effect(
  ParticipantsApi.Authorization,
  Effect.map(Sandbox.Sandbox, ({ credentials }) => {
    const credential = Effect.gen(function* () {
      const basic = yield* HttpApiBuilder.securityDecode(HttpApiSecurity.basic)
      if (basic.username !== "") return Credentials.fromBasic(credentials, basic)
      return yield* Credentials.fromBearer(credentials, yield* HttpApiBuilder.securityDecode(HttpApiSecurity.bearer))
    })
    const guard = Effect.fnUntraced(function* <R>(
      httpEffect: Effect.Effect<HttpServerResponse.HttpServerResponse, Types.unhandled, R>,
    ) {
      const found = yield* credential
      if (found === undefined) return answer(401, "unauthorized", "Authorization is required")
      const { params } = yield* HttpRouter.RouteContext
      return found.appId === undefined || found.appId === params["appId"]
        ? yield* httpEffect
        : answer(403, "forbidden", "The credential does not reach this app")
    })
    // One scheme is tried after the other, until one does not fail; the guard looks at both.
    return ParticipantsApi.Authorization.of({ basicAuth: guard, bearerAuth: guard })
  }),
)

const Handlers = HttpApiBuilder.group(
  Api,
  "participants",
  Effect.fnUntraced(function* (handlers) {
    const sandbox = yield* Sandbox.Sandbox
    return handlers.handleAll({
      join: ({ params, payload }) =>
        Effect.map(sandbox.join({ ...params, ...payload }), (participant) => ({ participant })),
      leave: ({ params, payload }) =>
        sandbox.leave({ ...params, ...payload }).pipe(
          // The contract has no 400 for a leave, since the vendor documents none.
          Effect.catchTag("BadRequest", ({ errors }) => Effect.fail(new RequestError({ errors }))),
          Effect.as({}),
        ),
      list: ({ params, query }) =>
        sandbox.list({
          ...params,
          after: query["page[after]"],
          before: query["page[before]"],
          size: query["page[size]"],
        }),
    })
  }),
)

/** Everything else is 404, with the vendor's error body. */
const NotFoundRoute = HttpRouter.add("*", "*", Effect.succeed(answer(404, "not_found", "Resource not found")))

const Routes = Layer.merge(HttpApiBuilder.layer(Api), NotFoundRoute).pipe(
  Layer.provide(Handlers),
  Layer.provide([AuthorizationLive, RequestCheckLive]),
)

/** The whole API, with its faults. */
const Application = Effect.gen(function* () {
  const app = yield* HttpRouter.toHttpEffect(Routes)
  const sandbox = yield* Sandbox.Sandbox
  return { app: withFaults(sandbox, Effect.catch(app, HttpServerRespondable.toResponse)) }
})

// ---------------------------------------------------------------------------
// Layers
// ---------------------------------------------------------------------------

/**
 * An `HttpClient` that answers from a sandbox in this process: the real HTTP layer runs against it with no port, and with
 * the clock of the test. {@link Sandbox.demoSeed} if no seed is named.
 *
 * The layer provides the `Sandbox` too, so that a test can look at it and change it. Any host is answered.
 *
 * **Example** (The HTTP layer without a port)
 *
 * ```ts
 * import { Participants } from "@effect-sunco/core"
 * import { Credentials, ParticipantsHttp } from "@effect-sunco/http"
 * import { LocalApi, Sandbox } from "@effect-sunco/testing"
 * import { Effect, Layer, Redacted } from "effect"
 * import * as assert from "node:assert"
 *
 * const { appId, conversationId, keyId, secret } = Sandbox.demo
 *
 * const Local = ParticipantsHttp.layer({
 *   credentials: Credentials.basic({ keyId, secret: Redacted.make(secret) }),
 * }).pipe(Layer.provide(LocalApi.layerHttpClient()))
 *
 * const program = Effect.gen(function* () {
 *   const participants = yield* Participants.Participants
 *   return yield* participants.list({ appId, conversationId, page: { size: 10 } })
 * })
 *
 * const page = await Effect.runPromise(program.pipe(Effect.provide(Local)))
 * assert.equal(page.participants.length, 10)
 * ```
 *
 * @category layers
 * @since 0.1.0
 */
export const layerHttpClient = (seed?: Sandbox.Seed): Layer.Layer<HttpClient.HttpClient | Sandbox.Sandbox> =>
  Layer.effect(
    HttpClient.HttpClient,
    Effect.map(Application, ({ app }) =>
      HttpClient.make((request) =>
        app.pipe(
          Effect.provideService(HttpServerRequest.HttpServerRequest, HttpServerRequest.fromClientRequest(request)),
          Effect.scoped,
          Effect.mapError((cause) => new HttpClientError.TransportError({ request, cause })),
          Effect.mapError((reason) => new HttpClientError.HttpClientError({ reason })),
          Effect.map((response) => HttpServerResponse.toClientResponse(response, { request })),
        ),
      ),
    ),
  ).pipe(Layer.provide(HttpServer.layerServices), Layer.provideMerge(Sandbox.layer(seed)))

/**
 * The same API on the port of the `HttpServer` that the caller provides, such as
 * `NodeHttpServer.layer(createServer, { port: 4010 })` of `@effect/platform-node`.
 *
 * The layer provides the `Sandbox` too.
 *
 * **Example** (On a free port)
 *
 * ```ts
 * import { Participants } from "@effect-sunco/core"
 * import { Credentials, ParticipantsHttp } from "@effect-sunco/http"
 * import { LocalApi, Sandbox } from "@effect-sunco/testing"
 * import { NodeHttpClient, NodeHttpServer } from "@effect/platform-node"
 * import { Effect, Layer, Redacted } from "effect"
 * import { HttpServer } from "effect/http"
 * import * as assert from "node:assert"
 * import { createServer } from "node:http"
 *
 * const { appId, conversationId, keyId, secret } = Sandbox.demo
 *
 * const Server = LocalApi.layerServer().pipe(
 *   Layer.provideMerge(NodeHttpServer.layer(createServer, { host: "127.0.0.1", port: 0 })),
 * )
 *
 * const ParticipantsLive = Layer.unwrap(
 *   Effect.map(HttpServer.HttpServer, ({ address }) =>
 *     ParticipantsHttp.layer({
 *       baseUrl: HttpServer.formatAddress(address),
 *       credentials: Credentials.basic({ keyId, secret: Redacted.make(secret) }),
 *     }),
 *   ),
 * ).pipe(Layer.provide([NodeHttpClient.layerUndici, Server]))
 *
 * const program = Effect.flatMap(Participants.Participants, ({ list }) => list({ appId, conversationId }))
 *
 * const page = await Effect.runPromise(program.pipe(Effect.provide(ParticipantsLive)))
 * assert.equal(page.participants.length, 25)
 * ```
 *
 * @category layers
 * @since 0.1.0
 */
export const layerServer = (seed?: Sandbox.Seed): Layer.Layer<Sandbox.Sandbox, never, HttpServer.HttpServer> =>
  Layer.unwrap(
    Effect.map(Application, ({ app }) =>
      // A server runs its handler uninterruptibly; a fault that waits has to end with its connection.
      HttpServer.serve(Effect.interruptible(Effect.catchTag(app, "ConnectionFailure", () => destroyConnection))),
    ),
  ).pipe(Layer.provide(HttpServer.layerServices), Layer.provideMerge(Sandbox.layer(seed)))
