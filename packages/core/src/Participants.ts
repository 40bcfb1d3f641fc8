/**
 * The service: join a conversation, leave it, list its participants.
 *
 * Everything else (pages, streams) is a function over these three methods, so it works over HTTP, in memory and on any
 * mock. The live implementation is `ParticipantsHttp` of `@effect-sunco/http`; implementations for tests are in
 * `@effect-sunco/testing`.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Schema from "effect/Schema"
import * as CallReference from "./internal/callReference.ts"
import * as OperationSpan from "./internal/operationSpan.ts"
import { validate } from "./internal/validation.ts"
import * as Page from "./Page.ts"
import * as Participant from "./Participant.ts"
import {
  type BadRequest,
  type Documented,
  type InvalidRequest,
  type NotFound,
  type Operation,
  SunshineError,
} from "./SunshineError.ts"

// ---------------------------------------------------------------------------
// Service
// ---------------------------------------------------------------------------

/**
 * Joins users to conversations, removes them, and lists participants.
 *
 * Every method validates its request first: an invalid request fails with `SunshineError` and the reason
 * `InvalidRequest`, and nothing is sent. That includes a request that cannot be read, such as a revoked proxy.
 *
 * **Example** (Joining a user)
 *
 * ```ts
 * import { Participants } from "@effect-sunco/core"
 * import { ParticipantsTest } from "@effect-sunco/testing"
 * import { Effect } from "effect"
 * import * as assert from "node:assert"
 *
 * const program = Effect.gen(function* () {
 *   const participants = yield* Participants.Participants
 *   return yield* participants.join({
 *     appId: "5d8cff3cd55b040010928b5b",
 *     conversationId: "029c31f25a21b47effd7be90",
 *     userId: "67a11490f0305f4a391e9f8a",
 *   })
 * })
 *
 * const joined = await Effect.runPromise(program.pipe(Effect.provide(ParticipantsTest.layerMemory())))
 * assert.equal(joined.userId, "67a11490f0305f4a391e9f8a")
 * ```
 *
 * @category services
 * @since 0.1.0
 */
export class Participants extends Context.Service<
  Participants,
  {
    /**
     * Adds a user to a conversation of type `sdkGroup`, and returns the new participant. Fails with `BadRequest` if there
     * are too many participants, and with `NotFound` if there is no such conversation or user.
     */
    readonly join: (
      request: Participant.JoinRequest,
    ) => Effect.Effect<Participant.Participant, BadRequest | NotFound | SunshineError>
    /**
     * Removes a user. Fails with `NotFound` if there is no such conversation, or the user is not a member. If a user
     * can have several memberships, name one by `participantId`: a leave by `userId` ends any one of them, and a retry
     * after a lost answer may end another.
     */
    readonly leave: (request: Participant.LeaveRequest) => Effect.Effect<void, NotFound | SunshineError>
    /** Returns one page of participants, by default the first one with up to 25. For all pages, see `Paginator`. */
    readonly list: (
      request: Page.ListRequest,
    ) => Effect.Effect<Page.ParticipantPage, BadRequest | NotFound | SunshineError>
  }
>()("@effect-sunco/core/Participants") {}

/**
 * Makes all calls of an effect fail with this `InvalidRequest`; undefined by default, which lets them run. Every
 * service of {@link make} fails with it as the reason of a `SunshineError`, and its implementation is not called.
 *
 * Set it in a combinator that changes options of calls, if an option is invalid. `RetryPolicy.override` of
 * `@effect-sunco/http` does so, and an invalid policy fails calls of the memory and mock layers as it does over HTTP.
 *
 * **Example** (An option of your own that is out of range)
 *
 * ```ts
 * import { Participants, SunshineError } from "@effect-sunco/core"
 * import { ParticipantsTest, Sandbox } from "@effect-sunco/testing"
 * import { Effect } from "effect"
 * import * as assert from "node:assert"
 *
 * const withPriority = <A, E, R>(effect: Effect.Effect<A, E, R>, priority: number) =>
 *   priority >= 0
 *     ? effect
 *     : Effect.provideService(
 *         effect,
 *         Participants.Refusal,
 *         new SunshineError.InvalidRequest({ field: "priority", expected: "Expected zero or more" }),
 *       )
 *
 * const list = Effect.gen(function* () {
 *   const participants = yield* Participants.Participants
 *   return yield* participants.list({ appId: Sandbox.demo.appId, conversationId: Sandbox.demo.conversationId })
 * })
 *
 * const refused = Effect.flip(withPriority(list, -1)).pipe(Effect.provide(ParticipantsTest.layerMemory()))
 * assert.equal((await Effect.runPromise(refused)).message.includes("priority: Expected zero or more"), true)
 * ```
 *
 * @category references
 * @since 0.1.0
 */
export const Refusal = Context.Reference<InvalidRequest | undefined>("@effect-sunco/core/Participants/Refusal", {
  defaultValue: () => undefined,
})

// ---------------------------------------------------------------------------
// Constructors
// ---------------------------------------------------------------------------

/**
 * An implementation of {@link Participants}. Its requests have been validated: exactly one user is named, ids and
 * cursors are not empty, sizes are within their limits, and `subscribeSDKClient` is set.
 *
 * @category models
 * @since 0.1.0
 */
export interface Implementation {
  /** Adds the user, and returns the new participant. `subscribeSDKClient` is set, to `false` by default. */
  readonly join: (
    request: Participant.ConversationReference & Participant.UserReference & { readonly subscribeSDKClient: boolean },
  ) => Effect.Effect<Participant.Participant, BadRequest | NotFound | SunshineError>
  /** Removes the user. */
  readonly leave: (
    request: Participant.ConversationReference & Participant.MemberReference,
  ) => Effect.Effect<void, NotFound | SunshineError>
  /** Returns one page. Cursors are passed on as the caller gave them. */
  readonly list: (
    request: Page.ListRequest,
  ) => Effect.Effect<Page.ParticipantPage, BadRequest | NotFound | SunshineError>
}

/**
 * Makes the service from an implementation. Each method validates its request, checks {@link Refusal}, and then calls
 * the implementation. It does so within a span that names the operation, the app and the conversation (never a user).
 * The span ends with `sunco.outcome`, and for an error with `error.type`: its tag, or the reason of a `SunshineError`.
 * The span does not contain the error itself. An error without `appId`, `conversationId` or `user` gets them from the
 * request.
 *
 * Use it to write another implementation of the service, such as a cache in front of one.
 *
 * **Example** (A conversation without participants)
 *
 * ```ts
 * import { Page, Participants, SunshineError } from "@effect-sunco/core"
 * import { Effect } from "effect"
 * import * as assert from "node:assert"
 *
 * const nobody = Participants.make({
 *   join: () => Effect.fail(SunshineError.notFound("join", "conversation_not_found")),
 *   leave: () => Effect.fail(SunshineError.notFound("leave", "not_found")),
 *   list: () => Effect.succeed(new Page.ParticipantPage({ participants: [] })),
 * })
 *
 * const page = await Effect.runPromise(nobody.list({ appId: "app", conversationId: "conversation" }))
 * assert.deepEqual(page.participants, [])
 *
 * const refused = await Effect.runPromise(Effect.flip(nobody.list({ appId: "app", conversationId: ".." })))
 * assert.equal(refused.message.includes("conversationId"), true)
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (implementation: Implementation): Participants["Service"] => ({
  join: operation("join", Participant.JoinRequest, implementation.join, (error, call) =>
    CallReference.withFields(error, CallReference.missingFields(error, call)),
  ),
  leave: operation("leave", Participant.LeaveRequest, implementation.leave, (error, call) =>
    CallReference.withFields(error, CallReference.missingFields(error, call)),
  ),
  list: operation("list", Page.ListRequest, implementation.list, (error, call) =>
    CallReference.withFields(error, CallReference.missingFields(error, call)),
  ),
})

/**
 * Validates the request and runs the operation, in a span that names the conversation. The fields of the call are added
 * to an error outside of the span, because a span must not contain a user.
 */
const operation = <S extends Schema.ConstraintDecoder<Participant.ConversationReference>, A, E extends Documented>(
  name: Operation,
  schema: S,
  run: (request: S["Type"]) => Effect.Effect<A, E | SunshineError>,
  named: (error: E | SunshineError, call: CallReference.CallReference) => E | SunshineError,
) => {
  const validated = validate(name, schema)
  const spanName = `Participants.${name}`
  return (request: unknown): Effect.Effect<A, E | SunshineError> =>
    Effect.suspend(() => {
      // A valid request is a copy, so the caller cannot change it during the call.
      let checked = request
      const call = OperationSpan.within(spanName, (span, fiber): Effect.Effect<A, E | SunshineError> => {
        const valid = validated(request)
        if (Exit.isFailure(valid)) return Effect.failCause(valid.cause)
        checked = valid.value
        if (span.sampled) {
          span.attribute("sunco.app_id", valid.value.appId)
          span.attribute("sunco.conversation_id", valid.value.conversationId)
        }
        const refusal = fiber.getRef(Refusal)
        return refusal === undefined
          ? run(valid.value)
          : Effect.fail(new SunshineError({ operation: name, reason: refusal }))
      })
      return Effect.mapError(call, (error) => named(error, CallReference.ofRequest(checked)))
    })
}
