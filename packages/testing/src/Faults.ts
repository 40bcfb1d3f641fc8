/**
 * Failures on purpose, for the local API and the memory layer: scripted for the n-th request of an operation, or drawn
 * from a seed.
 *
 * A plan of faults is a part of a `Sandbox.Seed`. What a fault does depends on the door:
 *
 * - on a real port, sockets are destroyed, and bodies are cut or slowed on the wire
 * - in process, the `HttpClient` fails as it would on the wire
 * - in memory, the call fails with the error that the HTTP layer would make of one such answer, without a look: that is
 *   `OutcomeUnknown` for a write that may have happened. A hang is `TimedOut` after 10 seconds.
 *
 * What cannot be, such as a status that is no error or a request number of 0, throws when it is written down.
 *
 * @since 0.1.0
 */
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Random from "effect/Random"
import type { Participant, SunshineError } from "@effect-sunco/core"
import { checkFaults, checkRate, checkRequestNumbers, checkStatus, isPageFault, wait } from "./internal/fault-checks.ts"

// ---------------------------------------------------------------------------
// Models
// ---------------------------------------------------------------------------

/**
 * Whether a fault strikes before or after a join or a leave took effect.
 *
 * @category models
 * @since 0.1.0
 */
export type When = "before" | "after"

/**
 * One failure.
 *
 * @category models
 * @since 0.1.0
 */
export type Fault =
  | {
      readonly _tag: "Status"
      readonly status: number
      readonly code: string
      readonly title: string
      readonly retryAfter: string | undefined
      readonly when: When
    }
  | { readonly _tag: "Delay"; readonly duration: Duration.Duration }
  | { readonly _tag: "Hang"; readonly when: When }
  | { readonly _tag: "Reset"; readonly when: When }
  | { readonly _tag: "Refused" }
  | { readonly _tag: "TruncatedBody" }
  | { readonly _tag: "HtmlBody" }
  | { readonly _tag: "WrongContentType" }
  | { readonly _tag: "SlowDrip"; readonly duration: Duration.Duration }
  | { readonly _tag: "EmptyPage" }
  | { readonly _tag: "RepeatedCursor" }
  | { readonly _tag: "VanishedCursor" }

/**
 * Which fault meets which request: asked once for each, with its number among the requests of the operation, from 1, in
 * whatever conversation; and with the conversation it is for.
 *
 * **Example** (A plan of your own: one conversation cannot be listed)
 *
 * ```ts
 * import { Participants } from "@effect-sunco/core"
 * import { Faults, ParticipantsTest, Sandbox } from "@effect-sunco/testing"
 * import { Effect } from "effect"
 * import * as assert from "node:assert"
 *
 * const { appId, conversationId, personalId } = Sandbox.demo
 *
 * const faults: Faults.Plan = {
 *   next: (operation, _number, conversation) =>
 *     Effect.succeed(
 *       operation === "list" && conversation.conversationId === personalId ? Faults.status(503) : undefined,
 *     ),
 * }
 *
 * const program = Effect.gen(function* () {
 *   const participants = yield* Participants.Participants
 *   yield* participants.list({ appId, conversationId })
 *   return yield* Effect.flip(participants.list({ appId, conversationId: personalId }))
 * })
 *
 * const layer = ParticipantsTest.layerMemory(Sandbox.demoSeed({ faults }))
 * const error = await Effect.runPromise(program.pipe(Effect.provide(layer)))
 * assert.match(error.message, /ServerError/)
 * ```
 *
 * @category models
 * @since 0.1.0
 */
export interface Plan {
  readonly next: (
    operation: SunshineError.Operation,
    number: number,
    conversation: Participant.ConversationReference,
  ) => Effect.Effect<Fault | undefined>
}

// ---------------------------------------------------------------------------
// Faults
// ---------------------------------------------------------------------------

/**
 * Answers with an error status, from 300 to 599. `code` and `title` are those of its error body. `retryAfter` is a whole
 * number of seconds, or a text that is sent as it is, such as an HTTP date. `when: "after"` lets a write take effect first.
 *
 * **Example** (A join that is refused once, for two seconds)
 *
 * ```ts
 * import { Participants } from "@effect-sunco/core"
 * import { Faults, ParticipantsTest, Sandbox } from "@effect-sunco/testing"
 * import { Effect } from "effect"
 * import * as assert from "node:assert"
 *
 * const { appId, conversationId, userId } = Sandbox.demo
 * const seed = Sandbox.demoSeed({ faults: Faults.scripted({ join: [Faults.status(429, { retryAfter: 2 })] }) })
 *
 * const program = Effect.gen(function* () {
 *   const participants = yield* Participants.Participants
 *   const failed = yield* Effect.flip(participants.join({ appId, conversationId, userId }))
 *   const joined = yield* participants.join({ appId, conversationId, userId })
 *   return { message: failed.message, userId: joined.userId }
 * })
 *
 * const { message, ...joined } = await Effect.runPromise(program.pipe(Effect.provide(ParticipantsTest.layerMemory(seed))))
 * assert.match(message, /RateLimited.*retry after 2s/)
 * assert.deepEqual(joined, { userId })
 * ```
 *
 * @category faults
 * @since 0.1.0
 */
export const status = (
  status: number,
  options?: {
    readonly code?: string
    readonly title?: string
    readonly retryAfter?: number | string
    readonly when?: When
  },
): Fault => {
  checkStatus(status, options?.retryAfter)
  return {
    _tag: "Status",
    status,
    code: options?.code ?? "fault",
    title: options?.title ?? `Status ${status}, by a fault of the local API`,
    retryAfter: options?.retryAfter === undefined ? undefined : String(options.retryAfter),
    when: options?.when ?? "before",
  }
}

/**
 * Waits, then answers as usual. A write takes effect after the wait, and not at all if the caller gives up before.
 *
 * @category faults
 * @since 0.1.0
 */
export const delay = (duration: Duration.Input): Fault => ({
  _tag: "Delay",
  duration: wait(duration),
})

/**
 * Never answers. In memory, where no timeout is, the call fails with `TimedOut` after 10 seconds, as the HTTP layer would.
 *
 * @category faults
 * @since 0.1.0
 */
export const hang = (options?: { readonly when?: When }): Fault => ({ _tag: "Hang", when: options?.when ?? "before" })

/**
 * Resets the connection in place of an answer. `when: "after"` is the lost acknowledgement.
 *
 * **Example** (The lost acknowledgement)
 *
 * ```ts
 * import { Participants } from "@effect-sunco/core"
 * import { Faults, ParticipantsTest, Sandbox } from "@effect-sunco/testing"
 * import { Effect } from "effect"
 * import * as assert from "node:assert"
 *
 * const { appId, conversationId, userId } = Sandbox.demo
 * const seed = Sandbox.demoSeed({ faults: Faults.scripted({ join: [Faults.reset({ when: "after" })] }) })
 *
 * const program = Effect.gen(function* () {
 *   const participants = yield* Participants.Participants
 *   const sandbox = yield* Sandbox.Sandbox
 *   const failed = yield* Effect.flip(participants.join({ appId, conversationId, userId }))
 *   const members = yield* sandbox.participants({ appId, conversationId })
 *   return { tag: failed._tag, joined: members.at(-1)?.userId }
 * })
 *
 * const outcome = await Effect.runPromise(program.pipe(Effect.provide(ParticipantsTest.layerMemory(seed))))
 * assert.deepEqual(outcome, { tag: "SunshineError", joined: userId })
 * ```
 *
 * @category faults
 * @since 0.1.0
 */
export const reset = (options?: { readonly when?: When }): Fault => ({
  _tag: "Reset",
  when: options?.when ?? "before",
})

/**
 * Refuses the connection: the request is not sent, and sending it again is safe. On a real port the request is there
 * already, so there it is a {@link reset}.
 *
 * @category faults
 * @since 0.1.0
 */
export const refused: Fault = { _tag: "Refused" }

/**
 * Ends the body of the answer in its middle. A write has taken effect.
 *
 * @category faults
 * @since 0.1.0
 */
export const truncatedBody: Fault = { _tag: "TruncatedBody" }

/**
 * Answers with the usual status and a page of HTML. A write has taken effect.
 *
 * @category faults
 * @since 0.1.0
 */
export const htmlBody: Fault = { _tag: "HtmlBody" }

/**
 * Answers as usual, and calls the body `text/plain`. A client that reads the body has no trouble.
 *
 * @category faults
 * @since 0.1.0
 */
export const wrongContentType: Fault = { _tag: "WrongContentType" }

/**
 * Answers as usual, and spreads the body over a time.
 *
 * @category faults
 * @since 0.1.0
 */
export const slowDrip = (duration: Duration.Input): Fault => ({
  _tag: "SlowDrip",
  duration: wait(duration),
})

/**
 * A page without participants that has more after it: the next page has them. Lists only.
 *
 * @category faults
 * @since 0.1.0
 */
export const emptyPage: Fault = { _tag: "EmptyPage" }

/**
 * A page that names the cursor it was asked for as the next one. Lists with a cursor only.
 *
 * @category faults
 * @since 0.1.0
 */
export const repeatedCursor: Fault = { _tag: "RepeatedCursor" }

/**
 * A page that has more and names no cursor. Lists only.
 *
 * @category faults
 * @since 0.1.0
 */
export const vanishedCursor: Fault = { _tag: "VanishedCursor" }

// ---------------------------------------------------------------------------
// Plans
// ---------------------------------------------------------------------------

/**
 * No fault at all.
 *
 * @category plans
 * @since 0.1.0
 */
export const none: Plan = { next: () => Effect.undefined }

/**
 * Faults by operation and number: `{ join: { 1: Faults.status(503) } }` fails the first join request and no other.
 * An array gives the faults of the first requests in order. A fault of pages is for lists alone.
 *
 * **Example** (The third page is lost once)
 *
 * ```ts
 * import { Paginator } from "@effect-sunco/core"
 * import { Faults, ParticipantsTest, Sandbox } from "@effect-sunco/testing"
 * import { Effect, Stream } from "effect"
 * import * as assert from "node:assert"
 *
 * const { appId, conversationId } = Sandbox.demo
 * const seed = Sandbox.demoSeed({ faults: Faults.scripted({ list: { 3: Faults.status(503) } }) })
 *
 * const program = Effect.gen(function* () {
 *   const failed = yield* Effect.flip(Stream.runDrain(Paginator.stream({ appId, conversationId })))
 *   return yield* Stream.runCollect(Paginator.stream({ appId, conversationId, cursor: failed.cursor }))
 * })
 *
 * const rest = await Effect.runPromise(program.pipe(Effect.provide(ParticipantsTest.layerMemory(seed))))
 * assert.equal(rest.length, 50)
 * ```
 *
 * @category plans
 * @since 0.1.0
 */
export const scripted = (
  script: Partial<Record<SunshineError.Operation, Readonly<Record<number, Fault>> | ReadonlyArray<Fault>>>,
): Plan => {
  checkRequestNumbers(script)
  return {
    next: (operation, number) =>
      Effect.sync(() => {
        const faults = script[operation]
        return isList(faults) ? faults[number - 1] : faults?.[number]
      }),
  }
}

const isList = (faults: Readonly<Record<number, Fault>> | undefined): faults is ReadonlyArray<Fault> =>
  Array.isArray(faults)

/**
 * Faults drawn at random, the same ones for the same seed: which fault meets a request depends on the seed, the operation
 * and the number of the request alone, and so not on the order in which calls of other operations come.
 *
 * `rate` is the share of requests that meet a fault, from 0 to 1. `faults` are those to draw from, one at least; {@link all}
 * if left out. Those of pages meet lists alone.
 *
 * **Example** (One request in ten fails, the same ones in each run)
 *
 * ```ts
 * import { Participants } from "@effect-sunco/core"
 * import { Faults, ParticipantsTest, Sandbox } from "@effect-sunco/testing"
 * import { Array, Effect } from "effect"
 * import * as assert from "node:assert"
 *
 * const { appId, conversationId } = Sandbox.demo
 * const seed = Sandbox.demoSeed({
 *   faults: Faults.seeded({ seed: "monday", rate: 0.1, faults: [Faults.status(500), Faults.htmlBody] }),
 * })
 *
 * const failures = Effect.gen(function* () {
 *   const participants = yield* Participants.Participants
 *   const calls = Array.makeBy(100, () => participants.list({ appId, conversationId }).pipe(Effect.isFailure))
 *   return yield* Effect.all(calls)
 * }).pipe(Effect.provide(ParticipantsTest.layerMemory(seed)))
 *
 * const first = await Effect.runPromise(failures)
 * assert.equal(first.includes(true) && first.includes(false), true)
 * assert.deepEqual(await Effect.runPromise(failures), first)
 * ```
 *
 * @category plans
 * @since 0.1.0
 */
export const seeded = (options: {
  readonly seed: number | string
  readonly rate: number
  readonly faults?: ReadonlyArray<Fault>
}): Plan => {
  const faults = options.faults ?? all
  checkRate(options.rate)
  checkFaults(faults)
  const faultsOf = (operation: SunshineError.Operation) =>
    operation === "list" ? faults : faults.filter((fault) => !isPageFault(fault))
  return {
    next: (operation, number) =>
      Effect.gen(function* () {
        if ((yield* Random.next) >= options.rate) return undefined
        const choice = faultsOf(operation)
        return choice[Math.floor((yield* Random.next) * choice.length)]
      }).pipe(Random.withSeed(`${options.seed}/${operation}/${number}`)),
  }
}

/**
 * One of each kind of fault.
 *
 * @category plans
 * @since 0.1.0
 */
export const all: ReadonlyArray<Fault> = [
  status(429),
  status(429, { retryAfter: 2 }),
  status(500),
  status(502, { when: "after" }),
  status(503, { retryAfter: 1 }),
  delay("3 seconds"),
  hang(),
  hang({ when: "after" }),
  reset(),
  reset({ when: "after" }),
  refused,
  truncatedBody,
  htmlBody,
  wrongContentType,
  slowDrip("2 seconds"),
  emptyPage,
  repeatedCursor,
  vanishedCursor,
]
