import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import { Participants, SunshineError } from "@effect-sunco/core"
import { Credentials } from "@effect-sunco/http"
import { Sandbox } from "@effect-sunco/testing"
import { demoKey, inProcess, overSockets } from "./support/doors.ts"

const { appId, conversationId, personalId, userExternalId, userId } = Sandbox.demo

const conversation = { appId, conversationId }

const token = Redacted.make("sandbox-token")

const seedOf = (rules: Partial<Sandbox.Rules> = {}): Sandbox.Seed => {
  const seed = Sandbox.demoSeed({ members: 30, rules })
  return { ...seed, credentials: [...seed.credentials, { token, scope: "integration", appId }] }
}

describe.each([
  { door: "in process", layer: inProcess },
  { door: "over sockets", layer: overSockets },
])("$door", ({ layer }) => {
  /** Runs a test on a sandbox of its own. `statuses` gets the status of each answer. */
  const run =
    (options: { readonly rules?: Partial<Sandbox.Rules>; readonly credentials?: Credentials.Credentials } = {}) =>
    <A, E>(
      test: (context: {
        readonly participants: Participants.Participants["Service"]
        readonly sandbox: Sandbox.Sandbox["Service"]
        readonly statuses: ReadonlyArray<number>
      }) => Effect.Effect<A, E>,
    ) => {
      const { rules, ...rest } = options
      const statuses: Array<number> = []
      return Effect.gen(function* () {
        const participants = yield* Participants.Participants
        const sandbox = yield* Sandbox.Sandbox
        return yield* test({ participants, sandbox, statuses })
      }).pipe(Effect.provide(layer(seedOf(rules), { ...rest, statuses })))
    }

  describe("join", () => {
    it.live.each([
      { by: "userId", reference: { userId } },
      { by: "userExternalId", reference: { userExternalId } },
    ])("by $by is 201, and gives the new participant", ({ reference }) =>
      run()(
        Effect.fnUntraced(function* ({ participants, sandbox, statuses }) {
          const joined = yield* participants.join({ ...conversation, ...reference })
          assert.strictEqual(joined.userId, userId)
          assert.deepStrictEqual(joined.userExternalId, Option.some(userExternalId))
          assert.deepStrictEqual((yield* sandbox.participants(conversation)).at(-1), joined)
          assert.deepStrictEqual(statuses, [201])
        }),
      ),
    )

    it.live("without subscribeSDKClient sends false, which the API requires", () =>
      run({ rules: { missingSubscribeSDKClient: "bad request" } })(
        Effect.fnUntraced(function* ({ participants, statuses }) {
          yield* participants.join({ ...conversation, userId })
          assert.deepStrictEqual(statuses, [201])
        }),
      ),
    )

    it.live("of a user who has joined gives the same participant", () =>
      run({ rules: { joiningTwice: "same participant" } })(
        Effect.fnUntraced(function* ({ participants, sandbox }) {
          const first = yield* participants.join({ ...conversation, userId, subscribeSDKClient: true })
          assert.deepStrictEqual(yield* participants.join({ ...conversation, userExternalId }), first)
          assert.lengthOf(yield* sandbox.participants(conversation), 31)
        }),
      ),
    )

    it.live.each<{
      readonly name: string
      readonly rules?: Partial<Sandbox.Rules>
      readonly change: object
      readonly tag: string
      readonly code: string
      readonly status: number
    }>([
      {
        name: "one participant too many",
        rules: { maxParticipants: 30 },
        change: {},
        tag: "BadRequest",
        code: "bad_request",
        status: 400,
      },
      {
        name: "a personal conversation",
        change: { conversationId: personalId },
        tag: "BadRequest",
        code: "bad_request",
        status: 400,
      },
      {
        name: "a conversation that does not exist",
        change: { conversationId: "missing" },
        tag: "NotFound",
        code: "conversation_not_found",
        status: 404,
      },
      {
        name: "a user who does not exist",
        change: { userId: "missing" },
        tag: "NotFound",
        code: "user_not_found",
        status: 404,
      },
    ])("with $name is $status, and fails with $tag $code", ({ change, code, rules = {}, status, tag }) =>
      run({ rules })(
        Effect.fnUntraced(function* ({ participants, sandbox, statuses }) {
          const error = yield* Effect.flip(participants.join({ ...conversation, userId, ...change }))
          assert.strictEqual(error._tag, tag)
          assert.strictEqual(error.operation, "join")
          assert.strictEqual("code" in error ? error.code : undefined, code)
          assert.deepStrictEqual(statuses, [status])
          assert.lengthOf(yield* sandbox.participants(conversation), 30)
        }),
      ),
    )
  })

  describe("leave", () => {
    it.live.each(["userId", "userExternalId", "participantId"] as const)(
      "by %s is 200, and ends the membership",
      (by) =>
        run()(
          Effect.fnUntraced(function* ({ participants, sandbox, statuses }) {
            const [first] = yield* sandbox.participants(conversation)
            assert.isDefined(first)
            const request = {
              userId: { userId: first.userId },
              userExternalId: { userExternalId: Option.getOrThrow(first.userExternalId) },
              participantId: { participantId: first.id },
            }[by]
            assert.isUndefined(yield* participants.leave({ ...conversation, ...request }))
            const left = yield* sandbox.participants(conversation)
            assert.lengthOf(left, 29)
            assert.isFalse(left.some(({ id }) => id === first.id))
            assert.deepStrictEqual(statuses, [200])
          }),
        ),
    )

    it.live.each([
      { name: "by userId, of no member", request: { ...conversation, userId }, code: "not_found" },
      { name: "by userExternalId, of no member", request: { ...conversation, userExternalId }, code: "not_found" },
      {
        name: "by participantId, of no member",
        request: { ...conversation, participantId: "missing" },
        code: "not_found",
      },
      {
        name: "of a conversation that does not exist",
        request: { appId, conversationId: "missing", userId },
        code: "conversation_not_found",
      },
    ])("$name is 404, and fails with NotFound $code", ({ code, request }) =>
      run()(
        Effect.fnUntraced(function* ({ participants, statuses }) {
          const error = yield* Effect.flip(participants.leave(request))
          assert.instanceOf(error, SunshineError.NotFound)
          assert.strictEqual(error.operation, "leave")
          assert.strictEqual(error.code, code)
          assert.deepStrictEqual(statuses, [404])
        }),
      ),
    )
  })

  describe("list", () => {
    it.live("is 200, and gives the first 25 participants unless told", () =>
      run()(
        Effect.fnUntraced(function* ({ participants, sandbox, statuses }) {
          const members = yield* sandbox.participants(conversation)
          const page = yield* participants.list(conversation)
          assert.deepStrictEqual(page.participants, members.slice(0, 25))
          assert.strictEqual(page.meta.hasMore, true)
          assert.deepStrictEqual(page.meta.afterCursor, Option.some(members[24]?.id))
          assert.deepStrictEqual(page.meta.beforeCursor, Option.none())
          assert.isTrue(Option.isSome(page.links.next))
          assert.deepStrictEqual(statuses, [200])
        }),
      ),
    )

    it.live("gives the page after a cursor, or before one", () =>
      run()(
        Effect.fnUntraced(function* ({ participants, sandbox }) {
          const members = yield* sandbox.participants(conversation)
          const [, second, , fourth] = members.map(({ id }) => id)
          assert.isDefined(second)
          assert.isDefined(fourth)
          const after = yield* participants.list({ ...conversation, page: { after: second, size: 3 } })
          assert.deepStrictEqual(after.participants, members.slice(2, 5))
          const before = yield* participants.list({ ...conversation, page: { before: fourth, size: 2 } })
          assert.deepStrictEqual(before.participants, members.slice(1, 3))
        }),
      ),
    )

    it.live("with a cursor that the API refuses is 400, and fails with BadRequest bad_request", () =>
      run({ rules: { goneCursor: "bad request" } })(
        Effect.fnUntraced(function* ({ participants, statuses }) {
          const error = yield* Effect.flip(
            participants.list({ ...conversation, page: { after: "55c8d9758590aa1900b9b9f6" } }),
          )
          assert.instanceOf(error, SunshineError.BadRequest)
          assert.strictEqual(error.operation, "list")
          assert.strictEqual(error.code, "bad_request")
          assert.strictEqual(error.errors[0]?.title, "Invalid page query parameters")
          assert.deepStrictEqual(statuses, [400])
        }),
      ),
    )

    it.live("of a conversation that does not exist is 404, and fails with NotFound conversation_not_found", () =>
      run()(
        Effect.fnUntraced(function* ({ participants, statuses }) {
          const error = yield* Effect.flip(participants.list({ appId, conversationId: "missing" }))
          assert.instanceOf(error, SunshineError.NotFound)
          assert.strictEqual(error.operation, "list")
          assert.strictEqual(error.code, "conversation_not_found")
          assert.deepStrictEqual(statuses, [404])
        }),
      ),
    )
  })

  describe("credentials", () => {
    it.live.each([
      { kind: "basic", credentials: Credentials.basic(demoKey) },
      { kind: "a bearer token", credentials: Credentials.bearer(token) },
      { kind: "a bearer token from an effect", credentials: Credentials.bearer(Effect.succeed(token)) },
      { kind: "a JWT", credentials: Credentials.jwt({ ...demoKey, scope: "app" }) },
    ])("of the kind $kind open all three operations", ({ credentials }) =>
      run({ credentials })(
        Effect.fnUntraced(function* ({ participants, sandbox, statuses }) {
          const joined = yield* participants.join({ ...conversation, userId })
          assert.lengthOf((yield* participants.list({ ...conversation, page: { size: 100 } })).participants, 31)
          yield* participants.leave({ ...conversation, participantId: joined.id })
          assert.deepStrictEqual(statuses, [201, 200, 200])
          assert.deepStrictEqual(
            (yield* sandbox.calls).map(({ operation }) => operation),
            ["join", "list", "leave"],
          )
        }),
      ),
    )

    const wrong = Redacted.make("wrong")

    it.live.each([
      { kind: "basic with a wrong secret", credentials: Credentials.basic({ ...demoKey, secret: wrong }) },
      { kind: "a wrong bearer token", credentials: Credentials.bearer(wrong) },
      {
        kind: "a JWT that is signed with a wrong secret",
        credentials: Credentials.jwt({ ...demoKey, secret: wrong, scope: "app" }),
      },
      { kind: "a JWT with a wrong scope", credentials: Credentials.jwt({ ...demoKey, scope: "account" }) },
    ])("of the kind $kind fail with Unauthorized, and change nothing", ({ credentials }) =>
      run({ credentials })(
        Effect.fnUntraced(function* ({ participants, sandbox, statuses }) {
          const [member] = yield* sandbox.participants(conversation)
          const errors = [
            yield* Effect.flip(participants.join({ ...conversation, userId })),
            yield* Effect.flip(participants.leave({ ...conversation, participantId: member?.id ?? "none" })),
            yield* Effect.flip(participants.list(conversation)),
          ]
          for (const error of errors) {
            assert.instanceOf(error, SunshineError.SunshineError)
            assert.instanceOf(error.reason, SunshineError.Unauthorized)
            assert.strictEqual(error.reason.errors[0]?.code, "unauthorized")
          }
          assert.isTrue(statuses.every((status) => status === 401))
          assert.deepStrictEqual(yield* sandbox.calls, [])
        }),
      ),
    )

    it.live("that do not reach the app fail with Forbidden, where the API says so", () =>
      run({ rules: { wrongApp: "forbidden" } })(
        Effect.fnUntraced(function* ({ participants, sandbox, statuses }) {
          const errors = [
            yield* Effect.flip(participants.join({ appId: "other", conversationId, userId })),
            yield* Effect.flip(participants.leave({ appId: "other", conversationId, userId })),
            yield* Effect.flip(participants.list({ appId: "other", conversationId })),
          ]
          for (const error of errors) {
            assert.instanceOf(error, SunshineError.SunshineError)
            assert.instanceOf(error.reason, SunshineError.Forbidden)
            assert.strictEqual(error.reason.errors[0]?.code, "forbidden")
          }
          assert.deepStrictEqual(statuses, [403, 403, 403])
          assert.deepStrictEqual(yield* sandbox.calls, [])
        }),
      ),
    )
  })

  describe("a bad request", () => {
    it.live("is refused before anything is sent", () =>
      run()(
        Effect.fnUntraced(function* ({ participants, sandbox, statuses }) {
          const errors = [
            yield* Effect.flip(participants.join({ appId, conversationId: "..", userId })),
            yield* Effect.flip(participants.leave({ ...conversation, userId: "" })),
            yield* Effect.flip(participants.list({ ...conversation, page: { size: 101 } })),
          ]
          for (const error of errors) {
            assert.instanceOf(error, SunshineError.SunshineError)
            assert.strictEqual(error.reason._tag, "InvalidRequest")
          }
          assert.deepStrictEqual(statuses, [])
          assert.deepStrictEqual(yield* sandbox.calls, [])
        }),
      ),
    )
  })

  describe("ids", () => {
    it.live.each(["a/b", "é", "%2F", "a b", "?x=1", "#y", "...", "a;b", "a&b=c", "+", "😀", "\\", ":id"])(
      "such as '%s' reach the API as they are",
      (id) =>
        run()(
          Effect.fnUntraced(function* ({ participants, sandbox }) {
            yield* sandbox.addUser(appId, { id, externalId: `external ${id}` })
            yield* sandbox.addConversation(appId, { id, type: "sdkGroup" })
            const awkward = { appId, conversationId: id }
            const joined = yield* participants.join({ ...awkward, userExternalId: `external ${id}` })
            assert.strictEqual(joined.userId, id)
            assert.lengthOf((yield* participants.list(awkward)).participants, 1)
            yield* participants.leave({ ...awkward, userId: id })
            assert.deepStrictEqual(
              (yield* sandbox.calls).map((call) => [call.operation, call.conversationId]),
              [
                ["join", id],
                ["list", id],
                ["leave", id],
              ],
            )
          }),
        ),
    )
  })
})
