/**
 * What an error says of the layer that it comes from: where its requests went, and with what.
 */
import { assert, describe, it } from "@effect/vitest"
import { SunshineError } from "@effect-sunco/core"
import { Effect, Logger, Redacted, References } from "effect"
import { HttpClient, HttpClientError, type HttpClientRequest } from "effect/http"
import * as Credentials from "../src/Credentials.ts"
import * as ParticipantsHttp from "../src/ParticipantsHttp.ts"
import * as Calls from "./support/Calls.ts"
import * as FakeApi from "./support/FakeApi.ts"

const vendors = (status: number, code: string) => Response.json({ errors: [{ code, title: "a title" }] }, { status })

const page = (status: number) => new Response("<h1>It works</h1>", { status, headers: { "content-type": "text/html" } })

/** The error of a call that gets this answer. */
const errorOf = (answer: () => Response, call: Calls.Call, options?: Partial<ParticipantsHttp.Options>) =>
  Effect.flatMap(Calls.over(FakeApi.make(answer).client, options), (service) => Effect.flip(call(service)))

describe("an error", () => {
  const answers: ReadonlyArray<readonly [string, () => Response, Calls.Call]> = [
    ["BadRequest", () => vendors(400, "bad_request"), Calls.join],
    ["NotFound", () => vendors(404, "not_found"), Calls.leave],
    ["ServerError", () => vendors(503, "unavailable"), Calls.list],
    ["OutcomeUnknown", () => vendors(503, "unavailable"), Calls.join],
  ]

  for (const [what, answer, call] of answers) {
    it.effect(`names the conversation and the base URL: ${what}`, () =>
      Effect.gen(function* () {
        const error = yield* errorOf(answer, call, { baseUrl: ParticipantsHttp.zendesk("acme") })
        assert.strictEqual(error.baseUrl, "https://acme.zendesk.com/sc")
        assert.strictEqual(error.conversationId, "conversation")
        assert.include(error.message, " in conversation conversation of app app at https://acme.zendesk.com/sc: ")
      }),
    )
  }

  it.effect("names the default base URL", () =>
    Effect.gen(function* () {
      const error = yield* errorOf(() => vendors(404, "not_found"), Calls.leave)
      assert.include(error.message, " at https://api.smooch.io: ")
    }),
  )

  it.effect("of a request without an answer names it too", () =>
    Effect.gen(function* () {
      const client = HttpClient.make((request: HttpClientRequest.HttpClientRequest) =>
        Effect.fail(
          new HttpClientError.HttpClientError({
            reason: new HttpClientError.TransportError({ request, description: "no route" }),
          }),
        ),
      )
      const error = yield* Effect.flip(Calls.list(yield* Calls.over(client)))
      assert.include(
        error.message,
        "list in conversation conversation of app app at https://api.smooch.io: Transport: ",
      )
    }),
  )
})

describe("a 401", () => {
  const credentials = [
    [
      Credentials.basic({ keyId: "app_key", secret: Redacted.make("the-secret") }),
      "the key id or the secret may be wrong",
    ],
    [Credentials.bearer(Redacted.make("a-token")), "the token may be wrong or expired"],
    [
      Credentials.jwt({ keyId: "app_key", secret: Redacted.make("the-secret"), scope: "app" }),
      "the key id, the secret or the scope may be wrong",
    ],
  ] as const

  for (const [credential, wrong] of credentials) {
    it.effect(`names the host, the kind of credentials and what may be wrong: ${credential.kind}`, () =>
      Effect.gen(function* () {
        const error = yield* errorOf(() => vendors(401, "unauthorized"), Calls.list, { credentials: credential })
        assert.strictEqual(Calls.expectReason(error, "Unauthorized").credentials, credential.kind)
        assert.include(error.message, "https://api.smooch.io")
        assert.include(error.message, `; the request had ${credential.kind} credentials: ${wrong}`)
        for (const hidden of ["the-secret", "app_key", "a-token"]) assert.notInclude(error.message, hidden)
      }),
    )
  }
})

describe("an answer that is not the API's", () => {
  const says = "the base URL may be wrong"

  for (const status of [302, 400, 401, 403, 404, 405]) {
    it.effect(`with status ${status} says that ${says}`, () =>
      Effect.gen(function* () {
        const error = yield* errorOf(() => page(status), Calls.join)
        assert.include(error.message, says)
      }),
    )
  }

  it.effect(`with a page instead of JSON and a good status says that ${says}`, () =>
    Effect.gen(function* () {
      assert.include((yield* errorOf(() => page(200), Calls.list)).message, says)
    }),
  )

  for (const status of [429, 500, 502, 503]) {
    it.effect(`with status ${status} can be a gateway's, so it says no such thing`, () =>
      Effect.gen(function* () {
        const retryPolicy = { maxRetryAfter: 0 }
        assert.notInclude((yield* errorOf(() => page(status), Calls.list, { retryPolicy })).message, says)
      }),
    )
  }

  it.effect("of JSON that does not decode says no such thing", () =>
    Effect.gen(function* () {
      const error = yield* errorOf(() => Response.json({ participants: 7 }), Calls.list)
      assert.notInclude(error.message, says)
    }),
  )
})

describe("a 404", () => {
  for (const [operation, call, code, isDocumented] of [
    ["join", Calls.join, "conversation_not_found", true],
    ["join", Calls.join, "not_found", false],
    ["join", Calls.join, "user_not_found", false],
    ["leave", Calls.leave, "not_found", true],
    ["leave", Calls.leave, "conversation_not_found", false],
    ["list", Calls.list, "conversation_not_found", true],
    ["list", Calls.list, "not_found", false],
  ] as const) {
    it.effect(`of a ${operation} with ${code} ${isDocumented ? "doubts nothing" : "says what may be wrong"}`, () =>
      Effect.gen(function* () {
        const error = yield* errorOf(() => vendors(404, code), call)
        assert.instanceOf(error, SunshineError.NotFound)
        assert.strictEqual(error.code, code)
        assert.strictEqual(error.message.includes("an id or the base URL may be wrong"), !isDocumented)
      }),
    )
  }
})

describe("a layer that is built", () => {
  it.effect("logs for debugging where it sends requests and with which kind of credentials, and no secret", () =>
    Effect.gen(function* () {
      const lines: Array<string> = []
      const logger = Logger.map(Logger.formatJson, (line) => void lines.push(line))
      yield* Calls.over(FakeApi.make(FakeApi.good).client).pipe(
        Effect.provide(Logger.layer([logger])),
        Effect.provideService(References.MinimumLogLevel, "Debug"),
      )
      assert.lengthOf(lines, 1)
      const [line = ""] = lines
      for (const fact of [`"level":"DEBUG"`, "https://api.smooch.io", "basic"]) assert.include(line, fact)
      for (const hidden of ["the-secret", "app_key", "YXBw"]) assert.notInclude(line, hidden)
    }),
  )
})
