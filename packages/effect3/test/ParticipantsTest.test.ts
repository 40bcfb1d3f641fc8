import { assert, describe, it } from "@effect/vitest"
import { Page, Participant, Participants, ParticipantsTest, RetryPolicy, SunshineError } from "@effect-sunco/effect3"
import { Cause, DateTime, Effect, Equal, Exit, Option, TestClock } from "effect"

const team = { appId: "app", conversationId: "team" }
const lastRead = DateTime.unsafeMake("2026-01-02T03:04:05.678Z")

const seed: ParticipantsTest.Seed = {
  apps: [
    {
      id: "app",
      users: [{ id: "ada", externalId: "crm-1", clients: [{ type: "whatsapp", id: "phone" }] }, { id: "bob" }],
      conversations: [{ id: "team", type: "sdkGroup", participants: [{ userId: "ada", unreadCount: 7, lastRead }] }],
    },
  ],
}

describe("ParticipantsTest.layerMemory", () => {
  it.effect("lists what its seed holds, to the last field, in values of Effect 3", () =>
    Effect.gen(function* () {
      const { participants } = yield* (yield* Participants.Participants).list(team)
      const [ada] = participants
      assert.equal(participants.length, 1)
      assert.deepEqual(ada?.userExternalId, Option.some("crm-1"))
      assert.deepEqual(ada?.lastRead, Option.some(lastRead))
      assert.equal(ada?.unreadCount, 7)
      assert.deepEqual(
        ada?.clientAssociations.map(({ clientId, type }) => [type, clientId]),
        [["whatsapp", Option.some("phone")]],
      )
    }).pipe(Effect.provide(ParticipantsTest.layerMemory(seed))),
  )

  it.effect("gives what the constructors of the models make", () =>
    Effect.gen(function* () {
      const page = yield* (yield* Participants.Participants).list(team)
      const { links, meta, participants } = page
      const [ada] = participants
      const [phone] = ada?.clientAssociations ?? []
      assert.isTrue(ada !== undefined && phone !== undefined)
      if (ada === undefined || phone === undefined) return
      const { afterCursor, beforeCursor, hasMore } = meta
      // With checks they copy the arrays, which Effect 3 compares by reference.
      const unchecked = { disableValidation: true }
      const pairs = [
        [ada, new Participant.Participant({ ...ada }, unchecked)],
        [phone, new Participant.ClientAssociation({ ...phone })],
        [page, new Page.ParticipantPage({ participants, meta, links }, unchecked)],
        [meta, new Page.PageMeta({ hasMore, afterCursor, beforeCursor })],
        [links, new Page.PageLinks()],
      ]
      for (const [given, made] of pairs) {
        assert.deepEqual(given, made)
        assert.isTrue(Equal.equals(given, made))
      }
    }).pipe(Effect.provide(ParticipantsTest.layerMemory(seed))),
  )

  it.effect("keeps what calls change, and records them", () =>
    Effect.gen(function* () {
      const participants = yield* Participants.Participants
      const sandbox = yield* ParticipantsTest.Sandbox
      const bob = yield* participants.join({ ...team, userId: "bob" })
      assert.deepEqual((yield* sandbox.participants(team)).at(-1), bob)
      yield* participants.leave({ ...team, participantId: bob.id })
      assert.deepEqual(
        (yield* sandbox.calls).map(({ changed, operation, user }) => ({ changed, operation, user })),
        [
          { changed: true, operation: "join", user: { userId: "bob" } },
          { changed: true, operation: "leave", user: { participantId: bob.id } },
        ],
      )
    }).pipe(Effect.provide(ParticipantsTest.layerMemory(seed))),
  )

  it.effect("shows what a test changes beside the calls", () =>
    Effect.gen(function* () {
      const participants = yield* Participants.Participants
      const sandbox = yield* ParticipantsTest.Sandbox
      yield* sandbox.addUser("app", { id: "cyd" })
      yield* sandbox.addConversation("app", { id: "new", type: "sdkGroup", participants: ["bob"] })
      yield* sandbox.addParticipant({ ...team, conversationId: "new", userId: "cyd" })
      yield* sandbox.removeParticipant({ ...team, conversationId: "new", userId: "bob" })
      const page = yield* participants.list({ ...team, conversationId: "new" })
      assert.deepEqual(
        page.participants.map(({ userId }) => userId),
        ["cyd"],
      )
    }).pipe(Effect.provide(ParticipantsTest.layerMemory(seed))),
  )

  it.effect("follows the rules of its seed, by the clock of the test", () =>
    Effect.gen(function* () {
      const participants = yield* Participants.Participants
      const count = Effect.map(participants.list(team), (page) => page.participants.length)
      yield* participants.join({ ...team, userId: "bob" })
      assert.equal(yield* count, 1)
      yield* TestClock.adjust("5 seconds")
      assert.equal(yield* count, 2)
    }).pipe(Effect.provide(ParticipantsTest.layerMemory({ ...seed, rules: { listDelay: "5 seconds" } }))),
  )

  it.effect("takes the rules for leaves", () =>
    Effect.gen(function* () {
      const { leave } = yield* Participants.Participants
      const { appId, personalId, userId } = ParticipantsTest.demo
      yield* leave({ appId, conversationId: personalId, userId })
      const code = yield* leave({ appId, conversationId: personalId, userId: "nobody" }).pipe(
        Effect.as("left"),
        Effect.catchTag("NotFound", ({ code }) => Effect.succeed(code)),
      )
      assert.equal(code, "not_found")
    }).pipe(
      Effect.provide(
        ParticipantsTest.layerMemory(
          ParticipantsTest.demoSeed({ rules: { leavingPersonal: "allowed", unknownUserLeaving: "not_found" } }),
        ),
      ),
    ),
  )

  it.effect("refuses an override that is not allowed, as the HTTP layer does", () =>
    Effect.gen(function* () {
      const participants = yield* Participants.Participants
      const refused = yield* participants.join({ ...team, userId: "bob" }).pipe(
        RetryPolicy.override({ attempts: 0 }),
        Effect.as("joined"),
        Effect.catchTag("SunshineError", ({ message }) => Effect.succeed(message)),
      )
      assert.include(refused, "InvalidRequest: retryPolicy.attempts: Expected a whole number, 1 or more")
      assert.deepEqual(yield* (yield* ParticipantsTest.Sandbox).calls, [])
    }).pipe(Effect.provide(ParticipantsTest.layerMemory(seed))),
  )

  it.effect("fails by tag and code", () =>
    Effect.gen(function* () {
      const participants = yield* Participants.Participants
      const answer = yield* participants.leave({ ...team, userId: "bob" }).pipe(
        Effect.as("left"),
        Effect.catchTag("NotFound", ({ code }) => Effect.succeed(`not found: ${code}`)),
      )
      assert.equal(answer, "not found: not_found")
    }).pipe(Effect.provide(ParticipantsTest.layerMemory(seed))),
  )

  it.effect("starts with the demo of the vendor's documentation", () =>
    Effect.gen(function* () {
      const { appId, conversationId, userExternalId } = ParticipantsTest.demo
      const participants = yield* Participants.Participants
      yield* participants.join({ appId, conversationId, userExternalId })
      const sandbox = yield* ParticipantsTest.Sandbox
      assert.equal((yield* sandbox.participants({ appId, conversationId })).length, 251)
    }).pipe(Effect.provide(ParticipantsTest.layerMemory())),
  )
})

describe("ParticipantsTest.layerMock", () => {
  const gone = ParticipantsTest.layerMock({
    list: ({ conversationId }) => Effect.fail(SunshineError.notFound("list", "conversation_not_found", conversationId)),
    leave: undefined,
  })

  it.effect("answers by its handlers", () =>
    Effect.gen(function* () {
      const { list } = yield* Participants.Participants
      const error = yield* Effect.flip(list(team))
      assert.deepEqual(error._tag === "NotFound" ? error.errors.map(({ code, title }) => [code, title]) : error, [
        ["conversation_not_found", "team"],
      ])
    }).pipe(Effect.provide(gone)),
  )

  it.effect("dies where it has no handler, so that no error is caught in its place", () =>
    Effect.gen(function* () {
      const { leave } = yield* Participants.Participants
      const exit = yield* Effect.exit(Effect.ignore(leave({ ...team, userId: "bob" })))
      assert.isTrue(Exit.isFailure(exit) && Cause.pretty(exit.cause).includes("Participants.leave was called"))
    }).pipe(Effect.provide(gone)),
  )
})
