/**
 * The choices where the vendor's documents say nothing. Each can be changed by a seed.
 */
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
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

/** The first choice is the default. */
const choice = <const Choices extends readonly [string, ...ReadonlyArray<string>]>(...choices: Choices) =>
  Schema.Literals(choices).pipe(Schema.withDecodingDefault(Effect.succeed(choices[0])))

const decode = Schema.decodeUnknownSync(
  Schema.Struct({
    rules: Schema.Struct({
      joiningTwice: choice("another participant", "same participant", "bad request"),
      joiningPersonal: choice("bad request", "allowed"),
      leavingPersonal: choice("bad request", "allowed"),
      unknownUserLeaving: choice("user_not_found", "not_found"),
      unknownFields: choice("bad request", "ignored"),
      wrongApp: choice("not found", "forbidden"),
      missingValues: choice("null", "left out"),
      missingSubscribeSDKClient: choice("bad request", "false"),
      severalReferences: choice("bad request", "first"),
      order: choice("oldest first", "newest first"),
      goneCursor: choice("bad request", "its place"),
      hasMoreBefore: choice("after", "before"),
    }),
  }),
)

/** All rules of a sandbox. An unknown rule or choice would have no effect. */
export const complete = (choices: Choices = {}): Rules => {
  for (const rule of Object.keys(choices)) oneOf("a rule", rule, Object.keys(defaultRules))
  const { listDelay = 0, maxParticipants = Number.POSITIVE_INFINITY, ...rules } = choices
  if (maxParticipants !== Number.POSITIVE_INFINITY) wholeNumber("the rule maxParticipants", maxParticipants, 0)
  return { ...decode({ rules }).rules, maxParticipants, listDelay: duration("the rule listDelay", listDelay) }
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
export const defaultRules: Rules = complete()
