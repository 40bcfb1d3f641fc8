/**
 * Stands in for Sunshine Conversations: apps, conversations, users and memberships, with the vendor's rules on them.
 *
 * The local API and the memory layer serve the same sandbox, so they cannot differ. A test can look at it and change it
 * beside the calls it tests.
 *
 * Where the vendor says nothing, {@link Rules} lists what was chosen, and lets each choice be changed.
 *
 * @since 0.1.0
 */
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import type { Page, Participant, SunshineError } from "@effect-sunco/core"
import * as Faults from "./Faults.ts"
import { checkFault } from "./internal/faults/kinds.ts"
import { callOf, type Outcome, type Request } from "./internal/sandbox/history.ts"
import * as Operations from "./internal/sandbox/operations.ts"
import type { Arrival, Call, PageReference, UserReference } from "./internal/sandbox/requests.ts"
import * as Rules from "./internal/sandbox/rules.ts"
import { type Conversation, type Credential, demoSeed, type Seed, type User } from "./internal/sandbox/seed.ts"
import * as State from "./internal/sandbox/state.ts"

// ---------------------------------------------------------------------------
// Models
// ---------------------------------------------------------------------------

export { type Choices, defaultRules, type Rules } from "./internal/sandbox/rules.ts"

export * from "./internal/sandbox/requests.ts"

export * from "./internal/sandbox/seed.ts"

// ---------------------------------------------------------------------------
// Service
// ---------------------------------------------------------------------------

type ConversationReference = Participant.ConversationReference

/**
 * The sandbox. `join`, `leave` and `list` are the operations with the vendor's rules; they take whatever a request on the
 * wire can say. The rest is for tests.
 *
 * In the methods for tests it is a defect to name an app, conversation or user that is not there, to add one that is
 * there, or to add a member again where the {@link Rules} do not allow another participant.
 *
 * **Example** (Somebody else joins between two calls)
 *
 * ```ts
 * import { Participants } from "@effect-sunco/core"
 * import { ParticipantsTest, Sandbox } from "@effect-sunco/testing"
 * import { Effect } from "effect"
 * import * as assert from "node:assert"
 *
 * const { appId, conversationId, userId } = Sandbox.demo
 *
 * const program = Effect.gen(function* () {
 *   const participants = yield* Participants.Participants
 *   const sandbox = yield* Sandbox.Sandbox
 *   const before = yield* participants.list({ appId, conversationId })
 *   yield* sandbox.addParticipant({ appId, conversationId, userId })
 *   const after = yield* participants.list({ appId, conversationId })
 *   return [before.participants.length, after.participants.length]
 * })
 *
 * const seed = Sandbox.demoSeed({ members: 2 })
 * assert.deepEqual(await Effect.runPromise(program.pipe(Effect.provide(ParticipantsTest.layerMemory(seed)))), [2, 3])
 * ```
 *
 * @category services
 * @since 0.1.0
 */
export class Sandbox extends Context.Service<
  Sandbox,
  {
    /** Who may call the local API. */
    readonly credentials: ReadonlyArray<Credential>
    /** The rules that hold. */
    readonly rules: Rules.Rules
    /** Makes a user a participant, as the API does. The rules say what a join gives without `subscribeSDKClient`. */
    readonly join: (
      request: ConversationReference & UserReference & Pick<Call, "subscribeSDKClient">,
    ) => Effect.Effect<Participant.Participant, SunshineError.Documented>
    /** Ends a membership, as the API does. */
    readonly leave: (request: ConversationReference & UserReference) => Effect.Effect<void, SunshineError.Documented>
    /** Gives one page, as the API does. */
    readonly list: (
      request: ConversationReference & PageReference,
    ) => Effect.Effect<Page.ParticipantPage, SunshineError.Documented>
    /** Records that a request has arrived, and asks the plan for its fault. For whoever serves the sandbox. */
    readonly arrive: (
      operation: SunshineError.Operation,
      conversation: ConversationReference,
    ) => Effect.Effect<Faults.Fault | undefined>
    /** The requests that arrived, in order, each with the fault that met it. Kept as long as the sandbox. */
    readonly arrivals: Effect.Effect<ReadonlyArray<Arrival>>
    /** The calls that the rules judged, in order. Kept as long as the sandbox. */
    readonly calls: Effect.Effect<ReadonlyArray<Call>>
    /** Who is in a conversation at this moment, whatever lists show yet. */
    readonly participants: (
      conversation: ConversationReference,
    ) => Effect.Effect<ReadonlyArray<Participant.Participant>>
    /** Adds a user to an app. */
    readonly addUser: (appId: string, user: User) => Effect.Effect<void>
    /** Adds a conversation to an app. */
    readonly addConversation: (appId: string, conversation: Conversation) => Effect.Effect<void>
    /** A user joins by another way than a call; no call is recorded. */
    readonly addParticipant: (request: State.Place) => Effect.Effect<Participant.Participant>
    /** A user leaves by another way than a call; no call is recorded. */
    readonly removeParticipant: (request: State.Place) => Effect.Effect<void>
  }
>()("@effect-sunco/testing/Sandbox") {}

// ---------------------------------------------------------------------------
// Constructors
// ---------------------------------------------------------------------------

/**
 * Makes a sandbox; {@link demoSeed} if no seed is named. A seed that contradicts itself is a defect that names the
 * place: an empty or repeated id, a participant who is not a user, an unknown field, rule or choice.
 *
 * **Example** (A sandbox without a layer)
 *
 * ```ts
 * import { Sandbox } from "@effect-sunco/testing"
 * import { Effect } from "effect"
 * import * as assert from "node:assert"
 *
 * const { appId, conversationId, userId } = Sandbox.demo
 *
 * const program = Effect.gen(function* () {
 *   const sandbox = yield* Sandbox.make()
 *   yield* sandbox.join({ appId, conversationId, userId, subscribeSDKClient: false })
 *   return yield* sandbox.calls
 * })
 *
 * const [call] = await Effect.runPromise(program)
 * assert.equal(call?.changed, true)
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const make: (seed?: Seed) => Effect.Effect<Sandbox["Service"]> = Effect.fnUntraced(function* (
  seed = demoSeed(),
) {
  const rules = Rules.complete(seed.rules)
  const state = State.make(seed, rules, yield* Clock.currentTimeMillis)
  const operations = Operations.make(state, rules)
  const plan = seed.faults ?? Faults.none
  const counts = { join: 0, leave: 0, list: 0 }
  const calls: Array<Call> = []
  const arrivals: Array<Arrival> = []

  /** Runs an operation, and records it whatever comes of it. */
  const recorded = <A, E>(operation: Call["operation"], request: Request, run: Effect.Effect<Outcome<A>, E>) =>
    run.pipe(
      Effect.onExit((exit) => {
        calls.push(callOf(operation, request, Exit.isSuccess(exit) && exit.value.changed))
        return Effect.void
      }),
      Effect.map(({ value }) => value),
    )

  return {
    credentials: State.credentialsOf(seed),
    rules,
    join: (request) => recorded("join", request, operations.join(request)),
    leave: (request) => recorded("leave", request, operations.leave(request)),
    list: (request) => recorded("list", request, operations.list(request)),
    arrive: (operation, { appId, conversationId }) =>
      Effect.suspend(() => plan.next(operation, ++counts[operation], { appId, conversationId })).pipe(
        Effect.map((fault) => {
          if (fault !== undefined) checkFault("the fault of a plan", fault)
          arrivals.push({ operation, appId, conversationId, fault })
          return fault
        }),
      ),
    arrivals: Effect.sync(() => [...arrivals]),
    calls: Effect.sync(() => [...calls]),
    participants: (conversation) => Effect.sync(() => state.participants(conversation)),
    addUser: (appId, user) => Effect.sync(() => state.addUser(appId, user)),
    addConversation: (appId, conversation) =>
      Effect.map(Clock.currentTimeMillis, (now) => state.addConversation(appId, conversation, now)),
    addParticipant: (request) => Effect.map(Clock.currentTimeMillis, (now) => state.addParticipant(request, now)),
    removeParticipant: (request) => Effect.map(Clock.currentTimeMillis, (now) => state.removeParticipant(request, now)),
  }
})

// ---------------------------------------------------------------------------
// Layers
// ---------------------------------------------------------------------------

/**
 * A sandbox of its own for each time the layer is built.
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = (seed?: Seed): Layer.Layer<Sandbox> => Layer.effect(Sandbox, make(seed))
