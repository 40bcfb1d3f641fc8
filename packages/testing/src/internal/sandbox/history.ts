/**
 * What reached a sandbox, in order.
 */
import * as Effect from "effect/Effect"
import * as Predicate from "effect/Predicate"
import * as Record from "effect/Record"
import type { Participant, SunshineError } from "@effect-sunco/core"
import type { Fault } from "../faults/fault.ts"
import type { Outcome } from "./operations.ts"
import type { PageReference, UserReference } from "./requests.ts"

/**
 * A call that the rules judged.
 *
 * @category models
 * @since 0.1.0
 */
export interface Call {
  /** The operation. */
  readonly operation: SunshineError.Operation
  /** The id of the app that it named. */
  readonly appId: string
  /** The id of the conversation that it named. */
  readonly conversationId: string
  /** The ids of a user that it named; empty for a list. */
  readonly user: UserReference
  /** What a join said; absent if it said nothing. */
  readonly subscribeSDKClient?: boolean | undefined
  /** What a list said of its page; absent if it said nothing. */
  readonly page?: PageReference | undefined
  /** Whether the call made or ended a membership. */
  readonly changed: boolean
}

/**
 * A request that arrived, whether or not a fault kept it from the rules.
 *
 * @category models
 * @since 0.1.0
 */
export interface Arrival {
  /** The operation. */
  readonly operation: SunshineError.Operation
  /** The id of the app that it named. */
  readonly appId: string
  /** The id of the conversation that it named. */
  readonly conversationId: string
  /** The fault that met it; undefined if none did. */
  readonly fault: Fault | undefined
}

type Request = Participant.ConversationReference &
  UserReference &
  PageReference & { readonly subscribeSDKClient?: boolean | undefined }

/** The fields that were named. */
const named = <Fields extends Record<string, unknown>>(fields: Fields) =>
  Record.filter(fields, Predicate.isNotUndefined)

const callOf = (operation: SunshineError.Operation, request: Request, changed: boolean): Call => {
  const { after, appId, before, conversationId, participantId, size, subscribeSDKClient, userExternalId, userId } =
    request
  const page = named({ after, before, size })
  return {
    operation,
    appId,
    conversationId,
    user: named({ userId, userExternalId, participantId }),
    ...named({ subscribeSDKClient, page: Record.isEmptyRecord(page) ? undefined : page }),
    changed,
  }
}

export const make = () => {
  const calls: Array<Call> = []
  const arrivals: Array<Arrival> = []
  return {
    /** Runs an operation, and records it whatever comes of it. */
    recorded: <A, E>(
      operation: SunshineError.Operation,
      request: Request,
      run: Effect.Effect<Outcome<A>, E>,
    ): Effect.Effect<A, E> =>
      run.pipe(
        Effect.tapError(() => Effect.sync(() => calls.push(callOf(operation, request, false)))),
        Effect.map(({ changed, value }) => {
          calls.push(callOf(operation, request, changed))
          return value
        }),
      ),
    arrived: (arrival: Arrival) => Effect.sync(() => arrivals.push(arrival)),
    calls: Effect.sync(() => [...calls]),
    arrivals: Effect.sync(() => [...arrivals]),
  }
}
