/**
 * Sunshine Conversations participants over HTTP: credentials, retry, and the live layer.
 *
 * @since 0.1.0
 */

/** @since 0.1.0 */
export * as Credentials from "./Credentials.ts"

/** @since 0.1.0 */
export * as Events from "./Events.ts"

/** @since 0.1.0 */
export * as Limits from "./Limits.ts"

/** @since 0.1.0 */
export * as ParticipantsHttp from "./ParticipantsHttp.ts"

/** @since 0.1.0 */
export * as RetryPolicy from "./RetryPolicy.ts"
