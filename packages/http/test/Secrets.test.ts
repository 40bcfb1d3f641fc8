import { SunshineError } from "@effect-sunco/core"
import { assert, describe, it } from "@effect/vitest"
import { Cause, Deferred, Effect, Exit, Fiber, Logger, Redacted, References, Schema, Tracer } from "effect"
import { HttpClient, HttpClientError } from "effect/http"
import { TestClock } from "effect/testing"
import { inspect } from "node:util"
import * as Credentials from "../src/Credentials.ts"
import * as Calls from "./support/Calls.ts"
import { clients } from "./support/Clients.ts"
import * as FakeApi from "./support/FakeApi.ts"
import * as RawServer from "./support/RawServer.ts"

// ---------------------------------------------------------------------------
// What must not be seen
// ---------------------------------------------------------------------------

const secret = "hush+hush/secret==?"

const kinds: ReadonlyArray<readonly [what: string, () => Credentials.Credentials]> = [
  ["basic", () => Credentials.basic({ keyId: "app_key", secret: Redacted.make(secret) })],
  ["a fixed bearer", () => Credentials.bearer(Redacted.make("hush.fixed+token/0=="))],
  [
    "a bearer from an Effect",
    () => {
      let asked = 0
      return Credentials.bearer(Effect.sync(() => Redacted.make(`hush.fresh+token/${++asked}==`)))
    },
  ],
  ["a JWT", () => Credentials.jwt({ keyId: "app_key", secret: Redacted.make(secret), scope: "app" })],
]

/** The secret, and the credentials that the server was shown. */
const hidden = (authorizations: ReadonlyArray<string | undefined>): ReadonlySet<string> =>
  new Set([secret, ...authorizations.map((authorization) => (authorization ?? "").split(" ")[1] ?? "")])

/** Fails if one of the texts holds a credential, as it is or in another spelling. */
const assertHidden = (authorizations: ReadonlyArray<string | undefined>, texts: Readonly<Record<string, string>>) => {
  for (const credential of hidden(authorizations)) {
    assert.isAtLeast(credential.length, 12)
    for (const [where, text] of Object.entries(texts)) {
      for (const form of [credential, encodeURIComponent(credential), Buffer.from(credential).toString("hex")]) {
        if (text.includes(form)) assert.fail(`${where} shows the credential: ${text.slice(0, 2000)}`)
      }
    }
  }
}

// ---------------------------------------------------------------------------
// Where it could be seen
// ---------------------------------------------------------------------------

/** Every string, and every run of bytes as a string, that can be reached from a value. */
const reachable = (root: unknown): string => {
  const seen = new Set<unknown>()
  const texts: Array<string> = []
  const visit = (value: unknown): void => {
    if (typeof value === "string") texts.push(value)
    if (typeof value !== "object" || value === null || seen.has(value)) return
    seen.add(value)
    if (value instanceof Uint8Array) {
      texts.push(Buffer.from(value).toString("latin1"))
      return
    }
    if (value instanceof Map || value instanceof Set) for (const entry of value) visit(entry)
    for (const descriptor of Object.values(Object.getOwnPropertyDescriptors(value))) visit(descriptor.value)
    for (const key of Object.getOwnPropertySymbols(value)) visit(Reflect.getOwnPropertyDescriptor(value, key)?.value)
  }
  visit(root)
  return texts.join("\n")
}

const AnyError = Schema.Union([SunshineError.BadRequest, SunshineError.NotFound, SunshineError.SunshineError])

const inspected = (value: unknown) => inspect(value, { depth: Infinity, showHidden: true, maxStringLength: null })

/** Each way to print an error that a program is likely to use. */
const renderings = Effect.fnUntraced(function* (error: Calls.CallError) {
  return {
    "String(error)": String(error),
    "error.message": error.message,
    "error.stack": error.stack ?? "",
    "JSON.stringify(error)": JSON.stringify(error),
    "inspect(error)": inspected(error),
    "Cause.pretty": Cause.pretty(Cause.fail(error)),
    "JSON.stringify(exit)": JSON.stringify(Exit.fail(error)),
    "encoded by Schema": inspected(yield* Schema.encodeEffect(AnyError)(error)),
    "encoded as JSON by Schema": inspected(yield* Schema.encodeEffect(Schema.toCodecJson(AnyError))(error)),
    "reachable from the error": reachable(error),
  }
})

/** What an exporter takes of a span. */
const exported = ({ attributes, events, name, status }: Tracer.NativeSpan) =>
  inspected({ name, attributes, events }) +
  (status._tag === "Ended" && status.exit._tag === "Failure"
    ? Cause.prettyErrors(status.exit.cause)
        .map(({ message, name, stack }) => `${name} ${message} ${stack}`)
        .join("\n")
    : "")

/** Runs a program with a tracer and a logger that keep everything, and logs how it ends. */
const observed = Effect.fnUntraced(function* <A, E, R>(program: Effect.Effect<A, E, R>) {
  const spans: Array<Tracer.NativeSpan> = []
  const lines: Array<string> = []
  const tracer = Tracer.make({
    span: (options) => {
      const span = new Tracer.NativeSpan(options)
      spans.push(span)
      return span
    },
  })
  const logger = Logger.make<unknown, void>((options) => {
    for (const format of [Logger.formatSimple, Logger.formatLogFmt, Logger.formatJson]) lines.push(format.log(options))
    lines.push(inspected(Logger.formatStructured.log(options)), inspected(options.message), Cause.pretty(options.cause))
  })
  const result = yield* program.pipe(
    Effect.tapCause((cause) => Effect.logError("the call failed", cause)),
    Effect.tapError((error) => Effect.logTrace(error)),
    Effect.withSpan("caller"),
    Effect.provideService(Tracer.Tracer, tracer),
    // A program that records the headers of its requests.
    Effect.provideService(HttpClient.TracerHeaderFilter, (_, phase) => phase === "request"),
    Effect.provideService(References.MinimumLogLevel, "All"),
    Effect.provide(Logger.layer([logger, Logger.tracerLogger])),
    Effect.result,
  )
  return {
    result,
    texts: {
      logs: lines.join("\n"),
      spans: spans
        .filter(({ kind }) => kind !== "client")
        .map(inspected)
        .join("\n"),
      "spans of the HTTP client": spans
        .filter(({ kind }) => kind === "client")
        .map(inspected)
        .join("\n"),
      "spans of the HTTP client, as they are exported": spans.map(exported).join("\n"),
    },
    spanNames: spans.map(({ name }) => name),
  }
})

/**
 * Makes one call fail, and looks for the credential wherever it could be.
 *
 * The span of the HTTP client ends with its response, or with its own error, where no library can reach it. They can hold
 * what the server sent back: a `location`, or the bytes that an HTTP parser could not read. Exporters do not take them.
 */
const assertNothingShows = Effect.fnUntraced(function* (
  call: Effect.Effect<unknown, Calls.CallError>,
  authorizations: () => ReadonlyArray<string | undefined>,
  options?: { readonly heldByClient: boolean },
) {
  const { result, spanNames, texts } = yield* observed(call)
  if (options?.heldByClient) texts["spans of the HTTP client"] = ""
  if (result._tag === "Success") return yield* Effect.die(new Error("the call was to fail"))
  assert.include(spanNames.join(" "), "Participants.")
  assert.include(texts.logs, "the call failed")
  assertHidden(authorizations(), { ...texts, ...(yield* renderings(result.failure)) })
  return result.failure
})

// ---------------------------------------------------------------------------
// Failures
// ---------------------------------------------------------------------------

/** Answers that repeat the header they were sent, as a careless gateway does. */
const echoes: ReadonlyArray<readonly [what: string, (authorization: string) => string]> = [
  ["an HTML page", (authorization) => `<html><pre>authorization: ${authorization}</pre></html>`],
  ["a title", (authorization) => JSON.stringify({ errors: [{ code: "no", title: `bad header ${authorization}` }] })],
  ["a code", (authorization) => JSON.stringify({ errors: [{ code: authorization, title: "" }] })],
  ["an older description", (authorization) => JSON.stringify({ error: { code: "no", description: authorization } })],
  [
    "a participant that does not decode",
    (authorization) => JSON.stringify({ participant: authorization, participants: [{ id: authorization }] }),
  ],
]

/** One status for each way to read an answer. */
const statuses = { join: [201, 400, 500], leave: [404, 418], list: [200, 302, 401, 403, 404, 429] }

describe.each(kinds)("%s", (_, credentials) => {
  for (const [operation, call] of Calls.calls) {
    for (const [what, echo] of echoes) {
      it.effect(`is not shown by a ${operation} that is answered with it in ${what}`, () =>
        Effect.gen(function* () {
          for (const status of statuses[operation]) {
            const api = FakeApi.make(
              ({ request }) => new Response(echo(request.headers["authorization"] ?? ""), { status }),
            )
            // A 429 is sent again until the deadline.
            const retryPolicy = { deadline: "1 milli" } as const
            const service = yield* Calls.over(api.client, { credentials: credentials(), retryPolicy })
            const error = yield* assertNothingShows(call(service), api.authorizations)
            // Only a caller who asks for the text of another body than the vendor's gets it.
            const body = Calls.bodyOf(error)
            if (body === undefined) assert.include(reachable(error), "<redacted>")
            else assert.match(Redacted.value(body.text), /Basic|Bearer/)
          }
        }),
      )
    }

    it.effect(`is not shown by a ${operation} that is redirected with it`, () =>
      Effect.gen(function* () {
        const locationOf = (authorization: string | undefined) =>
          `https://login.test/?token=${authorization?.split(" ")[1]}`
        const api = FakeApi.make(({ request }) => {
          const location = locationOf(request.headers["authorization"])
          return new Response(null, { status: 302, headers: { location } })
        })
        const service = yield* Calls.over(api.client, { credentials: credentials() })
        const error = yield* assertNothingShows(call(service), api.authorizations, { heldByClient: true })
        const { location } = Calls.expectReason(error, "UnexpectedStatus")
        assert.strictEqual(location && Redacted.value(location), locationOf(api.authorizations()[0]))
      }),
    )

    it.effect(`is not shown by a ${operation} without an answer in time`, () =>
      Effect.gen(function* () {
        const arrived = yield* Deferred.make<void>()
        const api = FakeApi.make(() => Effect.andThen(Deferred.succeed(arrived, undefined), Effect.never))
        const service = yield* Calls.over(api.client, {
          credentials: credentials(),
          retryPolicy: { attemptTimeout: "5 seconds" },
        })
        const fiber = yield* Effect.forkChild(assertNothingShows(call(service), api.authorizations))
        yield* Deferred.await(arrived)
        yield* TestClock.adjust("5 seconds")
        Calls.expectReason(yield* Fiber.join(fiber), "TimedOut")
      }),
    )

    it.effect(`is not shown by a ${operation} whose HTTP client fails`, () =>
      Effect.gen(function* () {
        const api = FakeApi.make(({ request }) => {
          const bytes = `authorization: ${request.headers["authorization"]}`
          return Effect.fail(
            new HttpClientError.HttpClientError({
              reason: new HttpClientError.TransportError({
                request,
                cause: new TypeError("fetch failed", {
                  cause: Object.assign(new Error("Parse Error"), { data: bytes, rawPacket: Buffer.from(bytes) }),
                }),
              }),
            }),
          )
        })
        const service = yield* Calls.over(api.client, { credentials: credentials() })
        const error = yield* assertNothingShows(call(service), api.authorizations, { heldByClient: true })
        Calls.expectReason(error, "Transport")
        assert.strictEqual(error.cause instanceof Error && error.cause.message, "fetch failed")
      }),
    )
  }

  describe.each(clients)("over %s", (_, client) => {
    const failures: ReadonlyArray<readonly [what: string, RawServer.Handler]> = [
      ["resets the connection", ({ connection }) => connection.socket.resetAndDestroy()],
      ["hangs up", ({ connection }) => connection.socket.end()],
      [
        "sends the request back",
        ({ connection, headers }) =>
          connection.socket.end(
            Object.entries(headers)
              .map(([name, value]) => `${name}: ${value}\r\n`)
              .join(""),
          ),
      ],
      [
        "sends the request back in place of a chunk",
        ({ connection, headers }) =>
          connection.socket.end(`HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n${headers["authorization"]}\r\n`),
      ],
      [
        "sends the header back in a status line",
        ({ connection, headers }) =>
          connection.socket.end(`HTTP/1.1 502 ${headers["authorization"]}\r\ncontent-length: 0\r\n\r\n`),
      ],
      [
        "sends the header back and cuts the body",
        ({ connection, headers }) =>
          connection.socket.end(`HTTP/1.1 200 OK\r\ncontent-length: 10000\r\n\r\n${headers["authorization"]}`),
      ],
      [
        "answers with an error page",
        (request) => RawServer.respond(request, 502, `${request.headers["authorization"]}`),
      ],
      [
        "refuses the credential and repeats the secret in it",
        (request) => {
          const [, credential = ""] = (request.headers["authorization"] ?? "").split(" ")
          const [, secret = credential] = Buffer.from(credential, "base64").toString().split(":")
          RawServer.respond(request, 401, `the secret ${secret} is not the one of this key`)
        },
      ],
    ]

    it.live.each(failures)("is not shown when the server %s", ([what, handler]) =>
      Effect.gen(function* () {
        const server = yield* RawServer.make(handler)
        const service = yield* Calls.make({ baseUrl: server.url, credentials: credentials() })
        yield* assertNothingShows(
          Calls.list(service),
          () => server.requests.map(({ headers }) => headers["authorization"]),
          { heldByClient: what.includes("sends the request back") },
        )
        assert.isAtLeast(server.requests.length, 1)
      }).pipe(Effect.provide(client)),
    )

    it.live("is not shown when the server refuses a second one and repeats both", () =>
      Effect.gen(function* () {
        const seen: Array<string | undefined> = []
        const server = yield* RawServer.make((request) => {
          seen.push(request.headers["authorization"])
          RawServer.respond(request, 401, seen.join(" and "))
        })
        const service = yield* Calls.make({ baseUrl: server.url, credentials: credentials() })
        yield* assertNothingShows(Calls.list(service), () => seen)
        assert.isAtLeast(seen.length, 1)
      }).pipe(Effect.provide(client)),
    )

    it.live("is not shown when there is no connection", () =>
      Effect.gen(function* () {
        const port = yield* RawServer.closedPort
        for (const baseUrl of [`http://127.0.0.1:${port}`, `https://127.0.0.1:${port}`, "https://nobody.invalid"]) {
          const sent: Array<string | undefined> = []
          const service = yield* Calls.make({
            baseUrl,
            credentials: credentials(),
            transformClient: HttpClient.tapRequest((request) =>
              Effect.sync(() => sent.push(request.headers["authorization"])),
            ),
          })
          yield* assertNothingShows(Calls.join(service), () => sent)
          assert.strictEqual(sent.length, 1)
        }
      }).pipe(Effect.provide(client)),
    )
  })
})

describe("these tests", () => {
  it.effect("notice a credential wherever it is shown", () =>
    Effect.gen(function* () {
      const authorization = `Bearer ${secret}`
      const leaky = new SunshineError.SunshineError({
        operation: "list",
        reason: new SunshineError.Transport({ description: `sent ${authorization}`, sent: true }),
        cause: Object.assign(new Error("below"), { data: authorization }),
      })
      const { texts } = yield* observed(
        Effect.fail(leaky).pipe(
          Effect.withSpan("GET", { kind: "client", attributes: { authorization } }),
          Effect.withSpan("Participants.list", { attributes: { authorization } }),
        ),
      )
      for (const [where, text] of Object.entries({ ...texts, ...(yield* renderings(leaky)) })) {
        assert.throws(() => assertHidden([authorization], { [where]: text }), where)
      }
      const bytes = reachable(new Error("x", { cause: { rawPacket: Buffer.from(authorization) } }))
      assert.include(bytes, secret)
    }),
  )
})
