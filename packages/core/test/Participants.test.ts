import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Tracer from "effect/Tracer"
import { Participants, SunshineError } from "@effect-sunco/core"
import { recording } from "./support/implementation.ts"

const conversation = { appId: "app", conversationId: "conversation" }

const cursor = "55c8d9758590aa1900b9b9f6"

/** The service for callers without types: the parameters of methods, unlike those of properties, may be wider. */
interface WithoutTypes {
  join(
    request: unknown,
  ): Effect.Effect<unknown, SunshineError.BadRequest | SunshineError.NotFound | SunshineError.SunshineError>
  leave(request: unknown): Effect.Effect<unknown, SunshineError.NotFound | SunshineError.SunshineError>
  list(
    request: unknown,
  ): Effect.Effect<unknown, SunshineError.BadRequest | SunshineError.NotFound | SunshineError.SunshineError>
}

/** Ids that no request can carry, and what is said of them. */
const bodyIds = ["", "\ud800", "user-\udfff", "user\n", "us\u0000er", "\u009fuser", 7, null]
const vendorIds = [...bodyIds, " ", " user", "user\u00a0"]
const pathIds = [...vendorIds, ".", "..", undefined]

interface Refused {
  readonly operation: SunshineError.Operation
  readonly name: string
  readonly request: unknown
  readonly field: string
  readonly expected: RegExp
}

const user = { join: { userId: "user" }, leave: { userId: "user" }, list: {} }

const show = (value: unknown): string => JSON.stringify(value) ?? "undefined"

const refused: ReadonlyArray<Refused> = [
  ...SunshineError.Operation.literals.flatMap((operation) => [
    ...(["appId", "conversationId"] as const).flatMap((field) =>
      pathIds.map((id) => ({
        operation,
        name: `${field} is ${show(id)}`,
        request: { ...conversation, ...user[operation], [field]: id },
        field,
        expected:
          typeof id === "string"
            ? /non-empty string of valid Unicode other than "\." and "\.\.", without control .* or blanks around it$/
            : /Expected string/,
      })),
    ),
    ...(["appId", "conversationId"] as const).map((field) => {
      const { [field]: _, ...rest } = { ...conversation, ...user[operation] }
      return { operation, name: `${field} is missing`, request: rest, field, expected: /Missing key/ }
    }),
    ...[null, "text", 1, undefined].map((request) => ({
      operation,
      name: `the request is ${show(request)}`,
      request,
      field: "request",
      expected: /Expected object/,
    })),
  ]),

  ...(["join", "leave"] as const).flatMap((operation) => [
    ...vendorIds.map((id) => ({
      operation,
      name: `userId is ${show(id)}`,
      request: { ...conversation, userId: id },
      field: "userId",
      expected: typeof id === "string" ? /valid Unicode without control .* or blanks around it$/ : /Expected string/,
    })),
    ...bodyIds.map((id) => ({
      operation,
      name: `userExternalId is ${show(id)}`,
      request: { ...conversation, userExternalId: id },
      field: "userExternalId",
      expected: typeof id === "string" ? /valid Unicode without control characters$/ : /Expected string/,
    })),
  ]),
  ...vendorIds.map((id) => ({
    operation: "leave" as const,
    name: `participantId is ${show(id)}`,
    request: { ...conversation, participantId: id },
    field: "participantId",
    expected: typeof id === "string" ? /valid Unicode without control .* or blanks around it$/ : /Expected string/,
  })),

  ...(
    [
      [{}, "none"],
      [{ userId: undefined }, "none"],
      [{ userId: "user", userExternalId: "external" }, "userId, userExternalId"],
      [{ participantId: "participant" }, "none"],
    ] as const
  ).map(([reference, given]) => ({
    operation: "join" as const,
    name: `the user is ${show(reference)}`,
    request: { ...conversation, ...reference },
    field: "userId | userExternalId",
    expected: new RegExp(`exactly one of userId, userExternalId; given: ${given}$`),
  })),
  ...[
    {},
    { userId: "user", userExternalId: "external" },
    { userId: "user", participantId: "participant" },
    { userExternalId: "external", participantId: "participant" },
    { userId: "user", userExternalId: "external", participantId: "participant" },
  ].map((reference) => ({
    operation: "leave" as const,
    name: `the user is ${show(reference)}`,
    request: { ...conversation, ...reference },
    field: "userId | userExternalId | participantId",
    expected: new RegExp(
      `exactly one of userId, userExternalId, participantId; given: ${Object.keys(reference).join(", ") || "none"}$`,
    ),
  })),
  {
    operation: "join",
    name: "subscribeSDKClient is text",
    request: { ...conversation, userId: "user", subscribeSDKClient: "true" },
    field: "subscribeSDKClient",
    expected: /Expected boolean/,
  },

  ...[0, 101, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 1e9].map((size) => ({
    operation: "list" as const,
    name: `the page size is ${size}`,
    request: { ...conversation, page: { size } },
    field: "page.size",
    expected: Number.isFinite(size) ? /whole number from 1 to 100/ : /finite number/,
  })),
  {
    operation: "list",
    name: "the page size is text",
    request: { ...conversation, page: { size: "10" } },
    field: "page.size",
    expected: /number/,
  },
  ...(["after", "before"] as const).flatMap((direction) =>
    ["", `${cursor.slice(1)}\ud800`].map((value) => ({
      operation: "list" as const,
      name: `the cursor ${direction} is ${show(value)}`,
      request: { ...conversation, page: { [direction]: value } },
      field: `page.${direction}`,
      expected: /a non-empty string of valid Unicode/,
    })),
  ),
  {
    operation: "list",
    name: "there are two cursors",
    request: { ...conversation, page: { after: cursor, before: cursor } },
    field: "page.after | before",
    expected: /at most one of after, before/,
  },
  {
    operation: "list",
    name: "page is text",
    request: { ...conversation, page: "first" },
    field: "page",
    expected: /Expected object/,
  },
]

describe("a request that cannot succeed", () => {
  it.effect.each(refused)("$operation when $name is refused, and nothing is asked", (test) =>
    Effect.gen(function* () {
      const { calls, participants } = recording()
      const service: WithoutTypes = participants
      const error = yield* Effect.flip(service[test.operation](test.request))
      assert.instanceOf(error, SunshineError.SunshineError)
      assert.strictEqual(error.operation, test.operation)
      assert.instanceOf(error.reason, SunshineError.InvalidRequest)
      assert.strictEqual(error.reason.field, test.field)
      assert.match(error.reason.expected, test.expected)
      assert.match(error.message, new RegExp(`^${test.operation}( in conversation .*)?( of app .*)?: InvalidRequest: `))
      assert.isTrue(error.message.endsWith(`${test.field}: ${error.reason.expected}`))
      assert.isFalse(error.isRetryable)
      assert.deepStrictEqual(calls, [])
    }),
  )

  it.effect.each(
    (["join", "leave", "list"] as const).flatMap((operation) =>
      ["a revoked proxy", "an object with a getter that throws"].map((name) => ({ operation, name })),
    ),
  )("$operation of $name is refused, and says why", ({ name, operation }) =>
    Effect.gen(function* () {
      const { calls, participants } = recording()
      const service: WithoutTypes = participants
      const cause = new TypeError("no such app")
      const throwing = {
        ...conversation,
        get appId() {
          throw cause
        },
      }
      const revocable = Proxy.revocable({}, {})
      revocable.revoke()
      const error = yield* Effect.flip(service[operation](name === "a revoked proxy" ? revocable.proxy : throwing))
      assert.instanceOf(error, SunshineError.SunshineError)
      assert.instanceOf(error.reason, SunshineError.InvalidRequest)
      assert.deepStrictEqual(
        [error.operation, error.reason.field, error.reason.expected],
        [operation, "request", "Expected an object whose fields can be read"],
      )
      assert.instanceOf(error.cause, TypeError)
      assert.deepStrictEqual(calls, [])
    }),
  )

  it.effect("is refused each time it is run, and not when it is made", () =>
    Effect.gen(function* () {
      const { calls, participants } = recording()
      const effect = participants.list({ ...conversation, appId: "" })
      assert.strictEqual((yield* Effect.flip(effect))._tag, "SunshineError")
      assert.strictEqual((yield* Effect.flip(effect))._tag, "SunshineError")
      assert.deepStrictEqual(calls, [])
    }),
  )
})

describe("a refusal", () => {
  const refusal = new SunshineError.InvalidRequest({ field: "priority", expected: "Expected zero or more" })

  it.effect.each(SunshineError.Operation.literals)("ends %s with its reason, and nothing is asked", (operation) =>
    Effect.gen(function* () {
      const { calls, participants } = recording()
      const service: WithoutTypes = participants
      const call = service[operation]({ ...conversation, ...user[operation] })
      const error = yield* Effect.flip(Effect.provideService(call, Participants.Refusal, refusal))
      assert.instanceOf(error, SunshineError.SunshineError)
      assert.deepStrictEqual([error.operation, error.reason], [operation, refusal])
      assert.deepStrictEqual(calls, [])
      yield* call
      assert.lengthOf(calls, 1)
    }),
  )
})

describe("a good request", () => {
  it.effect.each(["a/b", "é", "%2F", "a b", "...", ".a", "?x=1#y", "😀"])(
    "may name an app, a conversation and a user '%s'",
    (id) =>
      Effect.gen(function* () {
        const { calls, participants } = recording()
        yield* participants.join({ appId: id, conversationId: id, userId: id })
        yield* participants.leave({ appId: id, conversationId: id, participantId: id })
        yield* participants.list({ appId: id, conversationId: id })
        assert.deepStrictEqual(calls, [
          { operation: "join", request: { appId: id, conversationId: id, userId: id, subscribeSDKClient: false } },
          { operation: "leave", request: { appId: id, conversationId: id, participantId: id } },
          { operation: "list", request: { appId: id, conversationId: id } },
        ])
      }),
  )

  it.effect.each([".", "..", " a "])("may name a user '%s' by an id of your own, since that goes into the body", (id) =>
    Effect.gen(function* () {
      const { calls, participants } = recording()
      yield* participants.join({ ...conversation, userExternalId: id })
      yield* participants.leave({ ...conversation, userExternalId: id })
      assert.strictEqual(calls.length, 2)
    }),
  )

  it.effect.each([
    { given: {}, got: false },
    { given: { subscribeSDKClient: false }, got: false },
    { given: { subscribeSDKClient: true }, got: true },
  ])("to join with $given reaches the implementation with subscribeSDKClient $got", ({ given, got }) =>
    Effect.gen(function* () {
      const { calls, participants } = recording()
      yield* participants.join({ ...conversation, userExternalId: "external", ...given })
      assert.deepStrictEqual(calls, [
        { operation: "join", request: { ...conversation, userExternalId: "external", subscribeSDKClient: got } },
      ])
    }),
  )

  it.effect.each([
    {},
    { page: {} },
    { page: { size: 1 } },
    { page: { size: 100 } },
    { page: { after: cursor } },
    { page: { before: cursor, size: 25 } },
  ])("to list with %j reaches the implementation as it is", (page) =>
    Effect.gen(function* () {
      const { calls, participants } = recording()
      yield* participants.list({ ...conversation, ...page })
      assert.deepStrictEqual(calls, [{ operation: "list", request: { ...conversation, ...page } }])
    }),
  )

  it.effect("reaches the implementation without the fields that it does not know", () =>
    Effect.gen(function* () {
      const { calls, participants } = recording()
      const service: WithoutTypes = participants
      yield* service.join({ ...conversation, userId: "user", participantId: "participant", role: "owner" })
      yield* service.leave({ ...conversation, userId: "user", subscribeSDKClient: true })
      yield* service.list({ ...conversation, page: { size: 1, offset: 10 }, filter: "user" })
      assert.deepStrictEqual(
        calls.map(({ request }) => request),
        [
          { ...conversation, userId: "user", subscribeSDKClient: false },
          { ...conversation, userId: "user" },
          { ...conversation, page: { size: 1 } },
        ],
      )
    }),
  )

  it.effect("to list may have a page or a size that is undefined", () =>
    Effect.gen(function* () {
      const { calls, participants } = recording()
      const service: WithoutTypes = participants
      yield* service.list({ ...conversation, page: undefined })
      yield* service.list({ ...conversation, page: { before: cursor, size: undefined } })
      assert.strictEqual(calls.length, 2)
    }),
  )

  it.effect("may have names, a subscription and a cursor that are undefined", () =>
    Effect.gen(function* () {
      const { calls, participants } = recording()
      const service: WithoutTypes = participants
      const nobody = { userId: undefined, userExternalId: undefined, participantId: undefined }
      yield* service.join({ ...conversation, ...nobody, userId: "user", subscribeSDKClient: undefined })
      yield* service.join({ ...conversation, ...nobody, userExternalId: "external" })
      yield* service.leave({ ...conversation, ...nobody, userId: "user" })
      yield* service.leave({ ...conversation, ...nobody, userExternalId: "external" })
      yield* service.leave({ ...conversation, ...nobody, participantId: "participant" })
      yield* service.list({ ...conversation, page: { after: cursor, before: undefined } })
      yield* service.list({ ...conversation, page: { after: undefined, before: cursor } })
      assert.strictEqual(
        JSON.stringify(calls.map(({ request }) => request)),
        JSON.stringify([
          { ...conversation, userId: "user", subscribeSDKClient: false },
          { ...conversation, userExternalId: "external", subscribeSDKClient: false },
          { ...conversation, userId: "user" },
          { ...conversation, userExternalId: "external" },
          { ...conversation, participantId: "participant" },
          { ...conversation, page: { after: cursor } },
          { ...conversation, page: { before: cursor } },
        ]),
      )
    }),
  )

  it.effect("gives what the implementation gives: a value, or its error, which says which call it ends", () =>
    Effect.gen(function* () {
      const { participants } = recording()
      assert.strictEqual((yield* participants.join({ ...conversation, userId: "user" })).id, "participant")
      assert.isUndefined(yield* participants.leave({ ...conversation, userId: "user" }))
      assert.deepStrictEqual((yield* participants.list(conversation)).participants, [])

      const failure = new SunshineError.NotFound({ operation: "leave", errors: [] })
      const failing = Participants.make({
        join: () => Effect.fail(failure),
        leave: () => Effect.fail(failure),
        list: () => Effect.fail(failure),
      })
      const user = { userId: "user" }
      for (const [error, call] of [
        [yield* Effect.flip(failing.join({ ...conversation, ...user })), { ...conversation, user }],
        [yield* Effect.flip(failing.leave({ ...conversation, ...user })), { ...conversation, user }],
        [yield* Effect.flip(failing.list(conversation)), { ...conversation, user: undefined }],
      ] as const) {
        assert.deepStrictEqual(error, new SunshineError.NotFound({ ...failure, ...call }))
      }
      assert.deepStrictEqual(
        { ...failure },
        { ...new SunshineError.NotFound({ operation: "leave", errors: [] }) },
        "an error that a mock keeps is not changed",
      )
    }),
  )
})

describe("a span", () => {
  /** The spans that an effect makes, in order. */
  const spansOf = Effect.fnUntraced(function* <A, E>(effect: Effect.Effect<A, E>) {
    const spans: Array<Tracer.Span> = []
    const tracer = Tracer.make({
      span: (options) => {
        const span = new Tracer.NativeSpan(options)
        spans.push(span)
        return span
      },
    })
    yield* Effect.exit(Effect.withTracer(effect, tracer))
    return spans
  })

  const { participants } = recording()
  const named = { appId: "the-app", conversationId: "the-conversation" }

  it.effect.each([
    { operation: "join", run: participants.join({ ...named, userId: "secret-user" }) },
    { operation: "join", run: participants.join({ ...named, userExternalId: "secret-user" }) },
    { operation: "leave", run: participants.leave({ ...named, participantId: "secret-user" }) },
    { operation: "list", run: Effect.asVoid(participants.list({ ...named, page: { size: 10 } })) },
  ])("of a $operation names the operation, the app and the conversation, and no user", ({ operation, run }) =>
    Effect.gen(function* () {
      const spans = yield* spansOf<unknown, unknown>(run)
      assert.deepStrictEqual(
        spans.map(({ name }) => name),
        [`Participants.${operation}`],
      )
      assert.deepStrictEqual(Object.fromEntries(spans[0]?.attributes ?? []), {
        "sunco.app_id": "the-app",
        "sunco.conversation_id": "the-conversation",
        "sunco.outcome": "success",
      })
    }),
  )

  it.effect("of a refused request says so, and repeats nothing of the request", () =>
    Effect.gen(function* () {
      const [span] = yield* spansOf<unknown, unknown>(participants.join({ ...named, appId: "", userId: "secret-user" }))
      assert.strictEqual(span?.name, "Participants.join")
      assert.deepStrictEqual(Object.fromEntries(span?.attributes ?? []), {
        "sunco.outcome": "rejected",
        "error.type": "InvalidRequest",
      })
      assert.deepStrictEqual(span && endOf(span), Exit.fail("InvalidRequest"))
    }),
  )

  const serverText = "a text of the server"
  const errors = [{ code: serverText, title: serverText }]
  const failures: ReadonlyArray<
    readonly [() => Effect.Effect<never, SunshineError.NotFound | SunshineError.SunshineError>, object]
  > = [
    [
      () => Effect.fail(new SunshineError.NotFound({ operation: "list", errors })),
      { exit: Exit.fail("NotFound"), outcome: "rejected", errorType: "NotFound" },
    ],
    [
      () =>
        Effect.fail(
          new SunshineError.SunshineError({
            operation: "list",
            reason: new SunshineError.ServerError({ status: 500, errors }),
            cause: new Error(serverText),
          }),
        ),
      { exit: Exit.fail("ServerError"), outcome: "ambiguous", errorType: "ServerError" },
    ],
    [() => Effect.die(new Error(serverText)), { exit: Exit.fail("Defect"), outcome: "defect", errorType: "Defect" }],
    [
      () => {
        throw new Error(serverText)
      },
      { exit: Exit.fail("Defect"), outcome: "defect", errorType: "Defect" },
    ],
    [() => Effect.interrupt, { exit: Exit.interrupt(), outcome: "interrupted", errorType: undefined }],
  ]

  it.effect("ends with what kind of error it was, and never with the error", () =>
    Effect.gen(function* () {
      for (const [failure, expected] of failures) {
        const { list } = Participants.make({ join: failure, leave: () => Effect.interrupt, list: failure })
        const [span] = yield* spansOf(list(named))
        assert.isDefined(span)
        assert.deepStrictEqual(
          {
            exit: endOf(span),
            outcome: span.attributes.get("sunco.outcome"),
            errorType: span.attributes.get("error.type"),
          },
          expected,
        )
      }
    }),
  )

  it.effect("that is not sampled has no attributes", () =>
    Effect.gen(function* () {
      const [span] = yield* spansOf(Effect.provideService(participants.list(named), Tracer.MinimumTraceLevel, "None"))
      assert.deepStrictEqual(span?.attributes.size, 0)
    }),
  )
})

const endOf = ({ status }: Tracer.Span) => (status._tag === "Ended" ? status.exit : undefined)
