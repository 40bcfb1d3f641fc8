/**
 * The participants of a conversation, and the requests to join it and leave it.
 *
 * A **participant** is the membership of one user in one conversation. It has its own id, besides the id of the user.
 * Requests name the user by the id that Sunshine Conversations gave (`userId`), or by the id that you gave
 * (`userExternalId`); a leave can name the membership itself (`participantId`).
 *
 * A request is invalid if an id is empty or contains a control character, such as a line end. All ids but
 * `userExternalId` are also invalid with a blank at either end.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { identifier, pathSegment, vendorId } from "./internal/constraints.ts"
import { installParticipantDecoder } from "./internal/participantDecoder.ts"
import { defaultIfUnreadable, noneIfUnreadable, readableEntries } from "./internal/lenient.ts"

// ---------------------------------------------------------------------------
// Models
// ---------------------------------------------------------------------------

/**
 * The client types that the vendor's document of version 17.12.1 names.
 *
 * The list is a hint and not a limit: {@link ClientType} accepts any string, because the vendor adds values.
 *
 * @category models
 * @since 0.1.0
 */
export const knownClientTypes = [
  "apple",
  "gbm",
  "googlercs",
  "instagram",
  "kakao",
  "line",
  "mailgun",
  "messagebird",
  "messenger",
  "slackconnect",
  "sdk",
  "telegram",
  "twilio",
  "twitter",
  "viber",
  "wechat",
  "whatsapp",
] as const

/**
 * The channel of a client: one of {@link knownClientTypes}, or any value the vendor adds later.
 *
 * **Example** (A type that is not known yet)
 *
 * ```ts
 * import { Participant } from "@effect-sunco/core"
 * import { Schema } from "effect"
 * import * as assert from "node:assert"
 *
 * assert.equal(Schema.decodeSync(Participant.ClientType)("carrier-pigeon"), "carrier-pigeon")
 * ```
 *
 * @category models
 * @since 0.1.0
 */
export const ClientType = Schema.Union([Schema.Literals(knownClientTypes), Schema.String])

/**
 * The decoded type of {@link ClientType}.
 *
 * @category models
 * @since 0.1.0
 */
export type ClientType = typeof ClientType.Type

/**
 * A client that is active in the conversation for a user. The first one of a participant is the primary client, to
 * which messages are delivered first.
 *
 * **Example** (Decoding an answer of the API)
 *
 * ```ts
 * import { Participant } from "@effect-sunco/core"
 * import { Option, Schema } from "effect"
 * import * as assert from "node:assert"
 *
 * const primary = Schema.decodeSync(Participant.ClientAssociation)({
 *   type: "whatsapp",
 *   clientId: "67a0ee38f0305f4a391e9f8a",
 * })
 *
 * assert.equal(primary.type, "whatsapp")
 * assert.deepEqual(primary.clientId, Option.some("67a0ee38f0305f4a391e9f8a"))
 * ```
 *
 * @category models
 * @since 0.1.0
 */
export class ClientAssociation extends Schema.Class<ClientAssociation>("@effect-sunco/core/ClientAssociation")({
  /** The channel, see {@link ClientType}. `""` when the answer has no readable one; the constructor's default too. */
  type: defaultIfUnreadable(ClientType, () => ""),
  /** The id of the client. `Option.none()` by default, and when the answer has no readable one. */
  clientId: noneIfUnreadable(Schema.String),
}) {}

/**
 * The membership of one user in one conversation.
 *
 * A field that is missing, `null` or unreadable has its default, except for the two ids. Fields that the vendor adds
 * are ignored. A participant whose `id` or `userId` is not a string does not decode.
 *
 * **Example** (A participant for a test)
 *
 * ```ts
 * import { Participant } from "@effect-sunco/core"
 * import * as assert from "node:assert"
 *
 * const ada = new Participant.Participant({ id: "c93bb9c14dde8ffb94564eae", userId: "42589ad070d43be9b00ff7e5" })
 *
 * assert.equal(ada.unreadCount, 0)
 * assert.equal(ada.lastRead._tag, "None")
 * ```
 *
 * @see https://developer.zendesk.com/api-reference/conversations/#tag/Participants
 * @category models
 * @since 0.1.0
 */
export class Participant extends Schema.Class<Participant>("@effect-sunco/core/Participant")({
  /** The id of the membership. There is no default. */
  id: Schema.String,
  /** The id that Sunshine Conversations gave the user. There is no default. */
  userId: Schema.String,
  /** The id that you gave the user. `Option.none()` by default, and when the answer has no readable one. */
  userExternalId: noneIfUnreadable(Schema.String),
  /**
   * How many messages the user has not read. `0` by default, and when the answer has no whole number from -(2^53 - 1) to
   * 2^53 - 1.
   */
  unreadCount: defaultIfUnreadable(Schema.Int, () => 0),
  /**
   * The clients of the user that are active in the conversation, most recent first; the first one is the primary client.
   * `[]` by default, and when the answer has no list. Entries that are not objects are left out.
   */
  clientAssociations: defaultIfUnreadable(readableEntries(ClientAssociation), () => []),
  /**
   * When the latest message that the user has read was sent, in UTC. `Option.none()` by default, and when the answer has
   * no readable date.
   */
  lastRead: noneIfUnreadable(Schema.DateTimeUtcFromString),
}) {
  static {
    installParticipantDecoder({ Participant: this, ClientAssociation })
  }
}

// ---------------------------------------------------------------------------
// Requests
// ---------------------------------------------------------------------------

/**
 * Names one conversation of one app. Both ids go into the path of the request, percent-encoded.
 *
 * @category models
 * @since 0.1.0
 */
export interface ConversationReference {
  /** The id of the app. Required: a non-empty string other than `"."` and `".."`. */
  readonly appId: string
  /** The id of the conversation. Required: a non-empty string other than `"."` and `".."`. */
  readonly conversationId: string
}

/**
 * Names a user by exactly one of two ids.
 *
 * @category models
 * @since 0.1.0
 */
export type UserReference =
  | {
      /** The id that Sunshine Conversations gave the user. Required, unless `userExternalId` is given. */
      readonly userId: string
      /** Not allowed together with `userId`. */
      readonly userExternalId?: undefined
    }
  | {
      /** The id that you gave the user. Required, unless `userId` is given. */
      readonly userExternalId: string
      /** Not allowed together with `userExternalId`. */
      readonly userId?: undefined
    }

/**
 * Names a member by exactly one of three ids.
 *
 * @category models
 * @since 0.1.0
 */
export type MemberReference =
  | (UserReference & {
      /** Not allowed together with `userId` or `userExternalId`. */
      readonly participantId?: undefined
    })
  | {
      /** The id of the membership, which is the `id` of a participant. Required, unless the user is named. */
      readonly participantId: string
      /** Not allowed together with `participantId`. */
      readonly userId?: undefined
      /** Not allowed together with `participantId`. */
      readonly userExternalId?: undefined
    }

/**
 * Matches a request that names its user by no id, or by several. No value has this type: the compiler reports its text
 * as the missing property.
 */
type Misnamed<Key extends string, Text extends string> = { readonly [Id in Key]?: string | undefined } & {
  readonly [_ in Text]: never
}

/**
 * Asks for a user to join a conversation of type `sdkGroup`.
 *
 * `subscribeSDKClient` is always sent, because the vendor documents it as required for an `sdkGroup`.
 *
 * @category models
 * @since 0.1.0
 */
export type JoinRequest = ConversationReference &
  (
    | UserReference
    | Misnamed<"userId" | "userExternalId", "Name the user by exactly one of userId and userExternalId">
  ) & {
    /**
     * Whether the user's SDK client is subscribed, so that push notifications arrive before the user has opened the
     * conversation. `false` by default.
     */
    readonly subscribeSDKClient?: boolean | undefined
  }

/**
 * Asks for a user to leave a conversation. The user is named by exactly one of three ids.
 *
 * @category models
 * @since 0.1.0
 */
export type LeaveRequest = ConversationReference &
  (
    | MemberReference
    | Misnamed<
        "userId" | "userExternalId" | "participantId",
        "Name the user by exactly one of userId, userExternalId and participantId"
      >
  )

type Ids<Key extends string> = { readonly [K in Key]?: string | undefined }

const given = <Key extends string>(request: Ids<Key>, ...keys: ReadonlyArray<Key>): ReadonlyArray<Key> =>
  keys.filter((key) => request[key] !== undefined)

const exactlyOne = <Key extends string>(...keys: ReadonlyArray<Key>) =>
  Schema.makeFilter((request: Ids<Key>) => {
    const names = given(request, ...keys)
    return names.length === 1
      ? undefined
      : {
          path: [keys.join(" | ")],
          issue: `Expected exactly one of ${keys.join(", ")}; given: ${names.join(", ") || "none"}`,
        }
  })

/** Tells the compiler what {@link exactlyOne} has checked. */
const namesUser = <A extends Ids<"userId" | "userExternalId">>(request: A): request is A & UserReference =>
  given(request, "userId", "userExternalId").length === 1

/** The same for a member. */
const namesMember = <A extends Ids<"userId" | "userExternalId" | "participantId">>(
  request: A,
): request is A & MemberReference => given(request, "userId", "userExternalId", "participantId").length === 1

const conversationReference = {
  /** The id of the app. Required: a non-empty string other than `"."` and `".."`. */
  appId: pathSegment,
  /** The id of the conversation. Required: a non-empty string other than `"."` and `".."`. */
  conversationId: pathSegment,
}

/**
 * Validates a {@link JoinRequest} at run time. The decoded request names exactly one user; fields that the
 * schema does not have are left out.
 *
 * **Example** (A request from a queue or a form)
 *
 * ```ts
 * import { Participant } from "@effect-sunco/core"
 * import { Schema } from "effect"
 * import * as assert from "node:assert"
 *
 * const check = Schema.decodeUnknownSync(Participant.JoinRequest)
 * const conversation = { appId: "5d8cff3cd55b040010928b5b", conversationId: "029c31f25a21b47effd7be90" }
 *
 * const request = check({ ...conversation, userExternalId: "your-own-user-id" })
 * assert.equal(request.subscribeSDKClient, false)
 *
 * assert.throws(() => check(conversation), /exactly one of userId, userExternalId/)
 * ```
 *
 * @category schemas
 * @since 0.1.0
 */
export const JoinRequest = Schema.Struct({
  ...conversationReference,
  /** The id that Sunshine Conversations gave the user. Required, unless `userExternalId` is given. */
  userId: Schema.optional(vendorId),
  /** The id that you gave the user. Required, unless `userId` is given. */
  userExternalId: Schema.optional(identifier),
  /**
   * Whether the user's SDK client is subscribed, so that push notifications arrive before the user has opened the
   * conversation. `false` by default.
   */
  subscribeSDKClient: Schema.Boolean.pipe(Schema.withDecodingDefault(Effect.succeed(false))),
})
  .check(exactlyOne("userId", "userExternalId"))
  .pipe(Schema.refine(namesUser))

/**
 * Validates a {@link LeaveRequest} at run time. The decoded request names exactly one user; fields that the
 * schema does not have are left out.
 *
 * **Example** (A membership by its id)
 *
 * ```ts
 * import { Participant } from "@effect-sunco/core"
 * import { Schema } from "effect"
 * import * as assert from "node:assert"
 *
 * const check = Schema.decodeUnknownSync(Participant.LeaveRequest)
 * const membership = {
 *   appId: "5d8cff3cd55b040010928b5b",
 *   conversationId: "029c31f25a21b47effd7be90",
 *   participantId: "c93bb9c14dde8ffb94564eae",
 * }
 *
 * assert.deepEqual(check(membership), membership)
 * assert.throws(() => check({ ...membership, userId: "67a11490f0305f4a391e9f8a" }), /exactly one of/)
 * ```
 *
 * @category schemas
 * @since 0.1.0
 */
export const LeaveRequest = Schema.Struct({
  ...conversationReference,
  /** The id that Sunshine Conversations gave the user. */
  userId: Schema.optional(vendorId),
  /** The id that you gave the user. */
  userExternalId: Schema.optional(identifier),
  /** The id of the membership, which is the `id` of a participant. */
  participantId: Schema.optional(vendorId),
})
  .check(exactlyOne("userId", "userExternalId", "participantId"))
  .pipe(Schema.refine(namesMember))
