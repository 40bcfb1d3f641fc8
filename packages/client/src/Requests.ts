/**
 * What can be asked. A request that cannot succeed fails with `SunshineError` and the reason `InvalidRequest`, and nothing
 * is sent.
 */

/** Names one conversation of one app. */
export interface Conversation {
  /** The id of the app: a non-empty string other than `"."` and `".."`. */
  readonly appId: string
  /** The id of the conversation: a non-empty string other than `"."` and `".."`. */
  readonly conversationId: string
}

/** What the compiler reports for a request that names no user, or more than one: the text is a property that is missing. */
type Misnamed<Key extends string, Text extends string> = { readonly [Id in Key]?: string | undefined } & {
  readonly [_ in Text]: never
}

/** Names a user by exactly one of two ids. */
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

/** Asks for a user to join a conversation of type `sdkGroup`. */
export type JoinRequest = Conversation &
  (
    | UserReference
    | Misnamed<"userId" | "userExternalId", "Name the user by exactly one of userId and userExternalId">
  ) & {
    /** Whether the user's SDK client is subscribed to push notifications at once; false if left out. */
    readonly subscribeSDKClient?: boolean | undefined
  }

/**
 * Asks for a user to leave, named by exactly one of three ids. Where a user can have several memberships, name one by
 * `participantId`: a `userId` ends one of them, and if the answer is lost perhaps another.
 */
export type LeaveRequest = Conversation &
  (
    | (UserReference & {
        /** Not allowed together with the id of a user. */
        readonly participantId?: undefined
      })
    | {
        /** The id of the membership: the `id` of a participant. */
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

/** What the compiler reports for a page that names both cursors. */
interface BothCursors {
  readonly after?: string | undefined
  readonly before?: string | undefined
  readonly size?: number | undefined
  readonly "Name after or before, not both": never
}

/** Asks for one page. */
export interface ListRequest extends Conversation {
  /** Which page, and how large (1 to 100); the first one with up to 25 participants if left out. */
  readonly page?:
    | {
        /** The page after this cursor, which an answer gave as `meta.afterCursor`; the first one if left out. */
        readonly after?: string | undefined
        /** Not allowed together with `after`. */
        readonly before?: undefined
        /** Participants on the page at most, 1 to 100; the API gives up to 25 if left out. */
        readonly size?: number | undefined
      }
    | {
        /** The page before this cursor, which an answer gave as `meta.beforeCursor`; the first one if left out. */
        readonly before?: string | undefined
        /** Not allowed together with `before`. */
        readonly after?: undefined
        /** Participants on the page at most, 1 to 100; the API gives up to 25 if left out. */
        readonly size?: number | undefined
      }
    | BothCursors
    | undefined
}

/** Asks for all pages, or for all participants. */
export type PagesRequest = Conversation & {
  /** Participants per request, 1 to 100; 100 if left out. */
  readonly pageSize?: number | undefined
  /** How many pages to ask for ahead of the consumer; 0 if left out. */
  readonly prefetch?: number | undefined
} & (
    | {
        /** `"forward"`, towards the last page, if left out. */
        readonly direction?: "forward" | undefined
        /** Where to start: after this cursor, which an answer or an error gave; at the first page if left out. */
        readonly cursor?: string | undefined
      }
    | {
        /** From `cursor` towards the first page. */
        readonly direction: "backward"
        /** Where to start: before this cursor. */
        readonly cursor: string
      }
  )
