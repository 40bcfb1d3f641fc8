/**
 * How every implementation of `Participants` behaves: a list of statements, each with the program that checks it.
 */
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Equal from "effect/Equal"
import * as Formatter from "effect/Formatter"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import { type Page, Paginator, type Participant, Participants, type SunshineError } from "@effect-sunco/core"
import { RetryPolicy } from "@effect-sunco/http"
import { Sandbox } from "@effect-sunco/testing"

// ---------------------------------------------------------------------------
// Models
// ---------------------------------------------------------------------------

/** A statement, the sandbox in which it holds, and a program that fails or dies where it does not hold. */
export interface Behaviour {
  readonly statement: string
  readonly seed: Sandbox.Seed
  readonly check: Effect.Effect<void, unknown, Participants.Participants | Sandbox.Sandbox>
}

// ---------------------------------------------------------------------------
// Seeds
// ---------------------------------------------------------------------------

const { appId, conversationId, personalId, userExternalId, userId } = Sandbox.demo

const conversation = { appId, conversationId }
const nowhere = { appId, conversationId: "ffffffffffffffffffffffff" }

const three = Sandbox.demoSeed({ members: 3 })

/** Three conversations that are easy to take for one another: two share an app, two share an id. */
const places = [
  conversation,
  { appId, conversationId: "029c31f25a21b47effd7be92" },
  { appId: "5d8cff3cd55b040010928b5c", conversationId },
] as const

const names = ["ada", "bob", "cyd", "dee", "eve", "fay", "gus", "hal"]

const userOf = (name: string): Sandbox.User => ({
  id: name,
  externalId: `${name}-outside`,
  clients: [
    { type: "whatsapp", id: `${name}-phone` },
    { type: "sdk", id: `${name}-browser` },
  ],
})

const users = names.map(userOf)

/** A user who joins again stays one participant. */
const once: Sandbox.Choices = { joiningTwice: "same participant" }

const reader: Sandbox.Member = {
  userId: "bob",
  unreadCount: 7,
  lastRead: DateTime.makeUnsafe("2026-01-02T03:04:05.678Z"),
}

/** Each of the places has other participants, with cyd among them; fay, gus and hal have joined none. */
const world: Sandbox.Seed = {
  apps: [
    {
      id: appId,
      users,
      conversations: [
        { id: conversationId, type: "sdkGroup", participants: ["ada", reader, "cyd", "dee", "eve"] },
        { id: places[1].conversationId, type: "sdkGroup", participants: ["dee", "cyd", "bob"] },
      ],
    },
    {
      id: places[2].appId,
      users,
      conversations: [{ id: conversationId, type: "sdkGroup", participants: ["eve", "cyd", "ada"] }],
    },
  ],
  // The key of the demo, here for both apps.
  credentials: [{ keyId: Sandbox.demo.keyId, secret: Redacted.make(Sandbox.demo.secret), scope: "account" }],
}

// ---------------------------------------------------------------------------
// Helpers
// ---------------------------------------------------------------------------

/** The service for callers without types: the parameters of methods, unlike those of properties, may be wider. */
interface WithoutTypes {
  join(request: unknown): Effect.Effect<unknown, Failure>
  leave(request: unknown): Effect.Effect<unknown, Failure>
  list(request: unknown): Effect.Effect<unknown, Failure>
}

type Check = Behaviour["check"]

type Failure = SunshineError.BadRequest | SunshineError.NotFound | SunshineError.SunshineError

const service = Participants.Participants
const calls = Effect.flatMap(Sandbox.Sandbox, (sandbox) => sandbox.calls)

const rosterOf = (place: Participant.ConversationReference) =>
  Effect.flatMap(Sandbox.Sandbox, (sandbox) => sandbox.participants(place))
const roster = rosterOf(conversation)
const usersByPlace = Effect.forEach(places, (place) =>
  Effect.map(rosterOf(place), (members) => members.map(({ userId }) => userId)),
)

const equal = (actual: unknown, expected: unknown, what: string): Effect.Effect<void> =>
  Equal.equals(actual, expected)
    ? Effect.void
    : Effect.die(new Error(`${what}: expected ${Formatter.format(expected)}, got ${Formatter.format(actual)}`))

/** An error in a few words: its tag, and what tells it from others of its tag. */
const inWords = (error: Failure): string => {
  if (error._tag !== "SunshineError") return `${error.operation} ${error._tag} ${error.code}`
  const { operation, reason } = error
  return `${operation} ${reason._tag}${reason._tag === "InvalidRequest" ? ` ${reason.field}` : ""}`
}

const fails = (call: Effect.Effect<unknown, Failure>, expected: string): Effect.Effect<void> =>
  Effect.matchEffect(call, {
    onFailure: (error) => equal(inWords(error), expected, "the error"),
    onSuccess: (value) =>
      Effect.die(
        new Error(`expected the call to fail with "${expected}", it succeeded with ${Formatter.format(value)}`),
      ),
  })

const idsOf = (page: Page.ParticipantPage): ReadonlyArray<string> => page.participants.map(({ id }) => id)

/** A list gives what the sandbox itself gives, to the last field. */
const lists = Effect.fnUntraced(function* (request: Page.ListRequest) {
  const { page: asked, ...place } = request
  const page = yield* (yield* service).list(request)
  const expected = yield* (yield* Sandbox.Sandbox).list({ ...place, ...asked })
  const what = `of the list ${Formatter.format(request)}`
  yield* equal(idsOf(page), idsOf(expected), `the ids ${what}`)
  for (const [index, participant] of expected.participants.entries()) {
    yield* equal(page.participants[index], participant, `a participant ${what}`)
  }
  yield* equal(page.meta, expected.meta, `the meta ${what}`)
  yield* equal(page.links, expected.links, `the links ${what}`)
})

const behaviour = (statement: string, check: Check, seed: Sandbox.Seed = three): Behaviour => ({
  statement,
  check,
  seed,
})

const failsWith = (
  statement: string,
  expected: string,
  call: (participants: Participants.Participants["Service"]) => Effect.Effect<unknown, Failure>,
): Behaviour =>
  behaviour(
    statement,
    Effect.gen(function* () {
      const before = yield* roster
      yield* fails(call(yield* service), expected)
      yield* equal(yield* roster, before, "the roster after the failure")
    }),
  )

/** Requests that cannot succeed are refused, and nothing is asked of the API. */
const refuses = (
  statement: string,
  operation: keyof WithoutTypes,
  field: string,
  ...requests: ReadonlyArray<object>
): Behaviour =>
  behaviour(
    statement,
    Effect.gen(function* () {
      const participants: WithoutTypes = yield* service
      for (const request of requests) {
        yield* fails(participants[operation]({ ...conversation, ...request }), `${operation} InvalidRequest ${field}`)
        yield* equal((yield* calls).length, 0, "the number of calls")
      }
    }),
  )

const keys = ["userId", "userExternalId", "participantId"] as const

/** A leave of a participant who was made for {@link userOf}, by one of the three ids. */
const leaveBy = (
  key: (typeof keys)[number],
  place: Participant.ConversationReference,
  { id, userId }: Participant.Participant,
): Participant.LeaveRequest => {
  if (key === "userId") return { ...place, userId }
  return key === "userExternalId" ? { ...place, userExternalId: `${userId}-outside` } : { ...place, participantId: id }
}

const cursor = "c".repeat(24)

// ---------------------------------------------------------------------------
// Behaviours
// ---------------------------------------------------------------------------

const joining: ReadonlyArray<Behaviour> = [
  behaviour(
    "a join by userId makes the user a participant, once",
    Effect.gen(function* () {
      const participant = yield* (yield* service).join({ ...conversation, userId })
      const members = yield* roster
      yield* equal(participant.userId, userId, "the user of the participant")
      yield* equal(participant.userExternalId, Option.some(userExternalId), "the external id of the participant")
      yield* equal(members.length, 4, "the number of participants")
      yield* equal(members.at(-1), participant, "the participant on the roster")
    }),
  ),
  behaviour(
    "a join by userExternalId makes the user a participant",
    Effect.gen(function* () {
      const participant = yield* (yield* service).join({ ...conversation, userExternalId })
      yield* equal(participant.userId, userId, "the user of the participant")
      yield* equal((yield* roster).length, 4, "the number of participants")
    }),
  ),
  behaviour(
    "a join is to the conversation that it names, and to no other",
    Effect.gen(function* () {
      const { join } = yield* service
      const before = yield* usersByPlace
      for (const [index, place] of places.entries()) {
        const participant = yield* join({ ...place, userId: "fay" })
        yield* equal((yield* rosterOf(place)).at(-1), participant, "the participant on the roster")
        const expected = before.map((members, other) => (other > index ? members : [...members, "fay"]))
        yield* equal(yield* usersByPlace, expected, "the users by conversation")
      }
    }),
    world,
  ),
  behaviour(
    "a user who joins twice is a participant once",
    Effect.gen(function* () {
      const participants = yield* service
      const first = yield* participants.join({ ...conversation, userId })
      const second = yield* participants.join({ ...conversation, userId })
      yield* equal(second, first, "the second participant")
      yield* equal((yield* roster).length, 4, "the number of participants")
    }),
    { ...three, rules: once },
  ),
  behaviour(
    "a join of a participant gives the participant there is, with every field",
    Effect.gen(function* () {
      const before = yield* roster
      yield* equal(yield* (yield* service).join({ ...conversation, userId: "bob" }), before[1], "the participant")
      yield* equal(yield* roster, before, "the roster")
    }),
    { ...world, rules: once },
  ),
  failsWith("a join of a user who does not exist is NotFound", "join NotFound user_not_found", ({ join }) =>
    join({ ...conversation, userId: "nobody" }),
  ),
  failsWith(
    "a join to a conversation that does not exist is NotFound",
    "join NotFound conversation_not_found",
    ({ join }) => join({ ...nowhere, userId }),
  ),
  failsWith("a join to a personal conversation is BadRequest", "join BadRequest bad_request", ({ join }) =>
    join({ appId, conversationId: personalId, userId }),
  ),
  behaviour(
    "a join to a full conversation is BadRequest, until somebody leaves it",
    Effect.gen(function* () {
      const { join, leave } = yield* service
      const before = yield* roster
      yield* fails(join({ ...conversation, userId: "fay" }), "join BadRequest bad_request")
      yield* equal(yield* roster, before, "the roster after the failure")
      yield* leave({ ...conversation, userId: "ada" })
      const participant = yield* join({ ...conversation, userId: "fay" })
      yield* equal(yield* roster, [...before.slice(1), participant], "the roster")
    }),
    { ...world, rules: { maxParticipants: 5 } },
  ),
  behaviour(
    "a join subscribes the SDK client if the caller says so, and says that it does not if the caller does not",
    Effect.gen(function* () {
      const { join } = yield* service
      yield* join({ ...conversation, userId: "fay" })
      yield* join({ ...conversation, userId: "gus", subscribeSDKClient: false })
      yield* join({ ...conversation, userId: "hal", subscribeSDKClient: true })
      const said = (yield* calls).filter(({ changed }) => changed).map((call) => call.subscribeSDKClient)
      yield* equal(said, [false, false, true], "what the joins said")
    }),
    world,
  ),
  refuses("a join with an empty app id is refused", "join", "appId", { appId: "", userId }),
  refuses("a join with a conversation id of two dots is refused", "join", "conversationId", {
    conversationId: "..",
    userId,
  }),
  refuses("a join with an empty user id is refused", "join", "userId", { userId: "" }),
  refuses(
    "a join that names no user, or two, is refused",
    "join",
    "userId | userExternalId",
    {},
    { userId, userExternalId },
  ),
]

const leaving: ReadonlyArray<Behaviour> = [
  ...keys.map((key) =>
    behaviour(
      `a leave by ${key} ends that membership, and no other`,
      Effect.gen(function* () {
        const { leave } = yield* service
        const before = yield* usersByPlace
        for (const [index, place] of places.entries()) {
          const cyds = (yield* rosterOf(place)).filter(({ userId }) => userId === "cyd")
          yield* Effect.forEach(cyds, (cyd) => leave(leaveBy(key, place, cyd)))
          const expected = before.map((members, other) =>
            other > index ? members : members.filter((member) => member !== "cyd"),
          )
          yield* equal(yield* usersByPlace, expected, "the users by conversation")
        }
      }),
      world,
    ),
  ),
  behaviour(
    "a user who left can join again, as another participant",
    Effect.gen(function* () {
      const { join, leave } = yield* service
      const before = yield* roster
      for (const key of keys) {
        const first = yield* join({ ...conversation, userId: "fay" })
        yield* leave(leaveBy(key, conversation, first))
        const second = yield* join({ ...conversation, userId: "fay" })
        yield* equal(first.id === second.id, false, "whether the participants are the same")
        yield* equal(yield* roster, [...before, second], "the roster")
      }
    }),
    { ...world, rules: once },
  ),
  failsWith("a leave of a user who is no member is NotFound", "leave NotFound not_found", ({ leave }) =>
    leave({ ...conversation, userId }),
  ),
  failsWith("a leave of a user who does not exist is NotFound", "leave NotFound user_not_found", ({ leave }) =>
    leave({ ...conversation, userId: "nobody" }),
  ),
  failsWith(
    "a leave from a personal conversation is a status that is not documented",
    "leave UnexpectedStatus",
    ({ leave }) => leave({ appId, conversationId: personalId, userId }),
  ),
  failsWith(
    "a leave from a conversation that does not exist is NotFound",
    "leave NotFound conversation_not_found",
    ({ leave }) => leave({ ...nowhere, userId }),
  ),
  refuses("a leave with an empty participant id is refused", "leave", "participantId", { participantId: "" }),
  refuses(
    "a leave that names no user, or several, is refused",
    "leave",
    "userId | userExternalId | participantId",
    {},
    { userId, userExternalId },
    { userId, participantId: cursor },
    { userExternalId, participantId: cursor },
  ),
]

const listing: ReadonlyArray<Behaviour> = [
  behaviour(
    "a list gives 25 participants, and a cursor to the next ones",
    Effect.gen(function* () {
      const page = yield* (yield* service).list(conversation)
      const members = yield* roster
      yield* equal(page.participants, members.slice(0, 25), "the page")
      yield* equal(page.meta.hasMore, true, "whether there are more")
      yield* equal(Option.isSome(page.meta.afterCursor), true, "whether there is a cursor")
      yield* equal(page.meta.beforeCursor, Option.none(), "the cursor to go back")
    }),
    Sandbox.demoSeed({ members: 30 }),
  ),
  behaviour(
    "a list of nobody is an empty page",
    Effect.gen(function* () {
      const page = yield* (yield* service).list(conversation)
      yield* equal(page.participants.length, 0, "the number of participants")
      yield* equal(page.meta.hasMore, false, "whether there are more")
      yield* equal(page.meta.afterCursor, Option.none(), "the cursor to go on")
    }),
    Sandbox.demoSeed({ members: 0 }),
  ),
  behaviour(
    "a page after a cursor, and the page before what comes then, are the pages beside it",
    Effect.gen(function* () {
      const { list } = yield* service
      const ids = (yield* roster).map(({ id }) => id)
      const first = yield* list({ ...conversation, page: { size: 3 } })
      const after = Option.getOrThrow(first.meta.afterCursor)
      const second = yield* list({ ...conversation, page: { after, size: 3 } })
      const before = Option.getOrThrow(second.meta.beforeCursor)
      const back = yield* list({ ...conversation, page: { before, size: 3 } })
      yield* equal(idsOf(first), ids.slice(0, 3), "the first page")
      yield* equal(idsOf(second), ids.slice(3, 6), "the page after it")
      yield* equal(idsOf(back), ids.slice(0, 3), "the page before that")
    }),
    Sandbox.demoSeed({ members: 10 }),
  ),
  behaviour(
    "a list is of the app, the conversation and the page that it names, with every field",
    Effect.gen(function* () {
      const [, second, third, fourth] = (yield* roster).map(({ id }) => id)
      for (const place of places) yield* lists(place)
      for (const page of [
        { size: 1 },
        { size: 2 },
        { size: 2, after: second },
        { size: 2, after: third },
        { size: 2, before: third },
        { size: 2, before: fourth },
      ]) {
        yield* lists({ ...conversation, page })
      }
    }),
    world,
  ),
  behaviour(
    "a list shows who has joined through the service, and not who has left",
    Effect.gen(function* () {
      const { join, leave } = yield* service
      const [, , , last] = (yield* roster).map(({ id }) => id)
      const all = Effect.forEach(
        [{}, { page: { size: 100 } }, { page: { after: last, size: 1 } }, { page: { after: last, size: 100 } }],
        (page) => lists({ ...conversation, ...page }),
        { discard: true },
      )
      yield* all
      for (const key of keys) {
        const participant = yield* join({ ...conversation, userId: "fay" })
        yield* all
        yield* leave(leaveBy(key, conversation, participant))
        yield* all
      }
    }),
    world,
  ),
  behaviour(
    "what was not found is found once it is there",
    Effect.gen(function* () {
      const { join, leave, list } = yield* service
      const sandbox = yield* Sandbox.Sandbox
      const ivy = { ...nowhere, userId: "ivy" }
      yield* fails(list(nowhere), "list NotFound conversation_not_found")
      yield* fails(join(ivy), "join NotFound conversation_not_found")
      yield* fails(leave(ivy), "leave NotFound conversation_not_found")
      yield* sandbox.addConversation(appId, { id: nowhere.conversationId, type: "sdkGroup" })
      yield* lists(nowhere)
      yield* fails(join(ivy), "join NotFound user_not_found")
      yield* fails(leave(ivy), "leave NotFound user_not_found")
      yield* sandbox.addUser(appId, userOf("ivy"))
      const participant = yield* join(ivy)
      yield* equal(yield* rosterOf(nowhere), [participant], "the roster")
      yield* leave(ivy)
      yield* equal(yield* rosterOf(nowhere), [], "the roster after the leave")
    }),
  ),
  behaviour(
    "a page holds up to 100",
    Effect.gen(function* () {
      const page = yield* (yield* service).list({ ...conversation, page: { size: 100 } })
      yield* equal(page.participants.length, 100, "the number of participants")
    }),
    Sandbox.demoSeed({ members: 101 }),
  ),
  ...([0, 1, 99, 100, 101, 250] as const).map((participants) =>
    behaviour(
      `a stream gives all of ${participants} participants, in order`,
      Effect.gen(function* () {
        const all = yield* Stream.runCollect(Paginator.stream(conversation))
        yield* equal(all, yield* roster, "the participants")
      }),
      Sandbox.demoSeed({ members: participants }),
    ),
  ),
  behaviour(
    "a stream backward gives all pages before its cursor, the nearest first",
    Effect.gen(function* () {
      const ids = (yield* roster).map(({ id }) => id)
      const pages = yield* Stream.runCollect(
        Paginator.pages({ ...conversation, direction: "backward", cursor: ids[7] ?? "", pageSize: 3 }),
      )
      yield* equal(pages.map(idsOf), [ids.slice(4, 7), ids.slice(1, 4), ids.slice(0, 1)], "the pages")
    }),
    Sandbox.demoSeed({ members: 10 }),
  ),
  failsWith(
    "a list of a conversation that does not exist is NotFound",
    "list NotFound conversation_not_found",
    ({ list }) => list(nowhere),
  ),
  refuses(
    "a page of size 0 is refused, and one of size 101",
    "list",
    "page.size",
    { page: { size: 0 } },
    { page: { size: 101 } },
  ),
  refuses("an empty cursor is refused", "list", "page.after", { page: { after: "" } }),
  refuses("a page both after and before a cursor is refused", "list", "page.after | before", {
    page: { after: cursor, before: cursor },
  }),
]

/** The policy of the HTTP layer for callers without types. */
const withoutTypes: {
  override(policy: unknown): <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
} = RetryPolicy

const everyCall = (participants: WithoutTypes) =>
  [
    ["join", participants.join({ ...conversation, userId })],
    ["leave", participants.leave({ ...conversation, userId })],
    ["list", participants.list(conversation)],
  ] as const

const invalidPolicies = [
  [{ attempts: 0 }, "attempts"],
  [{ attempts: 1.5 }, "attempts"],
  [{ attemptTimeout: 0 }, "attemptTimeout"],
  [{ deadline: "1e3 seconds" }, "deadline"],
  [{ base: -1 }, "base"],
  [{ cap: NaN }, "cap"],
  [{ maxRetryAfter: -1 }, "maxRetryAfter"],
  [{ verify: true }, "verify"],
  [{ verify: { attempts: 0, delay: 0 } }, "verify.attempts"],
] as const

/** For callers who can override the retry policy of a region: those on Effect 4. */
export const overriding: ReadonlyArray<Behaviour> = [
  ...invalidPolicies.map(([policy, field]) =>
    behaviour(
      `a call under an override with ${Formatter.format(policy)} is refused`,
      Effect.gen(function* () {
        for (const [operation, call] of everyCall(yield* service)) {
          yield* fails(withoutTypes.override(policy)(call), `${operation} InvalidRequest retryPolicy.${field}`)
        }
        yield* equal((yield* calls).length, 0, "the number of calls")
      }),
    ),
  ),
  behaviour(
    "the refusal of an override says what is allowed, and names the call",
    Effect.gen(function* () {
      const { join } = yield* service
      const error = yield* Effect.flip(RetryPolicy.override(join({ ...conversation, userId }), { attempts: 0 }))
      yield* equal(
        error.message,
        `join in conversation ${conversationId} of app ${appId}: InvalidRequest: retryPolicy.attempts: Expected a whole number, 1 or more`,
        "the message",
      )
      yield* equal(error.appId, appId, "the app of the error")
      yield* equal(error.user?.userId, userId, "the user of the error")
    }),
  ),
  behaviour(
    "a request that cannot succeed is refused before the override",
    Effect.gen(function* () {
      const { join } = yield* service
      const refused = RetryPolicy.override(join({ ...conversation, userId: "" }), { attempts: 0 })
      yield* fails(refused, "join InvalidRequest userId")
    }),
  ),
  behaviour(
    "an override that is not allowed refuses the calls of its region alone",
    Effect.gen(function* () {
      const { join } = yield* service
      const call = join({ ...conversation, userId })
      yield* fails(RetryPolicy.override(call, { attempts: 0 }), "join InvalidRequest retryPolicy.attempts")
      const participant = yield* RetryPolicy.override(call, { attempts: 1, deadline: "1 minute" })
      yield* equal((yield* roster).at(-1), participant, "the participant on the roster")
    }),
  ),
]

export const behaviours: ReadonlyArray<Behaviour> = [...joining, ...leaving, ...listing]
