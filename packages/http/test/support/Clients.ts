/**
 * The HTTP clients that the library is used with.
 */
import { NodeHttpClient } from "@effect/platform-node"
import type { Layer } from "effect"
import { FetchHttpClient, type HttpClient } from "effect/http"

export type ClientName = "undici" | "node:http" | "fetch"

export const clients: ReadonlyArray<readonly [ClientName, Layer.Layer<HttpClient.HttpClient>]> = [
  ["undici", NodeHttpClient.layerUndici],
  ["node:http", NodeHttpClient.layerNodeHttp],
  ["fetch", FetchHttpClient.layer],
]
