/**
 * The participants of a Sunshine Conversations conversation: requests, responses, errors, the service, and paging.
 *
 * The contract as an `HttpApi` is imported by its path, `@effect-sunco/core/ParticipantsApi`: it loads the HTTP server of
 * Effect, which a client does not need. So is `@effect-sunco/core/RetryAfter`, for other implementations of the service.
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
export * as SunshineError from "./SunshineError.ts"
