/**
 * Stands in for Sunshine Conversations: apps, conversations, users and memberships, with the vendor's rules on them.
 *
 * The local API and the memory layer are two doors to the same sandbox, so they cannot differ. A test can look at it and
 * change it beside the calls it tests.
 *
 * Where the vendor says nothing, {@link Rules} lists what was chosen, and lets each choice be changed.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import type * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import type * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import type { Page, Participant, SunshineError } from "@effect-sunco/core"
import * as Faults from "./Faults.ts"
import * as RuleEngine from "./internal/rules.ts"

// ---------------------------------------------------------------------------
// Seed
// ---------------------------------------------------------------------------

/**
 * A user of an app. `clients` become the client associations of each participant made for the user.
 *
 * @category models
 * @since 0.1.0
 */
export interface User {
  readonly id: string
  readonly externalId?: string
  readonly clients?: ReadonlyArray<{ readonly type: string; readonly id: string }>
}

/**
 * A user who has joined a conversation. `unreadCount` is 0 and `lastRead` is none if left out; no call changes them.
 *
 * @category models
 * @since 0.1.0
 */
export interface Member {
  readonly userId: string
  readonly unreadCount?: number
  readonly lastRead?: DateTime.Utc
}

/**
 * A conversation of an app. `participants` are the users who have joined, in order: the id of each, or a {@link Member}.
 *
 * @category models
 * @since 0.1.0
 */
export interface Conversation {
  readonly id: string
  readonly type: "sdkGroup" | "personal"
  readonly participants?: ReadonlyArray<string | Member>
}

/**
 * An app with its users and conversations.
 *
 * @category models
 * @since 0.1.0
 */
export interface App {
  readonly id: string
  readonly users?: ReadonlyArray<User>
  readonly conversations?: ReadonlyArray<Conversation>
}

/**
 * Who may call the local API: an API key (for basic authentication, and to sign JWTs of its scope), or a bearer token.
 * One with `appId` reaches that app only; one of scope `account` reaches all.
 *
 * @category models
 * @since 0.1.0
 */
export type Credential = {
  readonly scope: "app" | "account" | "integration"
  readonly appId?: string
} & ({ readonly keyId: string; readonly secret: Redacted.Redacted } | { readonly token: Redacted.Redacted })

/**
 * What was chosen where the vendor's documents say nothing.
 *
 * | rule | question | choice |
 * | --- | --- | --- |
 * | `joiningTwice` | a user who has joined joins again | `"same participant"`: 201 with the participant there is. Or `"bad request"`, or `"another participant"`: a second membership of the same user. |
 * | `joiningPersonal` | a join to a personal conversation | `"bad request"`. Or `"allowed"`. |
 * | `maxParticipants` | how many can be in a conversation | no limit. A number: the next join is 400, as documented. |
 * | `missingSubscribeSDKClient` | a join that leaves it out | `"bad request"`, since it is called required. Or `"false"`. |
 * | `severalReferences` | a body that names a user in more than one way | `"bad request"`. Or `"first"`: userId, then userExternalId, then participantId. |
 * | `listDelay` | how long until a list shows a join or a leave | zero. Or any duration. |
 * | `order` | the order of a list | `"oldest first"`. Or `"newest first"`. |
 * | `goneCursor` | a cursor whose participant has left | `"its place"`: the page begins where it stood. Or `"bad request"`. |
 * | `hasMoreBefore` | what `hasMore` says on a page asked for with `before` | `"before"`: whether there are more in that direction. Or `"after"`. |
 *
 * Codes that the documents do not name for these operations: an unknown user is 404 `user_not_found`, an unknown app 404
 * `app_not_found`, a credential that does not reach the app 403 `forbidden`.
 *
 * @category models
 * @since 0.1.0
 */
export interface Rules {
  readonly joiningTwice: "same participant" | "bad request" | "another participant"
  readonly joiningPersonal: "bad request" | "allowed"
  readonly maxParticipants: number
  readonly missingSubscribeSDKClient: "bad request" | "false"
  readonly severalReferences: "bad request" | "first"
  readonly listDelay: Duration.Input
  readonly order: "oldest first" | "newest first"
  readonly goneCursor: "its place" | "bad request"
  readonly hasMoreBefore: "before" | "after"
}

/**
 * The choices that hold where a seed makes no other.
 *
 * **Example** (Another choice, for one test)
 *
 * ```ts
 * import { Participants } from "@effect-sunco/core"
 * import { ParticipantsTest, Sandbox } from "@effect-sunco/testing"
 * import { Effect } from "effect"
 * import * as assert from "node:assert"
 *
 * const { appId, conversationId, userId } = Sandbox.demo
 * const seed = Sandbox.demoSeed({ rules: { joiningTwice: "bad request" } })
 *
 * const twice = Effect.gen(function* () {
 *   const participants = yield* Participants.Participants
 *   yield* participants.join({ appId, conversationId, userId })
 *   return yield* Effect.flip(participants.join({ appId, conversationId, userId }))
 * })
 *
 * assert.equal(Sandbox.defaultRules.joiningTwice, "same participant")
 * const error = await Effect.runPromise(twice.pipe(Effect.provide(ParticipantsTest.layerMemory(seed))))
 * assert.equal(error._tag, "BadRequest")
 * ```
 *
 * @category constants
 * @since 0.1.0
 */
export const defaultRules: Rules = {
  joiningTwice: "same participant",
  joiningPersonal: "bad request",
  maxParticipants: Number.POSITIVE_INFINITY,
  missingSubscribeSDKClient: "bad request",
  severalReferences: "bad request",
  listDelay: Duration.zero,
  order: "oldest first",
  goneCursor: "its place",
  hasMoreBefore: "before",
}

/**
 * What a sandbox holds at first.
 *
 * **Example** (Ids of your own)
 *
 * ```ts
 * import { Paginator } from "@effect-sunco/core"
 * import { ParticipantsTest, type Sandbox } from "@effect-sunco/testing"
 * import { Effect, Stream } from "effect"
 * import * as assert from "node:assert"
 *
 * const seed: Sandbox.Seed = {
 *   apps: [
 *     {
 *       id: "app",
 *       users: [{ id: "ada", externalId: "crm-1" }, { id: "grace" }],
 *       conversations: [{ id: "team", type: "sdkGroup", participants: ["ada", "grace"] }],
 *     },
 *   ],
 *   credentials: [],
 * }
 *
 * const users = Paginator.stream({ appId: "app", conversationId: "team" }).pipe(
 *   Stream.map(({ userId }) => userId),
 *   Stream.runCollect,
 *   Effect.provide(ParticipantsTest.layerMemory(seed)),
 * )
 *
 * assert.deepEqual(await Effect.runPromise(users), ["ada", "grace"])
 * ```
 *
 * @category models
 * @since 0.1.0
 */
export interface Seed {
  readonly apps: ReadonlyArray<App>
  readonly credentials: ReadonlyArray<Credential>
  readonly rules?: Partial<Rules>
  readonly faults?: Faults.Plan
}

/**
 * The ids of {@link demoSeed}: those of the vendor's documentation. `userId` exists and has not joined; `personalId` is
 * a personal conversation.
 *
 * @category constants
 * @since 0.1.0
 */
export const demo = {
  appId: "5d8cff3cd55b040010928b5b",
  conversationId: "029c31f25a21b47effd7be90",
  personalId: "029c31f25a21b47effd7be91",
  userId: "67a11490f0305f4a391e9f8a",
  userExternalId: "your-own-user-id",
  keyId: "app_sandbox",
  secret: "sandbox-secret",
} as const

/**
 * A seed with the ids of {@link demo}: one app, one `sdkGroup` conversation with some `participants` (250 if left out),
 * one personal conversation, a user who has not joined, and an API key.
 *
 * **Example** (A conversation of three)
 *
 * ```ts
 * import { Paginator } from "@effect-sunco/core"
 * import { ParticipantsTest, Sandbox } from "@effect-sunco/testing"
 * import { Effect, Stream } from "effect"
 * import * as assert from "node:assert"
 *
 * const { appId, conversationId } = Sandbox.demo
 *
 * const count = Paginator.stream({ appId, conversationId }).pipe(
 *   Stream.runCount,
 *   Effect.provide(ParticipantsTest.layerMemory(Sandbox.demoSeed({ participants: 3 }))),
 * )
 *
 * assert.equal(await Effect.runPromise(count), 3)
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const demoSeed = (options?: {
  readonly participants?: number
  readonly rules?: Partial<Rules>
  readonly faults?: Faults.Plan
}): Seed => {
  const participants = options?.participants ?? 250
  if (!Number.isInteger(participants) || participants < 0) {
    throw new Error(`participants is a whole number, 0 or more, not ${participants}`)
  }
  const members = Array.from({ length: participants }, (_, index): User => {
    const number = String(index + 1)
    return {
      id: `67179a2930a150d5${number.padStart(8, "0")}`,
      ...(index % 2 === 0 ? { externalId: `member-${number}` } : {}),
      clients: [
        { type: clientTypes[index % clientTypes.length] ?? "sdk", id: `67a0ee38f0305f4a${number.padStart(8, "0")}` },
      ],
    }
  })
  return {
    apps: [
      {
        id: demo.appId,
        users: [{ id: demo.userId, externalId: demo.userExternalId }, ...members],
        conversations: [
          { id: demo.conversationId, type: "sdkGroup", participants: members.map(({ id }) => id) },
          { id: demo.personalId, type: "personal", participants: [demo.userId] },
        ],
      },
    ],
    credentials: [{ keyId: demo.keyId, secret: Redacted.make(demo.secret), scope: "app", appId: demo.appId }],
    rules: options?.rules ?? {},
    faults: options?.faults ?? Faults.none,
  }
}

const clientTypes = ["sdk", "whatsapp", "messenger", "telegram"]

// ---------------------------------------------------------------------------
// Service
// ---------------------------------------------------------------------------

/**
 * A call that reached the sandbox. `changed` says whether it made or ended a membership. `subscribeSDKClient` is there if
 * a join named it, and `page` if a list named any of it; `user` has the ids that were named.
 *
 * @category models
 * @since 0.1.0
 */
export interface Call {
  readonly operation: SunshineError.Operation
  readonly appId: string
  readonly conversationId: string
  readonly user: UserReference
  readonly subscribeSDKClient?: boolean
  readonly page?: PageReference
  readonly changed: boolean
}

/**
 * A request that came to the door, whether or not a fault kept it from the rules.
 *
 * @category models
 * @since 0.1.0
 */
export interface Arrival {
  readonly operation: SunshineError.Operation
  readonly appId: string
  readonly conversationId: string
  readonly fault: Faults.Fault | undefined
}

/**
 * How a request on the wire names a user: it may do so in no way, or in more than one.
 *
 * @category models
 * @since 0.1.0
 */
export interface UserReference {
  readonly userId?: string | undefined
  readonly userExternalId?: string | undefined
  readonly participantId?: string | undefined
}

/**
 * How a request on the wire names a page: it may name both cursors.
 *
 * @category models
 * @since 0.1.0
 */
export interface PageReference {
  readonly after?: string | undefined
  readonly before?: string | undefined
  readonly size?: number | undefined
}

/**
 * The sandbox.
 *
 * `join`, `leave` and `list` are the operations with the vendor's rules; they take what can be on the wire, so they judge
 * it too. The rest is for tests:
 *
 * - `calls`: what the rules were asked, in order
 * - `arrivals`: what came to the door, in order, with the fault it met. Both are kept as long as the sandbox.
 * - `participants`: who is in a conversation at this moment, whatever lists show yet
 * - `addUser`, `addConversation`: more to work with
 * - `addParticipant`, `removeParticipant`: somebody joins or leaves by another way; no call is recorded
 *
 * In the methods for tests it is a defect to name an app, conversation or user that is not there, to add one that is
 * there, or to add a member again where {@link Rules} do not allow another participant.
 *
 * **Example** (Somebody else joins between two calls)
 *
 * ```ts
 * import { Participants } from "@effect-sunco/core"
 * import { ParticipantsTest, Sandbox } from "@effect-sunco/testing"
 * import { Effect } from "effect"
 * import * as assert from "node:assert"
 *
 * const { appId, conversationId, userId } = Sandbox.demo
 *
 * const program = Effect.gen(function* () {
 *   const participants = yield* Participants.Participants
 *   const sandbox = yield* Sandbox.Sandbox
 *   const before = yield* participants.list({ appId, conversationId })
 *   yield* sandbox.addParticipant({ appId, conversationId, userId })
 *   const after = yield* participants.list({ appId, conversationId })
 *   return [before.participants.length, after.participants.length]
 * })
 *
 * const seed = Sandbox.demoSeed({ participants: 2 })
 * assert.deepEqual(await Effect.runPromise(program.pipe(Effect.provide(ParticipantsTest.layerMemory(seed)))), [2, 3])
 * ```
 *
 * @category services
 * @since 0.1.0
 */
export class Sandbox extends Context.Service<
  Sandbox,
  {
    readonly credentials: ReadonlyArray<Credential>
    readonly join: (
      request: Participant.ConversationReference &
        UserReference & { readonly subscribeSDKClient?: boolean | undefined },
    ) => Effect.Effect<Participant.Participant, SunshineError.BadRequest | SunshineError.NotFound>
    readonly leave: (
      request: Participant.ConversationReference & UserReference,
    ) => Effect.Effect<void, SunshineError.BadRequest | SunshineError.NotFound>
    readonly list: (
      request: Participant.ConversationReference & PageReference,
    ) => Effect.Effect<Page.ParticipantPage, SunshineError.BadRequest | SunshineError.NotFound>
    /** Asks the plan of faults, for a door of the sandbox; a request has arrived. */
    readonly arrive: (
      operation: SunshineError.Operation,
      conversation: Participant.ConversationReference,
    ) => Effect.Effect<Faults.Fault | undefined>
    readonly arrivals: Effect.Effect<ReadonlyArray<Arrival>>
    readonly calls: Effect.Effect<ReadonlyArray<Call>>
    readonly participants: (
      conversation: Participant.ConversationReference,
    ) => Effect.Effect<ReadonlyArray<Participant.Participant>>
    readonly addUser: (appId: string, user: User) => Effect.Effect<void>
    readonly addConversation: (appId: string, conversation: Conversation) => Effect.Effect<void>
    readonly addParticipant: (
      request: Participant.ConversationReference & { readonly userId: string },
    ) => Effect.Effect<Participant.Participant>
    readonly removeParticipant: (
      request: Participant.ConversationReference & { readonly userId: string },
    ) => Effect.Effect<void>
  }
>()("@effect-sunco/testing/Sandbox") {}

// ---------------------------------------------------------------------------
// Constructors
// ---------------------------------------------------------------------------

/**
 * Makes a sandbox; {@link demoSeed} if no seed is named. A seed that contradicts itself is a defect that names the
 * place: an id that is empty or comes twice, a participant who is no user, a rule that cannot be.
 *
 * **Example** (A sandbox without a layer)
 *
 * ```ts
 * import { Sandbox } from "@effect-sunco/testing"
 * import { Effect } from "effect"
 * import * as assert from "node:assert"
 *
 * const { appId, conversationId, userId } = Sandbox.demo
 *
 * const program = Effect.gen(function* () {
 *   const sandbox = yield* Sandbox.make()
 *   yield* sandbox.join({ appId, conversationId, userId, subscribeSDKClient: false })
 *   return yield* sandbox.calls
 * })
 *
 * const [call] = await Effect.runPromise(program)
 * assert.equal(call?.changed, true)
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (seed: Seed = demoSeed()): Effect.Effect<Sandbox["Service"]> =>
  RuleEngine.make(seed, {
    ...defaultRules,
    ...Object.fromEntries(Object.entries({ ...seed.rules }).filter(([, choice]) => choice !== undefined)),
  })

// ---------------------------------------------------------------------------
// Layers
// ---------------------------------------------------------------------------

/**
 * A sandbox of its own for each time the layer is built.
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = (seed?: Seed): Layer.Layer<Sandbox> => Layer.effect(Sandbox, make(seed))
