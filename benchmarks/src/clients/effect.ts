/**
 * An Effect `HttpClient` over undici as it comes: traced, the body as text, `JSON.parse`, no decoding.
 */
import { NodeHttpClient } from "@effect/platform-node"
import { Effect, ManagedRuntime } from "effect"
import { HttpClient } from "effect/http"
import { conversation } from "../support/body.ts"
import { addUp, authorization, type Client, countOf, listUrl, type Options } from "./client.ts"
import { addUpFibers } from "./fibers.ts"

const listWith =
  ({ baseUrl, size }: Options) =>
  (client: HttpClient.HttpClient) => {
    const url = listUrl(baseUrl, conversation, size)
    const headers = { authorization, accept: "application/json" }
    return Effect.gen(function* () {
      const response = yield* client.get(url, { headers })
      const text = yield* response.text
      if (response.status !== 200) return yield* Effect.die(new Error(`status ${response.status}`))
      return countOf(JSON.parse(text))
    })
  }

/** All calls in one fiber, or one for each that runs at once. */
export const make = async (options: Options): Promise<Client> => {
  const runtime = ManagedRuntime.make(NodeHttpClient.layerUndici)
  const once = await runtime.runPromise(Effect.map(HttpClient.HttpClient, listWith(options)))
  return {
    list: (times, concurrency = 1) => Effect.runPromise(addUpFibers(times, concurrency, once)),
    close: () => runtime.dispose(),
  }
}

/** Each call by a `runPromise` of its own. */
export const makeRunPromise = async (options: Options): Promise<Client> => {
  const runtime = ManagedRuntime.make(NodeHttpClient.layerUndici)
  const once = await runtime.runPromise(Effect.map(HttpClient.HttpClient, listWith(options)))
  return {
    list: (times, concurrency = 1) => addUp(times, concurrency, () => Effect.runPromise(once)),
    close: () => runtime.dispose(),
  }
}
