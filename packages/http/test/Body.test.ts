import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Exit, type Layer, Queue, Redacted, type Result, type Scope } from "effect"
import { type HttpClient, Headers } from "effect/http"
import { gzipSync } from "node:zlib"
import { vi } from "vitest"
import * as Call from "../src/internal/call.ts"
import * as Exchange from "../src/internal/exchange.ts"
import { checkPolicy } from "../src/internal/options.ts"
import * as Interpret from "../src/internal/response.ts"
import * as Telemetry from "../src/internal/telemetry.ts"
import * as RetryPolicy from "../src/RetryPolicy.ts"
import * as Calls from "./support/Calls.ts"
import { clients } from "./support/Clients.ts"
import * as FakeApi from "./support/FakeApi.ts"
import * as RawServer from "./support/RawServer.ts"

const mebibyte = 1024 * 1024

/** How an answer carries its body: a number of equal parts. */
interface Framing {
  readonly what: string
  /** A part of the body as it is on the wire. */
  readonly frame: (part: Buffer) => Buffer
  readonly head: (framed: Buffer, parts: number) => string
  readonly end: string
}

const framings: ReadonlyArray<Framing> = [
  {
    what: "a length",
    frame: (part) => part,
    head: (framed, parts) => `content-length: ${framed.length * parts}`,
    end: "",
  },
  {
    what: "chunks",
    frame: (part) => Buffer.concat([Buffer.from(`${part.length.toString(16)}\r\n`), part, Buffer.from("\r\n")]),
    head: () => "transfer-encoding: chunked",
    end: "0\r\n\r\n",
  },
]

/** Of the clients, fetch decompresses. A gzip file can be made of many, one after the other. */
const gzip: Framing = {
  what: "gzip",
  frame: (part) => gzipSync(part),
  head: (framed, parts) => `content-encoding: gzip\r\ncontent-length: ${framed.length * parts}`,
  end: "",
}

/** Watches how far the memory for bytes rises. They are not on the heap, where other tests leave garbage. */
const watchMemory = Effect.gen(function* () {
  const bytes = () => process.memoryUsage().arrayBuffers
  const before = bytes()
  let most = before
  const look = () => {
    most = Math.max(most, bytes())
  }
  yield* Effect.acquireRelease(
    Effect.sync(() => setInterval(look, 1)),
    (timer) => Effect.sync(() => clearInterval(timer)),
  )
  return () => {
    look()
    return most - before
  }
})

/** A server whose answers have a body of 300 MiB. */
const flooding = (status: number, { frame, head }: Framing) => {
  const part = frame(Buffer.alloc(mebibyte, "x"))
  const parts = 300
  return RawServer.make(({ connection: { socket } }) => {
    socket.write(`HTTP/1.1 ${status} Status\r\n${head(part, parts)}\r\n\r\n`)
    let written = 0
    const write = () => {
      while (written < parts && socket.writable) {
        written++
        if (!socket.write(part)) return void socket.once("drain", write)
      }
    }
    write()
  })
}

const suite = (client: Layer.Layer<HttpClient.HttpClient>, framings: ReadonlyArray<Framing>) => {
  const live = <A, E>(name: string, test: () => Effect.Effect<A, E, HttpClient.HttpClient | Scope.Scope>) =>
    it.live(name, () => Effect.provide(test(), client))

  for (const framing of framings) {
    for (const status of [200, 404, 502]) {
      live(
        `of 300 MiB with ${framing.what} and status ${status} takes less than 30 MB, and is not read to its end`,
        () =>
          Effect.gen(function* () {
            const server = yield* flooding(status, framing)
            const service = yield* Calls.make({ baseUrl: server.url })
            const rise = yield* watchMemory
            const error = yield* Effect.flip(Calls.list(service))
            const { connection } = yield* Queue.take(server.arrivals)
            yield* Deferred.await(connection.closed)
            assert.isBelow(rise(), 30_000_000)

            assert.strictEqual(error._tag, status === 404 ? "NotFound" : "SunshineError")
            const body = Calls.bodyOf(error)
            assert.strictEqual(body?.problem, "it is larger than 10485760 bytes (option maxBodySize)")
            assert.strictEqual(body && Redacted.value(body.text), "x".repeat(1000))
          }),
      )
    }

    live(`with ${framing.what} is read up to maxBodySize, and not beyond it`, () =>
      Effect.gen(function* () {
        const body = framing.frame(Buffer.from(`{"participants":[]}`.padEnd(1000)))
        const server = yield* RawServer.make(({ connection: { socket } }) => {
          socket.write(`HTTP/1.1 200 OK\r\n${framing.head(body, 1)}\r\n\r\n`)
          socket.write(body)
          socket.write(framing.end)
        })
        const enough = yield* Calls.make({ baseUrl: server.url, maxBodySize: 1000 })
        yield* Calls.list(enough)
        const less = yield* Calls.make({ baseUrl: server.url, maxBodySize: 999 })
        const reason = Calls.expectReason(yield* Effect.flip(Calls.list(less)), "InvalidResponse")
        assert.strictEqual(reason.body.problem, "it is larger than 999 bytes (option maxBodySize)")
        assert.strictEqual(reason.outcome, "ambiguous")
      }),
    )
  }

  live("beyond maxBodySize leaves a join in doubt: the roster decides", () =>
    Effect.gen(function* () {
      const server = yield* RawServer.make((request) => {
        if (request.target.endsWith("/join")) return RawServer.respond(request, 201, " ".repeat(1000))
        RawServer.respond(request, 200, `{"participants":[{"id":"participant","userId":"user"}]}`)
      })
      const service = yield* Calls.make({
        baseUrl: server.url,
        maxBodySize: 999,
        retryPolicy: { verify: { attempts: 1, delay: 0 } },
      })
      const joined = yield* service.join({ ...Calls.conversation, userId: "user" })
      assert.strictEqual(joined.id, "participant")
      assert.deepStrictEqual(
        server.requests.map(({ method }) => method),
        ["POST", "GET"],
      )
    }),
  )
}

for (const [name, client] of clients) {
  describe(`a body over ${name}`, () => {
    suite(client, name === "fetch" ? [...framings, gzip] : framings)
  })
}

describe("a body that comes in pieces", () => {
  it.effect("is put together, even where a piece ends within a character", () =>
    Effect.gen(function* () {
      const bytes = new TextEncoder().encode(`{"participants":[{"id":"1","userId":"Zoë 🙂"}]}`)
      const body = new ReadableStream<Uint8Array>({
        start: (controller) => {
          for (const byte of bytes) controller.enqueue(Uint8Array.of(byte))
          controller.close()
        },
      })
      const service = yield* Calls.over(FakeApi.make(() => new Response(body)).client)
      const { participants } = yield* service.list(Calls.conversation)
      assert.deepStrictEqual(
        participants.map(({ userId }) => userId),
        ["Zoë 🙂"],
      )
    }),
  )
})

describe("a body that throws when it is read", () => {
  const page = `{"participants":[]}`

  const bodies: ReadonlyArray<readonly [what: string, answer: (status: number) => Effect.Effect<Response>]> = [
    [
      "because another reader holds it",
      (status) =>
        Effect.sync(() => {
          const response = new Response(page, { status })
          response.body?.getReader()
          return response
        }),
    ],
    [
      "because its stream fails",
      (status) =>
        Effect.sync(
          () =>
            new Response(
              new ReadableStream({
                start: (controller) => controller.error(new RangeError("no memory")),
              }),
              { status },
            ),
        ),
    ],
    [
      "because its text is too long for a string",
      (status) =>
        Effect.sync(() => {
          vi.spyOn(TextDecoder.prototype, "decode").mockImplementationOnce(() => {
            throw new RangeError("no such string")
          })
          return new Response(page, { status })
        }),
    ],
  ]

  for (const [what, answer] of bodies) {
    it.effect(`${what} is an InvalidResponse, and an error keeps its status`, () =>
      Effect.gen(function* () {
        yield* Effect.addFinalizer(() => Effect.sync(() => vi.restoreAllMocks()))
        const statuses = [200, 404, 503]
        const service = yield* Calls.over(FakeApi.make((_, index) => answer(statuses[index] ?? 200)).client)
        const list = Effect.flip(Calls.list(service))
        const reason = Calls.expectReason(yield* list, "InvalidResponse")
        assert.strictEqual(reason.body.problem, "it could not be read to its end")
        assert.strictEqual((yield* list)._tag, "NotFound")
        Calls.expectReason(yield* list, "ServerError")
      }),
    )
  }
})

describe("a body that throws when it is decoded", () => {
  it.effect("is an InvalidResponse", () =>
    Effect.gen(function* () {
      const policy = yield* Effect.fromResult(checkPolicy(RetryPolicy.defaults, {}))
      const exchange = {
        ...Exchange.make("https://api.smooch.io", Headers.empty).list(Calls.conversation),
        decode: (): Result.Result<never, never> => {
          throw new RangeError("Maximum call stack size exceeded")
        },
      }
      const call = yield* Call.start(
        { baseUrl: "https://api.smooch.io", credentials: "basic" },
        Telemetry.make({}),
        policy,
      )("list", Calls.conversation, Effect.succeed)
      const exit = Interpret.interpret(call, exchange, {
        status: 200,
        headers: Headers.empty,
        body: { text: "{}", bytes: 2, problem: undefined },
        retryAfter: undefined,
        hidden: () => [],
      })
      const error = yield* Effect.flip(exit)
      assert.strictEqual(Calls.expectReason(error, "InvalidResponse").detail, "the body cannot be decoded")
    }),
  )

  for (const [what, text] of [
    ["lists", "[".repeat(200_000) + "]".repeat(200_000)],
    ["objects", `{"a":`.repeat(200_000) + "1" + "}".repeat(200_000)],
  ] as const) {
    it.effect(`is none of ${what} within each other, 200,000 deep`, () =>
      Effect.gen(function* () {
        for (const [operation, call] of Calls.calls) {
          for (const status of [operation === "join" ? 201 : 200, 404]) {
            const body = `{"participants":${text},"participant":${text},"errors":[${text}],"error":${text}}`
            const service = yield* Calls.over(FakeApi.make(() => new Response(body, { status })).client)
            const exit = yield* Effect.exit(call(service))
            assert.isTrue(Exit.isSuccess(exit) || !Exit.hasDies(exit))
          }
        }
      }),
    )
  }
})
