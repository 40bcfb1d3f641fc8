import type { SunshineError } from "@effect-sunco/core"
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Duration, Effect, Fiber, type Layer, Queue, Redacted, type Scope } from "effect"
import type { HttpClient } from "effect/http"
import { TestClock } from "effect/testing"
import type * as Net from "node:net"
import * as Credentials from "../src/Credentials.ts"
import type * as ParticipantsHttp from "../src/ParticipantsHttp.ts"
import * as Calls from "./support/Calls.ts"
import { type ClientName, clients } from "./support/Clients.ts"
import * as FakeApi from "./support/FakeApi.ts"
import * as RawServer from "./support/RawServer.ts"
import * as Api from "./support/retry.ts"

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

    const endings: ReadonlyArray<readonly [what: string, end: (socket: Net.Socket) => void]> = [
      ["resets the connection", (socket) => socket.resetAndDestroy()],
      ["hangs up", (socket) => socket.end()],
      ["answers with what is not HTTP", (socket) => socket.end("220 mail.test ESMTP\r\n")],
    ]
    for (const [what, end] of endings) {
      live(`a ${operation} is ambiguous when the server has read it and ${what}`, () =>
        Effect.gen(function* () {
          const server = yield* RawServer.make(({ connection }) => end(connection.socket))
          const error = yield* failing(server.url, call)
          assertOutcome(error, operation, true)
          assert.instanceOf(error.cause, Error)
          assert.strictEqual(server.requests.length, 1)
        }),
      )
    }

    const status = operation === "join" ? "201 Created" : "200 OK"
    const silences: ReadonlyArray<readonly [what: string, answer: (socket: Net.Socket) => void]> = [
      ["the server never answers", () => {}],
      [
        "the body comes byte by byte",
        (socket) => {
          socket.write(`HTTP/1.1 ${status}\r\ncontent-length: 100000\r\n\r\n`)
          const drip = setInterval(() => socket.write(" "), 5)
          socket.on("close", () => clearInterval(drip))
        },
      ],
    ]
    for (const [what, answer] of silences) {
      live(`a ${operation} ends with its attempt and closes its connection when ${what}`, () =>
        Effect.gen(function* () {
          const server = yield* RawServer.make(({ connection }) => answer(connection.socket))
          const error = yield* failing(server.url, call, { retryPolicy: { attemptTimeout: "300 millis" } })
          assertOutcome(error, operation, true)
          assert.deepStrictEqual(Calls.expectReason(error, "TimedOut").after, Duration.millis(300))
          const { connection } = yield* Queue.take(server.arrivals)
          yield* Deferred.await(connection.closed)
        }),
      )
    }
  }

  live("the status decides an error whose body does not end, and its connection is closed", () =>
    Effect.gen(function* () {
      const server = yield* RawServer.make(({ connection: { socket } }) => {
        socket.write("HTTP/1.1 503 Unavailable\r\nretry-after: 60\r\ncontent-length: 100000\r\n\r\n<html>")
      })
      const error = yield* failing(server.url, Calls.list, { retryPolicy: { attemptTimeout: "300 millis" } })
      const reason = Calls.expectReason(error, "ServerError")
      assert.deepStrictEqual(reason.retryAfter, Duration.seconds(60))
      assert.strictEqual(reason.body?.problem, "it did not end in time")
      const { connection } = yield* Queue.take(server.arrivals)
      yield* Deferred.await(connection.closed)
    }),
  )

  live("a connection that is reset before the request was read is no rejection", () =>
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
    it.effect(`ends a ${operation} without an answer and aborts its request`, () =>
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

  Api.it.effect("starts again for the request with a new credential after a 401", () =>
    Effect.gen(function* () {
      const refusal = new Response("{}", { status: 401 })
      const api = FakeApi.make((_, index) =>
        index === 0 ? Effect.as(Effect.sleep("6 seconds"), refusal) : Effect.never,
      )
      const service = yield* Calls.over(api.client, {
        credentials: Credentials.bearer(Effect.succeed(Redacted.make("token"))),
      })
      const fiber = yield* Effect.forkChild(Effect.flip(Calls.join(service)))
      yield* TestClock.adjust("20999 millis")
      assert.isUndefined(fiber.pollUnsafe())
      assert.strictEqual(api.requests.length, 2)
      yield* TestClock.adjust("1 milli")
      assertOutcome(yield* Fiber.join(fiber), "join", true)
    }),
  )
})
