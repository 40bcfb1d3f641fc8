/**
 * Errors say which call they end: in a loop over many calls, nothing else does.
 */
import { inspect } from "node:util"
import { assert, describe, it } from "@effect/vitest"
import { Page, Paginator, Participants, SunshineError } from "@effect-sunco/core"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Stream from "effect/Stream"
import * as Tracer from "effect/Tracer"

type Service = Participants.Participants["Service"]
type Failure = SunshineError.BadRequest | SunshineError.NotFound | SunshineError.SunshineError

const conversation = { appId: "the-app", conversationId: "the-conversation" }

const cause = new Error("below")
const notFound = SunshineError.notFound("leave", "not_found")
const failed = new SunshineError.SunshineError({
  operation: "leave",
  reason: SunshineError.reasonOfStatus(503),
  cause,
})

const failingWith = (failure: SunshineError.NotFound | SunshineError.SunshineError): Service =>
  Participants.make({
    join: () => Effect.fail(failure),
    leave: () => Effect.fail(failure),
    list: () => Effect.fail(failure),
  })

const calls: ReadonlyArray<{
  readonly name: string
  readonly user: SunshineError.NamedUser | undefined
  readonly run: (service: Service) => Effect.Effect<unknown, Failure>
}> = [
  {
    name: "a join by user id",
    user: { userId: "secret-user" },
    run: (service) => service.join({ ...conversation, userId: "secret-user" }),
  },
  {
    name: "a join by external id",
    user: { userExternalId: "secret-user" },
    run: (service) => service.join({ ...conversation, userExternalId: "secret-user" }),
  },
  {
    name: "a leave by participant id",
    user: { participantId: "secret-user" },
    run: (service) => service.leave({ ...conversation, participantId: "secret-user" }),
  },
  { name: "a list", user: undefined, run: (service) => service.list(conversation) },
]

describe.each([
  { kind: "a documented error", failure: notFound },
  { kind: "a SunshineError", failure: failed },
])("$kind", ({ failure }) => {
  it.effect.each(calls)("of $name carries the app, the conversation, and how the user was named", ({ run, user }) =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(run(failingWith(failure)))
      assert.strictEqual(error.constructor, failure.constructor)
      assert.strictEqual(error.appId, "the-app")
      assert.strictEqual(error.conversationId, "the-conversation")
      assert.deepStrictEqual(error.user, user)
      assert.strictEqual(error.cause, failure.cause)
    }),
  )

  it.effect.each(calls)("of $name has a message with the conversation and the app, and without the user", ({ run }) =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(run(failingWith(failure)))
      assert.include(error.message, " in conversation the-conversation of app the-app: ")
      assert.notInclude(error.message, "secret-user")
    }),
  )

  it.effect.each(calls)("of $name gives the span no user", ({ run }) =>
    Effect.gen(function* () {
      const spans: Array<Tracer.Span> = []
      const tracer = Tracer.make({
        span: (options) => {
          const span = new Tracer.NativeSpan(options)
          spans.push(span)
          return span
        },
      })
      yield* Effect.exit(Effect.withTracer(run(failingWith(failure)), tracer))
      const exits = spans.map(({ status }) => (status._tag === "Ended" ? status.exit : Exit.void))
      assert.lengthOf(exits, 1)
      assert.isTrue(exits.every(Exit.isFailure))
      const shown = exits.map((exit) => inspect(exit, { depth: 9 }))
      assert.notInclude(shown.join(), "secret-user")
    }),
  )
})

describe("an error that says which call it ends", () => {
  it.effect("keeps what it says", () =>
    Effect.gen(function* () {
      const own = new SunshineError.NotFound({
        operation: "join",
        conversationId: "another",
        user: { userId: "other" },
      })
      const error = yield* Effect.flip(failingWith(own).join({ ...conversation, userId: "user" }))
      assert.deepStrictEqual(
        [error.appId, error.conversationId, error.user],
        ["the-app", "another", { userId: "other" }],
      )
    }),
  )

  it.effect("tells of the request as it was when the call began", () =>
    Effect.gen(function* () {
      const request = { ...conversation, userId: "user" }
      const service = Participants.make({
        join: () =>
          Effect.suspend(() => {
            request.conversationId = "changed"
            return Effect.fail(notFound)
          }),
        leave: () => Effect.fail(notFound),
        list: () => Effect.succeed(new Page.ParticipantPage({ participants: [] })),
      })
      const error = yield* Effect.flip(service.join(request))
      assert.strictEqual(error.conversationId, "the-conversation")
    }),
  )

  it.effect("shows an id of any length or kind on one short line", () =>
    Effect.gen(function* () {
      const id = `first\n\u202esecond${"x".repeat(500)}`
      const error = yield* Effect.flip(failingWith(notFound).list({ appId: id, conversationId: id }))
      assert.strictEqual(error.conversationId, id)
      const shown = "first\ufffd\ufffdsecondx{87}\\.\\.\\."
      assert.match(error.message, new RegExp(`^list in conversation ${shown} of app ${shown}: InvalidRequest: `))
    }),
  )
})

describe("the cause of an error", () => {
  const causes: ReadonlyArray<readonly [string, Failure, user: SunshineError.NamedUser | undefined]> = [
    ["a read of the roster", SunshineError.failure("list", SunshineError.reasonOfStatus(503)), undefined],
    ["a rejection", SunshineError.notFound("leave", "not_found"), { participantId: "id" }],
  ]

  it.effect.each(causes)("is of the same call: %s", ([, below, user]) =>
    Effect.gen(function* () {
      const reason = new SunshineError.OutcomeUnknown({ attempts: [] })
      const failure = new SunshineError.SunshineError({ operation: "leave", reason, cause: below })
      const { cause } = yield* Effect.flip(failingWith(failure).leave({ ...conversation, participantId: "id" }))
      assert.strictEqual(cause?.constructor, below.constructor)
      assert.deepInclude(cause, { ...below, ...conversation, user })
    }),
  )

  it.effect("keeps what it says", () =>
    Effect.gen(function* () {
      const below = new SunshineError.NotFound({ operation: "leave", appId: "another", conversationId: "of another" })
      const reason = new SunshineError.OutcomeUnknown({ attempts: [] })
      const failure = new SunshineError.SunshineError({ operation: "leave", reason, cause: below })
      const { cause } = yield* Effect.flip(failingWith(failure).list(conversation))
      assert.instanceOf(cause, SunshineError.NotFound)
      assert.deepStrictEqual([cause.appId, cause.conversationId], ["another", "of another"])
    }),
  )
})

describe("the code", () => {
  it.each([
    [
      SunshineError.reasonOfStatus(401, { errors: [new SunshineError.ErrorDetail({ code: "unauthorized" })] }),
      "unauthorized",
    ],
    [SunshineError.reasonOfStatus(503), undefined],
    [new SunshineError.Transport({ description: "refused", sent: false, code: "ECONNREFUSED" }), "ECONNREFUSED"],
    [new SunshineError.OutcomeUnknown({ attempts: [] }), undefined],
  ])("of a SunshineError is that of its reason: %s", (reason, code) => {
    assert.strictEqual(SunshineError.failure("list", reason).code, code)
  })
})

describe("an invalid request", () => {
  it.effect("is named by what can be read of it", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(failingWith(notFound).join({ ...conversation, userId: "" }))
      assert.strictEqual(error._tag, "SunshineError")
      assert.deepStrictEqual(
        [error.appId, error.conversationId, error.user],
        ["the-app", "the-conversation", { userId: "" }],
      )
    }),
  )

  it.effect("is named by nothing if nothing can be read", () =>
    Effect.gen(function* () {
      const { proxy, revoke } = Proxy.revocable({ ...conversation, userId: "user" }, {})
      revoke()
      const error = yield* Effect.flip(failingWith(notFound).join(proxy))
      assert.strictEqual(error._tag, "SunshineError")
      assert.deepStrictEqual([error.appId, error.conversationId, error.user], [undefined, undefined, undefined])
      assert.include(error.message, "join: InvalidRequest: ")
    }),
  )

  it.effect("of the paginator is named too", () =>
    Effect.gen(function* () {
      const pages = Paginator.pages({ ...conversation, pageSize: 0 })
      const service = Effect.provideService(
        Effect.flip(Stream.runDrain(pages)),
        Participants.Participants,
        failingWith(notFound),
      )
      const error = yield* service
      assert.deepStrictEqual([error.appId, error.conversationId], ["the-app", "the-conversation"])
    }),
  )
})

describe("an error of a page", () => {
  it.effect("keeps the call and gains the cursor", () =>
    Effect.gen(function* () {
      const error = yield* Paginator.stream({ ...conversation, cursor: "c93bb9c14dde8ffb94564eae" }).pipe(
        Stream.runDrain,
        Effect.flip,
        Effect.provideService(Participants.Participants, failingWith(failed)),
      )
      assert.deepStrictEqual(
        [error.appId, error.conversationId, error.cursor],
        ["the-app", "the-conversation", "c93bb9c14dde8ffb94564eae"],
      )
    }),
  )
})

describe("a short constructor", () => {
  it("makes a NotFound", () => {
    assert.deepStrictEqual(
      SunshineError.notFound("leave", "not_found"),
      new SunshineError.NotFound({
        operation: "leave",
        errors: [new SunshineError.ErrorDetail({ code: "not_found", title: "" })],
      }),
    )
    assert.strictEqual(SunshineError.notFound("leave", "not_found").message, "leave: 404 not_found")
  })

  it("makes a BadRequest", () => {
    const error = SunshineError.badRequest("join", "bad_request", "Too many participants")
    assert.instanceOf(error, SunshineError.BadRequest)
    assert.deepStrictEqual([error.code, error.message], ["bad_request", "join: 400 bad_request: Too many participants"])
  })

  it("makes a SunshineError", () => {
    const reason = new SunshineError.RateLimited({})
    assert.deepStrictEqual(
      SunshineError.failure("list", reason),
      new SunshineError.SunshineError({ operation: "list", reason }),
    )
    assert.deepStrictEqual(reason.errors, [])
  })

  it("takes undefined for what is left out", () => {
    assert.deepStrictEqual(new SunshineError.RateLimited({ errors: undefined }).errors, [])
    assert.deepStrictEqual(
      { ...new SunshineError.ErrorDetail({ code: undefined, title: "a" }) },
      { code: "", title: "a" },
    )
  })
})
