/**
 * Keeps the roster of a conversation right: whoever is in it and should not be leaves, and whoever is missing joins. What
 * is right is left alone, so a second run changes nothing.
 *
 *     node examples/src/keep-roster.ts
 */
import { NodeHttpClient, NodeRuntime } from "@effect/platform-node"
import { Paginator, type Participant, Participants, type SunshineError } from "@effect-sunco/core"
import { ParticipantsHttp } from "@effect-sunco/http"
import { Console, Data, Effect, Layer, Stream } from "effect"
import * as Environment from "./support/Environment.ts"
import { reportFailure } from "./support/reportFailure.ts"

const ParticipantsLive = ParticipantsHttp.layerConfig.pipe(Layer.provide(NodeHttpClient.layerUndici))

/** Makes a conversation have one membership of each of these users, and no other. Nothing ends it early. */
const keepRoster = Effect.fn("keepRoster")(function* (
  conversation: Participant.ConversationReference,
  userIds: ReadonlyArray<string>,
) {
  const participants = yield* Participants.Participants

  // Whoever is wanted is missing until they are seen. A second membership of a user is one too many.
  const missing = new Set(userIds)
  const extras = yield* Paginator.stream(conversation).pipe(
    Stream.filter(({ userId }) => !missing.delete(userId)),
    Stream.runCollect,
  )

  // The id of a participant names one membership; that of a user names any of theirs.
  const [left, notLeft] = yield* Effect.partition(
    extras,
    ({ id }) => participants.leave({ ...conversation, participantId: id }),
    { concurrency: 8 },
  )
  const [joined, notJoined] = yield* Effect.partition(
    missing,
    (userId) => participants.join({ ...conversation, userId }),
    { concurrency: 8 },
  )
  return { left: left.length, joined: joined.length, failures: [...notLeft, ...notJoined] }
})

/** The message names no user, so that logs do not by accident. Whoever repairs a roster needs to know. */
const report = ({ message, operation, user }: SunshineError.Documented | SunshineError.SunshineError) =>
  Console.error(
    `${operation} of ${Object.entries(user ?? {})
      .flat()
      .join(" ")} failed\n  ${message}`,
  )

class NotRight extends Data.TaggedError("NotRight")<{ readonly message: string }> {}

const program = Effect.gen(function* () {
  const conversation = yield* Environment.conversation
  const userIds = yield* Environment.userIds

  for (const run of ["first run ", "second run"]) {
    const { failures, joined, left } = yield* keepRoster(conversation, userIds)
    yield* Effect.forEach(failures, report)
    yield* Console.log(`${run}  ${left} left, ${joined} joined, ${failures.length} failed`)
    const isUserMissing = failures.some(({ code }) => code === "user_not_found")
    const remedy = isUserMissing ? "create the users that were not found, then run it again" : "run it again"
    if (failures.length > 0) return yield* new NotRight({ message: `The roster is not right yet: ${remedy}` })
  }
})

program.pipe(
  Effect.provide(ParticipantsLive.pipe(Layer.provideMerge(Environment.layer({ participants: 250 })))),
  reportFailure,
  NodeRuntime.runMain({ disableErrorReporting: true }),
)
