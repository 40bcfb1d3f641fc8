/**
 * The program of the bundle, with the packages by their index, as the README shows it.
 */
import { Paginator, Participants } from "@effect-sunco/core"
import { Credentials, ParticipantsHttp } from "@effect-sunco/http"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"

const conversation = { appId: "5d8cff3cd55b040010928b5b", conversationId: "029c31f25a21b47effd7be90" }
const userId = "67a11490f0305f4a391e9f8a"

const program = Effect.gen(function* () {
  const participants = yield* Participants.Participants
  const joined = yield* participants.join({ ...conversation, userId })
  yield* Console.log(`joined: ${joined.id}`)

  const all = yield* Stream.runCollect(Paginator.stream(conversation))
  const unread = all.reduce((sum, { unreadCount }) => sum + unreadCount, 0)
  yield* Console.log(`listed: ${all.length}, with ${unread} unread messages`)

  yield* participants.join({ ...conversation, conversationId: "missing", userId }).pipe(
    Effect.flatMap(({ id }) => Console.log(`joined: ${id}`)),
    Effect.catchTag("NotFound", ({ code }) => Console.log(`not found: ${code}`)),
  )
})

const ParticipantsLive = ParticipantsHttp.layer({
  baseUrl: process.argv[2],
  credentials: Credentials.basic({ keyId: "app_sandbox", secret: Redacted.make("sandbox-secret") }),
}).pipe(Layer.provide(FetchHttpClient.layer))

await Effect.runPromise(Effect.provide(program, ParticipantsLive))
