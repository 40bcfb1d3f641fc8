/**
 * The three operations as one table, and the service that the tests call them on.
 */
import type { Participants, SunshineError } from "@effect-sunco/core"
import { Effect, Redacted } from "effect"
import { HttpClient } from "effect/http"
import * as Credentials from "../../src/Credentials.ts"
import * as ParticipantsHttp from "../../src/ParticipantsHttp.ts"

export type Service = Participants.Participants["Service"]

export type CallError = SunshineError.BadRequest | SunshineError.NotFound | SunshineError.SunshineError

export type Call = (service: Service) => Effect.Effect<unknown, CallError>

export const conversation = { appId: "app", conversationId: "conversation" }

export const join: Call = (service) => service.join({ ...conversation, userId: "user" })
export const leave: Call = (service) => service.leave({ ...conversation, userId: "user" })
export const list: Call = (service) => service.list(conversation)

export const calls: ReadonlyArray<readonly [SunshineError.Operation, Call]> = [
  ["join", join],
  ["leave", leave],
  ["list", list],
]

export const basic = Credentials.basic({ keyId: "app_key", secret: Redacted.make("the-secret") })

/** The service with one attempt per call and without verification, so that a test sees what one answer becomes. */
export const make = (options?: Partial<ParticipantsHttp.Options>) =>
  ParticipantsHttp.make({
    credentials: basic,
    ...options,
    retryPolicy: { attempts: 1, verify: false, ...options?.retryPolicy },
  })

/** The same over a client. */
export const over = (client: HttpClient.HttpClient, options?: Partial<ParticipantsHttp.Options>) =>
  Effect.provideService(make(options), HttpClient.HttpClient, client)

/**
 * The reason of the one request that failed. A write that may or may not have happened can carry it as one of its
 * attempts.
 */
export const reasonOf = (error: CallError): SunshineError.Reason => {
  if (error._tag !== "SunshineError")
    throw new Error(`expected a SunshineError, got ${String(error)}`, { cause: error })
  const { reason } = error
  return reason._tag === "OutcomeUnknown" ? (reason.attempts[0] ?? reason) : reason
}

/** The body of the answer that failed, if it is not the vendor's. */
export const bodyOf = (error: CallError): SunshineError.UnrecognizedBody | undefined => {
  const answer = error._tag === "SunshineError" ? reasonOf(error) : error
  return "body" in answer ? answer.body : undefined
}

/** Narrows a reason to the one that is expected. */
export const expectReason = <Tag extends SunshineError.Reason["_tag"]>(
  error: CallError,
  tag: Tag,
): Extract<SunshineError.Reason, { readonly _tag: Tag }> => {
  const reason = reasonOf(error)
  if (!hasTag(reason, tag)) throw new Error(`expected the reason ${tag}, got ${String(error)}`, { cause: error })
  return reason
}

const hasTag = <Tag extends SunshineError.Reason["_tag"]>(
  reason: SunshineError.Reason,
  tag: Tag,
): reason is Extract<SunshineError.Reason, { readonly _tag: Tag }> => reason._tag === tag
