import { Page, Participant, SunshineError } from "@effect-sunco/core"
import { assert, describe, it } from "@effect/vitest"
import { DateTime, Duration, Effect, Option } from "effect"
import { TestClock } from "effect/testing"
import * as Calls from "./support/Calls.ts"
import { clients } from "./support/Clients.ts"
import * as FakeApi from "./support/FakeApi.ts"
import * as RawServer from "./support/RawServer.ts"

type Operation = SunshineError.Operation

const html = "<html><body><h1>Bad Gateway</h1></body></html>"

/** What a call becomes when each request gets this answer. */
const answered = (call: Calls.Call, status: number, body: string | null, headers?: Record<string, string>) =>
  Calls.over(FakeApi.make(() => new Response(body, { status, ...(headers && { headers }) })).client).pipe(
    Effect.orDie,
    Effect.flatMap(call),
  )

const failed = (...args: Parameters<typeof answered>) => Effect.flip(answered(...args))

const plain = ({ errors }: { readonly errors: ReadonlyArray<SunshineError.ErrorDetail> }) =>
  errors.map(({ code, title }) => ({ code, title }))

interface ErrorBody {
  readonly what: string
  readonly text: string
  readonly errors: ReadonlyArray<{ readonly code: string; readonly title: string }>
  /** What is kept of the text. */
  readonly kept: string | undefined
}

const unreadable = (what: string, text: string): ErrorBody => ({ what, text, errors: [], kept: text })

const errorBodies: ReadonlyArray<ErrorBody> = [
  {
    what: "one entry",
    text: `{"errors":[{"code":"conversation_not_found","title":"Conversation not found"}]}`,
    errors: [{ code: "conversation_not_found", title: "Conversation not found" }],
    kept: undefined,
  },
  {
    what: "several entries",
    text: `{"errors":[{"code":"bad_request","title":"first"},{"code":"other","title":"second"}]}`,
    errors: [
      { code: "bad_request", title: "first" },
      { code: "other", title: "second" },
    ],
    kept: undefined,
  },
  {
    what: "fields that are not documented",
    text: `{"errors":[{"code":"bad_request","title":"no","detail":{"path":".page"}}],"requestId":"42"}`,
    errors: [{ code: "bad_request", title: "no" }],
    kept: undefined,
  },
  {
    what: "entries without code or title",
    text: `{"errors":[{"title":"no code"},{"code":"no_title","title":null},{}]}`,
    errors: [
      { code: "", title: "no code" },
      { code: "no_title", title: "" },
      { code: "", title: "" },
    ],
    kept: undefined,
  },
  { what: "no entries", text: `{"errors":[]}`, errors: [], kept: undefined },
  {
    what: "the error of older generations",
    text: `{"error":{"code":"unauthorized","description":"Authorization is required"}}`,
    errors: [{ code: "unauthorized", title: "Authorization is required" }],
    kept: undefined,
  },
  {
    what: "the error of older generations without a description",
    text: `{"error":{"code":"unauthorized","description":null}}`,
    errors: [{ code: "unauthorized", title: "" }],
    kept: undefined,
  },
  {
    what: "the error of older generations without a code",
    text: `{"error":{"description":"Authorization is required"}}`,
    errors: [{ code: "", title: "Authorization is required" }],
    kept: undefined,
  },
  unreadable("HTML", html),
  unreadable("nothing", ""),
  unreadable("truncated JSON", `{"errors":[{"code":"not_fo`),
  unreadable("another object", `{"message":"no"}`),
  unreadable("errors that are no array", `{"errors":"no"}`),
  unreadable("entries that are no objects", `{"errors":[1]}`),
  unreadable("an error that is a string", `{"error":"not_found"}`),
  unreadable("an array", "[]"),
  unreadable("null", "null"),
  unreadable("a JSON string", `"not found"`),
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
    for (const { what, text, errors, kept } of errorBodies) {
      it.effect(`${status} of a ${operation} is ${tag} with a body of ${what}`, () =>
        Effect.gen(function* () {
          const error = yield* failed(call, status, text)
          assert.strictEqual(error._tag, tag)
          if (error._tag === "SunshineError") return
          assert.isTrue(error instanceof (tag === "NotFound" ? SunshineError.NotFound : SunshineError.BadRequest))
          assert.strictEqual(error.operation, operation)
          assert.deepStrictEqual(plain(error), errors)
          assert.strictEqual(error.code, errors[0]?.code)
          assert.strictEqual(error.body, kept)
          assert.isUndefined(error.cursor)
        }),
      )
    }

    it.effect(`${status} of a ${operation} keeps the first 1000 characters of a code and of a title`, () =>
      Effect.gen(function* () {
        const body = { errors: [{ code: "c".repeat(1_001), title: "t".repeat(1_001) }] }
        const error = yield* failed(call, status, JSON.stringify(body))
        assert.strictEqual(error._tag, tag)
        const [detail] = error._tag === "SunshineError" ? [] : error.errors
        assert.deepStrictEqual({ ...detail }, { code: "c".repeat(1_000), title: "t".repeat(1_000) })
      }),
    )

    it.effect(`${status} of a ${operation} keeps the first 1000 characters of a body it cannot read`, () =>
      Effect.gen(function* () {
        const error = yield* failed(call, status, `<html>${"é".repeat(100_000)}`)
        assert.strictEqual(error._tag, tag)
        assert.strictEqual(error._tag !== "SunshineError" && error.body, `<html>${"é".repeat(994)}`)
      }),
    )
  }
})

describe("a status that is not documented for the operation", () => {
  type Tag = "Unauthorized" | "Forbidden" | "RateLimited" | "ServerError" | "UnexpectedStatus"

  const everywhere: ReadonlyArray<readonly [status: number, Tag, SunshineError.Outcome]> = [
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
    [401, "Unauthorized", "rejected"],
    [402, "UnexpectedStatus", "rejected"],
    [403, "Forbidden", "rejected"],
    [405, "UnexpectedStatus", "rejected"],
    [408, "UnexpectedStatus", "ambiguous"],
    [409, "UnexpectedStatus", "rejected"],
    [413, "UnexpectedStatus", "rejected"],
    [415, "UnexpectedStatus", "rejected"],
    [418, "UnexpectedStatus", "rejected"],
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

  const undocumented = new Map<Operation, ReadonlyArray<readonly [status: number, Tag, SunshineError.Outcome]>>([
    ["join", [...everywhere, [200, "UnexpectedStatus", "ambiguous"]]],
    ["leave", [...everywhere, [201, "UnexpectedStatus", "ambiguous"], [400, "UnexpectedStatus", "rejected"]]],
    ["list", [...everywhere, [201, "UnexpectedStatus", "ambiguous"]]],
  ])

  /** These have no body, whatever a server sends. */
  const bodiless = new Set([204, 205, 304])

  for (const [operation, call] of Calls.calls) {
    for (const [status, tag, outcome] of undocumented.get(operation) ?? []) {
      it.effect(`${status} of a ${operation} is ${tag}, ${outcome}`, () =>
        Effect.gen(function* () {
          for (const { text, errors, kept } of bodiless.has(status)
            ? [{ text: null, errors: [], kept: "" }]
            : errorBodies) {
            const error = yield* failed(call, status, text)
            const reason = Calls.expectReason(error, tag)
            assert.strictEqual(error.operation, operation)
            assert.deepStrictEqual(plain(reason), errors)
            assert.strictEqual(reason.body, kept)
            assert.strictEqual(reason.outcome, outcome)
            if (reason._tag === "ServerError" || reason._tag === "UnexpectedStatus") {
              assert.strictEqual(reason.status, status)
            }
            if (error._tag !== "SunshineError") continue
            assert.strictEqual(error.outcome, outcome)
            assert.strictEqual(
              error.isRetryable,
              outcome === "not processed" || (outcome === "ambiguous" && operation === "list"),
            )
            assert.include(error.message, String(status))
          }
        }),
      )
    }

    it.effect(`a success of another operation is no success of a ${operation}`, () =>
      Effect.gen(function* () {
        const body = `{"participant":{"id":"p","userId":"u"},"participants":[]}`
        const error = yield* failed(call, operation === "join" ? 200 : 201, body)
        assert.strictEqual(Calls.expectReason(error, "UnexpectedStatus").body, body)
      }),
    )

    it.effect(`a ${operation} keeps the first 1000 characters of a body it cannot read`, () =>
      Effect.gen(function* () {
        const error = yield* failed(call, 502, "x".repeat(1_000_000))
        assert.strictEqual(Calls.expectReason(error, "ServerError").body, "x".repeat(1000))
        assert.isBelow(String(error).length, 2000)
      }),
    )
  }

  for (const [name, client] of clients) {
    for (const [status, tag] of [
      [600, "ServerError"],
      [999, "ServerError"],
    ] as const) {
      it.live(`${status}, which HTTP does not have, is taken for a ${tag} (${name})`, () =>
        Effect.gen(function* () {
          const server = yield* RawServer.make((request) => RawServer.respond(request, status, html))
          const service = yield* Calls.make({ baseUrl: server.url })
          const reason = Calls.expectReason(yield* Effect.flip(Calls.list(service)), tag)
          assert.strictEqual(reason.status, status)
          assert.strictEqual(reason.body, html)
        }).pipe(Effect.provide(client)),
      )
    }
  }
})

describe("a switch of protocols that nobody asked for", () => {
  for (const [name, client] of clients) {
    it.live(`is a SunshineError and no defect (${name})`, () =>
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
  const now = Date.parse("2026-03-01T12:00:00Z")

  for (const [status, tag] of [
    [429, "RateLimited"],
    [503, "ServerError"],
    [500, "ServerError"],
  ] as const) {
    for (const [what, value, expected] of [
      ["seconds", "90", Duration.seconds(90)],
      ["0 seconds", "0", Duration.zero],
      ["a day", "86400", Duration.days(1)],
      ["a date", "Sun, 01 Mar 2026 12:01:30 GMT", Duration.seconds(90)],
      ["a date that has passed", "Sun, 01 Mar 2026 11:00:00 GMT", Duration.zero],
      ["no number", "soon", undefined],
      ["a negative number", "-5", undefined],
      ["an empty value", "", undefined],
    ] as const) {
      it.effect(`of ${what} is ${expected === undefined ? "none" : Duration.format(expected)} with ${status}`, () =>
        Effect.gen(function* () {
          yield* TestClock.setTime(now)
          const error = yield* failed(Calls.list, status, html, { "retry-after": value })
          const { retryAfter } = Calls.expectReason(error, tag)
          assert.strictEqual(
            retryAfter === undefined ? undefined : Duration.toMillis(retryAfter),
            expected === undefined ? undefined : Duration.toMillis(expected),
          )
        }),
      )
    }

    it.effect(`is none where the API names none with ${status}`, () =>
      Effect.gen(function* () {
        const error = yield* failed(Calls.list, status, html)
        assert.isUndefined(Calls.expectReason(error, tag).retryAfter)
      }),
    )
  }
})

describe("a success that cannot be read", () => {
  const bodies: ReadonlyArray<readonly [what: string, text: string, ReadonlyArray<Operation>]> = [
    ["HTML", html, ["join", "leave", "list"]],
    ["nothing", "", ["join", "leave", "list"]],
    ["white space", " \n", ["join", "leave", "list"]],
    ["truncated JSON", `{"participants":[{"id":"p`, ["join", "leave", "list"]],
    ["an array", "[]", ["join", "leave", "list"]],
    ["null", "null", ["join", "leave", "list"]],
    ["a JSON string", `"{}"`, ["join", "leave", "list"]],
    ["a number", "1", ["join", "leave", "list"]],
    ["an empty object", "{}", ["join", "list"]],
    ["the error body", `{"errors":[{"code":"not_found","title":"no"}]}`, ["join", "list"]],
    ["a participant without id", `{"participant":{"userId":"u"},"participants":[{"userId":"u"}]}`, ["join", "list"]],
    ["a participant without userId", `{"participant":{"id":"p"},"participants":[{"id":"p"}]}`, ["join", "list"]],
    [
      "a participant with an id that is null",
      `{"participant":{"id":null,"userId":"u"},"participants":[{"id":null,"userId":"u"}]}`,
      ["join", "list"],
    ],
    [
      "a participant with a number for an id",
      `{"participant":{"id":1,"userId":"u"},"participants":[{"id":1,"userId":"u"}]}`,
      ["join", "list"],
    ],
    ["a participant that is null", `{"participant":null,"participants":[null]}`, ["join", "list"]],
    ["participants that are null", `{"participants":null}`, ["list"]],
    ["a cursor that is a number", `{"participants":[],"meta":{"afterCursor":1}}`, ["list"]],
  ]

  for (const [operation, call] of Calls.calls) {
    for (const [what, text, operations] of bodies) {
      if (!operations.includes(operation)) continue
      it.effect(`is InvalidResponse for a ${operation} with a body of ${what}`, () =>
        Effect.gen(function* () {
          const status = operation === "join" ? 201 : 200
          const error = yield* failed(call, status, text)
          const reason = Calls.expectReason(error, "InvalidResponse")
          assert.strictEqual(error.operation, operation)
          assert.strictEqual(reason.status, status)
          assert.strictEqual(reason.body, text)
          assert.notStrictEqual(reason.detail, "")
          assert.strictEqual(reason.outcome, "ambiguous")
          assert.strictEqual(error._tag === "SunshineError" && error.outcome, "ambiguous")
          assert.strictEqual(error._tag === "SunshineError" && error.isRetryable, operation === "list")
        }),
      )
    }

    it.effect(`keeps the first 1000 characters of the body for a ${operation}, and the detail is short`, () =>
      Effect.gen(function* () {
        const status = operation === "join" ? 201 : 200
        for (const text of [
          `<html>${"x".repeat(1_000_000)}`,
          `["${"x".repeat(1_000_000)}"]`,
          `{"participant":"${"x".repeat(1_000_000)}","participants":"${"x".repeat(1_000_000)}"`,
        ]) {
          const error = yield* failed(call, status, text)
          const reason = Calls.expectReason(error, "InvalidResponse")
          assert.strictEqual(reason.body, text.slice(0, 1000))
          assert.isAtMost(reason.detail.length, 1000)
        }
      }),
    )
  }

  it.effect("says which field of which participant is wrong", () =>
    Effect.gen(function* () {
      const error = yield* failed(Calls.list, 200, `{"participants":[{"id":"p","userId":"u"},{"id":"q"}]}`)
      const { detail } = Calls.expectReason(error, "InvalidResponse")
      assert.include(detail, "participants")
      assert.include(detail, "1")
      assert.include(detail, "userId")
    }),
  )

  it.effect("has a short detail, however many participants are wrong", () =>
    Effect.gen(function* () {
      const wrong = { id: "p", userId: 1, unreadCount: "x".repeat(5000) }
      const body = JSON.stringify({ participants: Array.from({ length: 100 }, () => wrong) })
      const reason = Calls.expectReason(yield* failed(Calls.list, 200, body), "InvalidResponse")
      assert.isAtMost(reason.detail.length, 1000)
    }),
  )

  for (const [name, client] of clients) {
    for (const [what, head] of [
      ["before its length", "content-length: 1000"],
      ["before its last chunk", "transfer-encoding: chunked"],
    ] as const) {
      it.live(`is InvalidResponse when the connection ends ${what} (${name})`, () =>
        Effect.gen(function* () {
          const server = yield* RawServer.make(({ connection }) => {
            const text = head.startsWith("transfer") ? `11\r\n{"participants":[\r\n` : `{"participants":[`
            connection.socket.end(`HTTP/1.1 200 OK\r\n${head}\r\n\r\n${text}`)
          })
          const service = yield* Calls.make({ baseUrl: server.url })
          const error = yield* Effect.flip(Calls.list(service))
          const reason = Calls.expectReason(error, "InvalidResponse")
          assert.strictEqual(reason.status, 200)
          assert.strictEqual(reason.outcome, "ambiguous")
          assert.notStrictEqual(reason.detail, "")
          assert.strictEqual(reason.body, "")
        }).pipe(Effect.provide(client)),
      )

      it.live(`leaves an error status what it is when the connection ends ${what} (${name})`, () =>
        Effect.gen(function* () {
          const server = yield* RawServer.make(({ connection }, index) => {
            const text = head.startsWith("transfer") ? `8\r\n{"errors\r\n` : `{"errors`
            connection.socket.end(`HTTP/1.1 ${index === 0 ? 404 : 503} No\r\n${head}\r\nretry-after: 7\r\n\r\n${text}`)
          })
          const service = yield* Calls.make({ baseUrl: server.url })
          const missing = yield* Effect.flip(Calls.list(service))
          assert.strictEqual(missing._tag, "NotFound")
          const reason = Calls.expectReason(yield* Effect.flip(Calls.list(service)), "ServerError")
          assert.strictEqual(reason.status, 503)
          assert.deepStrictEqual(reason.retryAfter, Duration.seconds(7))
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

  const participantOf = Effect.fnUntraced(function* (fields: object) {
    const page = yield* pageOf({ participants: [{ id: "p", userId: "u", ...fields }] })
    return page.participants[0] ?? (yield* Effect.die(new Error("no participant")))
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

  for (const body of ["{}", `{"anything":[1,{"nested":null}]}`]) {
    it.effect(`of a leave with the body ${body} gives nothing`, () =>
      Effect.gen(function* () {
        assert.isUndefined(yield* answered(Calls.leave, 200, body))
      }),
    )
  }

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

  it.effect("decodes with fields and client types that are not known", () =>
    Effect.gen(function* () {
      const page = yield* pageOf({
        participants: [
          {
            id: "p",
            userId: "u",
            role: "admin",
            clientAssociations: [
              { type: "carrierpigeon", clientId: "c", wing: "left" },
              { type: "sdk", clientId: "d" },
            ],
          },
        ],
        meta: { hasMore: false, total: 1 },
        links: { self: "https://elsewhere.test" },
        events: [],
      })
      assert.deepStrictEqual(page.participants[0]?.clientAssociations, [
        new Participant.ClientAssociation({ type: "carrierpigeon", clientId: Option.some("c") }),
        new Participant.ClientAssociation({ type: "sdk", clientId: Option.some("d") }),
      ])
      assert.notProperty(page.participants[0], "role")
    }),
  )

  it.effect("decodes null and missing to the same", () =>
    Effect.gen(function* () {
      const missing = yield* pageOf({ participants: [{ id: "p", userId: "u" }] })
      const nulls = yield* pageOf({
        participants: [
          {
            id: "p",
            userId: "u",
            userExternalId: null,
            unreadCount: null,
            clientAssociations: null,
            lastRead: null,
          },
        ],
        meta: null,
        links: null,
      })
      const inner = yield* pageOf({
        participants: [{ id: "p", userId: "u" }],
        meta: { hasMore: null, afterCursor: null, beforeCursor: null },
        links: { prev: null, next: null },
      })
      assert.deepStrictEqual(nulls, missing)
      assert.deepStrictEqual(inner, missing)
      assert.deepStrictEqual(missing.participants, [new Participant.Participant({ id: "p", userId: "u" })])
      assert.isFalse(missing.meta.hasMore)
    }),
  )

  it.effect("decodes a client id that is null or missing to none", () =>
    Effect.gen(function* () {
      const { clientAssociations } = yield* participantOf({
        clientAssociations: [{ type: "sdk", clientId: null }, { type: "sdk" }],
      })
      assert.deepStrictEqual(
        clientAssociations.map(({ clientId }) => clientId),
        [Option.none(), Option.none()],
      )
    }),
  )

  for (const [text, expected] of [
    ["2024-05-14T09:26:53.589Z", "2024-05-14T09:26:53.589Z"],
    ["2024-05-14T09:26:53Z", "2024-05-14T09:26:53.000Z"],
    ["2024-05-14T09:26:53+02:00", "2024-05-14T07:26:53.000Z"],
  ] as const) {
    it.effect(`reads the time ${text} as ${expected}`, () =>
      Effect.gen(function* () {
        const { lastRead } = yield* participantOf({ lastRead: text })
        const time = Option.getOrThrow(lastRead)
        assert.isTrue(DateTime.isUtc(time))
        assert.strictEqual(DateTime.formatIso(time), expected)
      }),
    )
  }

  for (const contentType of ["text/html", "text/plain; charset=utf-8", "image/png", "application/problem+json", ""]) {
    it.effect(`decodes a good body of content type ${JSON.stringify(contentType)}`, () =>
      Effect.gen(function* () {
        const page = yield* pageOf(`{"participants":[{"id":"p","userId":"ü"}]}`, { "content-type": contentType })
        assert.strictEqual(page.participants[0]?.userId, "ü")
      }),
    )
  }

  it.effect("decodes a body that begins with a byte order mark", () =>
    Effect.gen(function* () {
      const page = yield* pageOf(`\u{feff}{"participants":[]}`)
      assert.deepStrictEqual(page.participants, [])
    }),
  )
})
