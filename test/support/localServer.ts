/**
 * The local API on a free port of this machine.
 */
import { createServer } from "node:http"
import { NodeHttpServer } from "@effect/platform-node"
import * as Effect from "effect/Effect"
import * as HttpServer from "effect/http/HttpServer"
import * as Layer from "effect/Layer"
import { LocalApi, type Sandbox } from "@effect-sunco/testing"

export const localServer = (seed: Sandbox.Seed): Layer.Layer<Sandbox.Sandbox | HttpServer.HttpServer> =>
  LocalApi.layerServer(seed).pipe(
    Layer.provideMerge(Layer.orDie(NodeHttpServer.layer(createServer, { port: 0, host: "127.0.0.1" }))),
  )

/** Where it listens. */
export const baseUrl: Effect.Effect<string, never, HttpServer.HttpServer> = Effect.map(
  HttpServer.HttpServer,
  ({ address }) => `http://127.0.0.1:${"port" in address ? address.port : 0}`,
)
