import type { SunshineError } from "@effect-sunco/core"
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Duration, Effect, Fiber, type Layer, Queue, Redacted, type Scope } from "effect"
import { type HttpClient, HttpClientError } from "effect/http"
import { TestClock } from "effect/testing"
import * as Credentials from "../src/Credentials.ts"
import type * as ParticipantsHttp from "../src/ParticipantsHttp.ts"
import * as Calls from "./support/Calls.ts"
import { type ClientName, clients } from "./support/Clients.ts"
import * as FakeApi from "./support/FakeApi.ts"
import * as RawServer from "./support/RawServer.ts"

/** An attempt without an answer: nothing went out, or nobody knows what became of it. */
const assertOutcome = (error: Calls.CallError, operation: SunshineError.Operation, sent: boolean) => {
  const reason = Calls.reasonOf(error)
  assert.strictEqual(error.operation, operation)
  if (reason._tag !== "Transport" && reason._tag !== "TimedOut") return assert.fail(`unexpected reason ${reason._tag}`)
  assert.strictEqual(reason.sent, sent)
  assert.strictEqual(reason.outcome, sent ? "ambiguous" : "not processed")
  if (error._tag !== "SunshineError") return assert.fail(`unexpected error ${error._tag}`)
  assert.strictEqual(error.outcome, sent ? "ambiguous" : "not processed")
  assert.strictEqual(error.isRetryable, !sent || operation === "list")
}

const failing = Effect.fnUntraced(function* (
  baseUrl: string,
  call: Calls.Call,
  options?: Partial<ParticipantsHttp.Options>,
) {
  const service = yield* Effect.orDie(Calls.make({ ...options, baseUrl }))
  return yield* Effect.flip(call(service))
})

const suite = (name: ClientName, client: Layer.Layer<HttpClient.HttpClient>) => {
  const live = <A, E>(name: string, test: () => Effect.Effect<A, E, HttpClient.HttpClient | Scope.Scope>) =>
    it.live(name, () => Effect.provide(test(), client))

  for (const [operation, call] of Calls.calls) {
    live(`a ${operation} to a port where nobody listens was not sent`, () =>
      Effect.gen(function* () {
        const port = yield* RawServer.closedPort
        const error = yield* failing(`http://127.0.0.1:${port}`, call)
        assertOutcome(error, operation, false)
        const reason = Calls.expectReason(error, "Transport")
        assert.strictEqual(reason.code, "ECONNREFUSED")
        assert.include(reason.message, "ECONNREFUSED")
        assert.instanceOf(error.cause, Error)
      }),
    )

    live(`a ${operation} to a name that does not exist was not sent`, () =>
      Effect.gen(function* () {
        const error = yield* failing("https://nobody.invalid", call)
        assertOutcome(error, operation, false)
        assert.include(["ENOTFOUND", "EAI_AGAIN"], Calls.expectReason(error, "Transport").code)
      }),
    )

    // The others report it as they would in a connection that stands, where the request may have been read.
    const handshake = name === "node:http"
    live(
      `a ${operation} over TLS to a server that speaks plain HTTP ${handshake ? "was not sent" : "is ambiguous"}`,
      () =>
        Effect.gen(function* () {
          const server = yield* RawServer.make(() => {}, {
            onConnection: ({ socket }) => {
              socket.once("data", () => socket.end("HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n"))
            },
          })
          const error = yield* failing(`https://127.0.0.1:${server.port}`, call)
          assertOutcome(error, operation, !handshake)
          assert.strictEqual(Calls.expectReason(error, "Transport").code, "ERR_SSL_WRONG_VERSION_NUMBER")
          assert.strictEqual(server.requests.length, 0)
        }),
    )

    live(`a ${operation} is ambiguous when the server has read it and resets the connection`, () =>
      Effect.gen(function* () {
        const server = yield* RawServer.make(({ connection }) => {
          connection.socket.resetAndDestroy()
        })
        const error = yield* failing(server.url, call)
        assertOutcome(error, operation, true)
        assert.strictEqual(Calls.expectReason(error, "Transport").code, "ECONNRESET")
        assert.strictEqual(server.requests.length, 1)
      }),
    )

    live(`a ${operation} is ambiguous when the server has read it and hangs up`, () =>
      Effect.gen(function* () {
        const server = yield* RawServer.make(({ connection }) => {
          connection.socket.end()
        })
        assertOutcome(yield* failing(server.url, call), operation, true)
        assert.strictEqual(server.requests.length, 1)
      }),
    )

    live(`a ${operation} is ambiguous when the answer is not HTTP`, () =>
      Effect.gen(function* () {
        const server = yield* RawServer.make(({ connection }) => {
          connection.socket.end("220 mail.test ESMTP\r\n")
        })
        const error = yield* failing(server.url, call)
        assertOutcome(error, operation, true)
        assert.instanceOf(error.cause, Error)
      }),
    )

    live(`a ${operation} ends with its attempt when the server never answers, and closes its connection`, () =>
      Effect.gen(function* () {
        const server = yield* RawServer.make(() => {})
        const error = yield* failing(server.url, call, { retryPolicy: { attemptTimeout: "300 millis" } })
        assertOutcome(error, operation, true)
        assert.deepStrictEqual(Calls.expectReason(error, "TimedOut").after, Duration.millis(300))
        const { connection } = yield* Queue.take(server.arrivals)
        yield* Deferred.await(connection.closed)
      }),
    )

    live(`a ${operation} ends with its attempt when the answer comes byte by byte, and closes its connection`, () =>
      Effect.gen(function* () {
        const server = yield* RawServer.make(({ connection: { socket } }) => {
          const status = operation === "join" ? "201 Created" : "200 OK"
          socket.write(`HTTP/1.1 ${status}\r\ncontent-length: 100000\r\n\r\n`)
          const drip = setInterval(() => socket.write(" "), 5)
          socket.on("close", () => clearInterval(drip))
        })
        const error = yield* failing(server.url, call, { retryPolicy: { attemptTimeout: "300 millis" } })
        assertOutcome(error, operation, true)
        assert.deepStrictEqual(Calls.expectReason(error, "TimedOut").after, Duration.millis(300))
        const { connection } = yield* Queue.take(server.arrivals)
        yield* Deferred.await(connection.closed)
      }),
    )
  }

  for (const [operation, call] of Calls.calls) {
    live(`a ${operation} is refused by its status when the body does not end, and closes its connection`, () =>
      Effect.gen(function* () {
        const server = yield* RawServer.make(({ connection: { socket } }) => {
          socket.write("HTTP/1.1 429 Slow Down\r\nretry-after: 60\r\ncontent-length: 100000\r\n\r\n<html>")
        })
        const error = yield* failing(server.url, call, { retryPolicy: { attemptTimeout: "300 millis" } })
        const reason = Calls.expectReason(error, "RateLimited")
        assert.deepStrictEqual(reason.retryAfter, Duration.seconds(60))
        assert.strictEqual(reason.body, "the body did not end in time")
        const { connection } = yield* Queue.take(server.arrivals)
        yield* Deferred.await(connection.closed)
      }),
    )
  }

  live("a connection that is reset before the request was read is never a rejection", () =>
    Effect.gen(function* () {
      const server = yield* RawServer.make(() => {}, {
        onConnection: ({ socket }) => {
          socket.resetAndDestroy()
        },
      })
      const error = yield* failing(server.url, Calls.join)
      // Whether the client had begun to write by then is a matter of moments.
      const { code, sent } = Calls.expectReason(error, "Transport")
      assertOutcome(error, "join", sent)
      assert.include(["ECONNRESET", "EPIPE", "UND_ERR_SOCKET"], code)
      assert.strictEqual(server.requests.length, 0)
    }),
  )
}

for (const [name, client] of clients) {
  describe(`over ${name}`, () => {
    suite(name, client)
  })
}

describe("the attempt timeout", () => {
  for (const [operation, call] of Calls.calls) {
    it.effect(`ends a ${operation} without an answer, and aborts its request`, () =>
      Effect.gen(function* () {
        const api = FakeApi.make(() => Effect.never)
        const service = yield* Calls.over(api.client, { retryPolicy: { attemptTimeout: "7 seconds" } })
        const fiber = yield* Effect.forkChild(Effect.flip(call(service)))
        yield* TestClock.adjust("6999 millis")
        assert.isUndefined(fiber.pollUnsafe())
        assert.strictEqual(api.requests[0]?.signal.aborted, false)
        yield* TestClock.adjust("1 millis")
        const error = yield* Fiber.join(fiber)
        assertOutcome(error, operation, true)
        assert.deepStrictEqual(Calls.expectReason(error, "TimedOut").after, Duration.seconds(7))
        assert.strictEqual(api.requests[0]?.signal.aborted, true)
      }),
    )
  }

  it.effect("begins anew for the request with another credential, after a 401", () =>
    Effect.gen(function* () {
      const refusal = new Response("{}", { status: 401 })
      const api = FakeApi.make((_, index) =>
        index === 0 ? Effect.as(Effect.sleep("6 seconds"), refusal) : Effect.never,
      )
      const service = yield* Calls.over(api.client, {
        credentials: Credentials.bearer(Effect.succeed(Redacted.make("token"))),
      })
      const fiber = yield* Effect.forkChild(Effect.flip(Calls.join(service)))
      yield* TestClock.adjust("15999 millis")
      assert.isUndefined(fiber.pollUnsafe())
      assert.strictEqual(api.requests.length, 2)
      yield* TestClock.adjust("1 milli")
      assertOutcome(yield* Fiber.join(fiber), "join", true)
    }),
  )
})

describe("a failure of the HTTP client", () => {
  const systemError = (code: string, options?: { readonly syscall?: string; readonly message?: string }) =>
    Object.assign(new Error(options?.message ?? `${options?.syscall ?? "read"} ${code}`), { code, ...options })

  const inCircles = systemError("ECONNRESET")
  inCircles.cause = inCircles

  const wrapped = (cause: unknown) => new TypeError("fetch failed", { cause })

  const openSsl = (reason: string) =>
    systemError("EPROTO", {
      syscall: "write",
      message: `write EPROTO 40B7:error:0A00010B:SSL routines:some_function:${reason}:../deps/file.c:77:\n`,
    })

  const causes: ReadonlyArray<readonly [what: string, cause: unknown, sent: boolean, code: string | undefined]> = [
    ["ECONNREFUSED", systemError("ECONNREFUSED"), false, "ECONNREFUSED"],
    ["ECONNREFUSED below a fetch error", wrapped(systemError("ECONNREFUSED")), false, "ECONNREFUSED"],
    [
      "refusals of each address of a name",
      wrapped(
        Object.assign(new AggregateError([systemError("ECONNREFUSED"), systemError("ECONNREFUSED")]), {
          code: "ECONNREFUSED",
        }),
      ),
      false,
      "ECONNREFUSED",
    ],
    ["ENOTFOUND", systemError("ENOTFOUND", { syscall: "getaddrinfo" }), false, "ENOTFOUND"],
    ["a name server that fails", systemError("EAI_AGAIN", { syscall: "getaddrinfo" }), false, "EAI_AGAIN"],
    ["any other failure of a look-up", systemError("EAI_NODATA", { syscall: "getaddrinfo" }), false, "EAI_NODATA"],
    ["a connection that takes too long", systemError("UND_ERR_CONNECT_TIMEOUT"), false, "UND_ERR_CONNECT_TIMEOUT"],
    ["ETIMEDOUT while connecting", systemError("ETIMEDOUT", { syscall: "connect" }), false, "ETIMEDOUT"],
    ["ETIMEDOUT while reading", systemError("ETIMEDOUT", { syscall: "read" }), true, "ETIMEDOUT"],
    ["ECONNRESET while connecting", systemError("ECONNRESET", { syscall: "connect" }), false, "ECONNRESET"],
    ["ECONNRESET while reading", systemError("ECONNRESET", { syscall: "read" }), true, "ECONNRESET"],
    ["EHOSTUNREACH while reading", systemError("EHOSTUNREACH", { syscall: "read" }), true, "EHOSTUNREACH"],
    ["ECONNREFUSED while reading", systemError("ECONNREFUSED", { syscall: "read" }), true, "ECONNREFUSED"],
    ["EPIPE while writing", systemError("EPIPE", { syscall: "write" }), true, "EPIPE"],
    ["an expired certificate", systemError("CERT_HAS_EXPIRED"), false, "CERT_HAS_EXPIRED"],
    [
      "a certificate that signs itself, below a fetch error",
      wrapped(systemError("DEPTH_ZERO_SELF_SIGNED_CERT")),
      false,
      "DEPTH_ZERO_SELF_SIGNED_CERT",
    ],
    [
      "a certificate of another host",
      systemError("ERR_TLS_CERT_ALTNAME_INVALID"),
      false,
      "ERR_TLS_CERT_ALTNAME_INVALID",
    ],
    ["a handshake that fails", openSsl("wrong version number"), false, "ERR_SSL_WRONG_VERSION_NUMBER"],
    [
      "a handshake that the server refuses",
      openSsl("sslv3 alert handshake failure"),
      false,
      "ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE",
    ],
    [
      "a handshake that the server refuses, as newer versions of OpenSSL say it",
      openSsl("ssl/tls alert handshake failure"),
      false,
      "ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE",
    ],
    ["a handshake with too long a packet", openSsl("packet length too long"), false, "ERR_SSL_PACKET_LENGTH_TOO_LONG"],
    ["bytes that are no TLS", systemError("ERR_SSL_WRONG_VERSION_NUMBER"), true, "ERR_SSL_WRONG_VERSION_NUMBER"],
    [
      "a packet that is too long",
      systemError("ERR_SSL_PACKET_LENGTH_TOO_LONG"),
      true,
      "ERR_SSL_PACKET_LENGTH_TOO_LONG",
    ],
    ["TLS that breaks later", openSsl("bad record mac"), true, "ERR_SSL_BAD_RECORD_MAC"],
    ["EPROTO of which nothing is known", systemError("EPROTO"), true, "EPROTO"],
    ["a reset of HTTP/2", systemError("ERR_HTTP2_STREAM_ERROR"), true, "ERR_HTTP2_STREAM_ERROR"],
    [
      "a reset with the text of OpenSSL",
      systemError("ECONNRESET", { message: "error:0A00010B:SSL routines:some_function:wrong version number:" }),
      true,
      "ECONNRESET",
    ],
    ["an error that is its own cause", inCircles, true, "ECONNRESET"],
    ["an error whose code is a number", Object.assign(new Error("aborted"), { code: 20 }), true, undefined],
    ["an error without a code", new Error("something"), true, undefined],
    ["no error at all", "something", true, undefined],
    ["nothing", undefined, true, undefined],
  ]

  for (const [operation, call] of Calls.calls) {
    for (const [what, cause, sent, code] of causes) {
      it.effect(`of a ${operation}: ${what} means ${sent ? "nobody knows" : "it was not sent"}`, () =>
        Effect.gen(function* () {
          const api = FakeApi.make(({ request }) =>
            Effect.fail(
              new HttpClientError.HttpClientError({ reason: new HttpClientError.TransportError({ request, cause }) }),
            ),
          )
          const service = yield* Calls.over(api.client)
          const error = yield* Effect.flip(call(service))
          assertOutcome(error, operation, sent)
          const reason = Calls.expectReason(error, "Transport")
          assert.strictEqual(reason.code, code)
          assert.notStrictEqual(reason.description, "")
          assert.notInclude(reason.description, "[object")
          assert.strictEqual(error.cause, cause)
        }),
      )
    }
  }

  /** What a list fails with over a client that fails like this. */
  const failureOf = Effect.fnUntraced(function* (failure: { readonly cause?: unknown; readonly description?: string }) {
    const api = FakeApi.make(({ request }) =>
      Effect.fail(
        new HttpClientError.HttpClientError({ reason: new HttpClientError.TransportError({ request, ...failure }) }),
      ),
    )
    const service = yield* Calls.over(api.client)
    return yield* Effect.flip(Calls.list(service))
  })

  const description = "the pool is closed"

  for (const [what, failure, expected] of [
    ["is described as its cause says", { cause: new Error("socket hang up"), description }, "socket hang up"],
    [
      "is described as it says itself, where its cause says nothing",
      { cause: new Error(""), description },
      description,
    ],
    [
      "is described as it says itself, where its cause has no text",
      { cause: { message: 7 }, description },
      description,
    ],
    ["is called a failed request, where nothing is said of it", { cause: new Error("") }, "the request failed"],
  ] as const) {
    it.effect(what, () =>
      Effect.gen(function* () {
        const reason = Calls.expectReason(yield* failureOf(failure), "Transport")
        assert.strictEqual(reason.description, expected)
      }),
    )
  }

  it.effect("has a cause without the bytes that a parser has kept, and with all else", () =>
    Effect.gen(function* () {
      const below = new Error("below")
      const error = new TypeError("Parse Error: Expected HTTP/", { cause: below })
      const { cause } = yield* failureOf({ cause: Object.assign(error, { rawPacket: Buffer.from("the-secret") }) })
      if (!(cause instanceof Error)) return assert.fail("the cause is no Error")
      assert.notProperty(cause, "rawPacket")
      assert.deepStrictEqual([cause.name, cause.message, cause.stack], [error.name, error.message, error.stack])
      assert.strictEqual(cause.cause, below)
    }),
  )

  it.effect("keeps its description where there is no cause", () =>
    Effect.gen(function* () {
      const api = FakeApi.make(({ request }) =>
        Effect.fail(
          new HttpClientError.HttpClientError({
            reason: new HttpClientError.TransportError({ request, description: "the pool is closed" }),
          }),
        ),
      )
      const service = yield* Calls.over(api.client)
      const reason = Calls.expectReason(yield* Effect.flip(Calls.list(service)), "Transport")
      assert.strictEqual(reason.description, "the pool is closed")
    }),
  )

  for (const [what, make] of [
    ["a body that cannot be encoded", HttpClientError.EncodeError],
    ["a URL that is none", HttpClientError.InvalidUrlError],
  ] as const) {
    it.effect(`by ${what} means that it was not sent`, () =>
      Effect.gen(function* () {
        const api = FakeApi.make(({ request }) =>
          Effect.fail(new HttpClientError.HttpClientError({ reason: new make({ request }) })),
        )
        const service = yield* Calls.over(api.client)
        assertOutcome(yield* Effect.flip(Calls.join(service)), "join", false)
      }),
    )
  }
})
