/**
 * Puts the credential on each request, and once more after a 401 where there can be another one.
 */
import * as Effect from "effect/Effect"
import * as HttpApiMiddleware from "effect/http-api/HttpApiMiddleware"
import * as HttpClientError from "effect/http/HttpClientError"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import * as Redacted from "effect/Redacted"
import { ParticipantsApi } from "@effect-sunco/core"
import type { Credentials } from "../Credentials.ts"
import * as Attempt from "./attempt.ts"
import { CredentialFailure } from "./transport.ts"

export const authorize = (credentials: Credentials) =>
  Effect.map(credentials.open, (authorization) => {
    const failed = (request: HttpClientRequest.HttpClientRequest) => (cause: unknown) =>
      new HttpClientError.HttpClientError({
        reason: new HttpClientError.TransportError({ request, cause: new CredentialFailure({ cause }) }),
      })
    return HttpApiMiddleware.layerClient(
      ParticipantsApi.Authorization,
      Effect.fnUntraced(function* ({ next, request }) {
        const attempt = yield* Attempt.Attempt
        const send = (header: Redacted.Redacted) => {
          attempt.sent = true
          attempt.authorization = header
          return next(HttpClientRequest.setHeader(request, "authorization", Redacted.value(header)))
        }
        const header = yield* Effect.mapError(authorization.current, failed(request))
        const response = yield* send(header)
        if (response.status !== 401) return response
        const renewed = authorization.renewed(header)
        if (renewed === undefined) return response
        // The API has not acted on a request that it refused, so nothing has been sent that could matter.
        attempt.sent = false
        // Reading the refused answer lets go of its connection; one that does not end is not waited for.
        yield* response.text.pipe(Effect.timeout("1 second"), Effect.ignore)
        return yield* send(yield* Effect.mapError(renewed, failed(request)))
      }),
    )
  })
