/**
 * The suite finds what is wrong with an implementation, and nothing in one that is right.
 */
import { assert, describe, it } from "@effect/vitest"
import { Page, Participant, Participants } from "@effect-sunco/core"
import { ParticipantsTest, Sandbox } from "@effect-sunco/testing"
import { Cause, Effect, Exit, Layer, Option } from "effect"
import * as ParticipantsSuite from "./support/participantsSuite.ts"

type Service = Participants.Participants["Service"]

interface Inner extends Service {
  readonly sandbox: Sandbox.Sandbox["Service"]
  /** All conversations of the seed. */
  readonly places: ReadonlyArray<Participant.ConversationReference>
}

/** What stands in front of the memory layer. */
type Change = (inner: Inner) => Partial<Service>

const placesOf = ({ apps }: Sandbox.Seed): Inner["places"] =>
  apps.flatMap(({ conversations = [], id: appId }) =>
    conversations.map(({ id: conversationId }) => ({ appId, conversationId })),
  )

/** What comes of a behaviour for a change of the memory layer. */
const outcomeOf = ({ check, seed }: ParticipantsSuite.Behaviour, change: Change) =>
  Layer.effect(
    Participants.Participants,
    Effect.gen(function* () {
      const service = yield* Participants.Participants
      const sandbox = yield* Sandbox.Sandbox
      return { ...service, ...change({ ...service, sandbox, places: placesOf(seed) }) }
    }),
  ).pipe(Layer.provideMerge(ParticipantsTest.layerMemory(seed)), (layer) => Effect.exit(Effect.provide(check, layer)))

/** The statements that do not hold for a change of the memory layer. */
const brokenBy = Effect.fnUntraced(function* (change: Change) {
  const broken: Array<string> = []
  for (const behaviour of [...ParticipantsSuite.behaviours, ...ParticipantsSuite.overriding]) {
    if (Exit.isFailure(yield* outcomeOf(behaviour, change))) broken.push(behaviour.statement)
  }
  return broken
})

// ---------------------------------------------------------------------------
// Caches
// ---------------------------------------------------------------------------

/** Keeps what succeeds. */
const remember = <Request, A, E>(
  call: (request: Request) => Effect.Effect<A, E>,
  keyOf: (request: Request) => string,
) => {
  const kept = new Map<string, A>()
  return {
    call: (request: Request): Effect.Effect<A, E> =>
      Effect.suspend(() => {
        const key = keyOf(request)
        const value = kept.get(key)
        return value === undefined
          ? Effect.tap(call(request), (value) => Effect.sync(() => kept.set(key, value)))
          : Effect.succeed(value)
      }),
    clear: Effect.sync(() => kept.clear()),
  }
}

/** Keeps what fails, for ever. */
const rememberFailures = <Request, A, E>(call: (request: Request) => Effect.Effect<A, E>) => {
  const kept = new Map<string, E>()
  return (request: Request): Effect.Effect<A, E> =>
    Effect.suspend(() => {
      const key = JSON.stringify(request)
      const error = kept.get(key)
      return error === undefined
        ? Effect.tapError(call(request), (error) => Effect.sync(() => kept.set(key, error)))
        : Effect.fail(error)
    })
}

const partsOf = ({ appId, conversationId, page }: Page.ListRequest) => ({
  appId,
  conversationId,
  size: page?.size,
  after: page?.after,
  before: page?.before,
})

/** A cache of lists that forgets all when somebody joins or leaves through it. */
const cache =
  (keyOf: (request: Page.ListRequest) => object): Change =>
  ({ join, leave, list }) => {
    const lists = remember(list, (request) => JSON.stringify(keyOf(request)))
    return {
      join: (request) => Effect.tap(join(request), lists.clear),
      leave: (request) => Effect.tap(leave(request), lists.clear),
      list: lists.call,
    }
  }

const keyWithout = (part: keyof ReturnType<typeof partsOf>) =>
  cache((request) => ({ ...partsOf(request), [part]: undefined }))

// ---------------------------------------------------------------------------
// Other changes
// ---------------------------------------------------------------------------

/** Members of a conversation whom a leave can mean. */
const named =
  ({ participantId, userExternalId, userId }: Participant.LeaveRequest) =>
  (member: Participant.Participant) =>
    member.id === participantId ||
    member.userId === userId ||
    (userExternalId !== undefined && Option.contains(member.userExternalId, userExternalId))

const withParticipants =
  (change: (participant: Participant.Participant) => Participant.Participant): Change =>
  ({ join, list }) => ({
    join: (request) => Effect.map(join(request), change),
    list: (request) =>
      Effect.map(
        list(request),
        (page) => new Page.ParticipantPage({ ...page, participants: page.participants.map(change) }),
      ),
  })

const withPages =
  (change: (page: Page.ParticipantPage) => Page.ParticipantPage): Change =>
  ({ list }) => ({ list: (request) => Effect.map(list(request), change) })

// ---------------------------------------------------------------------------
// What is wrong
// ---------------------------------------------------------------------------

const everyField = "a list is of the app, the conversation and the page that it names, with every field"
const fresh = "a list shows who has joined through the service, and not who has left"
const joinTo = "a join is to the conversation that it names, and to no other"
const found = "what was not found is found once it is there"
const subscribes =
  "a join subscribes the SDK client if the caller says so, and says that it does not if the caller does not"
const fullUntil = "a join to a full conversation is BadRequest, until somebody leaves it"
const sameParticipant = "a join of a participant gives the participant there is, with every field"
const leaveBy = (key: string) => `a leave by ${key} ends that membership, and no other`

interface Wrong {
  readonly name: string
  readonly change: Change
  /** What does not hold then, at least. */
  readonly broken: ReadonlyArray<string>
}

const wrong: ReadonlyArray<Wrong> = [
  {
    name: "a cache of lists that a leave does not clear",
    change: (inner) => ({ ...cache(partsOf)(inner), leave: inner.leave }),
    broken: [fresh],
  },
  {
    name: "a cache of lists of which a write clears the first page alone",
    change: ({ join, leave, list }) => {
      const first = remember(list, (request) => JSON.stringify(partsOf(request)))
      const others = remember(list, (request) => JSON.stringify(partsOf(request)))
      return {
        join: (request) => Effect.tap(join(request), first.clear),
        leave: (request) => Effect.tap(leave(request), first.clear),
        list: (request) => (request.page === undefined ? first : others).call(request),
      }
    },
    broken: [fresh],
  },
  ...(["appId", "conversationId", "size"] as const).map((part) => ({
    name: `a cache of lists with a key without ${part}`,
    change: keyWithout(part),
    broken: [everyField],
  })),
  {
    name: "a cache of lists that takes one cursor for the other",
    change: cache((request) => {
      const { after, before, ...rest } = partsOf(request)
      return { ...rest, cursor: after ?? before }
    }),
    broken: [everyField],
  },
  {
    name: "a join that is cached by user, whatever the conversation",
    change: ({ join }) => ({
      join: remember(join, ({ userExternalId, userId }) => `${userId} ${userExternalId}`).call,
    }),
    broken: [joinTo],
  },
  {
    name: "a join that is cached by user and conversation, whatever the app",
    change: ({ join }) => ({
      join: remember(
        join,
        ({ conversationId, userExternalId, userId }) => `${conversationId} ${userId} ${userExternalId}`,
      ).call,
    }),
    broken: [joinTo],
  },
  {
    name: "a join that is cached until a leave by userId",
    change: ({ join, leave }) => {
      const joins = remember(join, (request) => JSON.stringify(request))
      return {
        join: joins.call,
        leave: (request) => Effect.tap(leave(request), request.userId === undefined ? Effect.void : joins.clear),
      }
    },
    broken: ["a user who left can join again, as another participant"],
  },
  {
    name: "a service that keeps its errors",
    change: ({ join, leave, list }) => ({
      join: rememberFailures(join),
      leave: rememberFailures(leave),
      list: rememberFailures(list),
    }),
    broken: [found, fullUntil],
  },
  {
    name: "a join that is sent twice",
    change: ({ join, leave }) => ({
      join: (request) =>
        join(request).pipe(
          Effect.tap(({ id }) =>
            leave({ appId: request.appId, conversationId: request.conversationId, participantId: id }),
          ),
          Effect.andThen(join(request)),
        ),
    }),
    broken: ["a user who joins twice is a participant once"],
  },
  {
    name: "a leave that does nothing",
    change: () => ({ leave: () => Effect.void }),
    broken: [leaveBy("userId"), "a leave of a user who is no member is NotFound"],
  },
  {
    name: "a leave that ends all memberships of the user",
    change: ({ leave, places, sandbox }) => ({
      leave: (request) =>
        Effect.gen(function* () {
          const { appId, conversationId } = request
          const user = (yield* sandbox.participants({ appId, conversationId })).find(named(request))
          yield* leave(request)
          for (const place of places) {
            if (user !== undefined) yield* Effect.ignore(leave({ ...place, userId: user.userId }))
          }
        }),
    }),
    broken: [leaveBy("userId"), leaveBy("userExternalId"), leaveBy("participantId")],
  },
  {
    name: "a leave by participantId of the participant before",
    change: ({ leave, sandbox }) => ({
      leave: (request) =>
        Effect.gen(function* () {
          const { appId, conversationId, participantId } = request
          if (participantId === undefined) return yield* leave(request)
          const ids = (yield* sandbox.participants({ appId, conversationId })).map(({ id }) => id)
          const before = ids[ids.indexOf(participantId) - 1] ?? participantId
          yield* leave({ appId, conversationId, participantId: before })
        }),
    }),
    broken: [leaveBy("participantId")],
  },
  {
    name: "a join that is sent as it came",
    change: ({ sandbox }) => ({ join: (request) => sandbox.join({ subscribeSDKClient: false, ...request }) }),
    broken: [
      "a join that names no user, or two, is refused",
      "a join with an empty user id is refused",
      'a call under an override with {"attempts":0} is refused',
    ],
  },
  {
    name: "a leave that is sent as it came",
    change: ({ sandbox }) => ({
      leave: (request) => Effect.catchTag(sandbox.leave(request), "BadRequest", Effect.die),
    }),
    broken: ["a leave that names no user, or several, is refused"],
  },
  {
    name: "a list that is sent as it came",
    change: ({ sandbox }) => ({ list: ({ page, ...place }) => sandbox.list({ ...place, ...page }) }),
    broken: ["a page both after and before a cursor is refused", "an empty cursor is refused"],
  },
  {
    name: "a join that subscribes the SDK client if it should not",
    change: ({ join }) => ({
      join: (request) => join({ ...request, subscribeSDKClient: !(request.subscribeSDKClient ?? false) }),
    }),
    broken: [subscribes],
  },
  {
    name: "a join that does not say whether to subscribe the SDK client",
    change: ({ sandbox }) => ({ join: (request) => sandbox.join(request) }),
    broken: [subscribes],
  },
  ...[
    { name: "unreadCount", without: { unreadCount: 0 } },
    { name: "lastRead", without: { lastRead: Option.none() } },
    { name: "clientAssociations", without: { clientAssociations: [] } },
    { name: "userExternalId", without: { userExternalId: Option.none() } },
  ].map(({ name, without }) => ({
    name: `a service that loses ${name}`,
    change: withParticipants((participant) => new Participant.Participant({ ...participant, ...without })),
    broken: [everyField, sameParticipant],
  })),
  {
    name: "a list that loses meta",
    change: withPages(({ links, participants }) => new Page.ParticipantPage({ links, participants })),
    broken: [everyField],
  },
  {
    name: "a list that loses links",
    change: withPages(({ meta, participants }) => new Page.ParticipantPage({ meta, participants })),
    broken: [everyField],
  },
  {
    name: "a list that loses the last participant of a page",
    change: withPages(
      ({ participants, ...page }) => new Page.ParticipantPage({ ...page, participants: participants.slice(0, -1) }),
    ),
    broken: ["a stream gives all of 1 participants, in order", "a page holds up to 100"],
  },
]

/** What stands in front of the memory layer and does no harm. */
const right: ReadonlyArray<Omit<Wrong, "broken">> = [
  { name: "nothing", change: () => ({}) },
  { name: "a cache of lists that forgets all on a write", change: cache(partsOf) },
  {
    name: "a join that looks at the list first",
    change: ({ join, leave, list }) =>
      Participants.make({
        join: (request) => {
          const { appId, conversationId } = request
          return Effect.andThen(Effect.ignore(list({ appId, conversationId })), join(request))
        },
        leave,
        list,
      }),
  },
]

describe("the suite", () => {
  it.effect.each(right)("holds for $name", ({ change }) =>
    Effect.gen(function* () {
      assert.deepEqual(yield* brokenBy(change), [])
    }),
  )

  it.effect.each(wrong)("finds $name", ({ broken, change }) =>
    Effect.gen(function* () {
      assert.includeMembers(yield* brokenBy(change), [...broken])
    }),
  )

  it.effect("says in words that a call succeeded which has to fail", () =>
    Effect.gen(function* () {
      const behaviour = ParticipantsSuite.behaviours.find(
        ({ statement }) => statement === "a leave of a user who is no member is NotFound",
      )
      assert.isDefined(behaviour)
      const exit = yield* outcomeOf(behaviour, () => ({ leave: () => Effect.void }))
      assert.isTrue(Exit.isFailure(exit))
      const said = Option.map(Exit.getCause(exit), Cause.pretty).pipe(Option.getOrElse(() => ""))
      assert.include(said, `expected the call to fail with "leave NotFound not_found", it succeeded with undefined`)
    }),
  )
})
