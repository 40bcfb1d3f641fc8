/**
 * The client of this repository over an HTTP client without a socket.
 */
import { Participants } from "@effect-sunco/core"
import { Credentials, ParticipantsHttp } from "@effect-sunco/http"
import { Effect, Layer, ManagedRuntime, Redacted } from "effect"
import { HttpClient, HttpClientResponse } from "effect/http"
import { conversation, page } from "../support/body.ts"
import { type Client, credentials, type Options } from "./client.ts"
import { addUpFibers } from "./fibers.ts"

export const make = async ({ baseUrl, size }: Options): Promise<Client> => {
  const body = page(size)
  const StubClient = Layer.succeed(
    HttpClient.HttpClient,
    HttpClient.make((request) =>
      Effect.sync(() =>
        HttpClientResponse.fromWeb(request, new Response(body, { headers: { "content-type": "application/json" } })),
      ),
    ),
  )
  const { keyId, secret } = credentials
  const runtime = ManagedRuntime.make(
    ParticipantsHttp.layer({ baseUrl, credentials: Credentials.basic({ keyId, secret: Redacted.make(secret) }) }).pipe(
      Layer.provide(StubClient),
    ),
  )
  const { list } = await runtime.runPromise(Participants.Participants)
  const once = Effect.map(list({ ...conversation, page: { size } }), ({ participants }) => participants.length)
  return {
    list: (times, concurrency = 1) => Effect.runPromise(addUpFibers(times, concurrency, once)),
    close: () => runtime.dispose(),
  }
}
