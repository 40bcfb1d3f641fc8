/**
 * Tests a function of an application without HTTP: on a memory layer that behaves like the API, and on a mock that
 * answers what the test says.
 *
 *     node examples/src/swap-in-a-test-layer.ts
 */
import { NodeRuntime } from "@effect/platform-node"
import { Participants, SunshineError } from "@effect-sunco/core"
import { ParticipantsTest, Sandbox } from "@effect-sunco/testing"
import { Console, Effect } from "effect"
import * as assert from "node:assert"
import { reportFailure } from "./support/reportFailure.ts"

const { appId, conversationId, userId } = Sandbox.demo

/** The application: it knows the service, and nothing of where the service comes from. */
const welcome = Effect.fn("welcome")(function* (userId: string) {
  const participants = yield* Participants.Participants
  return yield* participants.join({ appId, conversationId, userId }).pipe(
    Effect.as("welcome"),
    Effect.catchTag("BadRequest", () => Effect.succeed("sorry, the conversation is full")),
  )
})

/** The memory layer keeps state, so the test can look at what has changed. */
const onMemory = Effect.gen(function* () {
  const sandbox = yield* Sandbox.Sandbox
  const before = yield* sandbox.participants({ appId, conversationId })
  assert.equal(yield* welcome(userId), "welcome")
  const after = yield* sandbox.participants({ appId, conversationId })
  assert.equal(after.length, before.length + 1)
  assert.equal(after.at(-1)?.userId, userId)
  yield* Console.log(`On the memory layer: "welcome", and ${before.length} participants became ${after.length}.`)
}).pipe(Effect.provide(ParticipantsTest.layerMemory()))

/** The mock answers with what is hard to bring about. A method without a handler is a defect that names it. */
const onMock = Effect.gen(function* () {
  const answer = yield* welcome(userId)
  assert.equal(answer, "sorry, the conversation is full")
  yield* Console.log(`On a mock that answers 400: "${answer}".`)
}).pipe(
  Effect.provide(
    ParticipantsTest.layerMock({
      join: () =>
        Effect.fail(
          new SunshineError.BadRequest({
            operation: "join",
            errors: [{ code: "bad_request", title: "Too many participants" }],
          }),
        ),
    }),
  ),
)

Effect.all([onMemory, onMock]).pipe(reportFailure, NodeRuntime.runMain({ disableErrorReporting: true }))
