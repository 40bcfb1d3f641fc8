/**
 * Faults between the client and the local API: connections that are not made, answers of a server whose clock is wrong,
 * and participants that cannot be read.
 */
import { Clock, Duration, Effect, Record, Schema } from "effect"
import { HttpClientError, type HttpClientRequest, HttpClientResponse } from "effect/http"

type Answer = Effect.Effect<HttpClientResponse.HttpClientResponse, HttpClientError.HttpClientError>

/** What becomes of a request and its answer. */
export type Interference = (answer: Answer, request: HttpClientRequest.HttpClientRequest) => Answer

const fails = (request: HttpClientRequest.HttpClientRequest, cause: Error): Answer =>
  Effect.fail(new HttpClientError.HttpClientError({ reason: new HttpClientError.TransportError({ request, cause }) }))

const systemError = (code: string, fields: { readonly syscall?: string } = {}) =>
  Object.assign(new Error(code), { code, ...fields })

/** A host that answers nothing. undici and fetch give it up after 10 seconds. */
export const silentHost: Interference = (_, request) =>
  Effect.delay(fails(request, systemError("UND_ERR_CONNECT_TIMEOUT")), "10 seconds")

/** A name with two addresses: one answers nothing, one refuses. Node.js tries the second after a moment. */
export const twoAddresses: Interference = (_, request) => {
  const errors = ["ETIMEDOUT", "ECONNREFUSED"].map((code) => systemError(code, { syscall: "connect" }))
  const cause = Object.assign(new AggregateError(errors), { code: "ETIMEDOUT" })
  return Effect.delay(fails(request, cause), "250 millis")
}

const httpDate = (millis: number) => new Date(millis).toUTCString()

/** A 429 that names a time two seconds later, by a clock that is off. */
export const retryAfterByClock =
  (off: Duration.Input): Interference =>
  (_, request) =>
    Effect.map(Clock.currentTimeMillis, (now) => {
      const there = now + Duration.toMillis(off)
      const headers = { date: httpDate(there), "retry-after": httpDate(there + 2000) }
      return HttpClientResponse.fromWeb(request, Response.json({}, { status: 429, headers }))
    })

const Member = Schema.Record(Schema.String, Schema.Unknown)

const Body = Schema.Struct({
  participant: Schema.optionalKey(Member),
  participants: Schema.optionalKey(Schema.Array(Member)),
  meta: Schema.optionalKey(Schema.Unknown),
})

/** Changes each participant of an answer. */
const withMembers =
  (change: (member: typeof Member.Type) => typeof Member.Type): Interference =>
  (answer, request) =>
    Effect.gen(function* () {
      const response = yield* answer
      const body = yield* Effect.orDie(HttpClientResponse.schemaBodyJson(Body)(response))
      const changed = {
        ...body,
        ...(body.participant && { participant: change(body.participant) }),
        ...(body.participants && { participants: body.participants.map(change) }),
      }
      return HttpClientResponse.fromWeb(request, Response.json(changed, { status: response.status }))
    })

export const unreadableFields = withMembers((member) => ({
  ...member,
  unreadCount: 2 ** 53 + 1,
  clientAssociations: [null],
  lastRead: "yesterday",
}))

export const withoutId = withMembers((member) => Record.remove(member, "id"))
