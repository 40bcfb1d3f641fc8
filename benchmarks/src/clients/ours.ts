/**
 * The client of this repository, as the README shows it: undici, basic credentials, the default policy.
 */
import { Participants } from "@effect-sunco/core"
import { Credentials, ParticipantsHttp } from "@effect-sunco/http"
import { NodeHttpClient } from "@effect/platform-node"
import { Effect, Layer, ManagedRuntime, Redacted } from "effect"
import { conversation } from "../support/body.ts"
import { addUp, type Client, credentials, type Options } from "./client.ts"
import { addUpFibers } from "./fibers.ts"

const start = async ({ baseUrl, size }: Options) => {
  const { keyId, secret } = credentials
  const runtime = ManagedRuntime.make(
    ParticipantsHttp.layer({ baseUrl, credentials: Credentials.basic({ keyId, secret: Redacted.make(secret) }) }).pipe(
      Layer.provide(NodeHttpClient.layerUndici),
    ),
  )
  const { list } = await runtime.runPromise(Participants.Participants)
  const once = Effect.map(list({ ...conversation, page: { size } }), ({ participants }) => participants.length)
  return { once, close: () => runtime.dispose() }
}

/** All calls in one fiber, or one for each that runs at once. */
export const make = async (options: Options): Promise<Client> => {
  const { close, once } = await start(options)
  return {
    list: (times, concurrency = 1) => Effect.runPromise(addUpFibers(times, concurrency, once)),
    close,
  }
}

/** Each call by a `runPromise` of its own. */
export const makeRunPromise = async (options: Options): Promise<Client> => {
  const { close, once } = await start(options)
  return {
    list: (times, concurrency = 1) => addUp(times, concurrency, () => Effect.runPromise(once)),
    close,
  }
}
