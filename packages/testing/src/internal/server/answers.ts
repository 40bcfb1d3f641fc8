/**
 * Answers as the vendor's JSON.
 */
import * as Effect from "effect/Effect"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as Schema from "effect/Schema"
import { Operations, type Page, type Participant } from "@effect-sunco/core"
import type { Rules } from "../sandbox/rules.ts"

const { join, leave, list } = Operations

const encodeJoin = Schema.encodeEffect(join.success.schema)
const encodeList = Schema.encodeEffect(list.success.schema)

/** The fields of a participant that the vendor's document allows to be null. */
const nulls = { userExternalId: null, lastRead: null }

const filled = <A>(participant: A, { missingValues }: Rules) =>
  missingValues === "null" ? { ...nulls, ...participant } : participant

export const joined = (participant: Participant.Participant, rules: Rules) =>
  Effect.map(Effect.orDie(encodeJoin({ participant })), (body) =>
    HttpServerResponse.jsonUnsafe({ participant: filled(body.participant, rules) }, { status: join.success.status }),
  )

export const left = HttpServerResponse.jsonUnsafe({}, { status: leave.success.status })

export const listed = (page: Page.ParticipantPage, rules: Rules) =>
  Effect.map(Effect.orDie(encodeList(page)), (body) => {
    const participants = body.participants.map((participant) => filled(participant, rules))
    return HttpServerResponse.jsonUnsafe({ ...body, participants }, { status: list.success.status })
  })

export const failed = (status: number, errors: ReadonlyArray<{ readonly code: string; readonly title: string }>) =>
  HttpServerResponse.jsonUnsafe({ errors }, { status })

/** Ends a request. The title is one line, whatever of the request it holds. */
export const refuse = (status: number, code: string, title: string) =>
  Effect.fail(failed(status, [{ code, title: title.replaceAll(/[\s\p{Cc}]+/gu, " ") }]))
