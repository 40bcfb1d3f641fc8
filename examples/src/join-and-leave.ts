/**
 * Lets a user join a conversation and leave it again.
 *
 *     node examples/src/join-and-leave.ts
 */
import { NodeHttpClient, NodeRuntime } from "@effect/platform-node"
import { Participants } from "@effect-sunco/core"
import { ParticipantsHttp } from "@effect-sunco/http"
import { Console, Effect, Layer } from "effect"
import * as Environment from "./support/Environment.ts"
import { reportFailure } from "./support/reportFailure.ts"

const ParticipantsLive = ParticipantsHttp.layerConfig.pipe(Layer.provide(NodeHttpClient.layerUndici))

const program = Effect.gen(function* () {
  const participants = yield* Participants.Participants
  const conversation = yield* Environment.conversation
  const userId = yield* Environment.userId

  const participant = yield* participants.join({ ...conversation, userId })
  yield* Console.log(`User ${participant.userId} joined as participant ${participant.id}`)

  // The participant is the membership. A leave can name it, or the user by one of two ids.
  yield* participants.leave({ ...conversation, participantId: participant.id })
  yield* Console.log(`Participant ${participant.id} left`)
})

program.pipe(
  Effect.provide(ParticipantsLive.pipe(Layer.provideMerge(Environment.layer({ participants: 250 })))),
  reportFailure,
  NodeRuntime.runMain({ disableErrorReporting: true }),
)
