/**
 * Stands in for Sunshine Conversations: a sandbox, the local API on it, and layers for unit tests.
 *
 * @since 0.1.0
 */

/** @since 0.1.0 */
export * as Faults from "./Faults.ts"

/** @since 0.1.0 */
export * as LocalApi from "./LocalApi.ts"

/** @since 0.1.0 */
export * as ParticipantsTest from "./ParticipantsTest.ts"

/** @since 0.1.0 */
export * as Sandbox from "./Sandbox.ts"
