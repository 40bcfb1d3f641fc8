/**
 * The program of the bundle, with the packages: joins, lists all, and joins a conversation that is not there.
 */
import { stream } from "@effect-sunco/core/Paginator"
import { Participants } from "@effect-sunco/core/Participants"
import { basic } from "@effect-sunco/http/Credentials"
import { layer as participantsLayer } from "@effect-sunco/http/ParticipantsHttp"
import { log } from "effect/Console"
import { catchTag, flatMap, gen, provide, runPromise } from "effect/Effect"
import { layer as fetchLayer } from "effect/http/FetchHttpClient"
import { provide as provideLayer } from "effect/Layer"
import { make as makeRedacted } from "effect/Redacted"
import { runCollect } from "effect/Stream"

const conversation = { appId: "5d8cff3cd55b040010928b5b", conversationId: "029c31f25a21b47effd7be90" }
const userId = "67a11490f0305f4a391e9f8a"

const program = gen(function* () {
  const participants = yield* Participants
  const joined = yield* participants.join({ ...conversation, userId })
  yield* log(`joined: ${joined.id}`)

  const all = yield* runCollect(stream(conversation))
  const unread = all.reduce((sum, { unreadCount }) => sum + unreadCount, 0)
  yield* log(`listed: ${all.length}, with ${unread} unread messages`)

  yield* participants.join({ ...conversation, conversationId: "missing", userId }).pipe(
    flatMap(({ id }) => log(`joined: ${id}`)),
    catchTag("NotFound", ({ code }) => log(`not found: ${code}`)),
  )
})

const live = participantsLayer({
  baseUrl: process.argv[2],
  credentials: basic({ keyId: "app_sandbox", secret: makeRedacted("sandbox-secret") }),
}).pipe(provideLayer(fetchLayer))

await runPromise(provide(program, live))
