/**
 * What a user might write first, over every package. `pnpm run check:consumer` type-checks and runs it against the packed
 * packages, outside this repository.
 */
import { NodeHttpClient, NodeHttpServer, NodeRuntime } from "@effect/platform-node"
import { Paginator, Participants, type SunshineError } from "@effect-sunco/core"
import type * as Participant from "@effect-sunco/core/Participant"
import { Credentials, ParticipantsHttp } from "@effect-sunco/http"
import { LocalApi, Sandbox } from "@effect-sunco/testing"
import * as ParticipantsTest from "@effect-sunco/testing/ParticipantsTest"
import { Console, Effect, Layer, Redacted, Stream } from "effect"
import { HttpServer } from "effect/http"
import * as assert from "node:assert"
import { createServer } from "node:http"

const { appId, conversationId, keyId, secret, userId } = Sandbox.demo

const count: Effect.Effect<
  number,
  SunshineError.BadRequest | SunshineError.NotFound | SunshineError.SunshineError | SunshineError.PaginationError,
  Participants.Participants
> = Effect.gen(function* () {
  const participants = yield* Participants.Participants
  const joined: Participant.Participant = yield* participants.join({ appId, conversationId, userId })
  assert.strictEqual(joined.userId, userId)
  return yield* Stream.runCount(Paginator.stream({ appId, conversationId }))
})

const OverTheWire = Layer.unwrap(
  Effect.map(HttpServer.HttpServer, ({ address }) =>
    ParticipantsHttp.layer({
      baseUrl: HttpServer.formatAddress(address),
      credentials: Credentials.jwt({ keyId, secret: Redacted.make(secret), scope: "app" }),
    }),
  ),
).pipe(
  Layer.provide([NodeHttpClient.layerUndici, LocalApi.layerServer()]),
  Layer.provide(NodeHttpServer.layer(createServer, { host: "127.0.0.1", port: 0 })),
)

Effect.gen(function* () {
  assert.strictEqual(yield* Effect.provide(count, OverTheWire), 251)
  assert.strictEqual(yield* Effect.provide(count, ParticipantsTest.layerMemory()), 251)

  const participants = yield* Participants.Participants
  // @ts-expect-error a request names one user, not two
  const both = participants.leave({ appId, conversationId, userId, userExternalId: "x" })
  assert.match((yield* Effect.flip(both)).message, /userExternalId/)
  yield* Console.log("the packed packages work, over the wire and in memory")
}).pipe(Effect.provide(ParticipantsTest.layerMemory()), NodeRuntime.runMain)
