/**
 * One suite, every layer.
 */
import { NodeHttpClient, NodeHttpServer } from "@effect/platform-node"
import { describe, it } from "@effect/vitest"
import { Participants } from "@effect-sunco/core"
import { Credentials, ParticipantsHttp } from "@effect-sunco/http"
import { LocalApi, ParticipantsSuite, ParticipantsTest, Sandbox } from "@effect-sunco/testing"
import { Effect, Layer, Redacted } from "effect"
import { HttpServer } from "effect/http"
import { createServer } from "node:http"

const credentials = Credentials.basic({ keyId: Sandbox.demo.keyId, secret: Redacted.make(Sandbox.demo.secret) })

describe("in memory", () => {
  ParticipantsSuite.register({ it, layer: ParticipantsTest.layerMemory })
})

describe("over the in-process client", () => {
  ParticipantsSuite.register({
    it,
    layer: (seed) => ParticipantsHttp.layer({ credentials }).pipe(Layer.provideMerge(LocalApi.layerHttpClient(seed))),
  })
})

describe("over a real port", () => {
  ParticipantsSuite.register({
    it,
    layer: (seed) =>
      Layer.unwrap(
        Effect.map(HttpServer.HttpServer, ({ address }) =>
          ParticipantsHttp.layer({ credentials, baseUrl: HttpServer.formatAddress(address) }),
        ),
      ).pipe(
        Layer.provide(NodeHttpClient.layerUndici),
        Layer.provideMerge(LocalApi.layerServer(seed)),
        Layer.provide(NodeHttpServer.layer(createServer, { host: "127.0.0.1", port: 0 })),
      ),
  })
})

describe("through a service in front of another one", () => {
  ParticipantsSuite.register({
    it,
    layer: (seed) =>
      Layer.effect(
        Participants.Participants,
        Effect.map(Participants.Participants, (inner) => Participants.make(inner)),
      ).pipe(Layer.provideMerge(ParticipantsTest.layerMemory(seed))),
  })
})
