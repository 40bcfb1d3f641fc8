/**
 * An `HttpClient` of Effect 3 from a function, and the layer of the service over it.
 */
import { HttpClient, HttpClientResponse, type HttpClientError, type HttpClientRequest } from "@effect/platform"
import { Credentials, ParticipantsHttp } from "@effect-sunco/effect3"
import { Effect, Layer, Redacted } from "effect"
import { identity } from "effect/Function"

export const conversation = { appId: "app", conversationId: "conversation" }

export const key = { keyId: "app_key", secret: Redacted.make("a-secret-that-shows-nowhere") }

export const json = (status: number, body: unknown, headers: Record<string, string> = {}) =>
  new Response(JSON.stringify(body), { status, headers: { "content-type": "application/json", ...headers } })

export const ada = { id: "c93bb9c14dde8ffb94564eae", userId: "42589ad070d43be9b00ff7e5" }

export const onePage = () => json(200, { participants: [ada], meta: { hasMore: false } })

export type Answer = (
  request: HttpClientRequest.HttpClientRequest,
  signal: AbortSignal,
) => Effect.Effect<Response, HttpClientError.HttpClientError>

const clientOf = (answer: Answer) =>
  HttpClient.make((request, _url, signal) =>
    Effect.map(answer(request, signal), (response) => HttpClientResponse.fromWeb(request, response)),
  )

export const over = (
  answer: Answer,
  options: Partial<ParticipantsHttp.Options> = {},
  transform: (client: HttpClient.HttpClient) => HttpClient.HttpClient = identity,
) =>
  ParticipantsHttp.layer({ credentials: Credentials.basic(key), ...options }).pipe(
    Layer.provide(Layer.succeed(HttpClient.HttpClient, transform(clientOf(answer)))),
    Layer.orDie,
  )
