/**
 * Signs in with a JWT, which is signed with an API key, kept, and renewed before it ends.
 *
 *     node examples/src/sign-in-with-jwt.ts
 */
import { NodeHttpClient, NodeRuntime } from "@effect/platform-node"
import { Participants } from "@effect-sunco/core"
import { Credentials, ParticipantsHttp } from "@effect-sunco/http"
import { Console, Effect, Layer } from "effect"
import * as Environment from "./support/Environment.ts"
import { reportFailure } from "./support/reportFailure.ts"

/**
 * The key comes from SUNCO_KEY_ID and SUNCO_KEY_SECRET. The secret stays here: only what it signs is sent. The scope is
 * that of the key: "app" for an id that begins with `app_`, "account" for `act_`, "integration" for `int_`.
 */
const ParticipantsLive = Layer.unwrap(
  Effect.gen(function* () {
    const credentials = yield* Credentials.configJwt({ scope: "app", lifetime: "15 minutes" })
    const { baseUrl } = yield* ParticipantsHttp.config
    return ParticipantsHttp.layer({ baseUrl, credentials })
  }),
).pipe(Layer.provide(NodeHttpClient.layerUndici))

const program = Effect.gen(function* () {
  const participants = yield* Participants.Participants
  const conversation = yield* Environment.conversation

  const page = yield* participants.list({ ...conversation, page: { size: 5 } })
  yield* Console.log("Signed in with a JWT. The first participants:")
  for (const { id, userId } of page.participants) yield* Console.log(`  ${id}  user ${userId}`)
})

program.pipe(
  Effect.provide(ParticipantsLive.pipe(Layer.provideMerge(Environment.layer({ participants: 250 })))),
  reportFailure,
  NodeRuntime.runMain({ disableErrorReporting: true }),
)
