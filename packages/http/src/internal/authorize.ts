/**
 * Puts the credential on each request, and sends a request once more after a 401 where there can be another credential.
 */
import * as Effect from "effect/Effect"
import * as HttpApiMiddleware from "effect/http-api/HttpApiMiddleware"
import * as HttpClientError from "effect/http/HttpClientError"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import * as Redacted from "effect/Redacted"
import { ParticipantsApi, type SunshineError } from "@effect-sunco/core"
import type { Credentials } from "../Credentials.ts"
import * as Attempt from "./attempt.ts"
import { CredentialFailure } from "./transport.ts"

type Documented = SunshineError.BadRequest | SunshineError.NotFound

export const authorize = (credentials: Credentials) =>
  Effect.map(credentials.open, (authorization) => ({
    /** Puts the credential on the request, and notes it in the attempt. */
    middleware: HttpApiMiddleware.layerClient(
      ParticipantsApi.Authorization,
      Effect.fnUntraced(function* ({ next, request }) {
        const attempt = yield* Attempt.Attempt
        const header = yield* Effect.mapError(
          authorization.current,
          (cause) =>
            new HttpClientError.HttpClientError({
              reason: new HttpClientError.TransportError({ request, cause: new CredentialFailure({ cause }) }),
            }),
        )
        attempt.sent = true
        attempt.authorization = header
        return yield* next(HttpClientRequest.setHeader(request, "authorization", Redacted.value(header)))
      }),
    ),

    /** Runs a request of the attempt, and once more with another credential if it was refused with a 401. */
    renewing: <A, E extends Documented>(
      attempt: Attempt.Attempt,
      request: Effect.Effect<A, E | SunshineError.SunshineError>,
    ): Effect.Effect<A, E | SunshineError.SunshineError> =>
      Effect.catch(request, (error) => {
        const refused = error._tag === "SunshineError" && error.reason._tag === "Unauthorized"
        if (!refused || attempt.authorization === undefined || !authorization.forget(attempt.authorization)) {
          return Effect.fail(error)
        }
        // The API has not acted on a request that it refused, so nothing has been sent that could matter.
        attempt.sent = false
        return request
      }),
  }))
