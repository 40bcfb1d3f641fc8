import { assert, describe, it } from "@effect/vitest"
import { inspect } from "node:util"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import { SunshineError } from "@effect-sunco/core"

const errors = [new SunshineError.ErrorDetail({ code: "unauthorized", title: "Authorization is required" })]

const operations = SunshineError.Operation.literals

const bodyOf = (text: string, contentType?: string) =>
  new SunshineError.UnrecognizedBody({ contentType, bytes: text.length, text: Redacted.make(text) })

interface Case {
  readonly name: string
  readonly reason: SunshineError.Reason
  readonly outcome: SunshineError.Outcome
  /** What its message has to tell; how it says it is free. */
  readonly tells: ReadonlyArray<string>
}

const status = (status: number, outcome: SunshineError.Outcome): Case => ({
  name: `UnexpectedStatus ${status}`,
  reason: new SunshineError.UnexpectedStatus({ status, errors: [] }),
  outcome,
  tells: [String(status)],
})

/** Every reason, and each outcome that it can have. */
const cases: ReadonlyArray<Case> = [
  {
    name: "InvalidRequest",
    reason: new SunshineError.InvalidRequest({ field: "page.size", expected: "Expected a whole number" }),
    outcome: "rejected",
    tells: ["page.size", "Expected a whole number"],
  },
  {
    name: "Unauthorized",
    reason: new SunshineError.Unauthorized({ errors, credentials: "basic" }),
    outcome: "rejected",
    tells: ["401", "unauthorized", "Authorization is required", "basic credentials"],
  },
  {
    name: "Forbidden",
    reason: new SunshineError.Forbidden({ errors: [], body: bodyOf("<html>", "text/html") }),
    outcome: "rejected",
    tells: ["403", "text/html", "6 bytes"],
  },
  {
    name: "RateLimited without a time",
    reason: new SunshineError.RateLimited({ errors: [], body: bodyOf("") }),
    outcome: "not processed",
    tells: ["429", "empty body"],
  },
  {
    name: "RateLimited with a time and without an answer",
    reason: new SunshineError.RateLimited({
      errors: [],
      retryAfter: Duration.seconds(90),
      waited: Duration.seconds(7),
    }),
    outcome: "not processed",
    tells: ["too many requests", "90 s", "7 s"],
  },
  {
    name: "ServerError",
    reason: new SunshineError.ServerError({ status: 502, errors: [], body: bodyOf("<h1>Bad gateway</h1>") }),
    outcome: "ambiguous",
    tells: ["502", "20 bytes"],
  },
  status(199, "rejected"),
  status(200, "ambiguous"),
  status(204, "ambiguous"),
  status(299, "ambiguous"),
  status(300, "rejected"),
  status(301, "rejected"),
  status(303, "ambiguous"),
  status(307, "rejected"),
  status(408, "ambiguous"),
  status(409, "rejected"),
  status(413, "rejected"),
  status(425, "not processed"),
  {
    name: "ServerError, when the server asked to wait",
    reason: new SunshineError.ServerError({ status: 503, errors: [], retryAfter: Duration.seconds(90) }),
    outcome: "ambiguous",
    tells: ["503, with no error entry, retry after 90 s"],
  },
  {
    name: "UnexpectedStatus, when the server asked to wait",
    reason: new SunshineError.UnexpectedStatus({ status: 408, errors: [], retryAfter: Duration.seconds(90) }),
    outcome: "ambiguous",
    tells: ["408, with no error entry, retry after 90 s"],
  },
  {
    name: "UnexpectedStatus with a location",
    reason: new SunshineError.UnexpectedStatus({
      status: 301,
      errors: [],
      body: bodyOf(""),
      location: Redacted.make("https://else.where/"),
    }),
    outcome: "rejected",
    tells: ["301", "redirect"],
  },
  {
    name: "Transport, when the request may have been sent",
    reason: new SunshineError.Transport({ description: "socket hang up", sent: true, code: "ECONNRESET" }),
    outcome: "ambiguous",
    tells: ["socket hang up", "ECONNRESET"],
  },
  {
    name: "Transport, when nothing was sent",
    reason: new SunshineError.Transport({ description: "no credential could be had", sent: false }),
    outcome: "not processed",
    tells: ["no credential could be had"],
  },
  {
    name: "TimedOut, when the request may have been sent",
    reason: new SunshineError.TimedOut({ after: Duration.seconds(10), sent: true }),
    outcome: "ambiguous",
    tells: ["10 s"],
  },
  {
    name: "TimedOut, when nothing was sent",
    reason: new SunshineError.TimedOut({ after: Duration.millis(1500), sent: false }),
    outcome: "not processed",
    tells: ["1.5 s"],
  },
  ...(
    [
      ["answer", "attemptTimeout", "no answer within 10 s (attemptTimeout)"],
      ["credential", "attemptTimeout", "no credential within 10 s (attemptTimeout)"],
      ["turn", "deadline", "no turn to send the request within 10 s (deadline)"],
      ["rate limit", "deadline", "no token of the rate limit within 10 s (deadline)"],
    ] as const
  ).map(([waitingFor, limit, tells]): Case => ({
    name: `TimedOut, waiting for: ${waitingFor}`,
    reason: new SunshineError.TimedOut({ after: Duration.seconds(10), sent: false, limit, waitingFor }),
    outcome: "not processed",
    tells: [tells],
  })),
  {
    name: "InvalidResponse",
    reason: new SunshineError.InvalidResponse({ status: 201, detail: "Missing key", body: bodyOf("{}") }),
    outcome: "ambiguous",
    tells: ["201", "Missing key", "2 bytes"],
  },
  {
    name: "OutcomeUnknown",
    reason: new SunshineError.OutcomeUnknown({
      attempts: [
        new SunshineError.TimedOut({ after: Duration.seconds(10), sent: true }),
        new SunshineError.ServerError({ status: 500, errors: [], body: bodyOf("") }),
      ],
    }),
    outcome: "ambiguous",
    tells: ["TimedOut", "10 s", "ServerError", "500"],
  },
  {
    name: "OutcomeUnknown, with what kept the roster from telling",
    reason: new SunshineError.OutcomeUnknown({ attempts: [], detail: "not verified (verify: false)" }),
    outcome: "ambiguous",
    tells: ["whether the write happened: not verified (verify: false); attempts: "],
  },
]

it("an incomplete body says once why", () => {
  const problem = "it did not end in time"
  const body = new SunshineError.UnrecognizedBody({ bytes: 7, text: Redacted.make("partial"), problem })
  const { message } = new SunshineError.InvalidResponse({ status: 201, detail: problem, body })
  assert.strictEqual(message, `status 201 with a body that could not be read: ${problem}`)
})

it("a location is a redirect with a status of 3xx only", () => {
  const reason = new SunshineError.UnexpectedStatus({ status: 409, errors: [], location: Redacted.make("https://x/") })
  assert.notInclude(reason.message, "redirect")
})

describe("a reason", () => {
  it("is one of those that the union names, and each of them is tested here", () => {
    assert.sameMembers(
      [...new Set(cases.map(({ reason }) => reason._tag))],
      SunshineError.Reason.members.map((member) => member.fields._tag.schema.literal),
    )
  })

  it.each(cases)("$name has the tag that handlers match on", ({ name, reason }) => {
    assert.strictEqual(reason._tag, name.split(/\W/)[0])
  })

  it.each(cases)("$name: the outcome is $outcome", ({ outcome, reason }) => {
    assert.strictEqual(reason.outcome, outcome)
  })

  it.each(cases)("$name tells $tells", ({ reason, tells }) => {
    for (const fact of tells) assert.include(reason.message, fact)
    assert.notInclude(reason.message, "undefined", "what it does not have is left out")
  })
})

describe("the reason of a status", () => {
  const wait = { retryAfter: Duration.seconds(7) }
  const redirect = { location: Redacted.make("https://else.where/") }
  const body = bodyOf("text")
  const answer = { errors, body, ...wait, ...redirect, credentials: "jwt" as const }
  const kept = { errors, body }

  it.each([
    { status: 401, reason: new SunshineError.Unauthorized({ ...kept, credentials: "jwt" }) },
    { status: 403, reason: new SunshineError.Forbidden(kept) },
    { status: 429, reason: new SunshineError.RateLimited({ ...kept, ...wait }) },
    { status: 500, reason: new SunshineError.ServerError({ status: 500, ...kept, ...wait }) },
    { status: 503, reason: new SunshineError.ServerError({ status: 503, ...kept, ...wait }) },
    { status: 600, reason: new SunshineError.ServerError({ status: 600, ...kept, ...wait }) },
    { status: 499, reason: new SunshineError.UnexpectedStatus({ status: 499, ...kept, ...redirect, ...wait }) },
    { status: 400, reason: new SunshineError.UnexpectedStatus({ status: 400, ...kept, ...redirect, ...wait }) },
    { status: 302, reason: new SunshineError.UnexpectedStatus({ status: 302, ...kept, ...redirect, ...wait }) },
  ])("$status is $reason._tag, with what the answer says of it", ({ reason, status }) => {
    const made = SunshineError.reasonOfStatus(status, answer)
    assert.strictEqual(made.constructor, reason.constructor)
    assert.deepStrictEqual({ ...made }, { ...reason })
  })
})

describe("SunshineError", () => {
  it.each(cases)("for $name ($outcome) says whether the same request can be sent again", ({ outcome, reason }) => {
    const retryable = (operation: SunshineError.Operation) => {
      const error = new SunshineError.SunshineError({ operation, reason })
      assert.strictEqual(error.outcome, outcome)
      return error.isRetryable
    }
    const expected = {
      rejected: { join: false, leave: false, list: false },
      "not processed": { join: true, leave: true, list: true },
      ambiguous: { join: false, leave: false, list: true },
    }[outcome]
    assert.deepStrictEqual({ join: retryable("join"), leave: retryable("leave"), list: retryable("list") }, expected)
  })

  it("has a message with the operation, the reason and what that tells", () => {
    const reason = new SunshineError.TimedOut({ after: Duration.seconds(10), sent: true })
    const { message } = new SunshineError.SunshineError({ operation: "leave", reason })
    for (const fact of ["leave", "TimedOut", reason.message]) assert.include(message, fact)
  })

  it.effect.each(cases)("for $name survives the way through JSON", ({ outcome, reason }) =>
    Effect.gen(function* () {
      const error = new SunshineError.SunshineError({
        operation: "join",
        reason,
        cursor: "55c8d9758590aa1900b9b9f6",
        cause: new Error("below"),
      })
      const codec = Schema.toCodecJson(SunshineError.SunshineError)
      const text = JSON.stringify(yield* Schema.encodeEffect(codec)(error))
      const again = yield* Schema.decodeUnknownEffect(codec)(JSON.parse(text))
      assert.instanceOf(again, SunshineError.SunshineError)
      assert.strictEqual(again.operation, "join")
      assert.strictEqual(again.cursor, "55c8d9758590aa1900b9b9f6")
      assert.strictEqual(again.message, error.message)
      assert.strictEqual(again.outcome, outcome)
      assert.strictEqual(again.reason.constructor, reason.constructor)
      assert.deepStrictEqual({ ...again.reason }, { ...reason })
      assert.instanceOf(again.cause, Error)
      assert.strictEqual(again.cause.message, "below")
    }),
  )
})

describe.each([
  { name: "BadRequest", status: 400, make: SunshineError.BadRequest },
  { name: "NotFound", status: 404, make: SunshineError.NotFound },
] as const)("$name", ({ make: Class, status }) => {
  const two = [
    new SunshineError.ErrorDetail({ code: "bad_request", title: ".page: wrong" }),
    new SunshineError.ErrorDetail({ code: "another", title: "worse" }),
  ]

  it("has the code of the first entry", () => {
    assert.strictEqual(new Class({ operation: "join", errors: two }).code, "bad_request")
  })

  it("has no code when the body was not the documented one", () => {
    assert.isUndefined(new Class({ operation: "join", errors: [], body: bodyOf("<html>") }).code)
  })

  it("tells the operation, the status, and the code and title of each entry", () => {
    const { message } = new Class({ operation: "list", errors: two })
    for (const fact of ["list", String(status), ".page: wrong", "bad_request", "worse", "another"]) {
      assert.include(message, fact)
    }
  })

  it.effect.each(operations)("of a %s survives the way through JSON", (operation) =>
    Effect.gen(function* () {
      const error = new Class({ operation, errors: two, body: bodyOf("text"), cursor: "55c8d9758590aa1900b9b9f6" })
      const codec = Schema.toCodecJson(Schema.Union([SunshineError.BadRequest, SunshineError.NotFound]))
      const text = JSON.stringify(yield* Schema.encodeEffect(codec)(error))
      const again = yield* Schema.decodeUnknownEffect(codec)(JSON.parse(text))
      assert.strictEqual(again.constructor, Class)
      assert.deepStrictEqual({ ...again }, { ...error })
      assert.strictEqual(again.message, error.message)
      assert.strictEqual(again.code, "bad_request")
    }),
  )
})

describe("a body that is not the documented one", () => {
  const secret = "<html>secret-of-a-gateway</html>"
  const error = new SunshineError.SunshineError({
    operation: "list",
    reason: new SunshineError.UnexpectedStatus({
      status: 302,
      errors: [],
      body: bodyOf(secret, "text/html"),
      location: Redacted.make(`https://else.where/?${secret}`),
    }),
  })

  it.effect("shows its text to those only who unwrap it", () =>
    Effect.gen(function* () {
      const encoded = yield* Schema.encodeEffect(Schema.toCodecJson(SunshineError.SunshineError))(error)
      for (const shown of [
        error.message,
        String(error),
        inspect(error, { depth: 9 }),
        JSON.stringify(error),
        JSON.stringify(encoded),
      ]) {
        assert.notInclude(shown, "secret-of-a-gateway")
      }
      assert.instanceOf(error.reason, SunshineError.UnexpectedStatus)
      assert.strictEqual(error.reason.body && Redacted.value(error.reason.body.text), secret)
    }),
  )
})

describe("PaginationError", () => {
  it("tells what is wrong, and the cursor to resume from", () => {
    const { message } = new SunshineError.PaginationError({ description: "a cursor came again", cursor: "A-1" })
    assert.include(message, "a cursor came again")
    assert.include(message, "A-1")
  })

  it("shows a cursor of any length or kind on one short line", () => {
    const { message } = new SunshineError.PaginationError({ description: "again", cursor: `a\n${"x".repeat(500)}` })
    assert.match(message, /^list: again; resume from a\ufffdx{98}\.\.\.$/)
  })

  it.effect.each([{ cursor: undefined }, { cursor: "A" }])(
    "with cursor $cursor survives the way through JSON",
    ({ cursor }) =>
      Effect.gen(function* () {
        const error = new SunshineError.PaginationError({ description: "cursor B came again", cursor })
        const codec = Schema.toCodecJson(SunshineError.PaginationError)
        const text = JSON.stringify(yield* Schema.encodeEffect(codec)(error))
        const again = yield* Schema.decodeUnknownEffect(codec)(JSON.parse(text))
        assert.instanceOf(again, SunshineError.PaginationError)
        assert.strictEqual(again.cursor, cursor)
        assert.strictEqual(again.message, error.message)
      }),
  )
})

describe("ErrorDetail", () => {
  const decode = Schema.decodeUnknownEffect(SunshineError.ErrorDetail)

  it.effect.each([
    { answer: { code: "not_found", title: "Resource not found" }, code: "not_found", title: "Resource not found" },
    { answer: {}, code: "", title: "" },
    { answer: { code: null, title: null }, code: "", title: "" },
    { answer: { code: "not_found", id: 1 }, code: "not_found", title: "" },
  ])("$answer is read as code '$code' and title '$title'", ({ answer, code, title }) =>
    Effect.gen(function* () {
      assert.deepStrictEqual({ ...(yield* decode(answer)) }, { code, title })
    }),
  )
})
