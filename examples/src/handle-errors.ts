/**
 * Handles errors by tag, by code and by reason.
 *
 *     node examples/src/handle-errors.ts
 */
import { NodeHttpClient, NodeRuntime } from "@effect/platform-node"
import { Participants } from "@effect-sunco/core"
import { Credentials, ParticipantsHttp } from "@effect-sunco/http"
import { Console, Effect, Layer, Redacted } from "effect"
import * as Environment from "./support/Environment.ts"
import { reportFailure } from "./support/reportFailure.ts"

const ParticipantsLive = ParticipantsHttp.layerConfig.pipe(Layer.provide(NodeHttpClient.layerUndici))

const nobody = "000000000000000000000000"

/** The tag says what kind of answer it was; one handler for each. */
const byTag = Effect.gen(function* () {
  const participants = yield* Participants.Participants
  const conversation = yield* Environment.conversation

  yield* participants.join({ ...conversation, userId: nobody }).pipe(
    Effect.andThen(Console.log("by tag     joined")),
    Effect.catchTags({
      BadRequest: ({ message }) => Console.log(`by tag     BadRequest: ${message}`),
      NotFound: ({ message }) => Console.log(`by tag     NotFound: ${message}`),
    }),
  )
})

/** The code tells one 404 from the other. Titles are prose for people, and change. */
const byCode = Effect.gen(function* () {
  const participants = yield* Participants.Participants
  const conversation = yield* Environment.conversation

  yield* participants
    .leave({ ...conversation, participantId: nobody })
    .pipe(
      Effect.catchTag("NotFound", (error) =>
        error.code === "not_found"
          ? Console.log("by code    not_found: no member, or a wrong address; the list of participants tells")
          : Effect.fail(error),
      ),
    )
})

/** All else is a SunshineError, and its reason says what. This one is refused before anything is sent. */
const byReason = Effect.gen(function* () {
  const participants = yield* Participants.Participants
  const conversation = yield* Environment.conversation

  yield* participants
    .list({ ...conversation, page: { size: 101 } })
    .pipe(
      Effect.catchReason("SunshineError", "InvalidRequest", ({ expected, field }) =>
        Console.log(`by reason  InvalidRequest: ${field}: ${expected}`),
      ),
    )
})

/** Each reason knows whether trying again is safe. */
const byOutcome = Effect.gen(function* () {
  const participants = yield* Participants.Participants
  const conversation = yield* Environment.conversation

  yield* participants
    .list(conversation)
    .pipe(
      Effect.catchTag("SunshineError", ({ isRetryable, outcome, reason }) =>
        Console.log(
          `by reason  ${reason._tag}: ${outcome}; ${isRetryable ? "try again" : "trying again does not help"}`,
        ),
      ),
    )
})

/** The same API, and a key that it does not know. */
const WrongKeyLive = Layer.unwrap(
  Effect.map(ParticipantsHttp.config, (options) =>
    ParticipantsHttp.layer({
      ...options,
      credentials: Credentials.basic({ keyId: "app_unknown", secret: Redacted.make("wrong") }),
    }),
  ),
).pipe(Layer.provide(NodeHttpClient.layerUndici))

Effect.all([byTag, byCode, byReason, Effect.provide(byOutcome, WrongKeyLive)]).pipe(
  Effect.provide(ParticipantsLive.pipe(Layer.provideMerge(Environment.layer({ participants: 250 })))),
  reportFailure,
  NodeRuntime.runMain({ disableErrorReporting: true }),
)
