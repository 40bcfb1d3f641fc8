/**
 * The participants API on this machine: a server from the contract, over a sandbox.
 *
 * It checks requests as the vendor's document describes, and follows the rules of the `Sandbox`. The real HTTP layer runs
 * against it, in process with {@link layerHttpClient}, or over sockets with {@link layerServer}.
 *
 * It serves `/v2` as the vendor's own hosts do, and `/sc/v2` as the hosts of Zendesk customers do.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientError from "effect/http/HttpClientError"
import * as HttpServer from "effect/http/HttpServer"
import * as HttpServerRequest from "effect/http/HttpServerRequest"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as Layer from "effect/Layer"
import { destroyConnection, withFaults } from "./internal/faults/wire.ts"
import { respond } from "./internal/server/respond.ts"
import * as Sandbox from "./Sandbox.ts"

/** The whole API, with its faults. */
const Application = Effect.map(Sandbox.Sandbox, (sandbox) => withFaults(sandbox, respond(sandbox)))

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
    Effect.map(Application, (app) =>
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
  ).pipe(Layer.provideMerge(Sandbox.layer(seed)))

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
    Effect.map(Application, (app) =>
      // A server runs its handler uninterruptibly; a fault that waits has to end with its connection.
      HttpServer.serve(Effect.interruptible(Effect.catchTag(app, "ConnectionFailure", () => destroyConnection))),
    ),
  ).pipe(Layer.provideMerge(Sandbox.layer(seed)))
