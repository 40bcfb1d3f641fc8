/**
 * The program of the bundle as one would write it over `HttpClient`, without the packages: joins, lists all, and joins a
 * conversation that is not there. It decodes with classes, tries again what is transient, and has a typed 404; it has
 * none of the other errors, no check of requests, no look before a write is sent again.
 */
import { log } from "effect/Console"
import { catchTag, fail, flatMap, fnUntraced, gen, map, provide, runPromise } from "effect/Effect"
import { layer as fetchLayer } from "effect/http/FetchHttpClient"
import { jsonUnsafe } from "effect/http/HttpBody"
import { HttpClient, mapRequest, retryTransient } from "effect/http/HttpClient"
import { acceptJson, basicAuth, get, type HttpClientRequest, post, prependUrl } from "effect/http/HttpClientRequest"
import { filterStatusOk, schemaBodyJson } from "effect/http/HttpClientResponse"
import { none } from "effect/Option"
import { make as makeRedacted } from "effect/Redacted"
import {
  Array as ArrayOf,
  Boolean,
  Class,
  DateTimeUtcFromString,
  Finite,
  NullOr,
  OptionFromOptionalNullOr,
  optionalKey,
  String,
  Struct,
  TaggedError,
} from "effect/Schema"
import { paginate, runCollect } from "effect/Stream"

const appId = "5d8cff3cd55b040010928b5b"
const conversationId = "029c31f25a21b47effd7be90"
const userId = "67a11490f0305f4a391e9f8a"

class ClientAssociation extends Class<ClientAssociation>("ClientAssociation")({
  type: String,
  clientId: OptionFromOptionalNullOr(String),
}) {}

class Participant extends Class<Participant>("Participant")({
  id: String,
  userId: String,
  userExternalId: OptionFromOptionalNullOr(String),
  unreadCount: Finite,
  clientAssociations: ArrayOf(ClientAssociation),
  lastRead: OptionFromOptionalNullOr(DateTimeUtcFromString),
}) {}

class ParticipantPage extends Class<ParticipantPage>("ParticipantPage")({
  participants: ArrayOf(Participant),
  meta: Struct({ hasMore: Boolean, afterCursor: OptionFromOptionalNullOr(String) }),
  links: optionalKey(Struct({ prev: optionalKey(NullOr(String)), next: optionalKey(NullOr(String)) })),
}) {}

const Errors = ArrayOf(Struct({ code: String, title: String }))

class NotFound extends TaggedError<NotFound>()("NotFound", { errors: Errors }) {}

const decodePage = schemaBodyJson(ParticipantPage)
const decodeJoined = schemaBodyJson(Struct({ participant: Participant }))
const decodeErrors = schemaBodyJson(Struct({ errors: Errors }))

const makeClient = fnUntraced(function* (baseUrl: string) {
  const client = (yield* HttpClient).pipe(
    mapRequest((request) =>
      request.pipe(prependUrl(baseUrl), acceptJson, basicAuth("app_sandbox", makeRedacted("sandbox-secret"))),
    ),
    retryTransient({ times: 3 }),
  )
  const send = (request: HttpClientRequest) =>
    flatMap(client.execute(request), (response) =>
      response.status === 404
        ? flatMap(decodeErrors(response), ({ errors }) => fail(new NotFound({ errors })))
        : filterStatusOk(response),
    )
  const urlOf = (conversationId: string, action: string) =>
    `/v2/apps/${appId}/conversations/${encodeURIComponent(conversationId)}/${action}`
  return {
    join: (conversationId: string, userId: string) =>
      send(post(urlOf(conversationId, "join"), { body: jsonUnsafe({ userId, subscribeSDKClient: false }) })).pipe(
        flatMap(decodeJoined),
        map(({ participant }) => participant),
      ),
    participants: (conversationId: string, start?: string) =>
      paginate(start, (cursor) =>
        send(
          get(urlOf(conversationId, "participants"), {
            urlParams: { "page[size]": 100, "page[after]": cursor },
          }),
        ).pipe(
          flatMap(decodePage),
          map(({ meta, participants }) => [participants, meta.hasMore ? meta.afterCursor : none<string>()] as const),
        ),
      ),
  }
})

const program = gen(function* () {
  const client = yield* makeClient(process.argv[2] ?? "")
  const joined = yield* client.join(conversationId, userId)
  yield* log(`joined: ${joined.id}`)

  const all = yield* runCollect(client.participants(conversationId))
  const unread = all.reduce((sum, { unreadCount }) => sum + unreadCount, 0)
  yield* log(`listed: ${all.length}, with ${unread} unread messages`)

  yield* client.join("missing", userId).pipe(
    flatMap(({ id }) => log(`joined: ${id}`)),
    catchTag("NotFound", ({ errors }) => log(`not found: ${errors[0]?.code}`)),
  )
})

await runPromise(provide(program, fetchLayer))
