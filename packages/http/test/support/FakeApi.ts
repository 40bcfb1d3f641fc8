/**
 * An HTTP client that answers in process and remembers what it was asked.
 */
import { Effect } from "effect"
import { HttpClient, type HttpClientError, type HttpClientRequest, HttpClientResponse } from "effect/http"

export interface FakeRequest {
  readonly request: HttpClientRequest.HttpClientRequest
  readonly url: URL
  readonly signal: AbortSignal
}

export interface FakeApi {
  readonly client: HttpClient.HttpClient
  readonly requests: ReadonlyArray<FakeRequest>
  /** The authorization header of each request, in order. */
  readonly authorizations: () => ReadonlyArray<string | undefined>
}

export type Handler = (
  request: FakeRequest,
  index: number,
) => Response | Effect.Effect<Response, HttpClientError.HttpClientError>

export const make = (handler: Handler): FakeApi => {
  const requests: Array<FakeRequest> = []
  return {
    requests,
    authorizations: () => requests.map(({ request }) => request.headers["authorization"]),
    client: HttpClient.make((request, url, signal) => {
      const seen = { request, url, signal }
      requests.push(seen)
      const answer = handler(seen, requests.length - 1)
      return Effect.map(Effect.isEffect(answer) ? answer : Effect.succeed(answer), (response) =>
        HttpClientResponse.fromWeb(request, response),
      )
    }),
  }
}

/** A good answer to the request, whichever of the three operations it is. */
export const good = ({ url }: { readonly url: URL }): Response =>
  url.pathname.endsWith("/join")
    ? Response.json({ participant: { id: "participant", userId: "user" } }, { status: 201 })
    : url.pathname.endsWith("/leave")
      ? Response.json({})
      : Response.json({ participants: [] })
