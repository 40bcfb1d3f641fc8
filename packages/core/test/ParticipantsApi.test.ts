import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as OpenApi from "effect/http-api/OpenApi"
import * as Schema from "effect/Schema"
import { ParticipantsApi, SunshineError } from "@effect-sunco/core"

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
