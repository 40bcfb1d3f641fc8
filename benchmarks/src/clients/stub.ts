/**
 * The client of this repository over an HTTP client without a socket.
 */
import { Participants } from "@effect-sunco/core"
import { Credentials, type Limits, ParticipantsHttp } from "@effect-sunco/http"
import { Effect, Layer, ManagedRuntime, Redacted } from "effect"
import { HttpClient, HttpClientResponse } from "effect/http"
import { conversation, page } from "../support/body.ts"
import { type Client, credentials, type Options } from "./client.ts"
import { addUpFibers } from "./fibers.ts"

/** An HTTP client that answers each request with a page. */
const stubOf = (size: number) => {
  const body = page(size)
  return HttpClient.make((request) =>
    Effect.sync(() =>
      HttpClientResponse.fromWeb(request, new Response(body, { headers: { "content-type": "application/json" } })),
    ),
  )
}

export const layer = ({ baseUrl, size }: Options, limits: Limits.Limits = {}) => {
  const { keyId, secret } = credentials
  return ParticipantsHttp.layer({
    baseUrl,
    credentials: Credentials.basic({ keyId, secret: Redacted.make(secret) }),
    limits,
  }).pipe(Layer.provide(Layer.succeed(HttpClient.HttpClient, stubOf(size))))
}

export const make = async (options: Options): Promise<Client> => {
  const { size } = options
  const runtime = ManagedRuntime.make(layer(options))
  const { list } = await runtime.runPromise(Participants.Participants)
  const once = Effect.map(list({ ...conversation, page: { size } }), ({ participants }) => participants.length)
  return {
    list: (times, concurrency = 1) => Effect.runPromise(addUpFibers(times, concurrency, once)),
    close: () => runtime.dispose(),
  }
}
