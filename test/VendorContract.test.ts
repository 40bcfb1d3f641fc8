/**
 * The contract is held to the vendor's OpenAPI document.
 */
import { assert, describe, it } from "@effect/vitest"
import { Operations, type Participants } from "@effect-sunco/core"
import * as ParticipantsApi from "@effect-sunco/core/ParticipantsApi"
import { Credentials, ParticipantsHttp } from "@effect-sunco/http"
import { LocalApi, Sandbox } from "@effect-sunco/testing"
import { Effect, Redacted } from "effect"
import { HttpClient, HttpClientRequest, HttpClientResponse } from "effect/http"
import { OpenApi } from "effect/http-api"
import { compare, type Contract, read, type Sent, violations } from "./support/contract.ts"
import { vendor } from "./support/vendor.ts"

/** Where the contract says something else on purpose. The places are patterns; each has to be met. */
const deliberate: ReadonlyArray<{ readonly at: RegExp; readonly reason: string }> = [
  {
    at: /\.responses\..*\.nullable$/,
    reason: "an answer may say null wherever it may leave a field out: both are read the same",
  },
  {
    at: /\.fields\.type\.open$/,
    reason: "the vendor adds client types, and one more must not fail a call",
  },
  {
    at: /\.responses\.201\.fields\.participant\.required$|\.responses\.200\.fields\.participants\.required$/,
    reason: "an answer without what was asked for is no empty answer",
  },
  {
    at: /\.(participant|items)\.fields\.(id|userId)\.required$/,
    reason: "a participant without ids cannot be named, paged from, or told from another",
  },
  {
    at: /\.responses\.40[04]\.fields\.errors\.required$/,
    reason: "an error body without errors is none; the HTTP layer then goes by the status",
  },
  {
    at: /^operations\.\w+\.errors\./,
    reason: "the contract has no examples; the local API gives those of the vendor, see below",
  },
  {
    at: /\.security\.(basicAuth|bearerAuth)$/,
    reason: "scopes are a matter of the credential, which the contract does not see",
  },
]

const ours: Contract = read(OpenApi.fromApi(ParticipantsApi.ParticipantsApi))

describe("the contract beside the vendor's document", () => {
  const differences = compare(vendor, ours)

  it("differs in nothing but what is deliberate", () => {
    const unexpected = differences.filter(({ at }) => !deliberate.some((entry) => entry.at.test(at)))
    assert.deepEqual(unexpected, [])
  })

  it("differs in each way that is deliberate, so that the list holds no more than is needed", () => {
    const idle = deliberate.filter((entry) => !differences.some(({ at }) => entry.at.test(at)))
    assert.deepEqual(idle, [])
  })

  it("is held to all three operations of the version it names", () => {
    assert.equal(vendor.version, "17.12.1")
    assert.deepEqual(Object.keys(vendor.operations).toSorted(), [
      "JoinConversation",
      "LeaveConversation",
      "ListParticipants",
    ])
  })

  const list = vendor.operations["ListParticipants"]
  assert.isDefined(list)
  const changed = (operation: Partial<typeof list>): Contract => ({
    ...vendor,
    operations: { ...vendor.operations, ListParticipants: { ...list, ...operation } },
  })
  const pageSize = { type: "integer", minimum: 1, maximum: 200, default: 25 }
  const changes: ReadonlyArray<readonly [what: string, at: string, contract: Contract]> = [
    ["a path", "path", changed({ path: "/v3/participants" })],
    ["a method", "method", changed({ method: "POST" })],
    ["a parameter", "parameters.filter", changed({ parameters: { ...list.parameters, filter: { type: "string" } } })],
    [
      "a limit",
      "parameters.page[size].maximum",
      changed({ parameters: { ...list.parameters, "page[size]": pageSize } }),
    ],
    ["a body", "body", changed({ body: { type: "object", required: true } })],
    ["a status", "responses.429", changed({ responses: { ...list.responses, 429: { type: "object" } } })],
    ["an error", "errors.404", changed({ errors: { ...list.errors, 404: [{ code: "gone", title: "Gone" }] } })],
    ["a scope", "security.basicAuth", changed({ security: { ...list.security, basicAuth: ["account"] } })],
  ]
  for (const [what, at, contract] of changes) {
    it(`would find ${what} that the vendor changes`, () => {
      const found = compare(vendor, contract).map((difference) => difference.at)
      assert.include(found.join(" "), `operations.ListParticipants.${at}`)
    })
  }

  it("would find a server that the vendor changes", () => {
    const [first = "", ...others] = vendor.servers
    const contract = { ...vendor, servers: [first, ...others, "https://api.example"] }
    assert.deepEqual(
      compare(vendor, contract).map(({ at }) => at),
      ["servers"],
    )
  })

  it("would find a security scheme that the vendor changes", () => {
    const contract = { ...vendor, securitySchemes: { ...vendor.securitySchemes, basicAuth: "apiKey" } }
    assert.deepEqual(compare(vendor, contract), [
      { at: "securitySchemes.basicAuth", vendor: '"http basic"', ours: '"apiKey"' },
    ])
  })
})

const operations = [
  { id: "JoinConversation", operation: Operations.join },
  { id: "LeaveConversation", operation: Operations.leave },
  { id: "ListParticipants", operation: Operations.list },
]

/** The base URLs of the vendor's document, for a customer whose subdomain is acme. */
const servers = vendor.servers.map((url) => url.replace("{subdomain}", "acme"))

describe("the HTTP layer beside the vendor's document", () => {
  it("names each server of the document", () => {
    assert.sameMembers(servers, [
      ParticipantsHttp.zendesk("acme"),
      ParticipantsHttp.legacyUS,
      ParticipantsHttp.legacyEU,
    ])
  })

  it.each(operations)("knows the statuses of $id, and no more", ({ id, operation }) => {
    const statuses = [operation.success.status, ...Object.keys(operation.errors)]
    assert.sameMembers(statuses.map(String), Object.keys(vendor.operations[id]?.responses ?? {}))
  })
})

describe("the local API beside the vendor's document", () => {
  const { appId, conversationId, keyId, secret, userId } = Sandbox.demo

  /** Sends a request of the demo key; gives the status and the text of the answer. */
  const send = Effect.fnUntraced(function* (base: string, path: string, body?: object) {
    const client = yield* HttpClient.HttpClient
    const request = HttpClientRequest.make(body === undefined ? "GET" : "POST")(
      `${base}/v2/apps/${appId}/conversations/${path}`,
    ).pipe(
      HttpClientRequest.basicAuth(keyId, secret),
      body === undefined ? (request) => request : HttpClientRequest.bodyJsonUnsafe(body),
    )
    const response = yield* client.execute(request)
    return { status: response.status, text: yield* response.text }
  })

  it.effect.each(servers)("is served to the HTTP layer at %s", (baseUrl) =>
    Effect.gen(function* () {
      const participants = yield* ParticipantsHttp.make({
        baseUrl,
        credentials: Credentials.basic({ keyId, secret: Redacted.make(secret) }),
      })
      const joined = yield* participants.join({ appId, conversationId, userId })
      yield* participants.leave({ appId, conversationId, participantId: joined.id })
      assert.lengthOf((yield* participants.list({ appId, conversationId })).participants, 25)
    }).pipe(Effect.provide(LocalApi.layerHttpClient())),
  )

  it.effect("says at a wrong path what the roster says of a leave that finds nothing: the base URL may be wrong", () =>
    Effect.gen(function* () {
      const participants = yield* ParticipantsHttp.make({
        baseUrl: "https://gateway.test/api",
        credentials: Credentials.basic({ keyId, secret: Redacted.make(secret) }),
      })
      const left = yield* Effect.flip(participants.leave({ appId, conversationId, userId }))
      assert.deepInclude(left, { _tag: "NotFound", code: "not_found" })
      const listed = yield* Effect.flip(participants.list({ appId, conversationId }))
      assert.strictEqual(listed._tag, "NotFound")
      assert.include(listed.message, "the base URL may be wrong")
    }).pipe(Effect.provide(LocalApi.layerHttpClient())),
  )

  const subscribeSDKClient = true
  /** A request for each error that the document shows. */
  const requests: Readonly<Record<string, readonly [path: string, body?: object]>> = {
    "JoinConversation 400": [`${conversationId}/join`, { userId, subscribeSDKClient }],
    "JoinConversation 404": ["elsewhere/join", { userId, subscribeSDKClient }],
    "LeaveConversation 404": [`${conversationId}/leave`, { userId }],
    "ListParticipants 400": [`${conversationId}/participants?page[after]=${"0123".repeat(6)}`],
    "ListParticipants 404": ["elsewhere/participants"],
  }
  const examples = Object.entries(vendor.operations).flatMap(([id, { errors }]) =>
    Object.entries(errors).map(([status, expected]) => ({ name: `${id} ${status}`, status, expected })),
  )

  it("has a request for each error of the document", () => {
    assert.sameMembers(
      examples.map(({ name }) => name),
      Object.keys(requests),
    )
  })

  it.effect.each(examples)("answers $name with the error of the document", ({ expected, name, status }) =>
    Effect.gen(function* () {
      const [path, body] = requests[name] ?? [""]
      const answer = yield* send("https://api.smooch.io", path, body)
      assert.strictEqual(String(answer.status), status)
      assert.deepStrictEqual(JSON.parse(answer.text), { errors: expected })
    }).pipe(Effect.provide(LocalApi.layerHttpClient(Sandbox.demoSeed({ rules: { maxParticipants: 250 } })))),
  )
})

describe("what is sent, by the vendor's document", () => {
  /** The request of a call, from a client that answers nothing of use. */
  const sentBy = (call: (participants: Participants.Participants["Service"]) => Effect.Effect<unknown, unknown>) =>
    Effect.gen(function* () {
      const sent: Array<Sent> = []
      const client = HttpClient.make((request, url) =>
        Effect.sync(() => {
          const body: unknown =
            request.body._tag === "Uint8Array" ? JSON.parse(new TextDecoder().decode(request.body.body)) : undefined
          sent.push({ method: request.method, url, body })
          return HttpClientResponse.fromWeb(request, new Response("{}", { status: 404 }))
        }),
      )
      const participants = yield* Effect.provideService(
        ParticipantsHttp.make({ credentials: Credentials.bearer(Redacted.make("token")) }),
        HttpClient.HttpClient,
        client,
      )
      yield* Effect.exit(call(participants))
      const [only] = sent
      assert.isDefined(only)
      return only
    })

  const conversation = { appId: "5d8cff3cd55b040010928b5b", conversationId: "029c31f25a21b47effd7be90" }
  const cursor = "5e1606762556d93e9c176f69"
  const calls: ReadonlyArray<
    readonly [
      what: string,
      id: string,
      call: (participants: Participants.Participants["Service"]) => Effect.Effect<unknown, unknown>,
    ]
  > = [
    ["a join by userId", "JoinConversation", ({ join }) => join({ ...conversation, userId: "user" })],
    [
      "a join by userExternalId with a subscription",
      "JoinConversation",
      ({ join }) => join({ ...conversation, userExternalId: "user", subscribeSDKClient: true }),
    ],
    ["a leave by userId", "LeaveConversation", ({ leave }) => leave({ ...conversation, userId: "user" })],
    [
      "a leave by userExternalId",
      "LeaveConversation",
      ({ leave }) => leave({ ...conversation, userExternalId: "user" }),
    ],
    ["a leave by participantId", "LeaveConversation", ({ leave }) => leave({ ...conversation, participantId: "user" })],
    ["a list", "ListParticipants", ({ list }) => list(conversation)],
    [
      "a list after a cursor",
      "ListParticipants",
      ({ list }) => list({ ...conversation, page: { after: cursor, size: 1 } }),
    ],
    [
      "a list before a cursor",
      "ListParticipants",
      ({ list }) => list({ ...conversation, page: { before: cursor, size: 100 } }),
    ],
  ]
  for (const [what, id, call] of calls) {
    it.effect(`${what} is right`, () =>
      Effect.gen(function* () {
        const operation = vendor.operations[id]
        assert.isDefined(operation)
        assert.deepEqual(violations(operation, yield* sentBy(call)), [])
      }),
    )
  }

  it("a request that is wrong is found", () => {
    const operation = vendor.operations["JoinConversation"]
    assert.isDefined(operation)
    assert.deepEqual(
      violations(operation, {
        method: "PUT",
        url: new URL("https://api.smooch.io/v1/join?page[size]=1"),
        body: { userId: 1, user: "x" },
      }),
      ["method PUT", "path /v1/join", "unknown parameter page[size]", "body.userId is 1", "unknown body.user"],
    )
  })
})
