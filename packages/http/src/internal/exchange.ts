/**
 * Builds the request of each operation, and decodes its answer.
 */
import { constVoid } from "effect/Function"
import * as Headers from "effect/http/Headers"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as SchemaIssue from "effect/SchemaIssue"
import { Operations, type Page, type Participant, type SunshineError } from "@effect-sunco/core"
import * as RequestTarget from "./requestTarget.ts"
import { version } from "./version.ts"

export interface Exchange<out A, out E extends SunshineError.Documented> {
  readonly operation: Operations.Operation<unknown, E>
  readonly request: HttpClientRequest.HttpClientRequest
  readonly target: RequestTarget.RequestTarget
  /** Decodes the JSON of a success, or says where it differs from the schema. */
  readonly decode: (json: unknown) => Result.Result<A, string>
}

type Join = typeof Participant.JoinRequest.Type
type Leave = typeof Participant.LeaveRequest.Type

const issuesOf = SchemaIssue.makeFormatterStandardSchemaV1()

/**
 * Names the field where a body differs from the schema, and what is expected there. Issues contain no value of the
 * body.
 */
const detailOf = ({ issue }: Schema.SchemaError): string => {
  const [first] = issuesOf(issue).issues
  const path = (first?.path ?? []).map((key) => String(typeof key === "object" ? key.key : key)).join(".")
  return `${path === "" ? "the body" : path}: ${first?.message ?? "Expected another value"}`
}

// The classes of core have fast decoders for the usual answers.
const decoderOf = <A>(schema: Schema.ConstraintDecoder<A>) => {
  const decode = Schema.decodeUnknownResult(schema)
  return (json: unknown) => Result.mapError(decode(json), detailOf)
}
const decodeJoin = decoderOf(Operations.join.success.schema)
const decodeLeave = decoderOf(Operations.leave.success.schema)
const decodeList = decoderOf(Operations.list.success.schema)

const mismatch = (field: keyof Participant.Participant) =>
  Result.fail(`participant.${field}: Expected the user that the request named`)

/**
 * Whether a participant may be the user with this external id: it has none, or one that differs in case or in blanks
 * around it alone. The vendor does not say whether the API keeps them.
 */
export const mayName = (participant: Participant.Participant, userExternalId: string): boolean => {
  const shown = Option.getOrElse(participant.userExternalId, () => userExternalId)
  return shown.trim().toLowerCase() === userExternalId.trim().toLowerCase()
}

/** An answer with another user does not tell whether the join happened. */
const checkUser = (
  { userExternalId, userId }: Join,
  participant: Participant.Participant,
): Result.Result<Participant.Participant, string> => {
  if (userId !== undefined && participant.userId !== userId) return mismatch("userId")
  return userExternalId === undefined || mayName(participant, userExternalId)
    ? Result.succeed(participant)
    : mismatch("userExternalId")
}

const pageParams = ({ after, before, size }: Page.PageRequest) => ({
  "page[after]": after,
  "page[before]": before,
  "page[size]": size,
})

export const make = (baseUrl: string, callersHeaders: Headers.Headers) => {
  const headers = Headers.setAll(
    Headers.fromInput({ accept: "application/json", "user-agent": `effect-sunco/${version}` }),
    callersHeaders,
  )
  /** Makes the requests of an operation. */
  const endpoint = <O extends Operations.Operation<unknown, SunshineError.Documented>>(operation: O) => {
    const [start = "", middle = "", end = ""] = operation.path.split(/:appId|:conversationId/)
    const request = HttpClientRequest.make(operation.method)("", { headers })
    const target = RequestTarget.make(operation, baseUrl)
    const to = (appId: string, conversationId: string) =>
      HttpClientRequest.setUrl(
        request,
        baseUrl + start + encodeURIComponent(appId) + middle + encodeURIComponent(conversationId) + end,
      )
    return {
      get: ({ appId, conversationId, page = {} }: Page.ListRequest) => ({
        operation,
        target,
        request: HttpClientRequest.setUrlParams(to(appId, conversationId), pageParams(page)),
      }),
      post: ({ appId, conversationId, ...body }: Join | Leave) => ({
        operation,
        target,
        request: HttpClientRequest.bodyJsonUnsafe(to(appId, conversationId), body),
      }),
    }
  }
  const join = endpoint(Operations.join)
  const leave = endpoint(Operations.leave)
  const list = endpoint(Operations.list)

  return {
    join: (request: Join): Exchange<Participant.Participant, SunshineError.Documented> => ({
      ...join.post(request),
      decode: (json) => Result.flatMap(decodeJoin(json), ({ participant }) => checkUser(request, participant)),
    }),

    leave: (request: Leave): Exchange<void, SunshineError.NotFound> => ({
      ...leave.post(request),
      decode: (json) => Result.map(decodeLeave(json), constVoid),
    }),

    list: (request: Page.ListRequest): Exchange<Page.ParticipantPage, SunshineError.Documented> => ({
      ...list.get(request),
      decode: decodeList,
    }),
  }
}
