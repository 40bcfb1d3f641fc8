/**
 * `Participants` for unit tests, without HTTP.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { Operations, type Participant, Participants, SunshineError } from "@effect-sunco/core"
import { withFaults } from "./internal/faults/memory.ts"
import * as Sandbox from "./Sandbox.ts"

/**
 * The service on a sandbox: stateful, with the rules of the local API, and no HTTP. {@link Sandbox.demoSeed} if no seed
 * is named.
 *
 * The layer provides the `Sandbox` too, so that a test can look at it and change it. A fault of the seed fails the call with
 * the error that the HTTP layer would make of one such answer; nothing is retried.
 *
 * **Example** (An application that is tested without HTTP)
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
 *   yield* participants.join({ appId, conversationId, userId })
 *   return yield* sandbox.participants({ appId, conversationId })
 * })
 *
 * const members = await Effect.runPromise(program.pipe(Effect.provide(ParticipantsTest.layerMemory())))
 * assert.equal(members.length, 251)
 * assert.equal(members.at(-1)?.userId, userId)
 * ```
 *
 * @category layers
 * @since 0.1.0
 */
export const layerMemory = (seed?: Sandbox.Seed): Layer.Layer<Participants.Participants | Sandbox.Sandbox> =>
  Layer.effect(
    Participants.Participants,
    Effect.map(Sandbox.Sandbox, (sandbox) =>
      Participants.make({
        join: (request) => withFaults(sandbox, Operations.join, request, sandbox.join(request)),
        leave: (request) => withFaults(sandbox, Operations.leave, request, leave(sandbox, request)),
        list: ({ page, ...conversation }) =>
          withFaults(sandbox, Operations.list, conversation, sandbox.list({ ...conversation, ...page })),
      }),
    ),
  ).pipe(Layer.provideMerge(Sandbox.layer(seed)))

/** The vendor documents no 400 for a leave, so the HTTP layer reports it as an undocumented status. */
const leave = (sandbox: Sandbox.Sandbox["Service"], request: Participant.LeaveRequest) =>
  Effect.catchTag(sandbox.leave(request), "BadRequest", ({ errors }) =>
    Effect.fail(SunshineError.failure("leave", SunshineError.reasonOfStatus(400, { errors }))),
  )

/**
 * The service from handlers, for a test of one branch. A method without a handler dies with a message that names it, so
 * that no `catchTag` hides the call. Handlers get requests that have been checked. The errors of `SunshineError` have short
 * constructors: `badRequest`, `notFound` and `failure`.
 *
 * **Example** (A conversation that does not exist)
 *
 * ```ts
 * import { Participants, SunshineError } from "@effect-sunco/core"
 * import { ParticipantsTest } from "@effect-sunco/testing"
 * import { Effect } from "effect"
 * import * as assert from "node:assert"
 *
 * const gone = ParticipantsTest.layerMock({
 *   list: () => Effect.fail(SunshineError.notFound("list", "conversation_not_found")),
 * })
 *
 * const count = Effect.gen(function* () {
 *   const participants = yield* Participants.Participants
 *   return (yield* participants.list({ appId: "app", conversationId: "conversation" })).participants.length
 * }).pipe(Effect.catchTag("NotFound", () => Effect.succeed(0)))
 *
 * assert.equal(await Effect.runPromise(count.pipe(Effect.provide(gone))), 0)
 * ```
 *
 * @category layers
 * @since 0.1.0
 */
export const layerMock = (handlers: {
  /** The join. Dies by default. */
  readonly join?: Participants.Implementation["join"] | undefined
  /** The leave. Dies by default. */
  readonly leave?: Participants.Implementation["leave"] | undefined
  /** The list. Dies by default. */
  readonly list?: Participants.Implementation["list"] | undefined
}): Layer.Layer<Participants.Participants> =>
  Layer.succeed(
    Participants.Participants,
    Participants.make({
      join: handlers.join ?? unhandled("join"),
      leave: handlers.leave ?? unhandled("leave"),
      list: handlers.list ?? unhandled("list"),
    }),
  )

const unhandled = (operation: SunshineError.Operation) => () =>
  Effect.die(new Error(`Participants.${operation} was called, and ParticipantsTest.layerMock has no handler for it`))
