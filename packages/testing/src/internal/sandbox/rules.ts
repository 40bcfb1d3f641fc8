/**
 * The choices where the vendor's documents say nothing. Each can be changed by a seed.
 */
import * as Duration from "effect/Duration"
import { duration, oneOf, wholeNumber } from "../checks.ts"

/**
 * What was chosen where the vendor's documents say nothing, or leave a choice to the server. docs/testing.md has all of it
 * in one table.
 *
 * @category models
 * @since 0.1.0
 */
export interface Rules {
  /**
   * What a join of a user who has joined gives. `"another participant"` by default: a second membership of the same user,
   * so that a join that is written twice shows. `"same participant"` is 201 with the participant there is.
   */
  readonly joiningTwice: "same participant" | "bad request" | "another participant"
  /** What a join to a personal conversation gives. `"bad request"` by default. */
  readonly joiningPersonal: "bad request" | "allowed"
  /**
   * What a leave of a personal conversation gives. `"bad request"` by default, which the vendor does not document for a
   * leave.
   */
  readonly leavingPersonal: "bad request" | "allowed"
  /**
   * The code of the 404 that a leave gets for a user who does not exist. `"user_not_found"` by default, as a join does;
   * `"not_found"` is what a user who exists and is no member gets.
   */
  readonly unknownUserLeaving: "user_not_found" | "not_found"
  /**
   * What a field of a body or a parameter of a query gives that the vendor's document does not name. `"bad request"` by
   * default.
   */
  readonly unknownFields: "bad request" | "ignored"
  /**
   * What a credential gives that does not reach the app. `"not found"` by default: 404 `app_not_found`, as for an app
   * that does not exist. `"forbidden"` is 403.
   */
  readonly wrongApp: "not found" | "forbidden"
  /**
   * How the local API writes an external id and a last read that are not there. `"null"` by default. The vendor's document
   * allows both.
   */
  readonly missingValues: "null" | "left out"
  /**
   * How many participants a conversation can have; the next join is 400, as documented. No limit by default: the vendor's
   * document has no number for joins. A user who has joined already falls under `joiningTwice` first. What a seed or
   * `addParticipant` puts in may be more.
   */
  readonly maxParticipants: number
  /** What a join without `subscribeSDKClient` gives. `"bad request"` by default, since it is called required. */
  readonly missingSubscribeSDKClient: "bad request" | "false"
  /**
   * What a body that names a user in more than one way gives. `"bad request"` by default. `"first"` takes `userId`, then
   * `userExternalId`, then `participantId`.
   */
  readonly severalReferences: "bad request" | "first"
  /** How long until a list shows a join or a leave. Zero by default. */
  readonly listDelay: Duration.Duration
  /** The order of a list. `"oldest first"` by default. */
  readonly order: "oldest first" | "newest first"
  /**
   * What a cursor gives whose participant has left. `"bad request"` by default. With `"its place"` the page begins where
   * the participant stood.
   */
  readonly goneCursor: "its place" | "bad request"
  /**
   * The direction in which `hasMore` counts on a page that was asked for with `before`. `"after"` by default, which says
   * nothing about the direction of the request.
   */
  readonly hasMoreBefore: "before" | "after"
}

/**
 * Some of the {@link Rules}. The default holds for a rule that is left out or undefined. `listDelay` takes any input of a
 * duration; a bare number is milliseconds.
 *
 * @category models
 * @since 0.1.0
 */
export type Choices = {
  readonly [Rule in keyof Rules]?: (Rule extends "listDelay" ? Duration.Input : Rules[Rule]) | undefined
}

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
 * assert.equal(Sandbox.defaultRules.joiningTwice, "another participant")
 * const error = await Effect.runPromise(twice.pipe(Effect.provide(ParticipantsTest.layerMemory(seed))))
 * assert.equal(error._tag, "BadRequest")
 * ```
 *
 * @category constants
 * @since 0.1.0
 */
export const defaultRules: Rules = {
  joiningTwice: "another participant",
  joiningPersonal: "bad request",
  leavingPersonal: "bad request",
  unknownUserLeaving: "user_not_found",
  unknownFields: "bad request",
  wrongApp: "not found",
  missingValues: "null",
  maxParticipants: Number.POSITIVE_INFINITY,
  missingSubscribeSDKClient: "bad request",
  severalReferences: "bad request",
  listDelay: Duration.zero,
  order: "oldest first",
  goneCursor: "bad request",
  hasMoreBefore: "after",
}

/** What the rules that name a choice allow. */
const allowed: {
  readonly [Rule in Exclude<keyof Rules, "maxParticipants" | "listDelay">]: ReadonlyArray<Rules[Rule]>
} = {
  joiningTwice: ["same participant", "bad request", "another participant"],
  joiningPersonal: ["bad request", "allowed"],
  leavingPersonal: ["bad request", "allowed"],
  unknownUserLeaving: ["user_not_found", "not_found"],
  unknownFields: ["bad request", "ignored"],
  wrongApp: ["not found", "forbidden"],
  missingValues: ["null", "left out"],
  missingSubscribeSDKClient: ["bad request", "false"],
  severalReferences: ["bad request", "first"],
  order: ["oldest first", "newest first"],
  goneCursor: ["its place", "bad request"],
  hasMoreBefore: ["before", "after"],
}

/** An unknown rule or choice would have no effect. */
const checkChoices = (choices: Choices): void => {
  const known: Readonly<Record<string, ReadonlyArray<unknown>>> = allowed
  for (const [rule, choice] of Object.entries(choices)) {
    oneOf("a rule", rule, Object.keys(defaultRules))
    if (choice !== undefined && known[rule] !== undefined) oneOf(`the rule ${rule}`, choice, known[rule])
  }
}

/** All rules of a sandbox. */
export const complete = (choices: Choices = {}): Rules => {
  checkChoices(choices)
  const made = Object.entries(choices).filter(([, choice]) => choice !== undefined)
  const { listDelay, ...rules } = { ...defaultRules, ...Object.fromEntries(made) }
  if (rules.maxParticipants !== Number.POSITIVE_INFINITY) {
    wholeNumber("the rule maxParticipants", rules.maxParticipants, 0)
  }
  return { ...rules, listDelay: duration("the rule listDelay", listDelay) }
}
