/**
 * What calls reject with: classes with the fields of core's errors, in the names of this package.
 */
import { SunshineError as Core } from "@effect-sunco/core"
import * as Duration from "effect/Duration"
import * as Redacted from "effect/Redacted"
import { inspect } from "node:util"
import { assert, describe, it } from "vitest"
import {
  BadRequest,
  Credentials,
  HiddenText,
  NotFound,
  PaginationError,
  SunshineError,
  SuncoError,
} from "../src/index.ts"
import { errorOf } from "../src/internal/failure.ts"
import {
  answering,
  clientOver,
  collect,
  conversation,
  credentials,
  json,
  page,
  refusal,
  rejectionOf,
} from "./support/fetches.ts"

const secret = "a-secret"

/** Everything that an application could print of a value. */
const printed = (value: unknown) =>
  [String(value), JSON.stringify(value), inspect(value, { depth: 20, showHidden: true, getters: true })].join("\n")

describe("a call rejects with", () => {
  it("BadRequest for a documented 400", async () => {
    await using client = clientOver(answering(() => refusal(400, "bad_request", "Too many participants")))
    const error = await rejectionOf(client.join({ ...conversation, userExternalId: "external" }))
    assert.instanceOf(error, BadRequest)
    assert.isTrue(error instanceof SuncoError)
    assert.instanceOf(error, Error)
    const { call, code, errors, name, operation, status } = error
    assert.deepStrictEqual(
      { call, code, errors, name, operation, status },
      {
        call: { ...conversation, user: { userExternalId: "external" }, baseUrl: "https://api.smooch.io" },
        code: "bad_request",
        errors: [{ code: "bad_request", title: "Too many participants" }],
        name: "BadRequest",
        operation: "join",
        status: 400,
      },
    )
    assert.match(error.stack ?? "", /^BadRequest: /)
  })

  it("NotFound for a 404", async () => {
    await using client = clientOver(answering(() => refusal(404, "conversation_not_found", "Conversation not found")))
    const error = await rejectionOf(client.list(conversation))
    assert.instanceOf(error, NotFound)
    const { code, name, operation, status } = error
    assert.deepStrictEqual([code, name, operation, status], ["conversation_not_found", "NotFound", "list", 404])
  })

  it("SunshineError with a reason, its status and its wait in milliseconds, for everything else", async () => {
    const busy = () => refusal(429, "too_many_requests", "Slow down", { "retry-after": "90" })
    await using client = clientOver(answering(busy))
    const error = await rejectionOf(client.list(conversation))
    assert.instanceOf(error, SunshineError)
    const { code, isRetryable, name, operation, outcome, reason, retryAfterMs, status } = error
    assert.deepStrictEqual(
      { code, isRetryable, name, operation, outcome, reason, retryAfterMs, status },
      {
        code: "too_many_requests",
        isRetryable: true,
        name: "SunshineError",
        operation: "list",
        outcome: "not processed",
        reason: "RateLimited",
        retryAfterMs: 90_000,
        status: 429,
      },
    )
  })

  it("SunshineError with the cause and the code of a connection that was refused", async () => {
    const cause = new TypeError("fetch failed", { cause: Object.assign(new Error("no"), { code: "ECONNREFUSED" }) })
    await using client = clientOver(() => Promise.reject(cause), { retryPolicy: { attempts: 1 } })
    const error = await rejectionOf(client.join({ ...conversation, userId: "user" }))
    assert.instanceOf(error, SunshineError)
    const { code, isRetryable, outcome, reason, sent } = error
    assert.deepStrictEqual(
      [code, isRetryable, outcome, reason, sent],
      ["ECONNREFUSED", true, "not processed", "Transport", false],
    )
    assert.include(error.message, "the connection was refused (ECONNREFUSED)")
    assert.instanceOf(error.cause, Error)
    assert.deepStrictEqual([error.cause.name, error.cause.message], ["TypeError", "fetch failed"])
    assert.propertyVal(error.cause.cause, "code", "ECONNREFUSED")
  })

  it("PaginationError with the cursor to go on from, when a cursor repeats", async () => {
    await using client = clientOver(answering(() => page(1, "same")))
    const error = await rejectionOf(collect(client.pages(conversation)))
    assert.instanceOf(error, PaginationError)
    assert.deepStrictEqual(
      [error.name, error.operation, error.cursor],
      ["PaginationError", "list", "membership-same-0"],
    )
  })

  it("the cursor of the page that failed, which goes on from there", async () => {
    const answers = answering(
      () => page(2, "second"),
      () => refusal(403, "forbidden", "No"),
      () => page(1),
    )
    await using client = clientOver(answers)
    const error = await rejectionOf(collect(client.pages(conversation)))
    assert.instanceOf(error, SunshineError)
    assert.strictEqual(error.cursor, "second")
    const rest = await collect(client.participants({ ...conversation, cursor: error.cursor }))
    assert.lengthOf(rest, 1)
  })
})

describe("each reason of core keeps its fields", () => {
  const body = new Core.UnrecognizedBody({
    contentType: "text/html",
    bytes: 20,
    text: Redacted.make("<h1>Bad gateway</h1>"),
    problem: "cut off",
  })
  const errors = [new Core.ErrorDetail({ code: "a_code", title: "A title" })]
  const retryAfter = Duration.seconds(3)
  const location = Redacted.make("https://elsewhere.example")
  const timedOut = {
    after: Duration.seconds(1),
    sent: true,
    limit: "attemptTimeout",
    waitingFor: "answer",
  } as const

  /** Of core with our names. A message holds what an error of core calls its description. */
  const names: Readonly<Record<string, string>> = {
    after: "timeoutMs",
    description: "message",
    retryAfter: "retryAfterMs",
    waited: "waitedMs",
  }

  const plain = (value: unknown): unknown => {
    if (Duration.isDuration(value)) return Duration.toMillis(value)
    if (Redacted.isRedacted(value)) return Redacted.value(value)
    if (value instanceof HiddenText) return value.reveal()
    if (Array.isArray(value)) return value.map(plain)
    if (typeof value !== "object" || value === null) return value
    return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, plain(field)]))
  }

  const reasons: { readonly [Tag in Core.Reason["_tag"]]: Extract<Core.Reason, { readonly _tag: Tag }> } = {
    InvalidRequest: new Core.InvalidRequest({ field: "page.size", expected: "1 to 100" }),
    Unauthorized: new Core.Unauthorized({ errors, body, credentials: "jwt" }),
    Forbidden: new Core.Forbidden({ errors, body }),
    RateLimited: new Core.RateLimited({ errors, body, retryAfter, waited: Duration.seconds(2) }),
    ServerError: new Core.ServerError({ status: 502, errors, body, retryAfter }),
    UnexpectedStatus: new Core.UnexpectedStatus({ status: 302, errors, body, location, retryAfter }),
    Transport: new Core.Transport({ description: "no connection", sent: false, code: "ECONNREFUSED" }),
    TimedOut: new Core.TimedOut(timedOut),
    InvalidResponse: new Core.InvalidResponse({ status: 200, detail: "no participants", body }),
    OutcomeUnknown: new Core.OutcomeUnknown({ attempts: [new Core.TimedOut(timedOut)], detail: "not verified" }),
  }

  it.each(Object.values(reasons).map((reason) => [reason._tag, reason] as const))("%s", (tag, reason) => {
    const error = errorOf(Core.failure("join", reason))
    assert.instanceOf(error, SunshineError)
    assert.deepStrictEqual([error.reason, error.outcome], [tag, reason.outcome])
    const given = new Map<string, unknown>([...Object.entries(error), ["message", error.message]])
    const fields = Object.entries(reason).filter(([name]) => !["_tag", "attempts", "outcome"].includes(name))
    assert.isAbove(fields.length, 0)
    for (const [name, value] of fields) {
      const ours = plain(given.get(names[name] ?? name))
      if (name === "description") assert.include(String(ours), String(value))
      else assert.deepStrictEqual(ours, plain(value), name)
    }
    assert.deepStrictEqual(
      error.attempts.map(({ limit, reason, timeoutMs, waitingFor }) => ({ limit, reason, timeoutMs, waitingFor })),
      tag === "OutcomeUnknown"
        ? [{ limit: "attemptTimeout", reason: "TimedOut", timeoutMs: 1000, waitingFor: "answer" }]
        : [],
    )
  })
})

describe("no print shows", () => {
  it("the secret of credentials", () => {
    for (const shown of [
      credentials,
      Credentials.bearer(secret),
      Credentials.jwt({ keyId: "app_key", secret, scope: "app" }),
      Credentials.fromEnv({ SUNCO_TOKEN: secret }),
    ]) {
      assert.notInclude(printed(shown), secret)
    }
  })

  it("the secret of a client", async () => {
    await using client = clientOver(answering(() => page(1)))
    assert.notInclude(printed(client), secret)
  })

  it.each<[string, () => Response]>([
    ["a gateway's page that repeats the credentials", () => new Response(`<p>${secret}</p>`, { status: 502 })],
    ["an answer that is no page", () => json(200, { secret })],
    ["a redirect", () => new Response(null, { status: 302, headers: { location: `https://host/?token=${secret}` } })],
  ])("what an error knows of %s, and reveal() does", async (_, answer) => {
    await using client = clientOver(answering(answer), { retryPolicy: { attempts: 1 } })
    const error = await rejectionOf(client.list(conversation))
    assert.instanceOf(error, SunshineError)
    assert.notInclude(printed(error), secret)
    assert.include(error.location?.reveal() ?? error.body?.text.reveal(), secret)
  })

  it("the id of a user in the message of an error", async () => {
    await using client = clientOver(answering(() => refusal(404, "not_found", "No member")))
    const error = await rejectionOf(client.leave({ ...conversation, userId: "somebody" }))
    assert.instanceOf(error, NotFound)
    assert.notInclude(error.message, "somebody")
    assert.deepStrictEqual(error.call?.user, { userId: "somebody" })
  })
})
