/**
 * What reached a sandbox, in order.
 */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Predicate from "effect/Predicate"
import * as Record from "effect/Record"
import type { Participant, SunshineError } from "@effect-sunco/core"
import type { Outcome } from "./operations.ts"
import type { Arrival, Call, PageReference, UserReference } from "./requests.ts"

type Request = Participant.ConversationReference & UserReference & PageReference & Pick<Call, "subscribeSDKClient">

/** The fields that were named. */
const named = <Fields extends Record<string, unknown>>(fields: Fields) =>
  Record.filter(fields, Predicate.isNotUndefined)

const callOf = (
  operation: SunshineError.Operation,
  { appId, conversationId, participantId, subscribeSDKClient, userExternalId, userId, ...rest }: Request,
  changed: boolean,
): Call => {
  const page = named(rest)
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
    recorded: <A, E>(operation: SunshineError.Operation, request: Request, run: Effect.Effect<Outcome<A>, E>) =>
      run.pipe(
        Effect.onExit((exit) =>
          Effect.sync(() => calls.push(callOf(operation, request, Exit.isSuccess(exit) && exit.value.changed))),
        ),
        Effect.map(({ value }) => value),
      ),
    arrived: (arrival: Arrival) => Effect.sync(() => arrivals.push(arrival)),
    calls: Effect.sync(() => [...calls]),
    arrivals: Effect.sync(() => [...arrivals]),
  }
}
