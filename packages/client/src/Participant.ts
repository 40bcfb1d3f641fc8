/**
 * What the API answers, as plain objects. All fields are always there; what is missing in the answer is `undefined`.
 *
 * @see https://developer.zendesk.com/api-reference/conversations/#tag/Participants
 */

/** A client that is active in the conversation for a user. */
export interface ClientAssociation {
  /** The channel, such as `"whatsapp"` or `"sdk"`; `""` if the answer has none. */
  readonly type: string
  /** The id of the client. */
  readonly clientId: string | undefined
}

/** The membership of one user in one conversation. */
export interface Participant {
  /** The id of the membership. */
  readonly id: string
  /** The id that Sunshine Conversations gave the user. */
  readonly userId: string
  /** The id that you gave the user. */
  readonly userExternalId: string | undefined
  /** How many messages the user has not read. */
  readonly unreadCount: number
  /** The clients of the user that are active in the conversation; the first one is the primary client. */
  readonly clientAssociations: ReadonlyArray<ClientAssociation>
  /** When the latest message that the user has read was sent. */
  readonly lastRead: Date | undefined
}

/** One page of the participants of a conversation, in the order of the API. */
export interface ParticipantPage {
  /** The participants on this page. */
  readonly participants: ReadonlyArray<Participant>
  /** Where the page lies among the others. */
  readonly meta: {
    /** Whether more pages follow. */
    readonly hasMore: boolean
    /** Asks for the next page, as `page.after`. */
    readonly afterCursor: string | undefined
    /** Asks for the previous page, as `page.before`. */
    readonly beforeCursor: string | undefined
  }
  /** Links to the pages around this one, for reference. The client never follows them. */
  readonly links: {
    /** The URL of the previous page. */
    readonly prev: string | undefined
    /** The URL of the next page. */
    readonly next: string | undefined
  }
}
