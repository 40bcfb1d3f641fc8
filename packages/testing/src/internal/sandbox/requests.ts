/**
 * What a request on the wire can say. It may break the rules: the sandbox judges that.
 */

/**
 * How a request on the wire names a user: in one way, in none, or in more than one.
 *
 * @category models
 * @since 0.1.0
 */
export interface UserReference {
  /** The id of the user. */
  readonly userId?: string | undefined
  /** The id of the user in the caller's own system. */
  readonly userExternalId?: string | undefined
  /** The id of the participant; a leave only. */
  readonly participantId?: string | undefined
}

/**
 * How a request on the wire names a page: it may name both cursors.
 *
 * @category models
 * @since 0.1.0
 */
export interface PageReference {
  /** The cursor that the page comes after. */
  readonly after?: string | undefined
  /** The cursor that the page comes before. */
  readonly before?: string | undefined
  /** How many participants the page has at most. 25 by default. */
  readonly size?: number | undefined
}
