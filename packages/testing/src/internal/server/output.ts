/**
 * Writes what an operation gave as the vendor's JSON.
 */
import * as Effect from "effect/Effect"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as Schema from "effect/Schema"
import { Operations, type Page, type Participant } from "@effect-sunco/core"
import type { Rules } from "../sandbox/rules.ts"

const encodeJoin = Schema.encodeEffect(Operations.join.success.schema)
const encodeList = Schema.encodeEffect(Operations.list.success.schema)

/** The fields of a participant that the vendor's document allows to be null. */
const nulls = { userExternalId: null, lastRead: null }

const filled = <A>(participant: A, { missingValues }: Rules) =>
  missingValues === "null" ? { ...nulls, ...participant } : participant

export const joined = (participant: Participant.Participant, rules: Rules) =>
  Effect.map(Effect.orDie(encodeJoin({ participant })), (body) =>
    HttpServerResponse.jsonUnsafe(
      { participant: filled(body.participant, rules) },
      { status: Operations.join.success.status },
    ),
  )

export const left = HttpServerResponse.jsonUnsafe({}, { status: Operations.leave.success.status })

export const listed = (page: Page.ParticipantPage, rules: Rules) =>
  Effect.map(Effect.orDie(encodeList(page)), (body) =>
    HttpServerResponse.jsonUnsafe(
      { ...body, participants: body.participants.map((participant) => filled(participant, rules)) },
      { status: Operations.list.success.status },
    ),
  )
