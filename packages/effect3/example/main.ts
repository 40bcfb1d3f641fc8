/**
 * Runs the program against the API that `SUNCO_BASE_URL` and the credentials in the environment name.
 */
import { FetchHttpClient } from "@effect/platform"
import { ParticipantsHttp, ParticipantsTest } from "@effect-sunco/effect3"
import { Config, Console, Effect, Layer } from "effect"
import { count, letIn } from "./roster.ts"

const program = Effect.gen(function* () {
  const { demo } = ParticipantsTest
  const conversation = yield* Config.all({
    appId: Config.withDefault(Config.string("SUNCO_APP_ID"), demo.appId),
    conversationId: Config.withDefault(Config.string("SUNCO_CONVERSATION_ID"), demo.conversationId),
  })
  const userId = yield* Config.withDefault(Config.string("SUNCO_USER_ID"), demo.userId)
  yield* Console.log(yield* letIn(conversation, userId))
  yield* Console.log(`${yield* count(conversation)} participants`)
})

await Effect.runPromise(
  Effect.provide(program, ParticipantsHttp.layerConfig.pipe(Layer.provide(FetchHttpClient.layer))),
)
