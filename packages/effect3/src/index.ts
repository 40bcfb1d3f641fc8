/**
 * Sunshine Conversations participants for applications on Effect 3 and `@effect/platform`.
 *
 * @since 0.1.0
 */

/** @since 0.1.0 */
export * as Credentials from "./Credentials.ts"

/** @since 0.1.0 */
export * as Limits from "./Limits.ts"

/** @since 0.1.0 */
export * as Page from "./Page.ts"

/** @since 0.1.0 */
export * as Paginator from "./Paginator.ts"

/** @since 0.1.0 */
export * as Participant from "./Participant.ts"

/** @since 0.1.0 */
export * as Participants from "./Participants.ts"

/** @since 0.1.0 */
export * as ParticipantsHttp from "./ParticipantsHttp.ts"

/** @since 0.1.0 */
export * as ParticipantsTest from "./ParticipantsTest.ts"

/** @since 0.1.0 */
export * as RetryPolicy from "./RetryPolicy.ts"

/** @since 0.1.0 */
export * as SunshineError from "./SunshineError.ts"
