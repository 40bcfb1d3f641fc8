import { Faults, Sandbox } from "@effect-sunco/testing"
import { assert, beforeAll, afterAll, describe, it } from "vitest"
import { type Client, type ClientEvent, createClient, Credentials, SunshineError } from "../src/index.ts"
import { answering, clientOver, collect, json, rejectionOf } from "./support/fetches.ts"
import { serve } from "./support/localApi.ts"

const { appId, conversationId, keyId, secret, userId } = Sandbox.demo
const conversation = { appId, conversationId }
const credentials = Credentials.basic({ keyId, secret })

/** For callers without types. */
const withoutTypes: { createClient(options: unknown): Client } = { createClient }

const isIterable = (value: unknown): value is AsyncIterable<unknown> =>
  typeof value === "object" && value !== null && Symbol.asyncIterator in value

/** What a call, or an iteration, rejects with. */
const errorOf = (client: Client, method: "join" | "leave" | "list" | "participants", request: object) =>
  rejectionOf(
    (async () => {
      const returned: unknown = Reflect.apply(client[method], client, [request])
      return isIterable(returned) ? collect(returned) : returned
    })(),
  )

describe("a client", () => {
  const server = serve(Sandbox.demoSeed({ members: 250 }))
  let baseUrl = ""
  beforeAll(async () => {
    baseUrl = await server.address()
  })
  afterAll(server.stop)

  it("joins, lists and leaves, with plain objects", async () => {
    await using client = createClient({ credentials, baseUrl })
    const joined = await client.join({ ...conversation, userId })
    assert.strictEqual(joined.userId, userId)
    assert.isUndefined(joined.lastRead)
    const page = await client.list({ ...conversation, page: { size: 2 } })
    assert.strictEqual(page.participants.length, 2)
    assert.strictEqual(page.meta.hasMore, true)
    await client.leave({ ...conversation, participantId: joined.id })
  })

  it("answers with Dates, and with undefined for what is missing", async () => {
    const membership = { id: "membership", userId: "user", lastRead: "2026-01-02T03:04:05.678Z" }
    await using client = clientOver(answering(() => json(200, { participants: [membership] })))
    assert.deepStrictEqual(await client.list(conversation), {
      participants: [
        {
          id: "membership",
          userId: "user",
          userExternalId: undefined,
          unreadCount: 0,
          clientAssociations: [],
          lastRead: new Date(membership.lastRead),
        },
      ],
      meta: { hasMore: false, afterCursor: undefined, beforeCursor: undefined },
      links: { prev: undefined, next: undefined },
    })
  })

  it("iterates over all participants, and asks for no page after a break", async () => {
    const events: Array<ClientEvent> = []
    await using client = createClient({ credentials, baseUrl, onEvent: (event) => events.push(event) })
    let count = 0
    for await (const { id } of client.participants(conversation)) count += id === "" ? 0 : 1
    assert.strictEqual(count, 250)
    const requests = () => events.filter(({ _tag }) => _tag === "RequestEnded").length
    assert.strictEqual(requests(), 3)
    for await (const _page of client.pages(conversation)) break
    assert.strictEqual(requests(), 4)
  })

  it("gives iterators that can be iterated themselves", async () => {
    await using client = createClient({ credentials, baseUrl })
    const iterator: AsyncIterator<unknown> & Partial<AsyncIterable<unknown>> = client
      .participants(conversation)
      [Symbol.asyncIterator]()
    assert.strictEqual(iterator[Symbol.asyncIterator]?.(), iterator)
  })

  it("refuses a call without a request", async () => {
    await using client = createClient({ credentials, baseUrl })
    const call: unknown = Reflect.apply(client.list, client, [])
    const error: unknown = await Promise.resolve(call).catch((error: unknown) => error)
    assert.instanceOf(error, SunshineError)
    assert.deepStrictEqual([error.reason, error.field], ["InvalidRequest", "request"])
  })

  it("refuses a request that cannot succeed, and sends nothing", async () => {
    await using client = createClient({ credentials, baseUrl })
    const error: unknown = await client.list({ ...conversation, page: { size: 0 } }).catch((error: unknown) => error)
    assert.instanceOf(error, SunshineError)
    assert.deepStrictEqual([error.reason, error.field, error.outcome], ["InvalidRequest", "page.size", "rejected"])
  })
})

describe("a field that does not exist", () => {
  const page = { after: undefined, sise: 5 }
  const list = "appId, conversationId, page"
  it.each<[field: string, method: "join" | "leave" | "list" | "participants", request: object, expected: string]>([
    ["size", "list", { size: 5 }, `Expected one of the fields ${list}`],
    ["page.sise", "list", { page }, "Expected one of the fields after, before, size"],
    ["signal", "list", { signal: undefined }, `Expected one of the fields ${list}; a signal goes into the second`],
    [
      "user",
      "join",
      { userId, user: "7" },
      "Expected one of the fields appId, conversationId, userId, userExternalId,",
    ],
    ["id", "leave", { userId, id: "7" }, "Expected one of the fields appId, conversationId, userId, userExternalId,"],
    ["size", "participants", { size: 5 }, "Expected one of the fields appId, conversationId, pageSize, prefetch,"],
  ])("is refused by name, and nothing is sent: %s", async (field, method, request, expected) => {
    let requests = 0
    await using client = clientOver(async () => json(200, { participants: [requests++] }))
    const error = await errorOf(client, method, { ...conversation, ...request })
    assert.instanceOf(error, SunshineError)
    assert.deepStrictEqual([error.reason, error.field, requests], ["InvalidRequest", field, 0])
    assert.isTrue(error.expected?.startsWith(expected), error.expected)
    assert.strictEqual(error.call?.appId, appId)
  })
})

describe("a request that cannot be read", () => {
  const revoked = () => {
    const { proxy, revoke } = Proxy.revocable({}, {})
    revoke()
    return proxy
  }
  const throwing = (field: string) =>
    Object.defineProperty({ ...conversation }, field, {
      enumerable: true,
      get: () => {
        throw new Error("a getter")
      },
    })

  it.each<[what: string, method: "join" | "list" | "participants", request: object]>([
    ["join, a revoked proxy", "join", revoked()],
    ["list, a revoked proxy", "list", revoked()],
    ["participants, a revoked proxy", "participants", revoked()],
    ["join, a getter that throws", "join", throwing("userId")],
    ["join, a getter of a field that does not exist", "join", throwing("page")],
    ["list, a getter that throws", "list", throwing("page")],
    ["participants, a getter that throws", "participants", throwing("cursor")],
  ])("is refused, and nothing is sent: %s", async (_, method, request) => {
    let requests = 0
    await using client = clientOver(async () => json(200, { participants: [requests++] }))
    const error = await errorOf(client, method, request)
    assert.instanceOf(error, SunshineError)
    assert.deepStrictEqual([error.reason, requests], ["InvalidRequest", 0])
  })
})

describe("what fetch gives instead of a response", () => {
  const gives: ReadonlyArray<readonly [string, () => unknown]> = [
    ["nothing", async () => undefined],
    ["another object", async () => ({ ok: true })],
    ["a status that is no number", async () => ({ status: NaN, headers: new Headers() })],
    ["a network error", async () => Response.error()],
    ["a rejection without an error", () => Promise.reject(undefined)],
    [
      "an exception",
      () => {
        throw new Error("a bug")
      },
    ],
  ]

  it.each(gives)("leaves a write in doubt, and the roster decides: %s", async (_, give) => {
    const methods: Array<string | undefined> = []
    const membership = { id: "membership", userId }
    const fetch = (_: unknown, init?: RequestInit): unknown => {
      methods.push(init?.method)
      return init?.method === "POST" ? give() : Promise.resolve(json(200, { participants: [membership] }))
    }
    const options = { credentials, fetch, retryPolicy: { verify: { attempts: 1, delayMs: 1 } } }
    const client = withoutTypes.createClient(options)
    const joined = await client.join({ ...conversation, userId })
    assert.deepStrictEqual([joined.id, methods], ["membership", ["POST", "GET"]])
  })

  it.each(gives)("fails a list as a request that was sent: %s", async (_, give) => {
    const options = { credentials, fetch: give, retryPolicy: { attempts: 1 } }
    const client = withoutTypes.createClient(options)
    const error: unknown = await client.list(conversation).catch((error: unknown) => error)
    assert.instanceOf(error, SunshineError)
    assert.deepStrictEqual([error.reason, error.sent], ["Transport", true])
  })
})

describe("limits", () => {
  it("hold for the requests of a client", async () => {
    await using client = clientOver(
      answering(() => json(503, {})),
      {
        limits: {
          rate: { limit: 2, windowMs: 3_600_000 },
          circuitBreaker: { consecutiveFailures: 1, openMs: 3_600_000 },
        },
        retryPolicy: { attempts: 1 },
      },
    )
    const errors: Array<unknown> = []
    for (const _ of [1, 2, 3]) errors.push(await client.list(conversation).catch((error: unknown) => error))
    assert.deepStrictEqual(
      errors.map((error) => (error instanceof SunshineError ? [error.reason, error.sent] : error)),
      [
        ["ServerError", undefined],
        ["Transport", false],
        ["RateLimited", undefined],
      ],
    )
  })
})

describe("a lost answer to a join", () => {
  const server = serve(
    Sandbox.demoSeed({ members: 3, faults: Faults.scripted({ join: [Faults.reset({ when: "after" })] }) }),
  )
  afterAll(server.stop)

  it("is verified on the roster, and the join is sent once", async () => {
    const events: Array<string> = []
    await using client = createClient({
      credentials,
      baseUrl: await server.address(),
      retryPolicy: { verify: { attempts: 3, delayMs: 10 } },
      onEvent: ({ _tag }) => events.push(_tag),
    })
    const joined = await client.join({ ...conversation, userId })
    assert.strictEqual(joined.userId, userId)
    assert.includeMembers(events, ["WriteInDoubt", "Verified", "WriteSettled", "CallEnded"])
    const { participants } = await client.list(conversation)
    assert.strictEqual(participants.filter((participant) => participant.userId === userId).length, 1)
  })
})
