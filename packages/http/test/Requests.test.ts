import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Fiber, type Layer, Queue, Redacted, type Scope } from "effect"
import type { HttpClient } from "effect/http"
import packageJson from "../package.json" with { type: "json" }
import * as Credentials from "../src/Credentials.ts"
import type * as ParticipantsHttp from "../src/ParticipantsHttp.ts"
import * as Calls from "./support/Calls.ts"
import { clients } from "./support/Clients.ts"
import * as RawServer from "./support/RawServer.ts"

/** A good answer to each of the three operations. */
const good: RawServer.Handler = (request) =>
  request.target.endsWith("/join")
    ? RawServer.respond(request, 201, `{"participant":{"id":"participant","userId":"user"}}`)
    : RawServer.respond(request, 200, request.target.endsWith("/leave") ? "{}" : `{"participants":[]}`)

/** Runs calls against a server on a socket, and gives the server with the requests it has seen. */
const against = Effect.fnUntraced(function* <E>(
  handler: RawServer.Handler,
  run: (service: Calls.Service) => Effect.Effect<unknown, E>,
  { path = "", ...options }: Partial<ParticipantsHttp.Options> & { readonly path?: string } = {},
) {
  const server = yield* RawServer.make(handler)
  const service = yield* Calls.make({ ...options, baseUrl: server.url + path })
  yield* run(service)
  return server
})

const cursor = "5f0c3a1e9d2b4c6a8e7f1d30"

/** What the HTTP client itself says about the connection and the length of the body. */
const ofTheClient = new Set([
  "host",
  "connection",
  "content-length",
  "accept-encoding",
  "accept-language",
  "sec-fetch-mode",
])

const ofTheLibrary = ({ headers }: RawServer.RawRequest) =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => !ofTheClient.has(name)))

const suite = (client: Layer.Layer<HttpClient.HttpClient>) => {
  const live = <A, E>(name: string, test: () => Effect.Effect<A, E, HttpClient.HttpClient | Scope.Scope>) =>
    it.live(name, () => Effect.provide(test(), client))

  describe("the request line", () => {
    const ids: ReadonlyArray<readonly [id: string, encoded: string]> = [
      ["5d8cff3cd55b040010928b5b", "5d8cff3cd55b040010928b5b"],
      ["a/b", "a%2Fb"],
      ["a\\b", "a%5Cb"],
      ["é", "%C3%A9"],
      ["🔑", "%F0%9F%94%91"],
      ["%2F", "%252F"],
      ["%2e%2e", "%252e%252e"],
      ["a b", "a%20b"],
      ["?x#y", "%3Fx%23y"],
      ["a&b=c;d+e", "a%26b%3Dc%3Bd%2Be"],
      [":id", "%3Aid"],
      ["...", "..."],
    ]

    for (const [id, encoded] of ids) {
      live(`has the ids ${JSON.stringify(id)} as ${encoded}`, () =>
        Effect.gen(function* () {
          const reference = { appId: id, conversationId: id }
          const { requests } = yield* against(good, (service) =>
            Effect.all([
              service.join({ ...reference, userId: "user" }),
              service.leave({ ...reference, userId: "user" }),
              service.list(reference),
            ]),
          )
          assert.deepStrictEqual(
            requests.map(({ method, target }) => `${method} ${target}`),
            [
              `POST /v2/apps/${encoded}/conversations/${encoded}/join`,
              `POST /v2/apps/${encoded}/conversations/${encoded}/leave`,
              `GET /v2/apps/${encoded}/conversations/${encoded}/participants`,
            ],
          )
        }),
      )
    }

    live("begins with the path of the base URL", () =>
      Effect.gen(function* () {
        const { requests } = yield* against(good, Calls.list, { path: "/sc/" })
        assert.strictEqual(requests[0]?.target, "/sc/v2/apps/app/conversations/conversation/participants")
      }),
    )

    for (const [page, query] of [
      [undefined, ""],
      [{}, ""],
      [{ size: 1 }, "?page%5Bsize%5D=1"],
      [{ after: cursor }, `?page%5Bafter%5D=${cursor}`],
      [{ before: cursor }, `?page%5Bbefore%5D=${cursor}`],
      [{ after: cursor, size: 100 }, `?page%5Bafter%5D=${cursor}&page%5Bsize%5D=100`],
      [{ before: cursor, size: 25 }, `?page%5Bbefore%5D=${cursor}&page%5Bsize%5D=25`],
      [{ after: "a&b=c?d#e/é%20[]+ ;x:y-2" }, "?page%5Bafter%5D=a%26b%3Dc%3Fd%23e%2F%C3%A9%2520%5B%5D%2B+%3Bx%3Ay-2"],
    ] as const) {
      live(`ends with the query of the page ${JSON.stringify(page)}`, () =>
        Effect.gen(function* () {
          const { requests } = yield* against(good, (service) =>
            service.list({ ...Calls.conversation, ...(page === undefined ? {} : { page }) }),
          )
          assert.strictEqual(requests[0]?.target, `/v2/apps/app/conversations/conversation/participants${query}`)
        }),
      )
    }
  })

  describe("the headers", () => {
    for (const [operation, call] of Calls.calls) {
      live(`of a ${operation} are those of the library, of the caller, and of its body`, () =>
        Effect.gen(function* () {
          const { requests } = yield* against(good, call, { headers: { "X-Zendesk-Marketplace-Name": "Acme Bots" } })
          const [request] = requests
          assert.deepStrictEqual(request && ofTheLibrary(request), {
            accept: "application/json",
            authorization: "Basic YXBwX2tleTp0aGUtc2VjcmV0",
            "user-agent": `effect-sunco/${packageJson.version}`,
            "x-zendesk-marketplace-name": "Acme Bots",
            ...(operation === "list" ? {} : { "content-type": "application/json" }),
          })
          assert.strictEqual(
            request?.headers["content-length"],
            operation === "list" ? undefined : String(Buffer.byteLength(request?.body ?? "")),
          )
        }),
      )
    }
  })

  describe("the body", () => {
    for (const [request, body] of [
      [{ userId: "user" }, { userId: "user", subscribeSDKClient: false }],
      [{ userExternalId: 'é 🔑 "' }, { userExternalId: 'é 🔑 "', subscribeSDKClient: false }],
      [
        { userId: "user", subscribeSDKClient: false },
        { userId: "user", subscribeSDKClient: false },
      ],
      [
        { userId: "user", subscribeSDKClient: true },
        { userId: "user", subscribeSDKClient: true },
      ],
    ] as const) {
      live(`of the join ${JSON.stringify(request)} is ${JSON.stringify(body)}`, () =>
        Effect.gen(function* () {
          const { requests } = yield* against(good, (service) => service.join({ ...Calls.conversation, ...request }))
          assert.deepStrictEqual(JSON.parse(requests[0]?.body ?? ""), body)
        }),
      )
    }

    for (const request of [{ userId: "user" }, { userExternalId: "é/.." }, { participantId: "participant" }] as const) {
      live(`of the leave ${JSON.stringify(request)} is just that`, () =>
        Effect.gen(function* () {
          const { requests } = yield* against(good, (service) => service.leave({ ...Calls.conversation, ...request }))
          assert.strictEqual(requests[0]?.body, JSON.stringify(request))
        }),
      )
    }
  })

  describe("a redirect", () => {
    for (const status of [301, 302, 303, 307, 308]) {
      live(`with status ${status} is not followed`, () =>
        Effect.gen(function* () {
          const elsewhere = yield* RawServer.make(good)
          for (const location of [`${elsewhere.url}/v2/apps/app/conversations/conversation/participants`, "/login"]) {
            const { requests } = yield* against(
              (request) => RawServer.respond(request, status, "moved", { location }),
              (service) =>
                Effect.forEach(Calls.calls, ([, call]) =>
                  Effect.map(Effect.flip(call(service)), (error) => {
                    const reason = Calls.expectReason(error, "UnexpectedStatus")
                    assert.strictEqual(reason.status, status)
                    assert.strictEqual(reason.location && Redacted.value(reason.location), location)
                  }),
                ),
            )
            assert.strictEqual(requests.length, Calls.calls.length)
          }
          assert.strictEqual(elsewhere.connections.length, 0)
        }),
      )
    }
  })

  describe("interruption", () => {
    for (const [operation, call] of Calls.calls) {
      live(`closes the connection of a ${operation} that waits for its answer`, () =>
        Effect.gen(function* () {
          const server = yield* RawServer.make(() => {})
          const service = yield* Calls.make({ baseUrl: server.url })
          const fiber = yield* Effect.forkChild(call(service))
          const { connection } = yield* Queue.take(server.arrivals)
          assert.isFalse(yield* Deferred.isDone(connection.closed))
          yield* Fiber.interrupt(fiber)
          yield* Deferred.await(connection.closed)
        }),
      )
    }
  })
}

for (const [name, client] of clients) {
  describe(`over ${name}`, () => {
    suite(client)
  })
}

for (const [name, client] of clients.filter(([name]) => name !== "node:http")) {
  // undici sees the end of a body a moment before its connection is free, so two of them take turns.
  describe(`${name}, which keeps connections`, () => {
    it.live("uses at most two for 20 calls in a row, whatever their answers are", () =>
      Effect.gen(function* () {
        const { connections, requests } = yield* against(
          (request, index) => {
            if (index % 5 === 1) return RawServer.respond(request, 404, `{"errors":[{"code":"not_found"}]}`)
            if (index % 5 === 2) return RawServer.respond(request, 502, "x".repeat(100_000))
            if (index % 5 === 3) return RawServer.respond(request, 302, "moved", { location: "/" })
            good(request, index)
          },
          (service) => Effect.forEach(Array.from({ length: 20 }), () => Effect.exit(Calls.join(service))),
        )
        assert.strictEqual(requests.length, 20)
        assert.isAtMost(connections.length, 2)
      }).pipe(Effect.provide(client)),
    )

    it.live("gives the connection of a 401 back before the call goes on", () =>
      Effect.gen(function* () {
        const { connections, requests } = yield* against(
          (request, index) =>
            index % 2 === 0 ? RawServer.respond(request, 401, "x".repeat(1_000_000)) : good(request, index),
          (service) => Effect.forEach(Array.from({ length: 10 }), () => Calls.list(service)),
          { credentials: Credentials.bearer(Effect.succeed(Redacted.make("token"))) },
        )
        assert.strictEqual(requests.length, 20)
        assert.isAtMost(connections.length, 2)
      }).pipe(Effect.provide(client)),
    )
  })
}
