import type { SunshineError } from "@effect-sunco/core"
import { Page, Participant } from "@effect-sunco/core"
import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, Option, Redacted } from "effect"
import { TestClock } from "effect/testing"
import * as Calls from "./support/Calls.ts"
import { clients } from "./support/Clients.ts"
import * as FakeApi from "./support/FakeApi.ts"
import * as RawServer from "./support/RawServer.ts"

type Operation = SunshineError.Operation

/**
 * What a call becomes when each request gets this answer. A 429 is sent again until the deadline, and the deadline comes
 * before the shortest hold.
 */
const answered = (call: Calls.Call, status: number, body: string | null, headers?: Record<string, string>) =>
  Calls.over(FakeApi.make(() => new Response(body, { status, ...(headers && { headers }) })).client, {
    retryPolicy: { deadline: "100 millis" },
  }).pipe(Effect.orDie, Effect.flatMap(call))

const failed = (...args: Parameters<typeof answered>) => Effect.flip(answered(...args))

const plain = ({ errors }: { readonly errors: ReadonlyArray<SunshineError.ErrorDetail> }) =>
  errors.map(({ code, title }) => ({ code, title }))

const textOf = (body: SunshineError.UnrecognizedBody | undefined) => body && Redacted.value(body.text)

const successOf = (operation: Operation) => (operation === "join" ? 201 : 200)

const html = "<html><body><h1>Bad Gateway</h1></body></html>"

/** The bodies that an error status can have: the entries of the vendor's, or the text of any other. */
const errorBodies: ReadonlyArray<{
  readonly what: string
  readonly text: string
  readonly errors: ReadonlyArray<{ readonly code: string; readonly title: string }>
}> = [
  {
    what: "two entries",
    text: `{"errors":[{"code":"bad_request","title":"first","detail":{}},{"code":"other"}]}`,
    errors: [
      { code: "bad_request", title: "first" },
      { code: "other", title: "" },
    ],
  },
  {
    what: "the older shape",
    text: `{"error":{"code":"unauthorized","description":"Authorization is required"}}`,
    errors: [{ code: "unauthorized", title: "Authorization is required" }],
  },
  { what: "HTML", text: html, errors: [] },
  { what: "nothing", text: "", errors: [] },
]

describe("a documented error status", () => {
  const documented: ReadonlyArray<readonly [Operation, Calls.Call, status: number, tag: "BadRequest" | "NotFound"]> = [
    ["join", Calls.join, 400, "BadRequest"],
    ["join", Calls.join, 404, "NotFound"],
    ["leave", Calls.leave, 404, "NotFound"],
    ["list", Calls.list, 400, "BadRequest"],
    ["list", Calls.list, 404, "NotFound"],
  ]

  for (const [operation, call, status, tag] of documented) {
    for (const { errors, text, what } of errorBodies) {
      it.effect(`${status} of a ${operation} is ${tag} with a body of ${what}`, () =>
        Effect.gen(function* () {
          const error = yield* failed(call, status, text)
          if (error._tag === "SunshineError") return assert.fail(error.message)
          assert.strictEqual(error._tag, tag)
          assert.strictEqual(error.operation, operation)
          assert.deepStrictEqual(plain(error), errors)
          assert.strictEqual(error.code, errors[0]?.code)
          assert.strictEqual(textOf(error.body), errors.length === 0 ? text : undefined)
        }),
      )
    }
  }
})

describe("a status that is not documented for the operation", () => {
  type Tag = "Unauthorized" | "Forbidden" | "RateLimited" | "ServerError" | "UnexpectedStatus"

  const statuses: ReadonlyArray<readonly [status: number, Tag, SunshineError.Outcome, of?: Operation]> = [
    [200, "UnexpectedStatus", "ambiguous", "join"],
    [201, "UnexpectedStatus", "ambiguous", "leave"],
    [201, "UnexpectedStatus", "ambiguous", "list"],
    [202, "UnexpectedStatus", "ambiguous"],
    [204, "UnexpectedStatus", "ambiguous"],
    [205, "UnexpectedStatus", "ambiguous"],
    [206, "UnexpectedStatus", "ambiguous"],
    [300, "UnexpectedStatus", "rejected"],
    [301, "UnexpectedStatus", "rejected"],
    [302, "UnexpectedStatus", "rejected"],
    [303, "UnexpectedStatus", "ambiguous"],
    [304, "UnexpectedStatus", "rejected"],
    [307, "UnexpectedStatus", "rejected"],
    [308, "UnexpectedStatus", "rejected"],
    [400, "UnexpectedStatus", "rejected", "leave"],
    [401, "Unauthorized", "rejected"],
    [402, "UnexpectedStatus", "rejected"],
    [403, "Forbidden", "rejected"],
    [405, "UnexpectedStatus", "rejected"],
    [408, "UnexpectedStatus", "ambiguous"],
    [409, "UnexpectedStatus", "rejected"],
    [413, "UnexpectedStatus", "rejected"],
    [415, "UnexpectedStatus", "rejected"],
    [422, "UnexpectedStatus", "rejected"],
    [425, "UnexpectedStatus", "not processed"],
    [429, "RateLimited", "not processed"],
    [451, "UnexpectedStatus", "rejected"],
    [500, "ServerError", "ambiguous"],
    [501, "ServerError", "ambiguous"],
    [502, "ServerError", "ambiguous"],
    [503, "ServerError", "ambiguous"],
    [504, "ServerError", "ambiguous"],
    [520, "ServerError", "ambiguous"],
    [599, "ServerError", "ambiguous"],
  ]

  /** These have no body, whatever a server sends. */
  const bodiless = new Set([204, 205, 304])

  for (const [operation, call] of Calls.calls) {
    for (const [status, tag, outcome, of = operation] of statuses) {
      if (of !== operation) continue
      it.effect(`${status} of a ${operation} is ${tag}, ${outcome}`, () =>
        Effect.gen(function* () {
          for (const { errors, text } of bodiless.has(status) ? [{ text: null, errors: [] }] : errorBodies) {
            const error = yield* failed(call, status, text)
            const reason = Calls.expectReason(error, tag)
            assert.strictEqual(error.operation, operation)
            assert.deepStrictEqual(plain(reason), errors)
            assert.strictEqual(textOf(reason.body), errors.length === 0 ? (text ?? "") : undefined)
            assert.strictEqual(reason.outcome, outcome)
            if ("status" in reason) assert.strictEqual(reason.status, status)
            if (error._tag !== "SunshineError") return assert.fail(error.message)
            assert.strictEqual(error.outcome, outcome)
            assert.include(error.message, String(status))
          }
        }),
      )
    }
  }

  it.effect("does not become a success by the body of one", () =>
    Effect.gen(function* () {
      const body = `{"participant":{"id":"p","userId":"u"},"participants":[]}`
      for (const [operation, call] of Calls.calls) {
        const error = yield* failed(call, operation === "join" ? 200 : 201, body)
        assert.strictEqual(textOf(Calls.expectReason(error, "UnexpectedStatus").body), body)
      }
    }),
  )

  for (const [name, client] of clients) {
    it.live(`of 600 or more is a ServerError, though HTTP has no such status (${name})`, () =>
      Effect.gen(function* () {
        const server = yield* RawServer.make((request, index) => RawServer.respond(request, index ? 999 : 600, html))
        const service = yield* Calls.make({ baseUrl: server.url })
        for (const status of [600, 999]) {
          const reason = Calls.expectReason(yield* Effect.flip(Calls.list(service)), "ServerError")
          assert.strictEqual(reason.status, status)
          assert.strictEqual(textOf(reason.body), html)
          assert.strictEqual(reason.body?.bytes, html.length)
        }
      }).pipe(Effect.provide(client)),
    )

    it.live(`of 101 that nobody asked for is an error and no defect (${name})`, () =>
      Effect.gen(function* () {
        const server = yield* RawServer.make(({ connection }) => {
          connection.socket.write("HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n")
        })
        const service = yield* Calls.make({ baseUrl: server.url })
        const reason = Calls.reasonOf(yield* Effect.flip(Calls.list(service)))
        assert.include(["Transport", "UnexpectedStatus"], reason._tag)
      }).pipe(Effect.provide(client)),
    )
  }
})

describe("Retry-After", () => {
  for (const [status, tag] of [
    [408, "UnexpectedStatus"],
    [425, "UnexpectedStatus"],
    [429, "RateLimited"],
    [503, "ServerError"],
  ] as const) {
    it.effect(`is read as seconds and as a date with ${status}`, () =>
      Effect.gen(function* () {
        yield* TestClock.setTime(Date.parse("2026-03-01T12:00:00Z"))
        for (const value of ["90", "Sun, 01 Mar 2026 12:01:30 GMT"]) {
          const { retryAfter } = Calls.expectReason(
            yield* failed(Calls.list, status, html, { "retry-after": value }),
            tag,
          )
          assert.deepStrictEqual(retryAfter, Duration.seconds(90))
        }
      }),
    )
  }

  it.effect("that cannot be read, or is not there, is none", () =>
    Effect.gen(function* () {
      for (const headers of [{}, { "retry-after": "soon" }]) {
        const error = yield* failed(Calls.list, 503, html, headers)
        assert.isUndefined(Calls.expectReason(error, "ServerError").retryAfter)
      }
    }),
  )
})

describe("a success that cannot be read", () => {
  const everywhere: ReadonlyArray<Operation> = ["join", "leave", "list"]
  const bodies: ReadonlyArray<readonly [what: string, text: string, ReadonlyArray<Operation>]> = [
    ["HTML", html, everywhere],
    ["nothing", "", everywhere],
    ["truncated JSON", `{"participants":[{"id":"p`, everywhere],
    ["an array", "[]", everywhere],
    ["null", "null", everywhere],
    ["a JSON string", `"{}"`, everywhere],
    ["an empty object", "{}", ["join", "list"]],
    ["the error body", `{"errors":[{"code":"not_found","title":"no"}]}`, ["join", "list"]],
    ["a participant without id", `{"participant":{"userId":"u"},"participants":[{"userId":"u"}]}`, ["join", "list"]],
    ["a participant without userId", `{"participant":{"id":"p"},"participants":[{"id":"p"}]}`, ["join", "list"]],
    [
      "a participant with a number for an id",
      `{"participant":{"id":1,"userId":"u"},"participants":[{"id":1,"userId":"u"}]}`,
      ["join", "list"],
    ],
    ["a participant that is null", `{"participant":null,"participants":[null]}`, ["join", "list"]],
    ["participants that are null", `{"participants":null}`, ["list"]],
  ]

  for (const [operation, call] of Calls.calls) {
    for (const [what, text, operations] of bodies) {
      if (!operations.includes(operation)) continue
      it.effect(`is InvalidResponse for a ${operation} with a body of ${what}`, () =>
        Effect.gen(function* () {
          const error = yield* failed(call, successOf(operation), text)
          const reason = Calls.expectReason(error, "InvalidResponse")
          assert.strictEqual(error.operation, operation)
          assert.strictEqual(reason.status, successOf(operation))
          assert.strictEqual(textOf(reason.body), text)
          assert.strictEqual(reason.body.bytes, Buffer.byteLength(text))
          assert.strictEqual(error._tag === "SunshineError" && error.outcome, "ambiguous")
        }),
      )
    }
  }

  it.effect("says that its body is empty, be it missing or of no bytes", () =>
    Effect.gen(function* () {
      for (const body of [null, ""]) {
        const { detail } = Calls.expectReason(yield* failed(Calls.list, 200, body), "InvalidResponse")
        assert.strictEqual(detail, "the body is empty")
        const { body: empty } = Calls.expectReason(yield* failed(Calls.list, 502, body), "ServerError")
        assert.isUndefined(empty?.problem)
      }
    }),
  )

  it.effect("has a detail that names the path and what is expected, and repeats no value", () =>
    Effect.gen(function* () {
      const wrong = { id: "p", userId: 4711, unreadCount: "x".repeat(5000) }
      const right = { id: "p", userId: "u" }
      const body = JSON.stringify({ participants: [right, ...Array.from({ length: 99 }, () => wrong)] })
      const { detail } = Calls.expectReason(yield* failed(Calls.list, 200, body), "InvalidResponse")
      assert.match(detail, /^participants\.1\.userId: Expected string/)
      assert.notInclude(detail, "4711")
      assert.isBelow(detail.length, 100)
    }),
  )

  for (const [name, client] of clients) {
    for (const [what, head, text] of [
      ["before its length", "content-length: 1000", `{"participants":[`],
      ["before its last chunk", "transfer-encoding: chunked", `11\r\n{"participants":[\r\n`],
    ] as const) {
      it.live(`is InvalidResponse when the connection ends ${what}; an error keeps its status (${name})`, () =>
        Effect.gen(function* () {
          const statuses = ["200 OK", "404 Not Found", "503 Unavailable"]
          const server = yield* RawServer.make(({ connection }, index) => {
            connection.socket.end(`HTTP/1.1 ${statuses[index]}\r\n${head}\r\nretry-after: 7\r\n\r\n${text}`)
          })
          const service = yield* Calls.make({ baseUrl: server.url })
          const list = Effect.flip(Calls.list(service))
          const invalid = Calls.expectReason(yield* list, "InvalidResponse")
          assert.strictEqual(invalid.body.problem, "it could not be read to its end")
          assert.strictEqual((yield* list)._tag, "NotFound")
          const unavailable = Calls.expectReason(yield* list, "ServerError")
          assert.deepStrictEqual(unavailable.retryAfter, Duration.seconds(7))
        }).pipe(Effect.provide(client)),
      )
    }
  }
})

describe("a success", () => {
  const pageOf = Effect.fnUntraced(function* (body: unknown, headers?: Record<string, string>) {
    const text = typeof body === "string" ? body : JSON.stringify(body)
    const api = FakeApi.make(() => new Response(text, { status: 200, ...(headers && { headers }) }))
    const service = yield* Calls.over(api.client)
    return yield* service.list(Calls.conversation)
  })

  it.effect("of a join gives the participant", () =>
    Effect.gen(function* () {
      const body = { participant: { id: "p", userId: "u", userExternalId: "mine", unreadCount: 2 } }
      const service = yield* Calls.over(FakeApi.make(() => Response.json(body, { status: 201 })).client)
      const joined = yield* service.join({ ...Calls.conversation, userId: "u" })
      assert.isTrue(joined instanceof Participant.Participant)
      assert.deepStrictEqual(
        joined,
        new Participant.Participant({ id: "p", userId: "u", userExternalId: Option.some("mine"), unreadCount: 2 }),
      )
    }),
  )

  it.effect("of a leave gives nothing, whatever its object holds", () =>
    Effect.gen(function* () {
      for (const body of ["{}", `{"anything":[1,{"nested":null}]}`]) {
        assert.isUndefined(yield* answered(Calls.leave, 200, body))
      }
    }),
  )

  it.effect("of a list gives the page, with its cursors and links", () =>
    Effect.gen(function* () {
      const page = yield* pageOf({
        participants: [{ id: "p", userId: "u" }],
        meta: { hasMore: true, afterCursor: "after", beforeCursor: "before" },
        links: { prev: "https://elsewhere.test/prev", next: "https://elsewhere.test/next" },
      })
      assert.isTrue(page instanceof Page.ParticipantPage)
      assert.deepStrictEqual(
        page,
        new Page.ParticipantPage({
          participants: [new Participant.Participant({ id: "p", userId: "u" })],
          meta: new Page.PageMeta({
            hasMore: true,
            afterCursor: Option.some("after"),
            beforeCursor: Option.some("before"),
          }),
          links: new Page.PageLinks({
            prev: Option.some("https://elsewhere.test/prev"),
            next: Option.some("https://elsewhere.test/next"),
          }),
        }),
      )
    }),
  )

  it.effect("is read with fields that are not known, and with optional fields that cannot be read", () =>
    Effect.gen(function* () {
      const page = yield* pageOf({
        participants: [{ id: "p", userId: "u", role: "admin", unreadCount: "many", lastRead: "yesterday" }],
        events: [],
      })
      assert.deepStrictEqual(page.participants, [new Participant.Participant({ id: "p", userId: "u" })])
    }),
  )

  for (const contentType of ["text/html", "application/problem+json", ""]) {
    it.effect(`is read with the content type ${JSON.stringify(contentType)}`, () =>
      Effect.gen(function* () {
        const page = yield* pageOf(`{"participants":[{"id":"p","userId":"ü"}]}`, { "content-type": contentType })
        assert.strictEqual(page.participants[0]?.userId, "ü")
      }),
    )
  }

  it.effect("is read with a byte order mark before it", () =>
    Effect.gen(function* () {
      for (const headers of [{}, { "content-length": "25" }]) {
        const page = yield* pageOf(`\u{feff}{"participants":[]}`, headers)
        assert.deepStrictEqual(page.participants, [])
      }
    }),
  )
})
