import { assert, describe, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as TestClock from "effect/testing/TestClock"
import { Page, Participant, Participants, SunshineError } from "@effect-sunco/core"
import { ParticipantsTest, Sandbox } from "@effect-sunco/testing"

const { appId, conversationId, userId } = Sandbox.demo

const conversation = { appId, conversationId }

describe("layerMemory", () => {
  it.effect("shares its sandbox, so that a test can change it, and its clock is that of the test", () =>
    Effect.gen(function* () {
      const participants = yield* Participants.Participants
      const sandbox = yield* Sandbox.Sandbox
      yield* sandbox.addParticipant({ ...conversation, userId })
      assert.lengthOf((yield* participants.list(conversation)).participants, 0)
      yield* TestClock.adjust("1 minute")
      assert.lengthOf((yield* participants.list(conversation)).participants, 1)
    }).pipe(
      Effect.provide(ParticipantsTest.layerMemory(Sandbox.demoSeed({ members: 0, rules: { listDelay: "1 minute" } }))),
    ),
  )

  it.effect("holds the demo seed if no seed is named", () =>
    Effect.gen(function* () {
      const sandbox = yield* Sandbox.Sandbox
      assert.lengthOf(yield* sandbox.participants(conversation), 250)
    }).pipe(Effect.provide(ParticipantsTest.layerMemory())),
  )
})

describe("layerMock", () => {
  const ada = new Participant.Participant({ id: "participant", userId })

  it.effect("answers from its handlers, which get checked requests", () => {
    const requests: Array<object> = []
    return Effect.gen(function* () {
      const participants = yield* Participants.Participants
      assert.strictEqual(yield* participants.join({ ...conversation, userId }), ada)
      assert.isUndefined(yield* participants.leave({ ...conversation, userId }))
      assert.deepStrictEqual((yield* participants.list({ ...conversation, page: { size: 1 } })).participants, [ada])
      assert.deepStrictEqual(requests, [
        { ...conversation, userId, subscribeSDKClient: false },
        { ...conversation, userId },
        { ...conversation, page: { size: 1 } },
      ])
    }).pipe(
      Effect.provide(
        ParticipantsTest.layerMock({
          join: (request) =>
            Effect.as(
              Effect.sync(() => requests.push(request)),
              ada,
            ),
          leave: (request) => Effect.asVoid(Effect.sync(() => requests.push(request))),
          list: (request) =>
            Effect.as(
              Effect.sync(() => requests.push(request)),
              new Page.ParticipantPage({ participants: [ada] }),
            ),
        }),
      ),
    )
  })

  it.effect("gives the error of a handler", () =>
    Effect.gen(function* () {
      const participants = yield* Participants.Participants
      const error = yield* Effect.flip(participants.leave({ ...conversation, userId }))
      assert.strictEqual(error._tag, "NotFound")
    }).pipe(
      Effect.provide(
        ParticipantsTest.layerMock({
          leave: () => Effect.fail(new SunshineError.NotFound({ operation: "leave", errors: [] })),
        }),
      ),
    ),
  )

  const calls = Effect.map(Participants.Participants, (participants) => ({
    join: Effect.asVoid(participants.join({ ...conversation, userId })),
    leave: participants.leave({ ...conversation, userId }),
    list: Effect.asVoid(participants.list(conversation)),
  }))

  it.effect.each(SunshineError.Operation.literals)(
    "dies at %s without a handler, with a message that names it, and no catchTag hides that",
    (operation) =>
      Effect.gen(function* () {
        const exit = yield* Effect.flatMap(calls, (all) => all[operation]).pipe(
          Effect.catchTags({
            BadRequest: () => Effect.void,
            NotFound: () => Effect.void,
            SunshineError: () => Effect.void,
          }),
          Effect.exit,
        )
        assert.isTrue(Exit.isFailure(exit))
        const defect = Exit.isFailure(exit) ? Cause.squash(exit.cause) : undefined
        assert.isTrue(Exit.hasDies(exit))
        assert.isFalse(Exit.hasFails(exit))
        assert.instanceOf(defect, Error)
        assert.include(defect.message, `Participants.${operation}`)
        assert.include(defect.message, "no handler")
      }).pipe(Effect.provide(ParticipantsTest.layerMock({}))),
  )

  it.effect("refuses a bad request before it looks for a handler", () =>
    Effect.gen(function* () {
      const participants = yield* Participants.Participants
      const error = yield* Effect.flip(participants.list({ appId: "", conversationId }))
      assert.instanceOf(error, SunshineError.SunshineError)
      assert.strictEqual(error.reason._tag, "InvalidRequest")
    }).pipe(Effect.provide(ParticipantsTest.layerMock({}))),
  )
})
