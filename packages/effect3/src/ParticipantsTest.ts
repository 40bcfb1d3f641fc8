/**
 * `Participants` in memory, for unit tests: stateful, with the rules of the local API of `@effect-sunco/testing`.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as DateTime from "effect/DateTime"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { type Caller, withCaller } from "./internal/caller.ts"
import type * as Boundary from "./internal/engine/boundary.ts"
import { engine } from "./internal/engine/index.ts"
import { participantOf } from "./internal/models.ts"
import { millis } from "./internal/options.ts"
import { serviceOf } from "./internal/service.ts"
import { fromTask } from "./internal/task.ts"
import type { ConversationReference, Participant } from "./Participant.ts"
import { Participants } from "./Participants.ts"

// ---------------------------------------------------------------------------
// Seeds
// ---------------------------------------------------------------------------

/**
 * A user of an app.
 *
 * @category models
 * @since 0.1.0
 */
export interface User {
  /** The id of the user; no other user of the app has it. */
  readonly id: string
  /** The id of the user in the caller's own system. None by default. */
  readonly externalId?: string | undefined
  /** The clients of the user. None by default. */
  readonly clients?:
    | ReadonlyArray<{
        /** The channel, such as `"whatsapp"` or `"sdk"`. */
        readonly type: string
        /** The id of the client. */
        readonly id: string
      }>
    | undefined
}

/**
 * A user who has joined a conversation.
 *
 * @category models
 * @since 0.1.0
 */
export interface Member {
  /** The id of a user of the app. */
  readonly userId: string
  /** The number of messages that the participant has not read. 0 by default. */
  readonly unreadCount?: number | undefined
  /** When the participant last read. None by default. */
  readonly lastRead?: DateTime.Utc | undefined
}

/**
 * A conversation of an app.
 *
 * @category models
 * @since 0.1.0
 */
export interface Conversation {
  /** The id of the conversation; no other conversation of the app has it. */
  readonly id: string
  /** The type of the conversation: `sdkGroup` can be joined, `personal` cannot, unless the rules allow it. */
  readonly type: "sdkGroup" | "personal"
  /** The users who have joined, in order. None by default. */
  readonly participants?: ReadonlyArray<string | Member> | undefined
}

/**
 * Choices where the vendor's documents say nothing, as in `Sandbox.Rules` of `@effect-sunco/testing`.
 *
 * @category models
 * @since 0.1.0
 */
export interface Rules {
  /** What a join of a user who has joined gives. `"another participant"` by default: a second membership. */
  readonly joiningTwice?: "same participant" | "bad request" | "another participant" | undefined
  /** What a join to a personal conversation gives. `"bad request"` by default. */
  readonly joiningPersonal?: "bad request" | "allowed" | undefined
  /** What a leave of a personal conversation gives. `"bad request"` by default. */
  readonly leavingPersonal?: "bad request" | "allowed" | undefined
  /** The code of the 404 that a leave gets for a user who does not exist. `"user_not_found"` by default. */
  readonly unknownUserLeaving?: "user_not_found" | "not_found" | undefined
  /** How many participants a conversation can have. No limit by default. */
  readonly maxParticipants?: number | undefined
  /** How long until a list shows a join or a leave. Zero by default. A bare number is milliseconds. */
  readonly listDelay?: Duration.DurationInput | undefined
  /** The order of a list. `"oldest first"` by default. */
  readonly order?: "oldest first" | "newest first" | undefined
  /** What a cursor gives whose participant has left. `"bad request"` by default. */
  readonly goneCursor?: "its place" | "bad request" | undefined
  /** The direction in which `hasMore` counts on a page that was asked for with `before`. `"after"` by default. */
  readonly hasMoreBefore?: "before" | "after" | undefined
}

/**
 * What a sandbox holds at first.
 *
 * @category models
 * @since 0.1.0
 */
export interface Seed {
  /** The apps, with their users and conversations. */
  readonly apps: ReadonlyArray<{
    /** The id of the app; no other app has it. */
    readonly id: string
    /** The users of the app, whether or not they have joined anything. None by default. */
    readonly users?: ReadonlyArray<User> | undefined
    /** The conversations of the app. None by default. */
    readonly conversations?: ReadonlyArray<Conversation> | undefined
  }>
  /** Choices where the vendor's documents say nothing. */
  readonly rules?: Rules | undefined
}

/**
 * The ids of {@link demoSeed}: those of the vendor's documentation.
 *
 * @category constants
 * @since 0.1.0
 */
export const demo = engine.demo

const plainRules = (rules: Rules = {}): Boundary.Rules => ({
  ...rules,
  listDelay: rules.listDelay && millis(rules.listDelay),
})

/**
 * A seed with the ids of {@link demo}: one `sdkGroup` conversation with participants (250 by default), one personal
 * conversation, and a user who has not joined.
 *
 * @category constructors
 * @since 0.1.0
 */
export const demoSeed = (
  options: {
    /** How many participants the `sdkGroup` conversation has: 0 or more. 250 by default. */
    readonly members?: number | undefined
    /** Choices where the vendor's documents say nothing. */
    readonly rules?: Rules | undefined
  } = {},
): Seed => ({ apps: engine.demoApps(options.members), rules: options.rules })

const plainMember = (member: string | Member): Boundary.Member =>
  typeof member === "string"
    ? { userId: member }
    : {
        userId: member.userId,
        unreadCount: member.unreadCount,
        lastRead: member.lastRead && DateTime.toEpochMillis(member.lastRead),
      }

const plainConversation = ({ participants = [], ...conversation }: Conversation): Boundary.Conversation => ({
  ...conversation,
  participants: participants.map(plainMember),
})

const plainSeed = ({ apps, rules }: Seed): Boundary.Seed => ({
  apps: apps.map(({ conversations = [], id, users = [] }) => ({
    id,
    users,
    conversations: conversations.map(plainConversation),
  })),
  rules: plainRules(rules),
})

// ---------------------------------------------------------------------------
// Sandbox
// ---------------------------------------------------------------------------

/**
 * A call that the rules judged.
 *
 * @category models
 * @since 0.1.0
 */
export interface Call extends ConversationReference {
  /** The operation. */
  readonly operation: "join" | "leave" | "list"
  /** The ids of a user that it named; empty for a list. */
  readonly user: {
    /** The id that Sunshine Conversations gave the user. */
    readonly userId?: string | undefined
    /** The id that the caller gave the user. */
    readonly userExternalId?: string | undefined
    /** The id of the membership. */
    readonly participantId?: string | undefined
  }
  /** What a join said; absent if it said nothing. */
  readonly subscribeSDKClient?: boolean | undefined
  /** What a list said of its page; absent if it said nothing. */
  readonly page?:
    | {
        /** The cursor after which the page lies. */
        readonly after?: string | undefined
        /** The cursor before which the page lies. */
        readonly before?: string | undefined
        /** How many participants it holds at most. */
        readonly size?: number | undefined
      }
    | undefined
  /** Whether the call made or ended a membership. */
  readonly changed: boolean
}

/**
 * What the memory layer works on, for tests that look at it and change it. It is a defect to name an app, a conversation
 * or a user that is not there, or to add one that is.
 *
 * @category services
 * @since 0.1.0
 */
export class Sandbox extends Context.Tag("@effect-sunco/effect3/Sandbox")<
  Sandbox,
  {
    /** The calls that the rules judged, in order. */
    readonly calls: Effect.Effect<ReadonlyArray<Call>>
    /** Who is in a conversation at this moment, whatever lists show yet. */
    readonly participants: (conversation: ConversationReference) => Effect.Effect<ReadonlyArray<Participant>>
    /** Adds a user to an app. */
    readonly addUser: (appId: string, user: User) => Effect.Effect<void>
    /** Adds a conversation to an app. */
    readonly addConversation: (appId: string, conversation: Conversation) => Effect.Effect<void>
    /** A user joins by another way than a call; no call is recorded. */
    readonly addParticipant: (
      request: ConversationReference & { readonly userId: string },
    ) => Effect.Effect<Participant>
    /** A user leaves by another way than a call; no call is recorded. */
    readonly removeParticipant: (request: ConversationReference & { readonly userId: string }) => Effect.Effect<void>
  }
>() {}

const run = <A>(call: (caller: Caller) => Boundary.Task<A>): Effect.Effect<A> =>
  withCaller((caller) => fromTask(call(caller)))

const sandboxOf = (sandbox: Boundary.Sandbox): Sandbox["Type"] => ({
  calls: run(sandbox.calls),
  participants: (conversation) =>
    Effect.map(
      run((caller) => sandbox.participants(conversation, caller)),
      (members) => members.map(participantOf),
    ),
  addUser: (appId, user) => run((caller) => sandbox.addUser(appId, user, caller)),
  addConversation: (appId, conversation) =>
    run((caller) => sandbox.addConversation(appId, plainConversation(conversation), caller)),
  addParticipant: (request) =>
    Effect.map(
      run((caller) => sandbox.addParticipant(request, caller)),
      participantOf,
    ),
  removeParticipant: (request) => run((caller) => sandbox.removeParticipant(request, caller)),
})

// ---------------------------------------------------------------------------
// Layers
// ---------------------------------------------------------------------------

/**
 * The service on a sandbox: stateful, and no HTTP; {@link demoSeed} if no seed is named. The layer provides the
 * {@link Sandbox} too.
 *
 * @category layers
 * @since 0.1.0
 */
export const layerMemory = (seed: Seed = demoSeed()): Layer.Layer<Participants | Sandbox> =>
  Layer.effectContext(
    Effect.map(
      run((caller) => engine.openMemory(plainSeed(seed), caller)),
      ({ sandbox, service }) =>
        Context.make(
          Participants,
          serviceOf(service, (caller) => caller),
        ).pipe(Context.add(Sandbox, sandboxOf(sandbox))),
    ),
  )

/**
 * The service from handlers, for a test of one branch. A method without a handler dies with a message that names it, so
 * that no `catchTag` hides the call. Handlers get requests as they are: nothing checks them.
 *
 * @category layers
 * @since 0.1.0
 */
export const layerMock = (handlers: {
  readonly [Name in keyof Participants["Type"]]?: Participants["Type"][Name] | undefined
}): Layer.Layer<Participants> =>
  Layer.succeed(Participants, {
    join: handlers.join ?? unhandled("join"),
    leave: handlers.leave ?? unhandled("leave"),
    list: handlers.list ?? unhandled("list"),
  })

const unhandled = (operation: Call["operation"]) => () =>
  Effect.dieMessage(`Participants.${operation} was called, and ParticipantsTest.layerMock has no handler for it`)
