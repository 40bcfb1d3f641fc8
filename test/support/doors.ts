/**
 * The doors to one sandbox: without HTTP, through the HTTP layer in this process, and over real sockets.
 */
import { NodeHttpClient } from "@effect/platform-node"
import * as Effect from "effect/Effect"
import * as HttpClient from "effect/http/HttpClient"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import type { Participants } from "@effect-sunco/core"
import { Credentials, ParticipantsHttp } from "@effect-sunco/http"
import { LocalApi, ParticipantsTest, Sandbox } from "@effect-sunco/testing"
import { baseUrl, localServer } from "./localServer.ts"

export type Door = (seed: Sandbox.Seed, options?: Options) => Layer.Layer<Participants.Participants | Sandbox.Sandbox>

interface Options {
  /** Those of the demo seed if left out. */
  readonly credentials?: Credentials.Credentials
  /** Gets the status of each answer. */
  readonly statuses?: Array<number>
}

export const demoKey = { keyId: Sandbox.demo.keyId, secret: Redacted.make(Sandbox.demo.secret) }

const http = (baseUrl: string | undefined, { credentials = Credentials.basic(demoKey), statuses = [] }: Options) =>
  // An option that is wrong here is a mistake in the test.
  Layer.orDie(
    ParticipantsHttp.layer({
      baseUrl,
      credentials,
      transformClient: HttpClient.tap(({ status }) => Effect.sync(() => statuses.push(status))),
    }),
  )

export const inMemory: Door = (seed) => ParticipantsTest.layerMemory(seed)

export const inProcess: Door = (seed, options = {}) =>
  Layer.provideMerge(http(undefined, options), LocalApi.layerHttpClient(seed))

export const overSocketsWith =
  (client: Layer.Layer<HttpClient.HttpClient>): Door =>
  (seed, options = {}) =>
    Layer.unwrap(Effect.map(baseUrl, (url) => http(url, options))).pipe(
      Layer.provide(client),
      Layer.provideMerge(localServer(seed)),
    )

export const overSockets = overSocketsWith(NodeHttpClient.layerUndici)
