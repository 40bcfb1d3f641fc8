/**
 * How every implementation of `Participants` behaves, as a suite of tests that runs against any of them.
 *
 * The layers of this project run it: memory, the in-process client, and a real port. Whoever writes another
 * implementation, such as a cache in front of one, can run it on theirs with one call of {@link register}.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Equal from "effect/Equal"
import * as Formatter from "effect/Formatter"
import type * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import { type Page, Paginator, Participants } from "@effect-sunco/core"
import * as Sandbox from "./Sandbox.ts"

// ---------------------------------------------------------------------------
// Models
// ---------------------------------------------------------------------------

/**
 * One behaviour: a statement, the sandbox it holds in, and a program that fails or dies where it does not hold.
 *
 * @category models
 * @since 0.1.0
 */
export interface Behaviour {
  readonly statement: string
  readonly seed: Sandbox.Seed
  readonly check: Effect.Effect<void, unknown, Participants.Participants | Sandbox.Sandbox>
}

// ---------------------------------------------------------------------------
// Helpers
// ---------------------------------------------------------------------------

const { appId, conversationId, personalId, userExternalId, userId } = Sandbox.demo
const conversation = { appId, conversationId }
const nowhere = { appId, conversationId: "ffffffffffffffffffffffff" }

const service = Participants.Participants
const roster = Effect.flatMap(Sandbox.Sandbox, (sandbox) => sandbox.participants(conversation))
const calls = Effect.flatMap(Sandbox.Sandbox, (sandbox) => sandbox.calls)

const equal = (actual: unknown, expected: unknown, what: string): Effect.Effect<void> =>
  Equal.equals(actual, expected)
    ? Effect.void
    : Effect.die(new Error(`${what}: expected ${Formatter.format(expected)}, got ${Formatter.format(actual)}`))

type Failure = Paginator.PagesError

/** The error of a call that has to fail, in a few words: its tag, and what tells it from others of its tag. */
const failureOf = <A, R>(call: Effect.Effect<A, Failure, R>): Effect.Effect<string, unknown, R> =>
  Effect.map(Effect.flip(call), (error) => {
    if (error._tag === "PaginationError") return error._tag
    if (error._tag !== "SunshineError") return `${error.operation} ${error._tag} ${error.code}`
    const { operation, reason } = error
    return `${operation} ${reason._tag}${reason._tag === "InvalidRequest" ? ` ${reason.field}` : ""}`
  })

const behaviour = (
  statement: string,
  check: Effect.Effect<void, unknown, Participants.Participants | Sandbox.Sandbox>,
  seed: Parameters<typeof Sandbox.demoSeed>[0] = { participants: 3 },
): Behaviour => ({ statement, check, seed: Sandbox.demoSeed(seed) })

const failsWith = (
  statement: string,
  expected: string,
  call: (participants: Participants.Participants["Service"]) => Effect.Effect<unknown, Failure>,
  seed?: Parameters<typeof Sandbox.demoSeed>[0],
): Behaviour =>
  behaviour(
    statement,
    Effect.gen(function* () {
      const before = yield* roster
      yield* equal(yield* failureOf(call(yield* service)), expected, "the error")
      yield* equal(yield* roster, before, "the roster after the failure")
    }),
    seed,
  )

/** A request that cannot succeed is refused, and nothing is asked of the API. */
const refuses = (
  statement: string,
  expected: string,
  call: (participants: Participants.Participants["Service"]) => Effect.Effect<unknown, Failure>,
): Behaviour =>
  behaviour(
    statement,
    Effect.gen(function* () {
      yield* equal(yield* failureOf(call(yield* service)), expected, "the error")
      yield* equal((yield* calls).length, 0, "the number of calls")
    }),
  )

const idsOf = (page: Page.ParticipantPage): ReadonlyArray<string> => page.participants.map(({ id }) => id)

const cursor = "c".repeat(24)

// ---------------------------------------------------------------------------
// Behaviours
// ---------------------------------------------------------------------------

const joining: ReadonlyArray<Behaviour> = [
  behaviour(
    "a join by userId makes the user a participant, once",
    Effect.gen(function* () {
      const participant = yield* (yield* service).join({ ...conversation, userId })
      const members = yield* roster
      yield* equal(participant.userId, userId, "the user of the participant")
      yield* equal(participant.userExternalId, Option.some(userExternalId), "the external id of the participant")
      yield* equal(members.length, 4, "the number of participants")
      yield* equal(members.at(-1), participant, "the participant on the roster")
    }),
  ),
  behaviour(
    "a join by userExternalId makes the user a participant",
    Effect.gen(function* () {
      const participant = yield* (yield* service).join({ ...conversation, userExternalId })
      yield* equal(participant.userId, userId, "the user of the participant")
      yield* equal((yield* roster).length, 4, "the number of participants")
    }),
  ),
  behaviour(
    "a user who joins twice is a participant once",
    Effect.gen(function* () {
      const participants = yield* service
      const first = yield* participants.join({ ...conversation, userId })
      const second = yield* participants.join({ ...conversation, userId })
      yield* equal(second, first, "the second participant")
      yield* equal((yield* roster).length, 4, "the number of participants")
    }),
  ),
  failsWith("a join of a user who does not exist is NotFound", "join NotFound user_not_found", ({ join }) =>
    join({ ...conversation, userId: "nobody" }),
  ),
  failsWith(
    "a join to a conversation that does not exist is NotFound",
    "join NotFound conversation_not_found",
    ({ join }) => join({ ...nowhere, userId }),
  ),
  failsWith("a join to a personal conversation is BadRequest", "join BadRequest bad_request", ({ join }) =>
    join({ appId, conversationId: personalId, userId }),
  ),
  failsWith(
    "a join to a full conversation is BadRequest",
    "join BadRequest bad_request",
    ({ join }) => join({ ...conversation, userId }),
    { participants: 3, rules: { maxParticipants: 3 } },
  ),
  behaviour(
    "a join says whether to subscribe the SDK client, even if the caller does not",
    Effect.gen(function* () {
      yield* (yield* service).join({ ...conversation, userId })
      yield* equal((yield* roster).length, 4, "the number of participants")
    }),
    { participants: 3, rules: { missingSubscribeSDKClient: "bad request" } },
  ),
  refuses("a join with an empty app id is refused", "join InvalidRequest appId", ({ join }) =>
    join({ ...conversation, appId: "", userId }),
  ),
  refuses("a join with a conversation id of two dots is refused", "join InvalidRequest conversationId", ({ join }) =>
    join({ ...conversation, conversationId: "..", userId }),
  ),
  refuses("a join with an empty user id is refused", "join InvalidRequest userId", ({ join }) =>
    join({ ...conversation, userId: "" }),
  ),
]

const leaving: ReadonlyArray<Behaviour> = [
  ...(["userId", "userExternalId", "participantId"] as const).map((key) =>
    behaviour(
      `a leave by ${key} ends the membership`,
      Effect.gen(function* () {
        const participants = yield* service
        const before = yield* roster
        const { id } = yield* participants.join({ ...conversation, userId })
        yield* participants.leave(
          key === "userId"
            ? { ...conversation, userId }
            : key === "userExternalId"
              ? { ...conversation, userExternalId }
              : { ...conversation, participantId: id },
        )
        yield* equal(yield* roster, before, "the roster")
      }),
    ),
  ),
  behaviour(
    "a user who left can join again, as another participant",
    Effect.gen(function* () {
      const participants = yield* service
      const first = yield* participants.join({ ...conversation, userId })
      yield* participants.leave({ ...conversation, userId })
      const second = yield* participants.join({ ...conversation, userId })
      yield* equal(first.id === second.id, false, "whether the participants are the same")
      yield* equal((yield* roster).length, 4, "the number of participants")
    }),
  ),
  failsWith("a leave of a user who is no member is NotFound", "leave NotFound not_found", ({ leave }) =>
    leave({ ...conversation, userId }),
  ),
  failsWith(
    "a leave from a conversation that does not exist is NotFound",
    "leave NotFound conversation_not_found",
    ({ leave }) => leave({ ...nowhere, userId }),
  ),
  refuses("a leave with an empty participant id is refused", "leave InvalidRequest participantId", ({ leave }) =>
    leave({ ...conversation, participantId: "" }),
  ),
]

const listing: ReadonlyArray<Behaviour> = [
  behaviour(
    "a list gives 25 participants, and a cursor to the next ones",
    Effect.gen(function* () {
      const page = yield* (yield* service).list(conversation)
      const members = yield* roster
      yield* equal(page.participants, members.slice(0, 25), "the page")
      yield* equal(page.meta.hasMore, true, "whether there are more")
      yield* equal(Option.isSome(page.meta.afterCursor), true, "whether there is a cursor")
      yield* equal(page.meta.beforeCursor, Option.none(), "the cursor to go back")
    }),
    { participants: 30 },
  ),
  behaviour(
    "a list of nobody is an empty page",
    Effect.gen(function* () {
      const page = yield* (yield* service).list(conversation)
      yield* equal(page.participants.length, 0, "the number of participants")
      yield* equal(page.meta.hasMore, false, "whether there are more")
      yield* equal(page.meta.afterCursor, Option.none(), "the cursor to go on")
    }),
    { participants: 0 },
  ),
  behaviour(
    "a page after a cursor, and the page before what comes then, are the pages beside it",
    Effect.gen(function* () {
      const { list } = yield* service
      const ids = (yield* roster).map(({ id }) => id)
      const first = yield* list({ ...conversation, page: { size: 3 } })
      const after = Option.getOrThrow(first.meta.afterCursor)
      const second = yield* list({ ...conversation, page: { after, size: 3 } })
      const before = Option.getOrThrow(second.meta.beforeCursor)
      const back = yield* list({ ...conversation, page: { before, size: 3 } })
      yield* equal(idsOf(first), ids.slice(0, 3), "the first page")
      yield* equal(idsOf(second), ids.slice(3, 6), "the page after it")
      yield* equal(idsOf(back), ids.slice(0, 3), "the page before that")
    }),
    { participants: 10 },
  ),
  behaviour(
    "a page holds up to 100",
    Effect.gen(function* () {
      const page = yield* (yield* service).list({ ...conversation, page: { size: 100 } })
      yield* equal(page.participants.length, 100, "the number of participants")
    }),
    { participants: 101 },
  ),
  ...([0, 1, 99, 100, 101, 250] as const).map((participants) =>
    behaviour(
      `a stream gives all of ${participants} participants, in order`,
      Effect.gen(function* () {
        const all = yield* Stream.runCollect(Paginator.stream(conversation))
        yield* equal(all, yield* roster, "the participants")
      }),
      { participants },
    ),
  ),
  behaviour(
    "a stream backward gives all pages before its cursor, the nearest first",
    Effect.gen(function* () {
      const ids = (yield* roster).map(({ id }) => id)
      const pages = yield* Stream.runCollect(
        Paginator.pages({ ...conversation, direction: "backward", cursor: ids[7] ?? "", pageSize: 3 }),
      )
      yield* equal(pages.map(idsOf), [ids.slice(4, 7), ids.slice(1, 4), ids.slice(0, 1)], "the pages")
    }),
    { participants: 10 },
  ),
  failsWith(
    "a list of a conversation that does not exist is NotFound",
    "list NotFound conversation_not_found",
    ({ list }) => list(nowhere),
  ),
  refuses("a page of size 0 is refused", "list InvalidRequest page.size", ({ list }) =>
    list({ ...conversation, page: { size: 0 } }),
  ),
  refuses("a page of size 101 is refused", "list InvalidRequest page.size", ({ list }) =>
    list({ ...conversation, page: { size: 101 } }),
  ),
  refuses("a cursor of another length is refused", "list InvalidRequest page.after", ({ list }) =>
    list({ ...conversation, page: { after: cursor.slice(1) } }),
  ),
]

/**
 * All behaviours.
 *
 * **Example** (Running one without a test framework)
 *
 * ```ts
 * import { ParticipantsSuite, ParticipantsTest } from "@effect-sunco/testing"
 * import { Effect } from "effect"
 * import * as assert from "node:assert"
 *
 * const behaviour = ParticipantsSuite.behaviours.find(({ statement }) => statement.startsWith("a page holds"))
 * assert.ok(behaviour)
 *
 * await Effect.runPromise(Effect.provide(behaviour.check, ParticipantsTest.layerMemory(behaviour.seed)))
 * ```
 *
 * @category constants
 * @since 0.1.0
 */
export const behaviours: ReadonlyArray<Behaviour> = [...joining, ...leaving, ...listing]

// ---------------------------------------------------------------------------
// Running
// ---------------------------------------------------------------------------

/**
 * Registers a test for each behaviour with a test framework: `it` of vitest, jest or `node:test`.
 *
 * `layer` builds the implementation over a sandbox with the seed of the behaviour. An implementation that wraps another
 * one takes that from `ParticipantsTest.layerMemory(seed)`.
 *
 * **Example** (Holding a decorated service to the suite, with `node:test`)
 *
 * ```ts no-run
 * import { Participants } from "@effect-sunco/core"
 * import { ParticipantsSuite, ParticipantsTest } from "@effect-sunco/testing"
 * import { Effect, Layer } from "effect"
 * import { it } from "node:test"
 *
 * const layerLogged = Layer.effect(
 *   Participants.Participants,
 *   Effect.map(Participants.Participants, (inner) => ({
 *     ...inner,
 *     leave: (request) => Effect.tap(inner.leave(request), () => Effect.log("somebody left")),
 *   })),
 * )
 *
 * ParticipantsSuite.register({
 *   it,
 *   layer: (seed) => Layer.provideMerge(layerLogged, ParticipantsTest.layerMemory(seed)),
 * })
 * ```
 *
 * @category running
 * @since 0.1.0
 */
export const register = <E>(options: {
  readonly it: (name: string, test: () => Promise<void>) => unknown
  readonly layer: (seed: Sandbox.Seed) => Layer.Layer<Participants.Participants | Sandbox.Sandbox, E>
}): void => {
  for (const { check, seed, statement } of behaviours) {
    options.it(statement, () => Effect.runPromise(Effect.provide(check, options.layer(seed))))
  }
}
