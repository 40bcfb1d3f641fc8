import type * as Effect from "effect/Effect"
import type * as HttpClient from "effect/http/HttpClient"
import * as HttpApiClient from "effect/http-api/HttpApiClient"
import type * as HttpApiMiddleware from "effect/http-api/HttpApiMiddleware"
import { describe, expectTypeOf, test } from "@effect/vitest"
import * as ParticipantsApi from "@effect-sunco/core/ParticipantsApi"

const client = HttpApiClient.make(ParticipantsApi.ParticipantsApi)

type Credentials = HttpApiMiddleware.ForClient<ParticipantsApi.Authorization>

declare const httpClient: HttpClient.HttpClient

const withHttpClient = HttpApiClient.makeWith(ParticipantsApi.ParticipantsApi, { httpClient })

describe("a client of the contract", () => {
  test("needs credentials beside an HttpClient", () => {
    expectTypeOf<Effect.Services<typeof client>>().toEqualTypeOf<HttpClient.HttpClient | Credentials>()
  })

  test("without credentials does not compile", () => {
    expectTypeOf(client).not.toExtend<Effect.Effect<unknown, unknown, HttpClient.HttpClient>>()
    expectTypeOf(withHttpClient).not.toExtend<Effect.Effect<unknown, unknown>>()
  })
})
