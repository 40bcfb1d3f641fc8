/**
 * Injected failures, for the local API and the memory layer: scripted for the n-th request of an operation, or drawn
 * from a seed.
 *
 * A plan of faults is a part of a `Sandbox.Seed`. What a fault does depends on the layer:
 *
 * - on a real port, sockets are destroyed, and bodies are cut or slowed on the wire
 * - in process, the `HttpClient` fails as it would on the wire
 * - in memory, the call fails with the kind of error that the HTTP layer makes of one such answer without verifying a write;
 *   codes and titles can differ. That is `OutcomeUnknown` for a write that may have happened. Nothing is retried, 429
 *   included. A hang is `TimedOut` after 15 seconds, which is the default `attemptTimeout` of the HTTP layer.
 *
 * An invalid fault or plan, such as a status that is not an error or a request number of 0, throws where it is made. What
 * a plan of your own gives is checked when a request meets it.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Random from "effect/Random"
import { type Participant, SunshineError } from "@effect-sunco/core"
import { fields, oneOf, wholeNumber } from "./internal/checks.ts"
import { all, type Fault } from "./internal/faults/fault.ts"
import { checkFault, isPageFault } from "./internal/faults/kinds.ts"

export * from "./internal/faults/fault.ts"

// ---------------------------------------------------------------------------
// Models
// ---------------------------------------------------------------------------

/**
 * Which fault meets which request. `next` is asked once for each request: with its operation, with its number among the
 * requests of that operation in whatever conversation, from 1, and with its conversation.
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
  /** Gives the fault of a request, or undefined for a request that is answered as usual. */
  readonly next: (
    operation: SunshineError.Operation,
    number: number,
    conversation: Participant.ConversationReference,
  ) => Effect.Effect<Fault | undefined>
}

/**
 * The faults of one operation: by the number of the request, from 1, or those of the first requests in order.
 *
 * @category models
 * @since 0.1.0
 */
export type Script = Readonly<Record<number, Fault>> | ReadonlyArray<Fault>

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
export const scripted = (script: {
  /** The faults of joins. None by default. */
  readonly join?: Script | undefined
  /** The faults of leaves. None by default. */
  readonly leave?: Script | undefined
  /** The faults of lists. None by default. */
  readonly list?: Script | undefined
}): Plan => {
  const faults = new Map<string, Fault>()
  for (const [operation, ofOperation = []] of Object.entries(script)) {
    oneOf("an operation of a script", operation, SunshineError.Operation.literals)
    const first = Array.isArray(ofOperation) ? 1 : 0
    for (const [key, fault] of Object.entries(ofOperation)) {
      const number = Number(key) + first
      wholeNumber(`the number of a ${operation} request`, number, 1)
      checkFault(`the fault of ${operation} request ${number}`, fault)
      if (operation !== "list" && isPageFault(fault)) {
        throw new Error(`${fault._tag} is a fault of pages, and a ${operation} has none`)
      }
      faults.set(`${operation} ${number}`, fault)
    }
  }
  return { next: (operation, number) => Effect.sync(() => faults.get(`${operation} ${number}`)) }
}

/**
 * Faults drawn at random, the same ones for the same seed: which fault meets a request depends on the seed, the operation
 * and the number of the request alone, and so not on the order in which calls of other operations come.
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
  /** Another seed draws other faults. */
  readonly seed: number | string
  /** The share of requests that meet a fault, from 0 to 1. */
  readonly rate: number
  /** The faults to draw from, one at least. {@link all} by default. Those of pages meet lists alone. */
  readonly faults?: ReadonlyArray<Fault> | undefined
}): Plan => {
  const { faults = all, rate, seed } = options
  fields("the options of Faults.seeded", options, ["seed", "rate", "faults"])
  if (!(rate >= 0 && rate <= 1)) throw new Error(`rate is a number from 0 to 1, not ${rate}`)
  if (faults.length === 0) throw new Error("faults names one fault at least")
  for (const fault of faults) checkFault("a fault to draw from", fault)
  const writeFaults = faults.filter((fault) => !isPageFault(fault))
  return {
    next: (operation, number) =>
      Effect.gen(function* () {
        if ((yield* Random.next) >= rate) return undefined
        const choice = operation === "list" ? faults : writeFaults
        return choice[Math.floor((yield* Random.next) * choice.length)]
      }).pipe(Random.withSeed(`${seed}/${operation}/${number}`)),
  }
}
