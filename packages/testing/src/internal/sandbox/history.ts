/**
 * What is recorded of a call.
 */
import * as Predicate from "effect/Predicate"
import * as Record from "effect/Record"
import type { Participant, SunshineError } from "@effect-sunco/core"
import type { Call, PageReference, UserReference } from "./requests.ts"

/** The result of an operation, and whether it made or ended a membership. */
export interface Outcome<A> {
  readonly value: A
  readonly changed: boolean
}

export type Request = Participant.ConversationReference &
  UserReference &
  PageReference &
  Pick<Call, "subscribeSDKClient">

/** The fields that were named. */
const named = <Fields extends Record<string, unknown>>(fields: Fields) =>
  Record.filter(fields, Predicate.isNotUndefined)

export const callOf = (
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
