/**
 * The same calls over `fetch`: core and http, each call by `Effect.runPromise`, and the Promise client.
 */
import { createClient, Credentials as ClientCredentials } from "@effect-sunco/client"
import { Participants } from "@effect-sunco/core"
import { Credentials, ParticipantsHttp } from "@effect-sunco/http"
import { Effect, Layer, ManagedRuntime, Redacted } from "effect"
import { FetchHttpClient } from "effect/http"
import { conversation } from "../support/body.ts"
import { addUp, type Client, credentials, type Options } from "./client.ts"

export const makeRunPromise = async ({ baseUrl, size }: Options): Promise<Client> => {
  const { keyId, secret } = credentials
  const runtime = ManagedRuntime.make(
    ParticipantsHttp.layer({ baseUrl, credentials: Credentials.basic({ keyId, secret: Redacted.make(secret) }) }).pipe(
      Layer.provide(FetchHttpClient.layer),
    ),
  )
  const { list } = await runtime.runPromise(Participants.Participants)
  const once = async () => (await Effect.runPromise(list({ ...conversation, page: { size } }))).participants.length
  return { list: (times, concurrency = 1) => addUp(times, concurrency, once), close: () => runtime.dispose() }
}

export const makeClient = async ({ baseUrl, size }: Options): Promise<Client> => {
  const { close, list } = createClient({ baseUrl, credentials: ClientCredentials.basic(credentials) })
  const once = async () => (await list({ ...conversation, page: { size } })).participants.length
  return { list: (times, concurrency = 1) => addUp(times, concurrency, once), close }
}
