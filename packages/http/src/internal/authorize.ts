/**
 * Has a credential ready before a request is sent, puts it on the request, and has the request sent once more after a 401
 * where there can be another credential.
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as HttpApiMiddleware from "effect/http-api/HttpApiMiddleware"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import * as Redacted from "effect/Redacted"
import { ParticipantsApi, type SunshineError } from "@effect-sunco/core"
import type { Credentials } from "../Credentials.ts"
import * as Attempt from "./attempt.ts"
import type { Policy } from "./policy.ts"
import { fromCredentialFailure } from "./transport.ts"

type Documented = SunshineError.BadRequest | SunshineError.NotFound

export const authorize = (credentials: Credentials) =>
  Effect.map(credentials.open, (authorization) => ({
    /** Gets the credential for the request of an attempt: a wait for it is no time in which the request could be sent. */
    prepare: (
      operation: SunshineError.Operation,
      policy: Policy,
      attempt: Attempt.Attempt,
    ): Effect.Effect<void, SunshineError.SunshineError> =>
      authorization.current.pipe(
        Effect.mapError((cause) => fromCredentialFailure(operation, cause)),
        Attempt.withTimeout(operation, policy, attempt),
        Effect.flatMap((header) =>
          Effect.map(Clock.currentTimeMillis, (preparedAt) => {
            attempt.authorization = { header, preparedAt }
          }),
        ),
      ),

    /** Whether the credential is good still. One that had ended when it came is sent as it is: there is no better one. */
    isReady: (attempt: Attempt.Attempt): Effect.Effect<boolean> =>
      Effect.map(Clock.currentTimeMillis, (now) => {
        if (attempt.authorization === undefined) return false
        const { header, preparedAt } = attempt.authorization
        return authorization.isCurrent(header) && (now < header.endsAt || header.endsAt <= preparedAt)
      }),

    /** Puts the credential on the request. */
    middleware: HttpApiMiddleware.layerClient(
      ParticipantsApi.Authorization,
      Effect.fnUntraced(function* ({ next, request }) {
        const attempt = yield* Attempt.Attempt
        if (attempt.authorization === undefined) return yield* Effect.die(new Error("no credential was prepared"))
        const { value } = attempt.authorization.header
        attempt.sent = true
        attempt.credentials.push(value)
        return yield* next(HttpClientRequest.setHeader(request, "authorization", Redacted.value(value)))
      }),
    ),

    /** Runs a request of the attempt, and once more with another credential if it was refused with a 401. */
    renewing: <A, E extends Documented>(
      attempt: Attempt.Attempt,
      request: Effect.Effect<A, E | SunshineError.SunshineError>,
    ): Effect.Effect<A, E | SunshineError.SunshineError> =>
      Effect.catch(request, (error) => {
        const refused = error._tag === "SunshineError" && error.reason._tag === "Unauthorized"
        const used = attempt.authorization?.header
        if (!refused || used === undefined || !authorization.forget(used)) return Effect.fail(error)
        // The API has not acted on a request that it refused, so nothing has been sent that could matter.
        attempt.sent = false
        return request
      }),
  }))
