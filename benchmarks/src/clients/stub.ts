/**
 * The client of this repository over an HTTP client without a socket.
 */
import { Participants } from "@effect-sunco/core"
import { Credentials, type Limits, ParticipantsHttp } from "@effect-sunco/http"
import { Effect, Layer, ManagedRuntime, Redacted, Stream } from "effect"
import { HttpClient, HttpClientRequest, HttpClientResponse } from "effect/http"
import { conversation, page } from "../support/body.ts"
import { type Client, credentials, type Options } from "./client.ts"
import { addUpFibers } from "./fibers.ts"

/**
 * An HTTP client that answers each request with the same response, whose body can be read again. Making a web response
 * costs more than the rest of a list, and most of that is garbage collection at times of its own.
 */
const stubOf = (size: number) => {
  const body = new TextEncoder().encode(page(size))
  const web = new Response(body, { headers: { "content-type": "application/json" } })
  const response = HttpClientResponse.fromWeb(HttpClientRequest.empty, web)
  Object.defineProperties(response, {
    status: { value: response.status },
    headers: { value: response.headers },
    stream: { value: Stream.succeed(body) },
  })
  return HttpClient.make(() => Effect.succeed(response))
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
