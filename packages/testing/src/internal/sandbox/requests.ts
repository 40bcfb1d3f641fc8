/**
 * What a request on the wire can say, and what is recorded of it. It may break the rules: the sandbox judges that.
 */
import type { Participant, SunshineError } from "@effect-sunco/core"
import type { Fault } from "../faults/fault.ts"

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

/**
 * A call that the rules judged.
 *
 * @category models
 * @since 0.1.0
 */
export interface Call extends Participant.ConversationReference {
  /** The operation. */
  readonly operation: SunshineError.Operation
  /** The ids of a user that it named; empty for a list. */
  readonly user: UserReference
  /** What a join said; absent if it said nothing. */
  readonly subscribeSDKClient?: boolean | undefined
  /** What a list said of its page; absent if it said nothing. */
  readonly page?: PageReference | undefined
  /** Whether the call made or ended a membership. */
  readonly changed: boolean
}

/**
 * A request that arrived, whether or not a fault kept it from the rules.
 *
 * @category models
 * @since 0.1.0
 */
export interface Arrival extends Participant.ConversationReference {
  /** The operation. */
  readonly operation: SunshineError.Operation
  /** The fault that met it; undefined if none did. */
  readonly fault: Fault | undefined
}
