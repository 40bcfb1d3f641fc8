/**
 * The client of this repository, as the README shows it: undici, basic credentials, the default policy.
 */
import { Participants } from "@effect-sunco/core"
import { Credentials, ParticipantsHttp } from "@effect-sunco/http"
import { NodeHttpClient } from "@effect/platform-node"
import { Effect, Layer, ManagedRuntime, Redacted } from "effect"
import { FetchHttpClient, type HttpClient } from "effect/http"
import { conversation } from "../support/body.ts"
import { addUp, type Client, credentials, type Options } from "./client.ts"
import { addUpFibers } from "./fibers.ts"

const start = async (
  { baseUrl, size }: Options,
  transport: Layer.Layer<HttpClient.HttpClient> = NodeHttpClient.layerUndici,
) => {
  const { keyId, secret } = credentials
  const runtime = ManagedRuntime.make(
    ParticipantsHttp.layer({ baseUrl, credentials: Credentials.basic({ keyId, secret: Redacted.make(secret) }) }).pipe(
      Layer.provide(transport),
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

const byRunPromise = ({ close, once }: Awaited<ReturnType<typeof start>>): Client => ({
  list: (times, concurrency = 1) => addUp(times, concurrency, () => Effect.runPromise(once)),
  close,
})

/** Each call by a `runPromise` of its own. */
export const makeRunPromise = async (options: Options): Promise<Client> => byRunPromise(await start(options))

/** The same over `fetch`. */
export const makeFetch = async (options: Options): Promise<Client> =>
  byRunPromise(await start(options, FetchHttpClient.layer))
