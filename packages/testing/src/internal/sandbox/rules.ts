/**
 * The choices where the vendor's documents say nothing. Each can be changed by a seed.
 */
import * as Duration from "effect/Duration"
import { duration, wholeNumber } from "../checks.ts"

/**
 * What was chosen where the vendor's documents say nothing.
 *
 * Codes that the documents do not name for these operations: an unknown user is 404 `user_not_found`, an unknown app 404
 * `app_not_found`, a credential that does not reach the app 403 `forbidden`.
 *
 * @category models
 * @since 0.1.0
 */
export interface Rules {
  /**
   * What a join of a user who has joined gives. `"same participant"` by default: 201 with the participant there is.
   * `"another participant"` makes a second membership of the same user.
   */
  readonly joiningTwice: "same participant" | "bad request" | "another participant"
  /** What a join to a personal conversation gives. `"bad request"` by default. */
  readonly joiningPersonal: "bad request" | "allowed"
  /** How many participants a conversation can have; the next join is 400, as documented. No limit by default. */
  readonly maxParticipants: number
  /** What a join without `subscribeSDKClient` gives. `"bad request"` by default, since it is called required. */
  readonly missingSubscribeSDKClient: "bad request" | "false"
  /**
   * What a body that names a user in more than one way gives. `"bad request"` by default. `"first"` takes `userId`, then
   * `userExternalId`, then `participantId`.
   */
  readonly severalReferences: "bad request" | "first"
  /** How long until a list shows a join or a leave. Zero by default; a bare number is milliseconds. */
  readonly listDelay: Duration.Input
  /** The order of a list. `"oldest first"` by default. */
  readonly order: "oldest first" | "newest first"
  /**
   * What a cursor gives whose participant has left. `"its place"` by default: the page begins where the participant
   * stood.
   */
  readonly goneCursor: "its place" | "bad request"
  /**
   * The direction in which `hasMore` counts on a page that was asked for with `before`. `"before"` by default: the
   * direction of the request.
   */
  readonly hasMoreBefore: "before" | "after"
}

/**
 * Some of the {@link Rules}. The default holds for a rule that is left out or undefined.
 *
 * @category models
 * @since 0.1.0
 */
export type Choices = { readonly [Rule in keyof Rules]?: Rules[Rule] | undefined }

/**
 * The choices that hold where a seed makes no other.
 *
 * **Example** (Another choice, for one test)
 *
 * ```ts
 * import { Participants } from "@effect-sunco/core"
 * import { ParticipantsTest, Sandbox } from "@effect-sunco/testing"
 * import { Effect } from "effect"
 * import * as assert from "node:assert"
 *
 * const { appId, conversationId, userId } = Sandbox.demo
 * const seed = Sandbox.demoSeed({ rules: { joiningTwice: "bad request" } })
 *
 * const twice = Effect.gen(function* () {
 *   const participants = yield* Participants.Participants
 *   yield* participants.join({ appId, conversationId, userId })
 *   return yield* Effect.flip(participants.join({ appId, conversationId, userId }))
 * })
 *
 * assert.equal(Sandbox.defaultRules.joiningTwice, "same participant")
 * const error = await Effect.runPromise(twice.pipe(Effect.provide(ParticipantsTest.layerMemory(seed))))
 * assert.equal(error._tag, "BadRequest")
 * ```
 *
 * @category constants
 * @since 0.1.0
 */
export const defaultRules: Rules = {
  joiningTwice: "same participant",
  joiningPersonal: "bad request",
  maxParticipants: Number.POSITIVE_INFINITY,
  missingSubscribeSDKClient: "bad request",
  severalReferences: "bad request",
  listDelay: Duration.zero,
  order: "oldest first",
  goneCursor: "its place",
  hasMoreBefore: "before",
}

/** All rules of a sandbox, with the delay of a list in milliseconds. */
export const complete = (choices: Choices = {}): Omit<Rules, "listDelay"> & { readonly listDelay: number } => {
  const made = Object.entries(choices).filter(([, choice]) => choice !== undefined)
  const rules: Rules = { ...defaultRules, ...Object.fromEntries(made) }
  if (rules.maxParticipants !== Number.POSITIVE_INFINITY) {
    wholeNumber("the rule maxParticipants", rules.maxParticipants, 0)
  }
  return { ...rules, listDelay: Duration.toMillis(duration("the rule listDelay", rules.listDelay)) }
}

export type CompleteRules = ReturnType<typeof complete>
