/**
 * What can be asked about the participants of a Sunshine Conversations chat, what the answers are, and what can go wrong.
 *
 * @since 0.1.0
 */

/** @since 0.1.0 */
export * as Operations from "./Operations.ts"

/** @since 0.1.0 */
export * as Page from "./Page.ts"

/** @since 0.1.0 */
export * as Paginator from "./Paginator.ts"

/** @since 0.1.0 */
export * as Participant from "./Participant.ts"

/** @since 0.1.0 */
export * as Participants from "./Participants.ts"

/** @since 0.1.0 */
export * as ParticipantsApi from "./ParticipantsApi.ts"

/** @since 0.1.0 */
export * as SunshineError from "./SunshineError.ts"
