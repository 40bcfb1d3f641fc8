/**
 * The local API on a real port.
 */
import { NodeHttpServer } from "@effect/platform-node"
import { LocalApi, type Sandbox } from "@effect-sunco/testing"
import * as Effect from "effect/Effect"
import * as HttpServer from "effect/http/HttpServer"
import * as Layer from "effect/Layer"
import * as ManagedRuntime from "effect/ManagedRuntime"
import { createServer } from "node:http"

export const serve = (seed: Sandbox.Seed) => {
  const server = ManagedRuntime.make(
    LocalApi.layerServer(seed).pipe(
      Layer.provideMerge(NodeHttpServer.layer(createServer, { host: "127.0.0.1", port: 0 })),
    ),
  )
  return {
    address: () =>
      server.runPromise(Effect.map(HttpServer.HttpServer, ({ address }) => HttpServer.formatAddress(address))),
    stop: () => server.dispose(),
  }
}
