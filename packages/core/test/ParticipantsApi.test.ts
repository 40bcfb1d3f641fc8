import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as HttpApiBuilder from "effect/http-api/HttpApiBuilder"
import * as HttpApiMiddleware from "effect/http-api/HttpApiMiddleware"
import * as HttpApiTest from "effect/http-api/HttpApiTest"
import * as OpenApi from "effect/http-api/OpenApi"
import * as HttpServer from "effect/http/HttpServer"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import { Page, Participant, SunshineError } from "@effect-sunco/core"
import * as ParticipantsApi from "@effect-sunco/core/ParticipantsApi"

const document = OpenApi.fromApi(ParticipantsApi.ParticipantsApi)

const conversation = "/v2/apps/{appId}/conversations/{conversationId}"

/** The operations as the vendor documents them. */
const documented = [
  {
    path: `${conversation}/join`,
    method: "post",
    operationId: "JoinConversation",
    statuses: ["201", "400", "404"],
    query: [],
    body: ["subscribeSDKClient", "userExternalId", "userId"],
  },
  {
    path: `${conversation}/leave`,
    method: "post",
    operationId: "LeaveConversation",
    statuses: ["200", "404"],
    query: [],
    body: ["participantId", "userExternalId", "userId"],
  },
  {
    path: `${conversation}/participants`,
    method: "get",
    operationId: "ListParticipants",
    statuses: ["200", "400", "404"],
    query: ["page[after]", "page[before]", "page[size]"],
    body: [],
  },
] as const

const decodeObjectSchema = Schema.decodeUnknownEffect(
  Schema.Struct({
    type: Schema.Literal("object"),
    properties: Schema.Record(Schema.String, Schema.Unknown),
    required: Schema.optional(Schema.Array(Schema.String)),
  }),
)

const operationOf = ({ method, path }: (typeof documented)[number]) => {
  const operation = document.paths[path]?.[method]
  assert.isDefined(operation)
  return operation
}

describe("the OpenAPI document of the contract", () => {
  it("has the three paths, with one method each", () => {
    const methods = Object.entries(document.paths).map(([path, item]) => [path, Object.keys(item)])
    assert.deepStrictEqual(
      methods,
      documented.map(({ method, path }) => [path, [method]]),
    )
  })

  it("knows basic and bearer authentication", () => {
    assert.deepStrictEqual(
      Object.entries(document.components.securitySchemes).map(([name, scheme]) => [
        name,
        scheme.type === "http" ? scheme.scheme.toLowerCase() : scheme.type,
      ]),
      [
        ["basicAuth", "basic"],
        ["bearerAuth", "bearer"],
      ],
    )
  })

  describe.each(documented)("$operationId", (operation) => {
    it("has its name, and the statuses that the vendor documents", () => {
      const { operationId, responses } = operationOf(operation)
      assert.strictEqual(operationId, operation.operationId)
      assert.deepStrictEqual(Object.keys(responses).toSorted(), [...operation.statuses])
    })

    it("takes either kind of authentication", () => {
      assert.deepStrictEqual(operationOf(operation).security, [{ basicAuth: [] }, { bearerAuth: [] }])
    })

    it("names the app and the conversation in its path, and both are required", () => {
      const inPath = operationOf(operation).parameters.filter((parameter) => parameter.in === "path")
      assert.deepStrictEqual(
        inPath.map(({ name, required }) => [name, required]),
        [
          ["appId", true],
          ["conversationId", true],
        ],
      )
    })

    it("takes the documented query, and none of it is required", () => {
      const inQuery = operationOf(operation).parameters.filter((parameter) => parameter.in === "query")
      assert.deepStrictEqual(
        inQuery.map(({ name, required }) => [name, required]),
        operation.query.map((name) => [name, false]),
      )
    })

    it.effect("takes the documented body as JSON, and none of its fields is required", () =>
      Effect.gen(function* () {
        const body = operationOf(operation).requestBody
        if (operation.body.length === 0) {
          assert.isUndefined(body)
          return
        }
        assert.isTrue(body?.required)
        assert.deepStrictEqual(Object.keys(body?.content ?? {}), ["application/json"])
        const schema = yield* decodeObjectSchema(body?.content["application/json"]?.schema)
        assert.deepStrictEqual(Object.keys(schema.properties).toSorted(), [...operation.body])
        assert.isUndefined(schema.required)
      }),
    )
  })

  it("says what the size of a page may be, and what it is if it is left out", () => {
    const size = operationOf(documented[2]).parameters.find(({ name }) => name === "page[size]")
    assert.deepStrictEqual(size?.schema, { type: "integer", minimum: 1, maximum: 100, default: 25 })
  })

  it("says that cursors have 24 characters", () => {
    const text = JSON.stringify(
      operationOf(documented[2]).parameters.filter(({ name }) => name === "page[after]" || name === "page[before]"),
    )
    assert.lengthOf(text.match(/"minLength":24/g) ?? [], 2)
    assert.lengthOf(text.match(/"maxLength":24/g) ?? [], 2)
  })
})

describe("the query of a list", () => {
  const decode = Schema.decodeUnknownEffect(ParticipantsApi.PageQuery)

  it.effect.each([
    {},
    { "page[size]": 1 },
    { "page[size]": 100, "page[after]": "55c8d9758590aa1900b9b9f6" },
    { "page[before]": "55c8d9758590aa1900b9b9f6" },
  ])("may be %j", (query) =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* decode(query), query)
    }),
  )

  it.effect.each([
    { "page[size]": 0 },
    { "page[size]": 101 },
    { "page[size]": 1.5 },
    { "page[after]": "short" },
    { "page[before]": "" },
  ])("may not be %j", (query) =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(decode(query))
      assert.include(error.message, JSON.stringify(Object.keys(query)[0]))
    }),
  )
})

describe("the error body", () => {
  const decode = Schema.decodeUnknownEffect(ParticipantsApi.ErrorBody)

  it.effect("is the vendor's, with one entry or more", () =>
    Effect.gen(function* () {
      const { errors } = yield* decode({
        errors: [{ code: "bad_request", title: "Invalid page query parameters", id: 1 }, { code: "another" }],
      })
      assert.instanceOf(errors[0], SunshineError.ErrorDetail)
      assert.deepStrictEqual(
        errors.map(({ code, title }) => [code, title]),
        [
          ["bad_request", "Invalid page query parameters"],
          ["another", ""],
        ],
      )
    }),
  )

  it.effect.each([{}, { errors: null }, { error: { code: "bad_request" } }, "Bad gateway"])("is not %j", (body) =>
    Effect.gen(function* () {
      assert.strictEqual((yield* Effect.flip(decode(body)))._tag, "SchemaError")
    }),
  )
})

describe("a server and a client of the contract", () => {
  const params = { appId: "app", conversationId: "conversation" }
  const user = { userId: "user" }
  const errors = [new SunshineError.ErrorDetail({ code: "a_code", title: "What is wrong" })]

  /** The failure that the server gives: its operation is not sent, so the client has to know it. */
  const failures = [
    { name: "BadRequest", status: 400, make: SunshineError.BadRequest },
    { name: "NotFound", status: 404, make: SunshineError.NotFound },
  ] as const

  const page = new Page.ParticipantPage({ participants: [new Participant.Participant({ id: "p", userId: "user" })] })

  const succeeding = HttpApiBuilder.group(ParticipantsApi.ParticipantsApi, "participants", (handlers) =>
    handlers.handleAll({
      join: ({ payload }) =>
        Effect.succeed({ participant: new Participant.Participant({ id: "p", userId: payload.userId ?? "" }) }),
      leave: () => Effect.succeed({}),
      list: () => Effect.succeed(page),
    }),
  )

  const failing = ({ make: Failure }: (typeof failures)[number]) =>
    HttpApiBuilder.group(ParticipantsApi.ParticipantsApi, "participants", (handlers) =>
      handlers.handleAll({
        join: () => Effect.fail(new Failure({ operation: "list", errors })),
        leave: () => Effect.fail(new SunshineError.NotFound({ operation: "list", errors })),
        list: () => Effect.fail(new Failure({ operation: "join", errors })),
      }),
    )

  const anybody = Layer.merge(
    Layer.succeed(ParticipantsApi.Authorization, { basicAuth: (effect) => effect, bearerAuth: (effect) => effect }),
    HttpApiMiddleware.layerClient(ParticipantsApi.Authorization, ({ next, request }) => next(request)),
  )

  const clientOf = (server: typeof succeeding) =>
    Effect.provide(
      HttpApiTest.groups(ParticipantsApi.ParticipantsApi, ["participants"]),
      Layer.provideMerge(server, Layer.merge(anybody, HttpServer.layerServices)),
    )

  it.effect("understand each other's successes", () =>
    Effect.gen(function* () {
      const { participants } = yield* clientOf(succeeding)
      const { participant } = yield* participants.join({ params, payload: user })
      assert.instanceOf(participant, Participant.Participant)
      assert.strictEqual(participant.userId, "user")
      assert.deepStrictEqual(yield* participants.leave({ params, payload: user }), {})
      assert.deepStrictEqual(yield* participants.list({ params, query: {} }), page)
    }),
  )

  it.effect("have the documented address and status for each success", () =>
    Effect.gen(function* () {
      const { participants } = yield* clientOf(succeeding)
      const responseMode = "response-only"
      const answers = [
        yield* participants.join({ params, payload: user, responseMode }),
        yield* participants.leave({ params, payload: user, responseMode }),
        yield* participants.list({ params, query: {}, responseMode }),
      ]
      assert.deepStrictEqual(
        answers.map(({ request, status }) => [request.method, new URL(request.url, "http://api").pathname, status]),
        [
          ["POST", "/v2/apps/app/conversations/conversation/join", 201],
          ["POST", "/v2/apps/app/conversations/conversation/leave", 200],
          ["GET", "/v2/apps/app/conversations/conversation/participants", 200],
        ],
      )
    }),
  )

  it.effect.each(failures)("write $name as status $status with the vendor's body, and nothing else", (failure) =>
    Effect.gen(function* () {
      const { participants } = yield* clientOf(failing(failure))
      const responseMode = "response-only"
      const answers = [
        yield* participants.join({ params, payload: user, responseMode }),
        yield* participants.list({ params, query: {}, responseMode }),
      ]
      for (const answer of answers) {
        assert.strictEqual(answer.status, failure.status)
        assert.deepStrictEqual(yield* answer.json, { errors: [{ code: "a_code", title: "What is wrong" }] })
      }
    }),
  )

  it.effect.each(failures)("read $name as the error, with its entries and the operation of the endpoint", (failure) =>
    Effect.gen(function* () {
      const { participants } = yield* clientOf(failing(failure))
      const joined = yield* Effect.flip(participants.join({ params, payload: user }))
      assert.deepStrictEqual(joined, new failure.make({ operation: "join", errors }))
      const listed = yield* Effect.flip(participants.list({ params, query: {} }))
      assert.deepStrictEqual(listed, new failure.make({ operation: "list", errors }))
      const left = yield* Effect.flip(participants.leave({ params, payload: user }))
      assert.deepStrictEqual(left, new SunshineError.NotFound({ operation: "leave", errors }))
    }),
  )
})
