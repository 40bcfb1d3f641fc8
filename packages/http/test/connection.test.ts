import { NodeHttpClient } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect, type Layer, Queue, type Scope } from "effect"
import { FetchHttpClient, HttpClient, HttpClientError, HttpClientRequest } from "effect/http"
import { inspect } from "node:util"
import { fromHttpClientError } from "../src/internal/connection.ts"
import { type ClientName, clients } from "./support/Clients.ts"
import * as RawServer from "./support/RawServer.ts"

const post = (url: string) =>
  HttpClientRequest.post(url).pipe(HttpClientRequest.bodyText(`{"userId":"user"}`, "application/json"))

/** What a request fails with. An answer is a failure of the test. */
const failureOf = (url: string) =>
  Effect.map(Effect.flip(Effect.flatMap(HttpClient.execute(post(url)), (response) => response.text)), (error) =>
    fromHttpClientError(error, []),
  )

/** Looks for `the-secret` wherever it can be reached. */
const assertHidden = (value: unknown) => {
  const shown = inspect(value, { depth: null, showHidden: true })
  assert.notInclude(shown, "the-secret")
  // As inspect shows the bytes of a Buffer.
  assert.notInclude(shown, "74 68 65 2d")
}

/** An alert as a server sends it before anything is encrypted. */
const alert = (description: number) => Buffer.from([0x15, 3, 3, 0, 2, 2, description])

/** Sends these bytes when the first message of a handshake has come, and ends the connection. */
const afterHello = (bytes: Buffer | string) =>
  RawServer.make(() => {}, {
    onConnection: ({ socket }) => {
      socket.once("data", () => socket.end(bytes))
    },
  })

const suite = (name: ClientName, client: Layer.Layer<HttpClient.HttpClient>) => {
  const live = <A, E>(name: string, test: () => Effect.Effect<A, E, HttpClient.HttpClient | Scope.Scope>) =>
    it.live(name, () => Effect.provide(test(), client))

  for (const scheme of ["http", "https"]) {
    for (const host of ["127.0.0.1", "localhost"]) {
      live(`a request to a port of ${scheme}://${host} where nobody listens was not sent`, () =>
        Effect.gen(function* () {
          const port = yield* RawServer.closedPort
          const { cause, reason } = yield* failureOf(`${scheme}://${host}:${port}`)
          assert.deepStrictEqual([reason.sent, reason.code], [false, "ECONNREFUSED"])
          assert.instanceOf(cause, Error)
        }),
      )
    }
  }

  live("a request to a name that does not exist was not sent", () =>
    Effect.gen(function* () {
      const { reason } = yield* failureOf("https://nobody.invalid")
      assert.isFalse(reason.sent)
      assert.include(["ENOTFOUND", "EAI_AGAIN"], reason.code)
    }),
  )

  live("a request whose connection ends in the handshake was not sent", () =>
    Effect.gen(function* () {
      const server = yield* afterHello("")
      const { reason } = yield* failureOf(`https://127.0.0.1:${server.port}`)
      assert.deepStrictEqual([reason.sent, reason.code], [false, "ECONNRESET"])
    }),
  )

  for (const [what, description] of [
    ["a handshake failure", 40],
    ["a protocol version", 70],
    ["insufficient security", 71],
    ["an inappropriate fallback", 86],
    ["an unrecognized name", 112],
    ["no application protocol", 120],
  ] as const) {
    live(`a request refused by the TLS alert of ${what} was not sent`, () =>
      Effect.gen(function* () {
        const server = yield* afterHello(alert(description))
        const { reason } = yield* failureOf(`https://127.0.0.1:${server.port}`)
        assert.isFalse(reason.sent, inspect(reason))
        assert.match(reason.code ?? "", /^ERR_SSL_/)
      }),
    )
  }

  for (const [what, description] of [
    ["a bad certificate", 42],
    ["an unknown authority", 48],
    ["an internal error", 80],
    ["a certificate that is required", 116],
  ] as const) {
    live(`a request refused by the TLS alert of ${what} may have been sent, since it also comes later`, () =>
      Effect.gen(function* () {
        const server = yield* afterHello(alert(description))
        const { reason } = yield* failureOf(`https://127.0.0.1:${server.port}`)
        assert.isTrue(reason.sent, inspect(reason))
      }),
    )
  }

  // The others report it as they would in a connection that stands, where the request may have been read.
  const knows = name === "node:http"
  live(`a request over TLS to a server that speaks HTTP ${knows ? "was not" : "may have been"} sent`, () =>
    Effect.gen(function* () {
      const server = yield* afterHello("HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n")
      const { reason } = yield* failureOf(`https://127.0.0.1:${server.port}`)
      assert.deepStrictEqual([reason.sent, reason.code], [!knows, "ERR_SSL_WRONG_VERSION_NUMBER"])
      assert.strictEqual(reason.description, "the port may speak http, not https")
    }),
  )

  live("a request that the server has read before it resets the connection may have been sent", () =>
    Effect.gen(function* () {
      const server = yield* RawServer.make(({ connection }) => {
        connection.socket.resetAndDestroy()
      })
      const { reason } = yield* failureOf(server.url)
      assert.deepStrictEqual([reason.sent, reason.code], [true, "ECONNRESET"])
      assert.strictEqual(server.requests.length, 1)
    }),
  )

  live("a request that the server has read before it hangs up may have been sent", () =>
    Effect.gen(function* () {
      const server = yield* RawServer.make(({ connection }) => {
        connection.socket.end()
      })
      const { reason } = yield* failureOf(server.url)
      assert.isTrue(reason.sent)
      assert.strictEqual(server.requests.length, 1)
    }),
  )

  live("a request whose answer is not HTTP may have been sent, and nothing of the answer is kept", () =>
    Effect.gen(function* () {
      const server = yield* RawServer.make(({ connection }) => {
        connection.socket.end("220 the-secret ESMTP\r\n")
      })
      const { cause, reason } = yield* failureOf(server.url)
      assert.isTrue(reason.sent)
      assert.instanceOf(cause, Error)
      assertHidden({ cause, reason })
    }),
  )
}

for (const [name, client] of clients) {
  describe(`over ${name}`, () => {
    suite(name, client)
  })
}

describe("over fetch", () => {
  it.live("a request to a port that fetch blocks was not sent", () =>
    Effect.gen(function* () {
      const { reason } = yield* failureOf("http://127.0.0.1:1")
      assert.isFalse(reason.sent)
    }).pipe(Effect.provide(FetchHttpClient.layer)),
  )
})

describe("over an undici client", () => {
  const withDispatcher = (options?: Parameters<typeof NodeHttpClient.makeDispatcherOptions>[0]) =>
    Effect.gen(function* () {
      const dispatcher = yield* NodeHttpClient.makeDispatcherOptions(options)
      const failure = (url: string) =>
        failureOf(url).pipe(
          Effect.provide(NodeHttpClient.layerUndiciNoDispatcher),
          Effect.provideService(NodeHttpClient.Dispatcher, dispatcher),
        )
      return { dispatcher, failure }
    })

  it.live("that was destroyed, a request counts as sent, since one in flight ends in the same way", () =>
    Effect.gen(function* () {
      const server = yield* RawServer.make(() => {})
      const { dispatcher, failure } = yield* withDispatcher()
      yield* Effect.promise(() => dispatcher.destroy())
      const { reason } = yield* failure(server.url)
      assert.deepStrictEqual([reason.sent, reason.code], [true, "UND_ERR_DESTROYED"])
      assert.strictEqual(server.connections.length, 0)
    }),
  )

  it.live("that is closing, a request was not sent", () =>
    Effect.gen(function* () {
      const server = yield* RawServer.make((request) => {
        RawServer.respond(request, 200, "{}")
      })
      const { dispatcher, failure } = yield* withDispatcher()
      const closed = dispatcher.close()
      const { reason } = yield* failure(server.url)
      assert.deepStrictEqual([reason.sent, reason.code], [false, "UND_ERR_CLOSED"])
      assert.strictEqual(server.connections.length, 0)
      yield* Effect.promise(() => closed)
    }),
  )

  it.live("that is destroyed while the request is with the server, it may have been sent", () =>
    Effect.gen(function* () {
      const server = yield* RawServer.make(() => {})
      const { dispatcher, failure } = yield* withDispatcher()
      const [{ reason }] = yield* Effect.all(
        [
          failure(server.url),
          Effect.andThen(
            Queue.take(server.arrivals),
            Effect.promise(() => dispatcher.destroy()),
          ),
        ],
        { concurrency: 2 },
      )
      assert.deepStrictEqual([reason.sent, reason.code], [true, "UND_ERR_DESTROYED"])
      assert.strictEqual(server.requests.length, 1)
    }),
  )

  it.live("a request to a name with two addresses, where nobody listens at either, was not sent", () =>
    Effect.gen(function* () {
      const port = yield* RawServer.closedPort
      const { failure } = yield* withDispatcher({
        connect: {
          lookup: (_hostname, _options, callback) => {
            callback(null, [
              { address: "127.0.0.1", family: 4 },
              { address: "127.0.0.2", family: 4 },
            ])
          },
        },
      })
      const { reason } = yield* failure(`http://api.test:${port}`)
      assert.deepStrictEqual([reason.sent, reason.code], [false, "ECONNREFUSED"])
    }),
  )

  it.live("a request whose handshake takes too long was not sent", () =>
    Effect.gen(function* () {
      const server = yield* RawServer.make(() => {})
      const { failure } = yield* withDispatcher({ connect: { timeout: 50 } })
      const { reason } = yield* failure(`https://127.0.0.1:${server.port}`)
      assert.deepStrictEqual([reason.sent, reason.code], [false, "UND_ERR_CONNECT_TIMEOUT"])
    }),
  )
})

// ---------------------------------------------------------------------------
// Errors made by hand
// ---------------------------------------------------------------------------

const request = post("https://api.test")

const ofReason = (reason: HttpClientError.HttpClientError["reason"]) =>
  fromHttpClientError(new HttpClientError.HttpClientError({ reason }), ["a-hidden-value"])

const ofCause = (cause: unknown) => ofReason(new HttpClientError.TransportError({ request, cause }))

const systemError = (code: string, options?: { readonly syscall?: string; readonly message?: string }) =>
  Object.assign(new Error(options?.message ?? `${options?.syscall ?? "read"} ${code}`), { code, ...options })

const caused = <E extends Error>(error: E, cause: unknown) => {
  error.cause = cause
  return error
}

const wrapped = (cause: unknown) => new TypeError("fetch failed", { cause })

const several = (code: string | undefined, ...errors: ReadonlyArray<unknown>) =>
  Object.assign(new AggregateError(errors), code === undefined ? {} : { code })

const openSsl = (reason: string) =>
  systemError("EPROTO", {
    syscall: "write",
    message: `write EPROTO 40B7:error:0A00010B:SSL routines:some_function:${reason}:../deps/file.c:77:\n`,
  })

const inCircles = systemError("ECONNRESET")
inCircles.cause = inCircles

const holdingItself = several("ECONNREFUSED")
holdingItself.errors.push(holdingItself)

const connectTimeout = systemError("ETIMEDOUT", { syscall: "connect" })

describe("a failure", () => {
  const causes: ReadonlyArray<readonly [what: string, cause: unknown, sent: boolean, code: string | undefined]> = [
    ["ECONNREFUSED", systemError("ECONNREFUSED"), false, "ECONNREFUSED"],
    ["ECONNREFUSED below a fetch error", wrapped(systemError("ECONNREFUSED")), false, "ECONNREFUSED"],
    [
      "ECONNREFUSED below an error of its own code",
      caused(systemError("E_OWN"), systemError("ECONNREFUSED")),
      false,
      "ECONNREFUSED",
    ],
    ["ENOTFOUND", systemError("ENOTFOUND", { syscall: "getaddrinfo" }), false, "ENOTFOUND"],
    ["ENOTFOUND of a look-up of its own", systemError("ENOTFOUND", { syscall: "queryA" }), false, "ENOTFOUND"],
    ["a name server that fails", systemError("EAI_AGAIN", { syscall: "getaddrinfo" }), false, "EAI_AGAIN"],
    ["any other failure of a look-up", systemError("EAI_NODATA", { syscall: "getaddrinfo" }), false, "EAI_NODATA"],
    ["ETIMEDOUT while connecting", connectTimeout, false, "ETIMEDOUT"],
    ["ETIMEDOUT while reading", systemError("ETIMEDOUT", { syscall: "read" }), true, "ETIMEDOUT"],
    ["ETIMEDOUT of which nothing is known", systemError("ETIMEDOUT"), true, "ETIMEDOUT"],
    ["ECONNRESET while connecting", systemError("ECONNRESET", { syscall: "connect" }), false, "ECONNRESET"],
    ["ECONNRESET while reading", systemError("ECONNRESET", { syscall: "read" }), true, "ECONNRESET"],
    ["EHOSTUNREACH while reading", systemError("EHOSTUNREACH", { syscall: "read" }), true, "EHOSTUNREACH"],
    ["ECONNREFUSED while reading", systemError("ECONNREFUSED", { syscall: "read" }), true, "ECONNREFUSED"],
    ["EPIPE while writing", systemError("EPIPE", { syscall: "write" }), true, "EPIPE"],
    ["too many open files", systemError("EMFILE", { syscall: "connect" }), false, "EMFILE"],
    ["a reset above a refusal", caused(systemError("ECONNRESET"), systemError("ECONNREFUSED")), true, "ECONNRESET"],
    ["a client that was closed", systemError("UND_ERR_CLOSED"), false, "UND_ERR_CLOSED"],
    ["a client that was destroyed", systemError("UND_ERR_DESTROYED"), true, "UND_ERR_DESTROYED"],
    ["a socket that was closed", systemError("UND_ERR_SOCKET"), true, "UND_ERR_SOCKET"],

    [
      "refusals of each address",
      several("ECONNREFUSED", systemError("ECONNREFUSED"), systemError("ECONNREFUSED")),
      false,
      "ECONNREFUSED",
    ],
    [
      "refusals of each address, below a fetch error",
      wrapped(several("ECONNREFUSED", systemError("ECONNREFUSED"))),
      false,
      "ECONNREFUSED",
    ],
    ["time-outs of each address", several("ETIMEDOUT", connectTimeout, connectTimeout), false, "ETIMEDOUT"],
    [
      "a time-out and a refusal",
      several("ETIMEDOUT", connectTimeout, systemError("ECONNREFUSED", { syscall: "connect" })),
      false,
      "ETIMEDOUT",
    ],
    [
      "time-outs of which nothing is known",
      several(undefined, systemError("ETIMEDOUT"), systemError("ETIMEDOUT")),
      true,
      "ETIMEDOUT",
    ],
    [
      "a refusal and a reset",
      several("ECONNREFUSED", systemError("ECONNREFUSED"), systemError("ECONNRESET")),
      true,
      "ECONNREFUSED",
    ],
    [
      "a refusal and something else",
      several("ECONNREFUSED", systemError("ECONNREFUSED"), new Error("else"), 7),
      true,
      "ECONNREFUSED",
    ],
    ["several of nothing", several("ECONNREFUSED"), false, "ECONNREFUSED"],
    ["several of nothing, without a code", several(undefined), true, undefined],
    [
      "several of several",
      several("ECONNREFUSED", several("ECONNREFUSED", systemError("ECONNREFUSED"))),
      false,
      "ECONNREFUSED",
    ],
    ["a connection that takes too long", systemError("UND_ERR_CONNECT_TIMEOUT"), false, "UND_ERR_CONNECT_TIMEOUT"],
    [
      "connections to each address that take too long, as undici says it",
      caused(systemError("UND_ERR_CONNECT_TIMEOUT"), several("ETIMEDOUT", systemError("ETIMEDOUT"))),
      false,
      "UND_ERR_CONNECT_TIMEOUT",
    ],
    [
      "the same, with an ETIMEDOUT of which nothing is known",
      wrapped(caused(systemError("UND_ERR_CONNECT_TIMEOUT"), systemError("ETIMEDOUT"))),
      false,
      "UND_ERR_CONNECT_TIMEOUT",
    ],

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
    [
      "a connection that ended in its handshake",
      systemError("ECONNRESET", {
        message: "Client network socket disconnected before secure TLS connection was established",
      }),
      false,
      "ECONNRESET",
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
    ["a handshake with too old a server", openSsl("unsupported protocol"), false, "ERR_SSL_UNSUPPORTED_PROTOCOL"],
    ["a handshake with too long a packet", openSsl("packet length too long"), false, "ERR_SSL_PACKET_LENGTH_TOO_LONG"],
    ["bytes that are no TLS", systemError("ERR_SSL_WRONG_VERSION_NUMBER"), true, "ERR_SSL_WRONG_VERSION_NUMBER"],
    [
      "a packet that is too long",
      systemError("ERR_SSL_PACKET_LENGTH_TOO_LONG"),
      true,
      "ERR_SSL_PACKET_LENGTH_TOO_LONG",
    ],
    ["TLS that breaks later", openSsl("bad record mac"), true, "ERR_SSL_BAD_RECORD_MAC"],
    [
      "a certificate of the client that is missing",
      openSsl("tlsv13 alert certificate required"),
      true,
      "ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED",
    ],
    ["EPROTO of which nothing is known", systemError("EPROTO"), true, "EPROTO"],
    ["a reset of HTTP/2", systemError("ERR_HTTP2_STREAM_ERROR"), true, "ERR_HTTP2_STREAM_ERROR"],
    [
      "a reset with the text of OpenSSL",
      systemError("ECONNRESET", { message: "error:0A00010B:SSL routines:some_function:wrong version number:" }),
      true,
      "ECONNRESET",
    ],

    ["a port that fetch blocks", wrapped(new Error("bad port")), false, undefined],
    ["an error that is its own cause", inCircles, true, "ECONNRESET"],
    ["an error whose code is a number", Object.assign(new Error("aborted"), { code: 20 }), true, undefined],
    ["codes of which nothing is known", caused(systemError("E_OUTER"), systemError("E_INNER")), true, "E_INNER"],
    ["an error without a code", new Error("something"), true, undefined],
    ["no error at all", "something", true, undefined],
    ["nothing", undefined, true, undefined],
  ]

  for (const [what, cause, sent, code] of causes) {
    it(`by ${what} means that the request ${sent ? "may have been" : "was not"} sent`, () => {
      const { reason } = ofCause(cause)
      assert.deepStrictEqual([reason.sent, reason.code], [sent, code])
      assert.notInclude(["", "[object Object]"], reason.description)
    })
  }

  it("by several that hold themselves means that the request may have been sent", () => {
    assert.isTrue(ofCause(holdingItself).reason.sent)
  })

  for (const [what, reason] of [
    ["a body that cannot be encoded", new HttpClientError.EncodeError({ request })],
    ["a URL that is none", new HttpClientError.InvalidUrlError({ request })],
  ] as const) {
    it(`by ${what} means that the request was not sent`, () => {
      assert.isFalse(ofReason(reason).reason.sent)
    })
  }
})

describe("the description of a failure", () => {
  const describedBy = (failure: { readonly cause?: unknown; readonly description?: string }) =>
    ofReason(new HttpClientError.TransportError({ request, ...failure })).reason.description

  const description = "the pool is closed"

  for (const [what, failure, expected] of [
    ["is that of its cause", { cause: new Error("socket hang up"), description }, "socket hang up"],
    ["is its own where its cause says nothing", { cause: new Error(""), description }, description],
    ["is its own where its cause has no text", { cause: { message: 7 }, description }, description],
    ["is its own where there is no cause", { description }, description],
    ["says that the request failed where nothing else is said", { cause: new Error("") }, "the request failed"],
    ["holds no hidden value", { cause: new Error("bad header: a-hidden-value") }, "bad header: <redacted>"],
    ["is on one line", { cause: new Error("a\r\n\u001bb") }, "a\\r\\n\\u001bb"],
    ["has 500 characters at most", { cause: new Error("d".repeat(501)) }, "d".repeat(500)],
  ] as const) {
    it(what, () => {
      assert.strictEqual(describedBy(failure), expected)
    })
  }
})

describe("the cause of a failure", () => {
  const bytes = { data: "the-secret", rawPacket: Buffer.from("the-secret") }

  it("has the name, the message, the stack and the code of each error, without the bytes that a parser has kept", () => {
    const below = Object.assign(new Error("below"), { code: "E_BELOW" })
    const error = Object.assign(new TypeError("Parse Error", { cause: below }), { code: "HPE_INVALID_CONSTANT" }, bytes)
    const { cause } = ofCause(error)
    if (!(cause instanceof Error)) return assert.fail("the cause is no Error")
    assertHidden(cause)
    assert.deepStrictEqual([cause.name, cause.message, cause.stack], [error.name, error.message, error.stack])
    assert.propertyVal(cause, "code", "HPE_INVALID_CONSTANT")
    assert.propertyVal(cause.cause, "message", "below")
    assert.propertyVal(cause.cause, "code", "E_BELOW")
  })

  for (const cause of ["something", undefined]) {
    it(`is ${String(cause)} where that is no error`, () => {
      assert.strictEqual(ofCause(cause).cause, cause)
    })
  }

  const deep = Array.from({ length: 10 }).reduce<Error>(
    (cause) => new Error("above", { cause }),
    Object.assign(new Error("Parse Error"), bytes),
  )
  const circle = Object.assign(new Error("Parse Error"), bytes)
  circle.cause = new Error("below", { cause: circle })

  for (const [what, cause] of [
    ["far below", deep],
    ["in a circle", circle],
    ["in one of several", wrapped(several(undefined, wrapped(Object.assign(new Error("Parse Error"), bytes))))],
    ["in several that hold themselves", Object.assign(several(undefined, holdingItself), bytes)],
    ["in what is no Error", { message: "Parse Error", ...bytes }],
  ] as const) {
    it(`is without bytes ${what}`, () => {
      assert.isDefined(ofCause(cause).cause)
      assertHidden(ofCause(cause).cause)
    })
  }
})
