/**
 * The local API on a free port of this machine.
 */
import { createServer } from "node:http"
import { NodeHttpServer } from "@effect/platform-node"
import * as Effect from "effect/Effect"
import * as HttpServer from "effect/http/HttpServer"
import * as Layer from "effect/Layer"
import { LocalApi, type Sandbox } from "@effect-sunco/testing"

const options = {
  port: 0,
  host: "127.0.0.1",
  // Deno keeps a connection of its `fetch` open after a larger body, and the server would wait 20 seconds for it.
  gracefulShutdownTimeout: "1 second",
} as const

export const localServer = (seed: Sandbox.Seed): Layer.Layer<Sandbox.Sandbox | HttpServer.HttpServer> =>
  LocalApi.layerServer(seed).pipe(Layer.provideMerge(Layer.orDie(NodeHttpServer.layer(createServer, options))))

/** Where it listens. */
export const baseUrl: Effect.Effect<string, never, HttpServer.HttpServer> = Effect.map(
  HttpServer.HttpServer,
  ({ address }) => `http://127.0.0.1:${"port" in address ? address.port : 0}`,
)
