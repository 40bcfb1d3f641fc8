import { assert, describe, it } from "@effect/vitest"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import * as TestClock from "effect/testing/TestClock"
import type { Page, SunshineError } from "@effect-sunco/core"
import { Sandbox } from "@effect-sunco/testing"

const { appId, conversationId, personalId, userExternalId, userId } = Sandbox.demo

const conversation = { appId, conversationId }

/** A join of the user who has not joined yet. */
const newcomer = { ...conversation, userId, subscribeSDKClient: true }

const make = (participants: number, rules: Sandbox.Choices = {}) =>
  Sandbox.make(Sandbox.demoSeed({ members: participants, rules }))

const idsOf = ({ participants }: Page.ParticipantPage) => participants.map(({ id }) => id)

/** The participant ids of a sandbox that was just made. */
const members = (sandbox: Sandbox.Sandbox["Service"]) =>
  Effect.map(sandbox.participants(conversation), (participants) => participants.map(({ id }) => id))

const assertRefused = (
  error: SunshineError.BadRequest | SunshineError.NotFound,
  expected: {
    readonly tag: "BadRequest" | "NotFound"
    readonly operation: string
    readonly code: string
    readonly title?: string
  },
) => {
  assert.strictEqual(error._tag, expected.tag)
  assert.strictEqual(error.operation, expected.operation)
  assert.strictEqual(error.code, expected.code)
  assert.lengthOf(error.errors, 1)
  if (expected.title !== undefined) assert.strictEqual(error.errors[0]?.title, expected.title)
}

describe("the demo seed", () => {
  it.effect("has 250 participants unless told, with clients, and an external id for every other one", () =>
    Effect.gen(function* () {
      const sandbox = yield* Sandbox.make()
      const participants = yield* sandbox.participants(conversation)
      assert.lengthOf(participants, 250)
      assert.lengthOf(
        participants.filter((participant) => Option.isSome(participant.userExternalId)),
        125,
      )
      assert.isTrue(participants.every(({ clientAssociations }) => clientAssociations.length === 1))
      assert.isTrue(participants.every(({ id }) => id.length === 24))
      assert.strictEqual(new Set(participants.map(({ id }) => id)).size, 250)
    }),
  )

  it.effect("has a user who has not joined the group, and who alone is in the personal conversation", () =>
    Effect.gen(function* () {
      const sandbox = yield* make(3)
      assert.isFalse((yield* sandbox.participants(conversation)).some((participant) => participant.userId === userId))
      const personal = yield* sandbox.participants({ appId, conversationId: personalId })
      assert.deepStrictEqual(
        personal.map((participant) => participant.userId),
        [userId],
      )
    }),
  )

  it("has one conversation and one user who may join, unless told", () => {
    const { conversationIds, userIds } = Sandbox.demoSeed()
    assert.deepStrictEqual(conversationIds, [conversationId])
    assert.deepStrictEqual(userIds, [userId])
  })

  it.effect("has as many conversations and users as it is told, and each user may join each conversation", () =>
    Effect.gen(function* () {
      const seed = Sandbox.demoSeed({ conversations: 3, users: 30, members: 2 })
      const sandbox = yield* Sandbox.make(seed)
      assert.lengthOf(new Set(seed.conversationIds), 3)
      assert.lengthOf(new Set(seed.userIds), 30)
      for (const conversationId of seed.conversationIds) {
        for (const userId of seed.userIds) {
          yield* sandbox.join({ appId, conversationId, userId, subscribeSDKClient: false })
        }
        assert.lengthOf(yield* sandbox.participants({ appId, conversationId }), 32)
      }
      assert.isTrue([...seed.conversationIds, ...seed.userIds].every((id) => /^[0-9a-f]{24}$/.test(id)))
    }),
  )

  it.effect("gives each user an external id", () =>
    Effect.gen(function* () {
      const sandbox = yield* Sandbox.make(Sandbox.demoSeed({ users: 2 }))
      const joined = yield* sandbox.join({
        ...conversation,
        userExternalId: "your-own-user-id-2",
        subscribeSDKClient: false,
      })
      assert.strictEqual(joined.userId, Sandbox.demoSeed({ users: 2 }).userIds[1])
    }),
  )

  it.effect("is new for each sandbox", () =>
    Effect.gen(function* () {
      const one = yield* make(1)
      const other = yield* make(1)
      yield* one.join(newcomer)
      assert.lengthOf(yield* one.participants(conversation), 2)
      assert.lengthOf(yield* other.participants(conversation), 1)
    }),
  )
})

describe("join", () => {
  it.effect.each([{ userId }, { userExternalId }])("of a user named by %j gives the participant", (reference) =>
    Effect.gen(function* () {
      const sandbox = yield* make(2)
      const joined = yield* sandbox.join({ ...conversation, ...reference, subscribeSDKClient: false })
      assert.strictEqual(joined.userId, userId)
      assert.deepStrictEqual(joined.userExternalId, Option.some(userExternalId))
      assert.strictEqual(joined.unreadCount, 0)
      assert.deepStrictEqual((yield* sandbox.participants(conversation)).at(-1), joined)
      assert.deepStrictEqual(idsOf(yield* sandbox.list(conversation)).at(-1), joined.id)
    }),
  )

  it.effect("with a subscription makes an sdk client for a user without one, and associates it", () =>
    Effect.gen(function* () {
      const sandbox = yield* make(0)
      const joined = yield* sandbox.join(newcomer)
      assert.deepStrictEqual(
        joined.clientAssociations.map(({ type }) => type),
        ["sdk"],
      )
      // The client belongs to the user, so it is the same one when the user comes back without a subscription.
      yield* sandbox.leave({ ...conversation, userId })
      const again = yield* sandbox.join({ ...conversation, userExternalId, subscribeSDKClient: false })
      assert.deepStrictEqual(again.clientAssociations, joined.clientAssociations)
    }),
  )

  it.effect("with a subscription makes another client for another user", () =>
    Effect.gen(function* () {
      const sandbox = yield* Sandbox.make(Sandbox.demoSeed({ members: 0, users: 2 }))
      const clients = yield* Effect.forEach(Sandbox.demoSeed({ users: 2 }).userIds, (userId) =>
        Effect.map(sandbox.join({ ...newcomer, userId }), (joined) => joined.clientAssociations[0]?.clientId),
      )
      assert.notDeepEqual(clients[0], clients[1])
    }),
  )

  it.effect("with a subscription makes no sdk client for a user who has one", () =>
    Effect.gen(function* () {
      const sandbox = yield* make(0)
      yield* sandbox.addUser(appId, { id: "ada", clients: [{ type: "sdk", id: "the-client" }] })
      const joined = yield* sandbox.join({ ...newcomer, userId: "ada" })
      assert.deepStrictEqual(
        joined.clientAssociations.map(({ clientId }) => clientId),
        [Option.some("the-client")],
      )
    }),
  )

  it.effect("without a subscription makes no client", () =>
    Effect.gen(function* () {
      const sandbox = yield* make(0)
      const joined = yield* sandbox.join({ ...newcomer, subscribeSDKClient: false })
      assert.deepStrictEqual(joined.clientAssociations, [])
    }),
  )

  it.effect.each([
    { change: { appId: "other" }, code: "app_not_found" },
    { change: { conversationId: "other" }, code: "conversation_not_found" },
    { change: { userId: "other" }, code: "user_not_found" },
    { change: { userId: undefined, userExternalId: "other" }, code: "user_not_found" },
  ])("with $change is 404 $code", ({ change, code }) =>
    Effect.gen(function* () {
      const sandbox = yield* make(1)
      const error = yield* Effect.flip(sandbox.join({ ...newcomer, ...change }))
      assertRefused(error, { tag: "NotFound", operation: "join", code })
      assert.lengthOf(yield* sandbox.participants(conversation), 1)
    }),
  )

  it.effect.each([{}, { participantId: "participant" }])("of a user named by %j is 400", (reference) =>
    Effect.gen(function* () {
      const sandbox = yield* make(1)
      const error = yield* Effect.flip(sandbox.join({ ...conversation, ...reference, subscribeSDKClient: true }))
      assertRefused(error, { tag: "BadRequest", operation: "join", code: "bad_request" })
    }),
  )
})

describe("leave", () => {
  it.effect.each(["userId", "userExternalId", "participantId"] as const)("by %s ends the membership", (key) =>
    Effect.gen(function* () {
      const sandbox = yield* make(3)
      const [first] = yield* sandbox.participants(conversation)
      assert.isDefined(first)
      const values = {
        userId: first.userId,
        userExternalId: Option.getOrThrow(first.userExternalId),
        participantId: first.id,
      }
      assert.isUndefined(yield* sandbox.leave({ ...conversation, [key]: values[key] }))
      assert.notInclude(yield* members(sandbox), first.id)
      assert.notInclude(idsOf(yield* sandbox.list(conversation)), first.id)
      const error = yield* Effect.flip(sandbox.leave({ ...conversation, [key]: values[key] }))
      assertRefused(error, {
        tag: "NotFound",
        operation: "leave",
        code: "not_found",
        title: "User is not a member of the conversation",
      })
    }),
  )

  it.effect.each([
    { request: { ...conversation, userId }, code: "not_found" },
    { request: { ...conversation, userId: "nobody" }, code: "user_not_found" },
    { request: { ...conversation, userExternalId: "nobody" }, code: "user_not_found" },
    { request: { ...conversation, participantId: "nobody" }, code: "not_found" },
    { request: { appId, conversationId: "other", userId }, code: "conversation_not_found" },
    { request: { appId: "other", conversationId, userId }, code: "app_not_found" },
  ])("with $request is 404 $code", ({ code, request }) =>
    Effect.gen(function* () {
      const sandbox = yield* make(1)
      assertRefused(yield* Effect.flip(sandbox.leave(request)), { tag: "NotFound", operation: "leave", code })
      assert.lengthOf(yield* sandbox.participants(conversation), 1)
    }),
  )

  it.effect("that names nobody is 400", () =>
    Effect.gen(function* () {
      const sandbox = yield* make(1)
      const error = yield* Effect.flip(sandbox.leave(conversation))
      assertRefused(error, { tag: "BadRequest", operation: "leave", code: "bad_request" })
    }),
  )

  it.effect("frees the user to join again, as another participant", () =>
    Effect.gen(function* () {
      const sandbox = yield* make(1)
      const first = yield* sandbox.join(newcomer)
      yield* sandbox.leave({ ...conversation, userId })
      const second = yield* sandbox.join(newcomer)
      assert.notStrictEqual(second.id, first.id)
      assert.isTrue(second.id > first.id)
    }),
  )
})

describe("list", () => {
  it.effect("gives 25 participants unless told", () =>
    Effect.gen(function* () {
      const sandbox = yield* make(30)
      assert.deepStrictEqual(idsOf(yield* sandbox.list(conversation)), (yield* members(sandbox)).slice(0, 25))
    }),
  )

  it.effect("goes forward by the cursor after each page, which is left out on the last one", () =>
    Effect.gen(function* () {
      const sandbox = yield* make(5)
      const ids = yield* members(sandbox)
      const first = yield* sandbox.list({ ...conversation, size: 2 })
      assert.deepStrictEqual(idsOf(first), ids.slice(0, 2))
      assert.deepStrictEqual(
        { ...first.meta },
        { hasMore: true, afterCursor: Option.some(ids[1]), beforeCursor: Option.none() },
      )
      const second = yield* sandbox.list({ ...conversation, size: 2, after: ids[1] })
      assert.deepStrictEqual(idsOf(second), ids.slice(2, 4))
      assert.deepStrictEqual(
        { ...second.meta },
        { hasMore: true, afterCursor: Option.some(ids[3]), beforeCursor: Option.some(ids[2]) },
      )
      const third = yield* sandbox.list({ ...conversation, size: 2, after: ids[3] })
      assert.deepStrictEqual(idsOf(third), ids.slice(4))
      assert.deepStrictEqual(
        { ...third.meta },
        { hasMore: false, afterCursor: Option.none(), beforeCursor: Option.some(ids[4]) },
      )
    }),
  )

  it.effect("goes backward by the cursor before each page, in the order of the list", () =>
    Effect.gen(function* () {
      const sandbox = yield* make(5)
      const ids = yield* members(sandbox)
      const last = yield* sandbox.list({ ...conversation, size: 2, before: ids[4] })
      assert.deepStrictEqual(idsOf(last), ids.slice(2, 4))
      assert.deepStrictEqual(last.meta.beforeCursor, Option.some(ids[2]))
      assert.deepStrictEqual(last.meta.afterCursor, Option.some(ids[3]))
      const first = yield* sandbox.list({ ...conversation, size: 2, before: ids[2] })
      assert.deepStrictEqual(idsOf(first), ids.slice(0, 2))
      assert.deepStrictEqual(first.meta.beforeCursor, Option.none())
      const short = yield* sandbox.list({ ...conversation, size: 2, before: ids[1] })
      assert.deepStrictEqual(idsOf(short), ids.slice(0, 1))
    }),
  )

  it.effect("gives links to the pages around a page, to a host that does not exist", () =>
    Effect.gen(function* () {
      const sandbox = yield* make(5)
      const ids = yield* members(sandbox)
      const { links } = yield* sandbox.list({ ...conversation, size: 2, after: ids[1] })
      const path = `https://sandbox.invalid/v2/apps/${appId}/conversations/${conversationId}/participants`
      assert.deepStrictEqual(links.next, Option.some(`${path}?page[after]=${ids[3]}&page[size]=2`))
      assert.deepStrictEqual(links.prev, Option.some(`${path}?page[before]=${ids[2]}&page[size]=2`))
      const whole = yield* sandbox.list(conversation)
      assert.deepStrictEqual({ ...whole.links }, { prev: Option.none(), next: Option.none() })
    }),
  )

  it.effect.each([
    { name: "after the last participant", index: 4, direction: "after" },
    { name: "before the first participant", index: 0, direction: "before" },
  ] as const)("$name is an empty page", ({ direction, index }) =>
    Effect.gen(function* () {
      const sandbox = yield* make(5)
      const cursor = (yield* members(sandbox))[index]
      const page = yield* sandbox.list({ ...conversation, [direction]: cursor })
      assert.deepStrictEqual(idsOf(page), [])
      const onward = direction === "after" ? page.meta.afterCursor : page.meta.beforeCursor
      assert.deepStrictEqual(onward, Option.none())
    }),
  )

  it.effect.each(
    (["oldest first", "newest first"] as const).flatMap((order) =>
      (["after", "before"] as const).map((direction) => ({ order, direction })),
    ),
  )("an empty page $direction everybody, $order, has the cursor that leads back to them", ({ direction, order }) =>
    Effect.gen(function* () {
      const sandbox = yield* make(3, { order })
      const ids = idsOf(yield* sandbox.list(conversation))
      const beyond = yield* sandbox.list({ ...conversation, [direction]: ids.at(direction === "after" ? -1 : 0) })
      assert.deepStrictEqual(idsOf(beyond), [])
      const [back, cursor, link] =
        direction === "after"
          ? (["before", beyond.meta.beforeCursor, beyond.links.prev] as const)
          : (["after", beyond.meta.afterCursor, beyond.links.next] as const)
      const page = yield* sandbox.list({ ...conversation, [back]: Option.getOrThrow(cursor) })
      assert.deepStrictEqual(idsOf(page), ids)
      assert.include(Option.getOrThrow(link), Option.getOrThrow(cursor))
    }),
  )

  it.effect.each(["after", "before"] as const)(
    "%s takes a cursor in upper case for the same in lower case",
    (direction) =>
      Effect.gen(function* () {
        const sandbox = yield* make(20)
        const cursor = (yield* members(sandbox))[10]
        assert.match(cursor ?? "", /[a-f]/)
        const page = yield* sandbox.list({ ...conversation, [direction]: cursor?.toUpperCase() })
        assert.deepStrictEqual(page, yield* sandbox.list({ ...conversation, [direction]: cursor }))
        assert.isNotEmpty(page.participants)
      }),
  )

  it.effect("of a conversation with nobody in it is one empty page", () =>
    Effect.gen(function* () {
      const sandbox = yield* make(0)
      const page = yield* sandbox.list(conversation)
      assert.deepStrictEqual(idsOf(page), [])
      assert.deepStrictEqual(
        { ...page.meta },
        { hasMore: false, afterCursor: Option.none(), beforeCursor: Option.none() },
      )
    }),
  )

  it.effect("of a personal conversation shows its user", () =>
    Effect.gen(function* () {
      const sandbox = yield* make(1)
      const { participants } = yield* sandbox.list({ appId, conversationId: personalId })
      assert.deepStrictEqual(
        participants.map((participant) => participant.userId),
        [userId],
      )
    }),
  )

  it.effect.each([
    { request: { appId: "other", conversationId }, code: "app_not_found" },
    { request: { appId, conversationId: "other" }, code: "conversation_not_found" },
  ])("of $request is 404 $code", ({ code, request }) =>
    Effect.gen(function* () {
      const sandbox = yield* make(1)
      assertRefused(yield* Effect.flip(sandbox.list(request)), { tag: "NotFound", operation: "list", code })
    }),
  )

  it.effect("with both cursors is 400", () =>
    Effect.gen(function* () {
      const sandbox = yield* make(5)
      const [cursor] = yield* members(sandbox)
      const error = yield* Effect.flip(sandbox.list({ ...conversation, after: cursor, before: cursor }))
      assertRefused(error, { tag: "BadRequest", operation: "list", code: "bad_request" })
    }),
  )
})

describe("the rule joiningTwice", () => {
  it.effect(`as "same participant": gives the participant there is`, () =>
    Effect.gen(function* () {
      const sandbox = yield* make(1, { joiningTwice: "same participant" })
      const first = yield* sandbox.join(newcomer)
      const second = yield* sandbox.join({ ...conversation, userExternalId, subscribeSDKClient: true })
      assert.deepStrictEqual(second, first)
      assert.lengthOf(yield* sandbox.participants(conversation), 2)
      const calls = yield* sandbox.calls
      assert.deepStrictEqual(
        calls.map(({ changed }) => changed),
        [true, false],
      )
    }),
  )

  it.effect(`as "bad request": is 400, and the first membership stays`, () =>
    Effect.gen(function* () {
      const sandbox = yield* make(1, { joiningTwice: "bad request" })
      yield* sandbox.join(newcomer)
      const error = yield* Effect.flip(sandbox.join(newcomer))
      assertRefused(error, { tag: "BadRequest", operation: "join", code: "bad_request" })
      assert.lengthOf(yield* sandbox.participants(conversation), 2)
    }),
  )

  it.effect.each([undefined, "another participant"] as const)(
    "as %s: makes a second membership of the same user",
    (joiningTwice) =>
      Effect.gen(function* () {
        const sandbox = yield* make(1, { joiningTwice })
        const first = yield* sandbox.join(newcomer)
        const second = yield* sandbox.join(newcomer)
        assert.notStrictEqual(second.id, first.id)
        assert.strictEqual(second.userId, first.userId)
        assert.lengthOf(yield* sandbox.participants(conversation), 3)
        yield* sandbox.leave({ ...conversation, participantId: first.id })
        assert.deepStrictEqual((yield* members(sandbox)).slice(1), [second.id])
      }),
  )
})

describe("the rule joiningPersonal", () => {
  const stranger = { appId, conversationId: personalId, userId: "67179a2930a150d500000001", subscribeSDKClient: true }

  it.effect.each([undefined, "bad request"] as const)("as %s: is 400", (joiningPersonal) =>
    Effect.gen(function* () {
      const sandbox = yield* make(1, { joiningPersonal })
      const error = yield* Effect.flip(sandbox.join(stranger))
      assertRefused(error, { tag: "BadRequest", operation: "join", code: "bad_request" })
      assert.lengthOf(yield* sandbox.participants(stranger), 1)
    }),
  )

  it.effect(`as "allowed": joins`, () =>
    Effect.gen(function* () {
      const sandbox = yield* make(1, { joiningPersonal: "allowed" })
      assert.strictEqual((yield* sandbox.join(stranger)).userId, stranger.userId)
      assert.lengthOf(yield* sandbox.participants(stranger), 2)
    }),
  )
})

describe("the rule leavingPersonal", () => {
  const personal = { appId, conversationId: personalId, userId }

  it.effect.each([undefined, "bad request"] as const)("as %s: is 400", (leavingPersonal) =>
    Effect.gen(function* () {
      const sandbox = yield* make(1, { leavingPersonal })
      assertRefused(yield* Effect.flip(sandbox.leave(personal)), {
        tag: "BadRequest",
        operation: "leave",
        code: "bad_request",
      })
      assert.lengthOf(yield* sandbox.participants(personal), 1)
    }),
  )

  it.effect(`as "allowed": leaves`, () =>
    Effect.gen(function* () {
      const sandbox = yield* make(1, { leavingPersonal: "allowed" })
      yield* sandbox.leave(personal)
      assert.lengthOf(yield* sandbox.participants(personal), 0)
    }),
  )
})

describe("the rule unknownUserLeaving", () => {
  const references = [{ userId: "nobody" }, { userExternalId: "nobody" }]

  it.effect.each([
    { rule: undefined, code: "user_not_found" },
    { rule: "user_not_found", code: "user_not_found" },
    { rule: "not_found", code: "not_found" },
  ] as const)("as $rule: a user who does not exist is 404 $code", ({ code, rule }) =>
    Effect.gen(function* () {
      const sandbox = yield* make(1, { unknownUserLeaving: rule })
      for (const reference of references) {
        const error = yield* Effect.flip(sandbox.leave({ ...conversation, ...reference }))
        assertRefused(error, { tag: "NotFound", operation: "leave", code })
      }
    }),
  )

  it.effect("says nothing of a participant who does not exist", () =>
    Effect.gen(function* () {
      const sandbox = yield* make(1)
      const error = yield* Effect.flip(sandbox.leave({ ...conversation, participantId: "nobody" }))
      assertRefused(error, { tag: "NotFound", operation: "leave", code: "not_found" })
    }),
  )
})

describe("the rule maxParticipants", () => {
  it.effect("does not hold for a seed and addParticipant", () =>
    Effect.gen(function* () {
      const sandbox = yield* make(3, { maxParticipants: 2 })
      yield* sandbox.addParticipant({ ...conversation, userId })
      assert.lengthOf(yield* sandbox.participants(conversation), 4)
    }),
  )

  it.effect("as a number: one more is 400, until somebody leaves", () =>
    Effect.gen(function* () {
      const sandbox = yield* make(3, { maxParticipants: 4, joiningTwice: "same participant" })
      yield* sandbox.addUser(appId, { id: "one-more" })
      yield* sandbox.join(newcomer)
      const oneMore = { ...conversation, userId: "one-more", subscribeSDKClient: true }
      const error = yield* Effect.flip(sandbox.join(oneMore))
      assertRefused(error, {
        tag: "BadRequest",
        operation: "join",
        code: "bad_request",
        title: "Too many participants",
      })
      assert.strictEqual((yield* sandbox.join(newcomer)).userId, userId)
      yield* sandbox.leave({ ...conversation, userId })
      assert.strictEqual((yield* sandbox.join(oneMore)).userId, "one-more")
    }),
  )

  it.effect("left out: there is no limit", () =>
    Effect.gen(function* () {
      const sandbox = yield* make(1000)
      yield* sandbox.join(newcomer)
      assert.lengthOf(yield* sandbox.participants(conversation), 1001)
    }),
  )
})

describe("the rule missingSubscribeSDKClient", () => {
  it.effect.each([undefined, "bad request"] as const)("as %s: is 400", (missingSubscribeSDKClient) =>
    Effect.gen(function* () {
      const sandbox = yield* make(1, { missingSubscribeSDKClient })
      const error = yield* Effect.flip(sandbox.join({ ...conversation, userId }))
      assertRefused(error, {
        tag: "BadRequest",
        operation: "join",
        code: "bad_request",
        title: `"subscribeSDKClient" is required`,
      })
    }),
  )

  it.effect(`as "false": joins`, () =>
    Effect.gen(function* () {
      const sandbox = yield* make(1, { missingSubscribeSDKClient: "false" })
      assert.strictEqual((yield* sandbox.join({ ...conversation, userId })).userId, userId)
    }),
  )
})

describe("the rule severalReferences", () => {
  it.effect.each([undefined, "bad request"] as const)("as %s: is 400 for a join and a leave", (severalReferences) =>
    Effect.gen(function* () {
      const sandbox = yield* make(1, { severalReferences })
      const both = { ...newcomer, userExternalId }
      assertRefused(yield* Effect.flip(sandbox.join(both)), {
        tag: "BadRequest",
        operation: "join",
        code: "bad_request",
      })
      assertRefused(yield* Effect.flip(sandbox.leave(both)), {
        tag: "BadRequest",
        operation: "leave",
        code: "bad_request",
      })
    }),
  )

  it.effect(`as "first": userId comes before userExternalId, and that before participantId`, () =>
    Effect.gen(function* () {
      const sandbox = yield* make(3, { severalReferences: "first" })
      const [one, , three] = yield* sandbox.participants(conversation)
      assert.isDefined(one)
      assert.isDefined(three)
      const joined = yield* sandbox.join({ ...newcomer, userExternalId: "member-1" })
      assert.strictEqual(joined.userId, userId)
      yield* sandbox.leave({ ...conversation, userId, userExternalId: "member-1", participantId: three.id })
      assert.notInclude(yield* members(sandbox), joined.id)
      yield* sandbox.leave({ ...conversation, userExternalId: "member-1", participantId: three.id })
      assert.notInclude(yield* members(sandbox), one.id)
      assert.include(yield* members(sandbox), three.id)
    }),
  )
})

describe("the rule listDelay", () => {
  const listed = (sandbox: Sandbox.Sandbox["Service"]) => Effect.map(sandbox.list(conversation), idsOf)

  it.effect("left out: a list shows a join and a leave at once", () =>
    Effect.gen(function* () {
      const sandbox = yield* make(1)
      const { id } = yield* sandbox.join(newcomer)
      assert.include(yield* listed(sandbox), id)
      yield* sandbox.leave({ ...conversation, userId })
      assert.notInclude(yield* listed(sandbox), id)
    }),
  )

  it.effect("is a duration of the sandbox, however it was written", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual((yield* make(0)).rules.listDelay, Duration.zero)
      assert.deepStrictEqual((yield* make(0, { listDelay: 3000 })).rules.listDelay, Duration.seconds(3))
    }),
  )

  it.effect("as a duration: a list shows a join when it has passed, and not before", () =>
    Effect.gen(function* () {
      const sandbox = yield* make(1, { listDelay: "3 seconds" })
      const { id } = yield* sandbox.join(newcomer)
      assert.include(yield* members(sandbox), id)
      assert.notInclude(yield* listed(sandbox), id)
      yield* TestClock.adjust("2999 millis")
      assert.notInclude(yield* listed(sandbox), id)
      yield* TestClock.adjust("1 millis")
      assert.include(yield* listed(sandbox), id)
    }),
  )

  it.effect("as a duration: a list shows a participant until it has passed since the leave", () =>
    Effect.gen(function* () {
      const sandbox = yield* make(2, { listDelay: "3 seconds" })
      const [id = ""] = yield* members(sandbox)
      yield* sandbox.leave({ ...conversation, participantId: id })
      assert.notInclude(yield* members(sandbox), id)
      assert.include(yield* listed(sandbox), id)
      yield* TestClock.adjust("2999 millis")
      assert.include(yield* listed(sandbox), id)
      yield* TestClock.adjust("1 millis")
      assert.notInclude(yield* listed(sandbox), id)
    }),
  )

  it.effect("as a duration: who is there at first is shown at once", () =>
    Effect.gen(function* () {
      const sandbox = yield* make(2, { listDelay: "3 seconds" })
      assert.lengthOf(yield* listed(sandbox), 2)
    }),
  )

  it.effect("as a duration: a leave and a second join are about the membership, not about the list", () =>
    Effect.gen(function* () {
      const sandbox = yield* make(0, { listDelay: "3 seconds", joiningTwice: "same participant" })
      const joined = yield* sandbox.join(newcomer)
      assert.deepStrictEqual(yield* sandbox.join(newcomer), joined)
      yield* sandbox.leave({ ...conversation, userId })
      const error = yield* Effect.flip(sandbox.leave({ ...conversation, userId }))
      assert.strictEqual(error.code, "not_found")
    }),
  )

  it.effect("as a duration: holds for who comes and goes by another way too", () =>
    Effect.gen(function* () {
      const sandbox = yield* make(1, { listDelay: "3 seconds" })
      const { id } = yield* sandbox.addParticipant({ ...conversation, userId })
      assert.notInclude(yield* listed(sandbox), id)
      yield* TestClock.adjust("3 seconds")
      assert.include(yield* listed(sandbox), id)
      yield* sandbox.removeParticipant({ ...conversation, userId })
      assert.include(yield* listed(sandbox), id)
      yield* TestClock.adjust("3 seconds")
      assert.notInclude(yield* listed(sandbox), id)
    }),
  )
})

describe("the rule order", () => {
  it.effect.each([undefined, "oldest first"] as const)("as %s: a new participant is the last one", (order) =>
    Effect.gen(function* () {
      const sandbox = yield* make(3, { order })
      const { id } = yield* sandbox.join(newcomer)
      assert.deepStrictEqual(idsOf(yield* sandbox.list(conversation)), yield* members(sandbox))
      assert.strictEqual(idsOf(yield* sandbox.list(conversation)).at(-1), id)
    }),
  )

  it.effect(`as "newest first": a new participant is the first one, and pages follow that order both ways`, () =>
    Effect.gen(function* () {
      const sandbox = yield* make(4, { order: "newest first" })
      yield* sandbox.join(newcomer)
      const ids = (yield* members(sandbox)).toReversed()
      assert.deepStrictEqual(idsOf(yield* sandbox.list(conversation)), ids)
      const after = yield* sandbox.list({ ...conversation, size: 2, after: ids[1] })
      assert.deepStrictEqual(idsOf(after), ids.slice(2, 4))
      assert.deepStrictEqual(after.meta.afterCursor, Option.some(ids[3]))
      const before = yield* sandbox.list({ ...conversation, size: 2, before: ids[4] })
      assert.deepStrictEqual(idsOf(before), ids.slice(2, 4))
      assert.deepStrictEqual(before.meta.beforeCursor, Option.some(ids[2]))
    }),
  )
})

describe("the rule goneCursor", () => {
  const orders = ["oldest first", "newest first"] as const

  it.effect.each(orders)(`as "its place", %s: the page begins where the participant stood`, (order) =>
    Effect.gen(function* () {
      const sandbox = yield* make(5, { order, goneCursor: "its place" })
      const ids = idsOf(yield* sandbox.list(conversation))
      yield* sandbox.leave({ ...conversation, participantId: ids[2] })
      const after = yield* sandbox.list({ ...conversation, size: 2, after: ids[2] })
      assert.deepStrictEqual(idsOf(after), ids.slice(3))
      const before = yield* sandbox.list({ ...conversation, size: 2, before: ids[2] })
      assert.deepStrictEqual(idsOf(before), ids.slice(0, 2))
    }),
  )

  it.effect.each(
    orders.flatMap((order) => ([undefined, "bad request"] as const).map((goneCursor) => ({ order, goneCursor }))),
  )("as $goneCursor, $order: is 400 in both directions", ({ goneCursor, order }) =>
    Effect.gen(function* () {
      const sandbox = yield* make(5, { order, goneCursor })
      const ids = idsOf(yield* sandbox.list(conversation))
      yield* sandbox.leave({ ...conversation, participantId: ids[2] })
      for (const direction of ["after", "before"]) {
        const error = yield* Effect.flip(sandbox.list({ ...conversation, [direction]: ids[2] }))
        assertRefused(error, {
          tag: "BadRequest",
          operation: "list",
          code: "bad_request",
          title: "Invalid page query parameters",
        })
      }
      const page = yield* sandbox.list({ ...conversation, after: ids[3] })
      assert.deepStrictEqual(idsOf(page), ids.slice(4))
    }),
  )
})

describe("a cursor that is not the id of a record", () => {
  it.effect("is refused before the conversation is looked for", () =>
    Effect.gen(function* () {
      const sandbox = yield* make(1, { goneCursor: "its place" })
      for (const direction of ["after", "before"]) {
        for (const to of [conversation, { ...conversation, conversationId: "none" }]) {
          const error = yield* Effect.flip(sandbox.list({ ...to, [direction]: "my-cursor" }))
          assert.strictEqual(error._tag, "BadRequest")
        }
      }
    }),
  )
})

describe("the rule hasMoreBefore", () => {
  it.effect.each([
    { rule: undefined, middle: true, first: true },
    { rule: "before", middle: true, first: false },
    { rule: "after", middle: true, first: true },
  ] as const)("as $rule: hasMore is $middle on a middle page, and $first on the first one", ({ first, middle, rule }) =>
    Effect.gen(function* () {
      const sandbox = yield* make(5, { hasMoreBefore: rule })
      const ids = yield* members(sandbox)
      const middlePage = yield* sandbox.list({ ...conversation, size: 2, before: ids[4] })
      assert.strictEqual(middlePage.meta.hasMore, middle)
      const firstPage = yield* sandbox.list({ ...conversation, size: 2, before: ids[2] })
      assert.strictEqual(firstPage.meta.hasMore, first)
    }),
  )

  it.effect.each(["before", "after"] as const)("as %s: says nothing of a page that was asked for with after", (rule) =>
    Effect.gen(function* () {
      const sandbox = yield* make(5, { hasMoreBefore: rule })
      const ids = yield* members(sandbox)
      assert.strictEqual((yield* sandbox.list({ ...conversation, size: 2, after: ids[1] })).meta.hasMore, true)
      assert.strictEqual((yield* sandbox.list({ ...conversation, size: 2, after: ids[2] })).meta.hasMore, false)
    }),
  )
})

describe("calls", () => {
  it.effect("lists what was called, in order, and whether it changed anything", () =>
    Effect.gen(function* () {
      const sandbox = yield* make(1)
      yield* sandbox.join(newcomer)
      yield* sandbox.list(conversation)
      yield* sandbox.list({ ...conversation, after: undefined, before: "67a0ecf880e2647c00000001", size: 3 })
      yield* sandbox.leave({ ...conversation, userExternalId, userId: undefined })
      assert.deepStrictEqual(yield* sandbox.calls, [
        { operation: "join", ...conversation, user: { userId }, subscribeSDKClient: true, changed: true },
        { operation: "list", ...conversation, user: {}, changed: false },
        {
          operation: "list",
          ...conversation,
          user: {},
          page: { before: "67a0ecf880e2647c00000001", size: 3 },
          changed: false,
        },
        { operation: "leave", ...conversation, user: { userExternalId }, changed: true },
      ])
    }),
  )

  it.effect("lists calls that were refused", () =>
    Effect.gen(function* () {
      const sandbox = yield* make(1)
      yield* Effect.flip(sandbox.join({ ...newcomer, conversationId: "other" }))
      yield* Effect.flip(sandbox.leave({ ...conversation, userId }))
      assert.deepStrictEqual(
        (yield* sandbox.calls).map(({ changed, conversationId, operation }) => [operation, conversationId, changed]),
        [
          ["join", "other", false],
          ["leave", conversationId, false],
        ],
      )
    }),
  )

  it.effect("and arrivals are lists of their own each time they are asked for", () =>
    Effect.gen(function* () {
      const sandbox = yield* make(1)
      const before = [yield* sandbox.calls, yield* sandbox.arrivals]
      yield* sandbox.arrive("list", conversation)
      yield* sandbox.list(conversation)
      assert.deepStrictEqual(before, [[], []])
      assert.lengthOf(yield* sandbox.calls, 1)
      assert.lengthOf(yield* sandbox.arrivals, 1)
    }),
  )
})

describe("a test can change the sandbox", () => {
  it.effect("addUser: the user can join", () =>
    Effect.gen(function* () {
      const sandbox = yield* make(0)
      yield* sandbox.addUser(appId, {
        id: "ada",
        externalId: "ada@example.com",
        clients: [{ type: "whatsapp", id: "client" }],
      })
      const joined = yield* sandbox.join({
        ...conversation,
        userExternalId: "ada@example.com",
        subscribeSDKClient: false,
      })
      assert.strictEqual(joined.userId, "ada")
      assert.deepStrictEqual(
        joined.clientAssociations.map(({ clientId, type }) => [type, clientId]),
        [["whatsapp", Option.some("client")]],
      )
    }),
  )

  it.effect("addConversation: it can be listed and joined", () =>
    Effect.gen(function* () {
      const sandbox = yield* make(2)
      const another = { appId, conversationId: "another" }
      yield* sandbox.addConversation(appId, {
        id: "another",
        type: "sdkGroup",
        participants: ["67179a2930a150d500000002", "67179a2930a150d500000001"],
      })
      yield* sandbox.join({ ...another, userId, subscribeSDKClient: true })
      assert.deepStrictEqual(
        (yield* sandbox.list(another)).participants.map((participant) => participant.userId),
        ["67179a2930a150d500000002", "67179a2930a150d500000001", userId],
      )
    }),
  )

  it.effect("addParticipant and removeParticipant: somebody joins or leaves, and no call is recorded", () =>
    Effect.gen(function* () {
      const sandbox = yield* make(1)
      const { id } = yield* sandbox.addParticipant({ ...conversation, userId })
      assert.strictEqual((yield* members(sandbox)).at(-1), id)
      yield* sandbox.removeParticipant({ ...conversation, userId })
      assert.notInclude(yield* members(sandbox), id)
      assert.deepStrictEqual(yield* sandbox.calls, [])
    }),
  )

  it.effect("and looks at it when the effect runs, not when it is made", () =>
    Effect.gen(function* () {
      const sandbox = yield* make(0)
      const another = { appId, conversationId: "another" }
      const roster = sandbox.participants(another)
      yield* sandbox.addConversation(appId, { id: "another", type: "sdkGroup", participants: [userId] })
      assert.lengthOf(yield* roster, 1)
    }),
  )

  const sandboxOfTwo = Sandbox.demoSeed({ members: 1, rules: { joiningTwice: "bad request" } })
  const taken = "67179a2930a150d500000001"
  const wrong: ReadonlyArray<
    readonly [what: string, change: (sandbox: Sandbox.Sandbox["Service"]) => Effect.Effect<unknown>, message: string]
  > = [
    ["an app that is not there", (sandbox) => sandbox.addUser("other", { id: "ada" }), "the sandbox has no app other"],
    [
      "the roster of an app that is not there",
      (sandbox) => sandbox.participants({ ...conversation, appId: "other" }),
      "the sandbox has no app other",
    ],
    [
      "the roster of a conversation that is not there",
      (sandbox) => sandbox.participants({ appId, conversationId: "c" }),
      `app ${appId} has no conversation c`,
    ],
    [
      "a conversation in an app that is not there",
      (sandbox) => sandbox.addConversation("other", { id: "c", type: "sdkGroup" }),
      "the sandbox has no app other",
    ],
    [
      "a conversation with a participant who is no user",
      (sandbox) => sandbox.addConversation(appId, { id: "c", type: "sdkGroup", participants: [userId, "nobody"] }),
      `app ${appId} has no user nobody`,
    ],
    [
      "a participant who is no user",
      (sandbox) => sandbox.addParticipant({ ...conversation, userId: "nobody" }),
      `app ${appId} has no user nobody`,
    ],
    [
      "a participant in a conversation that is not there",
      (sandbox) => sandbox.addParticipant({ appId, conversationId: "c", userId }),
      `app ${appId} has no conversation c`,
    ],
    [
      "a participant who has joined",
      (sandbox) => sandbox.addParticipant({ ...conversation, userId: taken }),
      `user ${taken} has joined already`,
    ],
    [
      "the end of a membership that is not there",
      (sandbox) => sandbox.removeParticipant({ ...conversation, userId }),
      `user ${userId} has not joined`,
    ],
    [
      "the end of a membership in a conversation that is not there",
      (sandbox) => sandbox.removeParticipant({ appId, conversationId: "c", userId }),
      `app ${appId} has no conversation c`,
    ],
    [
      "a user who is there",
      (sandbox) => sandbox.addUser(appId, { id: taken }),
      `the id of a user of app ${appId} ${taken} is there twice`,
    ],
    [
      "an external id that is there",
      (sandbox) => sandbox.addUser(appId, { id: "ada", externalId: "member-1" }),
      `the external id of a user of app ${appId} member-1 is there twice`,
    ],
    [
      "a conversation that is there",
      (sandbox) => sandbox.addConversation(appId, { id: conversationId, type: "sdkGroup" }),
      `the id of a conversation of app ${appId} ${conversationId} is there twice`,
    ],
  ]

  it.effect.each(wrong)("and %s is a defect that says so, and changes nothing", ([, change, message]) =>
    Effect.gen(function* () {
      const sandbox = yield* Sandbox.make(sandboxOfTwo)
      const before = yield* sandbox.participants(conversation)
      const exit = yield* Effect.exit(change(sandbox))
      assert.strictEqual(messageOfDefect(exit), message)
      assert.deepStrictEqual(yield* sandbox.participants(conversation), before)
      // What was refused can still be added in a right way.
      yield* sandbox.addUser(appId, { id: "ada" })
      yield* sandbox.addConversation(appId, { id: "c", type: "sdkGroup", participants: ["ada"] })
    }),
  )

  it.effect("and a participant who has joined joins again where the rules allow another one", () =>
    Effect.gen(function* () {
      const sandbox = yield* make(1, { joiningTwice: "another participant" })
      yield* sandbox.addParticipant({ ...conversation, userId: taken })
      assert.lengthOf(yield* sandbox.participants(conversation), 2)
    }),
  )
})

// ---------------------------------------------------------------------------
// Seeds
// ---------------------------------------------------------------------------

const messageOfDefect = (exit: Exit.Exit<unknown>): unknown => {
  const defect = Exit.findDefect(exit)
  return Result.isSuccess(defect) && defect.success instanceof Error ? defect.success.message : exit
}

describe("a seed", () => {
  const group = (...participants: ReadonlyArray<string | Sandbox.Member>): Sandbox.Conversation => ({
    id: "c",
    type: "sdkGroup",
    participants,
  })

  const seed = (app: Partial<Sandbox.App>, rules?: Sandbox.Choices): Sandbox.Seed => ({
    apps: [{ id: "app", users: [{ id: "ada" }], ...app }],
    rules,
  })

  /** What a caller without types writes. */
  const untyped = (fields: object) => ({ ...fields })

  const own = { id: "c", type: "sdkGroup" } as const

  it.effect("says what a participant has not read, and when they last read", () =>
    Effect.gen(function* () {
      const lastRead = DateTime.makeUnsafe("2026-01-02T03:04:05.000Z")
      const sandbox = yield* Sandbox.make(seed({ conversations: [group({ userId: "ada", unreadCount: 3, lastRead })] }))
      const page = yield* sandbox.list({ appId: "app", conversationId: "c" })
      assert.deepStrictEqual(
        page.participants.map((participant) => [participant.userId, participant.unreadCount, participant.lastRead]),
        [["ada", 3, Option.some(lastRead)]],
      )
    }),
  )

  it.effect("may leave a rule undefined: then the default holds", () =>
    Effect.gen(function* () {
      const rules = { joiningPersonal: undefined }
      const sandbox = yield* Sandbox.make(seed({ conversations: [{ id: "p", type: "personal" }] }, rules))
      const error = yield* Effect.flip(
        sandbox.join({ appId: "app", conversationId: "p", userId: "ada", subscribeSDKClient: true }),
      )
      assertRefused(error, { tag: "BadRequest", operation: "join", code: "bad_request" })
    }),
  )

  it.effect("may have a user join twice where the rules allow another participant", () =>
    Effect.gen(function* () {
      const sandbox = yield* Sandbox.make(
        seed({ conversations: [group("ada", "ada")] }, { joiningTwice: "another participant" }),
      )
      assert.lengthOf(yield* sandbox.participants({ appId: "app", conversationId: "c" }), 2)
    }),
  )

  it.effect.each<readonly [what: string, seed: Sandbox.Seed, message: string]>([
    ["an app without an id", seed({ id: "" }), "the id of an app is empty"],
    ["an app twice", { apps: [{ id: "app" }, { id: "app" }], credentials: [] }, "the id of an app app is there twice"],
    ["a user without an id", seed({ users: [{ id: "" }] }), "the id of a user of app app is empty"],
    ["a user twice", seed({ users: [{ id: "a" }, { id: "a" }] }), "the id of a user of app app a is there twice"],
    [
      "an empty external id",
      seed({ users: [{ id: "a", externalId: "" }] }),
      "the external id of a user of app app is empty",
    ],
    [
      "an external id twice",
      seed({
        users: [
          { id: "a", externalId: "x" },
          { id: "b", externalId: "x" },
        ],
      }),
      "the external id of a user of app app x is there twice",
    ],
    [
      "a conversation without an id",
      seed({ conversations: [{ id: "", type: "sdkGroup" }] }),
      "the id of a conversation of app app is empty",
    ],
    [
      "a conversation twice",
      seed({ conversations: [group(), group()] }),
      "the id of a conversation of app app c is there twice",
    ],
    ["a participant who is no user", seed({ conversations: [group("nobody")] }), "app app has no user nobody"],
    [
      "a participant twice",
      seed({ conversations: [group("ada", "ada")] }, { joiningTwice: "same participant" }),
      "user ada has joined already",
    ],
    [
      "a key of the scope app, and several apps it may be of",
      {
        apps: [{ id: "one" }, { id: "two" }],
        credentials: [{ keyId: "app_key", secret: Redacted.make("secret"), scope: "app" }],
      },
      "the credential of the scope app app_key has no app",
    ],
    [
      "a token of the scope app, and no app",
      { apps: [], credentials: [{ token: Redacted.make("token"), scope: "app" }] },
      "the credential of the scope app has no app",
    ],
    [
      "a limit of less than none",
      seed({}, { maxParticipants: -1 }),
      "the rule maxParticipants is a whole number, 0 or more, not -1",
    ],
    [
      "a limit that is no number",
      seed({}, { maxParticipants: Number.NaN }),
      "the rule maxParticipants is a whole number, 0 or more, not NaN",
    ],
    [
      "a delay of less than nothing",
      seed({}, { listDelay: "-5 seconds" }),
      'the rule listDelay is a duration of zero or more, not "-5 seconds"',
    ],
    [
      "a delay that is no number",
      seed({}, { listDelay: Number.NaN }),
      "the rule listDelay is a duration of zero or more, not NaN",
    ],
    [
      "a choice that there is not",
      seed({}, untyped({ joiningTwice: "nope" })),
      'Expected "another participant" | "same participant" | "bad request"\n  at ["rules"]["joiningTwice"]',
    ],
    [
      "null for a choice",
      seed({}, untyped({ order: null })),
      'Expected "oldest first" | "newest first" | undefined\n  at ["rules"]["order"]',
    ],
    [
      "a rule that there is not",
      seed({}, untyped({ maxParticipant: 1 })),
      `a rule is one of ${Object.keys(Sandbox.defaultRules)
        .map((rule) => `"${rule}"`)
        .join(", ")}, not "maxParticipant"`,
    ],
    [
      "a misspelled field",
      { apps: [], ...untyped({ app: [] }) },
      'a field of a seed is one of "apps", "credentials", "rules", "faults", "conversationIds", "userIds", not "app"',
    ],
    [
      "a misspelled field of an app",
      seed(untyped({ conversation: [] })),
      'a field of app app is one of "id", "users", "conversations", not "conversation"',
    ],
    [
      "a misspelled field of a user",
      seed({ users: [{ id: "ada", ...untyped({ external: "x" }) }] }),
      'a field of a user of app app is one of "id", "externalId", "clients", not "external"',
    ],
    [
      "a misspelled field of a conversation",
      seed({ conversations: [{ ...own, ...untyped({ members: [] }) }] }),
      'a field of conversation c of app app is one of "id", "type", "participants", not "members"',
    ],
    [
      "a misspelled field of a participant",
      seed({ conversations: [group({ userId: "ada", ...untyped({ unread: 1 }) })] }),
      'a field of a participant of app app is one of "userId", "unreadCount", "lastRead", not "unread"',
    ],
    [
      "a misspelled field of a credential",
      {
        apps: [],
        credentials: [{ scope: "account", token: Redacted.make("token"), ...untyped({ app: "one" }) }],
      },
      'a field of a credential is one of "scope", "appId", "keyId", "secret", "token", not "app"',
    ],
    [
      "a type of conversation that there is not",
      seed({ conversations: [{ ...own, ...untyped({ type: "group" }) }] }),
      'the type of conversation c of app app is one of "sdkGroup", "personal", not "group"',
    ],
  ])("with %s is a defect that says so", ([, wrong, message]) =>
    Effect.gen(function* () {
      assert.strictEqual(messageOfDefect(yield* Effect.exit(Sandbox.make(wrong))), message)
    }),
  )

  it.each([-1, 0.5, Number.NaN])("cannot be a demo of %d participants", (participants) => {
    assert.throws(() => Sandbox.demoSeed({ members: participants }), `a whole number, 0 or more, not ${participants}`)
  })

  it("cannot be a demo with a misspelled option", () => {
    assert.throws(
      () => Sandbox.demoSeed({ ...untyped({ member: 3 }) }),
      'a field of the options of demoSeed is one of "conversations", "users", "members", "rules", "faults", not "member"',
    )
  })

  it.each([0, 0.5, Number.NaN])("cannot be a demo of %d conversations or users", (count) => {
    assert.throws(() => Sandbox.demoSeed({ conversations: count }), `a whole number, 1 or more, not ${count}`)
    assert.throws(() => Sandbox.demoSeed({ users: count }), `a whole number, 1 or more, not ${count}`)
  })
})

describe("apps", () => {
  it.effect("are apart from each other, with the same ids in each", () =>
    Effect.gen(function* () {
      const app = (id: string): Sandbox.App => ({
        id,
        users: [{ id: "ada" }],
        conversations: [{ id: "c", type: "sdkGroup" }],
      })
      const sandbox = yield* Sandbox.make({ apps: [app("one"), app("two")], credentials: [] })
      yield* sandbox.join({ appId: "one", conversationId: "c", userId: "ada", subscribeSDKClient: true })
      assert.lengthOf((yield* sandbox.list({ appId: "one", conversationId: "c" })).participants, 1)
      assert.lengthOf((yield* sandbox.list({ appId: "two", conversationId: "c" })).participants, 0)
    }),
  )
})
