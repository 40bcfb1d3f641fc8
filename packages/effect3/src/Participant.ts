/**
 * Who is in a conversation, and how to say who should join or leave it.
 *
 * @since 0.1.0
 */
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"

// ---------------------------------------------------------------------------
// Models
// ---------------------------------------------------------------------------

/** Missing and null are one thing. */
const orNone = <A, I>(schema: Schema.Schema<A, I>) =>
  Schema.optionalWith(schema, { as: "Option", nullable: true }).pipe(Schema.withConstructorDefault(() => Option.none()))

/**
 * A client that is active in the conversation for a user. The first one of a participant is the primary client.
 *
 * @category models
 * @since 0.1.0
 */
export class ClientAssociation extends Schema.Class<ClientAssociation>("@effect-sunco/effect3/ClientAssociation")({
  /** The channel, such as `whatsapp`. The vendor adds values. `""` when the answer has no readable one. */
  type: Schema.String,
  /** The id of the client. `Option.none()` by default, and when the answer has no readable one. */
  clientId: orNone(Schema.String),
}) {}

/**
 * The membership of one user in one conversation.
 *
 * @see https://developer.zendesk.com/api-reference/conversations/#tag/Participants
 * @category models
 * @since 0.1.0
 */
export class Participant extends Schema.Class<Participant>("@effect-sunco/effect3/Participant")({
  /** The id of the membership. */
  id: Schema.String,
  /** The id that Sunshine Conversations gave the user. */
  userId: Schema.String,
  /** The id that you gave the user. `Option.none()` by default. */
  userExternalId: orNone(Schema.String),
  /** How many messages the user has not read. `0` by default. */
  unreadCount: Schema.optionalWith(Schema.Int, { default: () => 0 }),
  /** The active clients of the user, most recent first. `[]` by default. */
  clientAssociations: Schema.optionalWith(Schema.Array(ClientAssociation), { default: () => [] }),
  /** When the latest message that the user has read was sent, in UTC. `Option.none()` by default. */
  lastRead: orNone(Schema.DateTimeUtc),
}) {}

// ---------------------------------------------------------------------------
// Requests
// ---------------------------------------------------------------------------

/**
 * Names one conversation of one app.
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
      /** The id that Sunshine Conversations gave the user. */
      readonly userId: string
      /** Not allowed together with `userId`. */
      readonly userExternalId?: undefined
    }
  | {
      /** The id that you gave the user. */
      readonly userExternalId: string
      /** Not allowed together with `userExternalId`. */
      readonly userId?: undefined
    }

/** What the compiler reports for a request that names no user, or more than one: the text is a property that is missing. */
type Misnamed<Key extends string, Text extends string> = { readonly [Id in Key]?: string | undefined } & {
  readonly [_ in Text]: never
}

/**
 * Asks for a user to join a conversation of type `sdkGroup`.
 *
 * @category models
 * @since 0.1.0
 */
export type JoinRequest = ConversationReference &
  (
    | UserReference
    | Misnamed<"userId" | "userExternalId", "Name the user by exactly one of userId and userExternalId">
  ) & {
    /** Whether the user's SDK client is subscribed. `false` by default. */
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
    | (UserReference & {
        /** Not allowed together with `userId` or `userExternalId`. */
        readonly participantId?: undefined
      })
    | {
        /** The id of the membership, which is the `id` of a participant. */
        readonly participantId: string
        /** Not allowed together with `participantId`. */
        readonly userId?: undefined
        /** Not allowed together with `participantId`. */
        readonly userExternalId?: undefined
      }
    | Misnamed<
        "userId" | "userExternalId" | "participantId",
        "Name the user by exactly one of userId, userExternalId and participantId"
      >
  )
