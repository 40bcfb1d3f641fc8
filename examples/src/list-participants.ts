/**
 * Streams all participants of a conversation, lets a user join and leave, and sums up.
 *
 *     node examples/src/list-participants.ts
 */
import { NodeHttpClient, NodeRuntime } from "@effect/platform-node"
import { Paginator, type Participant, Participants } from "@effect-sunco/core"
import { ParticipantsHttp } from "@effect-sunco/http"
import { Config, Console, Duration, Effect, Layer, Metric, Option, Stream } from "effect"
import { HttpClient } from "effect/http"
import * as Environment from "./support/Environment.ts"
import { reportFailure } from "./support/reportFailure.ts"

const calls = Metric.counter("calls")

/** The API that the environment names. The hook counts all that is sent, retries too. */
const ParticipantsLive = Layer.unwrap(
  Effect.map(ParticipantsHttp.config, (options) =>
    ParticipantsHttp.layer({
      ...options,
      transformClient: HttpClient.tapRequest(() => Metric.update(calls, 1)),
    }),
  ),
).pipe(Layer.provide(NodeHttpClient.layerUndici))

const row = (name: string, value: string) => Console.log(`  ${name.padEnd(12)} ${value}`)
const grouped = (count: number) => count.toLocaleString("en").padStart(9)

/** Keeps numbers and no participants, so a conversation can have any size. */
const listEverybody = Effect.fnUntraced(function* (
  conversation: Participant.ConversationReference,
  user: Option.Option<string>,
) {
  const channels = new Map<string, number>()
  let pages = 0
  let participants = 0
  let hasJoined = false

  yield* Console.log(`Participants of conversation ${conversation.conversationId}`)
  yield* Paginator.stream(conversation).pipe(
    // A page comes as one chunk.
    Stream.chunks,
    Stream.runForEach((page) => {
      pages += 1
      participants += page.length
      for (const { clientAssociations, userId } of page) {
        const channel = clientAssociations[0]?.type ?? "no channel"
        channels.set(channel, (channels.get(channel) ?? 0) + 1)
        if (Option.contains(user, userId)) hasJoined = true
      }
      return pages <= 3 || pages % 10 === 0 ? row(`page ${pages}`, `${grouped(participants)} so far`) : Effect.void
    }),
  )
  yield* row("all pages", grouped(participants))
  for (const [channel, count] of channels) yield* row(channel, grouped(count))
  return { pages, participants, hasJoined }
})

const joinAndLeave = Effect.fnUntraced(function* (conversation: Participant.ConversationReference, userId: string) {
  const { join, leave } = yield* Participants.Participants

  const participant = yield* join({ ...conversation, userId })
  yield* row("joined", `as participant ${participant.id}`)

  // Asks for pages until the user is found, and for no more.
  const found = yield* Paginator.stream(conversation).pipe(
    Stream.filter((listed) => listed.userId === userId),
    Stream.runHead,
  )
  yield* row("is listed", Option.isSome(found) ? "yes" : "not yet")

  yield* leave({ ...conversation, userId })
  yield* row("left", "yes")

  yield* leave({ ...conversation, userId }).pipe(
    Effect.catchTag("NotFound", (error) =>
      error.code === "not_found" ? row("left again", `no: ${error._tag}, code ${error.code}`) : Effect.fail(error),
    ),
  )
})

const program = Effect.gen(function* () {
  const conversation = yield* Environment.conversation
  const user = yield* Config.option(Config.String("SUNCO_USER_ID"))

  const listed = yield* listEverybody(conversation, user)
  if (Option.isNone(user)) {
    yield* Console.log("\nNobody joins or leaves: SUNCO_USER_ID is not set")
  } else {
    yield* Console.log(`\nUser ${user.value}`)
    if (listed.hasJoined) yield* row("has joined", "before, and is left alone")
    else yield* joinAndLeave(conversation, user.value)
  }
  return listed
})

const main = Effect.gen(function* () {
  const [time, { pages, participants }] = yield* Effect.timed(program)
  const { count } = yield* Metric.value(calls)
  yield* Console.log("\nIn all")
  yield* row("calls", grouped(count))
  yield* row("pages", `${grouped(pages)} listed`)
  yield* row("participants", `${grouped(participants)} listed`)
  yield* row("time", Duration.format(Duration.millis(Math.round(Duration.toMillis(time)))).padStart(9))
})

main.pipe(
  Effect.provide(ParticipantsLive.pipe(Layer.provideMerge(Environment.layer({ participants: 3_000 })))),
  reportFailure,
  NodeRuntime.runMain({ disableErrorReporting: true }),
)
