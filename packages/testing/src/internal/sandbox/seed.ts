/**
 * What a sandbox holds at first.
 */
import type * as DateTime from "effect/DateTime"
import * as Redacted from "effect/Redacted"
import type { Plan } from "../../Faults.ts"
import { fields, wholeNumber } from "../checks.ts"
import { idOf } from "./ids.ts"
import type { Choices } from "./rules.ts"

/**
 * A client of a user.
 *
 * @category models
 * @since 0.1.0
 */
export interface Client {
  /** The type of the client, such as `whatsapp`. */
  readonly type: string
  /** The id of the client. */
  readonly id: string
}

/**
 * A user of an app.
 *
 * @category models
 * @since 0.1.0
 */
export interface User {
  /** The id of the user; no other user of the app has it. */
  readonly id: string
  /** The id of the user in the caller's own system. None by default; no other user of the app has it. */
  readonly externalId?: string | undefined
  /** The clients of the user: the client associations of each participant made for the user. None by default. */
  readonly clients?: ReadonlyArray<Client> | undefined
}

/**
 * A user who has joined a conversation. No call changes what it says of messages.
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
  /** The users who have joined, in order: the id of each, or a {@link Member}. None by default. */
  readonly participants?: ReadonlyArray<string | Member> | undefined
}

/**
 * An app with its users and conversations.
 *
 * @category models
 * @since 0.1.0
 */
export interface App {
  /** The id of the app; no other app has it. */
  readonly id: string
  /** The users of the app. None by default. */
  readonly users?: ReadonlyArray<User> | undefined
  /** The conversations of the app. None by default. */
  readonly conversations?: ReadonlyArray<Conversation> | undefined
}

/**
 * Who may call the local API: an API key (for basic authentication, and to sign JWTs of its scope), or a bearer token.
 *
 * A credential of the scope `app` reaches one app. Where a seed has one app alone, that is the one unless told; in a seed
 * of several, such a credential without an app is a defect.
 *
 * @category models
 * @since 0.1.0
 */
export type Credential = {
  /** The scope that a JWT of the key has to claim. */
  readonly scope: "app" | "account" | "integration"
  /** The only app that the credential reaches. By default all apps; for the scope `app`, the only app of the seed. */
  readonly appId?: string | undefined
} & (
  | {
      /** The id of the API key: the user name of basic authentication, and the `kid` of a JWT. */
      readonly keyId: string
      /** The secret of the API key. */
      readonly secret: Redacted.Redacted
    }
  | {
      /** The bearer token. */
      readonly token: Redacted.Redacted
    }
)

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
  /** The apps. */
  readonly apps: ReadonlyArray<App>
  /** Who may call the local API. Nobody by default. The memory layer asks for no credential. */
  readonly credentials?: ReadonlyArray<Credential> | undefined
  /** Choices where the vendor's documents say nothing. `defaultRules` by default. */
  readonly rules?: Choices | undefined
  /** Which requests fail on purpose. `Faults.none` by default. */
  readonly faults?: Plan | undefined
}

/**
 * The ids of {@link demoSeed}: those of the vendor's documentation.
 *
 * @category constants
 * @since 0.1.0
 */
export const demo = {
  /** The app. */
  appId: "5d8cff3cd55b040010928b5b",
  /** The `sdkGroup` conversation. */
  conversationId: "029c31f25a21b47effd7be90",
  /** The personal conversation. */
  personalId: "029c31f25a21b47effd7be91",
  /** A user who exists and has not joined the `sdkGroup` conversation. */
  userId: "67a11490f0305f4a391e9f8a",
  /** The external id of that user. */
  userExternalId: "your-own-user-id",
  /** The id of the API key. */
  keyId: "app_sandbox",
  /** The secret of the API key. */
  secret: "sandbox-secret",
} as const

/**
 * The seed that {@link demoSeed} makes, and the ids in it.
 *
 * @category models
 * @since 0.1.0
 */
export interface DemoSeed extends Seed {
  /** The API key. */
  readonly credentials: ReadonlyArray<Credential>
  /** The ids of the `sdkGroup` conversations; the first is that of {@link demo}. */
  readonly conversationIds: ReadonlyArray<string>
  /** The ids of the users who have not joined an `sdkGroup` conversation; the first is that of {@link demo}. */
  readonly userIds: ReadonlyArray<string>
}

/**
 * A seed with the ids of {@link demo}: one app, `sdkGroup` conversations with the same participants, one personal
 * conversation, users who have not joined, and an API key.
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
 *   Effect.provide(ParticipantsTest.layerMemory(Sandbox.demoSeed({ members: 3 }))),
 * )
 *
 * assert.equal(await Effect.runPromise(count), 3)
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const demoSeed = (
  options: {
    /** How many `sdkGroup` conversations there are: 1 or more. 1 by default. */
    readonly conversations?: number | undefined
    /** How many users exist who have not joined an `sdkGroup` conversation: 1 or more. 1 by default. */
    readonly users?: number | undefined
    /** How many participants each `sdkGroup` conversation has: 0 or more. 250 by default. */
    readonly members?: number | undefined
    /** Choices where the vendor's documents say nothing. `defaultRules` by default. */
    readonly rules?: Choices | undefined
    /** Which requests fail on purpose. `Faults.none` by default. */
    readonly faults?: Plan | undefined
  } = {},
): DemoSeed => {
  const { conversations = 1, faults, members: count = 250, rules, users = 1 } = options
  fields("the options of demoSeed", options, ["conversations", "users", "members", "rules", "faults"])
  wholeNumber("conversations", conversations, 1)
  wholeNumber("users", users, 1)
  wholeNumber("members", count, 0)
  const members = numbers(count).map((number): User => ({
    id: idOf("67179a2930a150d5", number),
    externalId: number % 2 === 1 ? `member-${number}` : undefined,
    clients: [{ type: clientTypes[number % clientTypes.length] ?? "sdk", id: idOf("67a0ee38f0305f4a", number) }],
  }))
  const newcomers = numbers(users).map((number): User => ({
    id: number === 1 ? demo.userId : idOf("67a11490f0305f4a", number),
    externalId: number === 1 ? demo.userExternalId : `${demo.userExternalId}-${number}`,
  }))
  const conversationIds = numbers(conversations).map((number) =>
    number === 1 ? demo.conversationId : idOf("029c31f25a21b47e", number),
  )
  const memberIds = members.map(({ id }) => id)
  return {
    apps: [
      {
        id: demo.appId,
        users: [...newcomers, ...members],
        conversations: [
          ...conversationIds.map((id): Conversation => ({ id, type: "sdkGroup", participants: memberIds })),
          { id: demo.personalId, type: "personal", participants: [demo.userId] },
        ],
      },
    ],
    credentials: [{ keyId: demo.keyId, secret: Redacted.make(demo.secret), scope: "app", appId: demo.appId }],
    rules,
    faults,
    conversationIds,
    userIds: newcomers.map(({ id }) => id),
  }
}

const clientTypes = ["telegram", "sdk", "whatsapp", "messenger"]

/** From 1. */
const numbers = (count: number) => Array.from({ length: count }, (_, index) => index + 1)
