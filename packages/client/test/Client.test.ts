import { LocalApi, Faults, Sandbox } from "@effect-sunco/testing"
import { assert, beforeAll, afterAll, describe, it } from "vitest"
import * as Effect from "effect/Effect"
import * as HttpServer from "effect/http/HttpServer"
import * as Layer from "effect/Layer"
import * as ManagedRuntime from "effect/ManagedRuntime"
import { NodeHttpServer } from "@effect/platform-node"
import { createServer } from "node:http"
import { inspect } from "node:util"
import {
  type ClientEvent,
  ClientClosed,
  createClient,
  Credentials,
  InvalidOption,
  NotFound,
  SunshineError,
  SuncoError,
} from "../src/index.ts"

const { appId, conversationId, keyId, secret, userId } = Sandbox.demo
const conversation = { appId, conversationId }
const credentials = Credentials.basic({ keyId, secret })

/** The local API on a real port. */
const serve = (seed: Sandbox.Seed) =>
  ManagedRuntime.make(
    LocalApi.layerServer(seed).pipe(
      Layer.provideMerge(NodeHttpServer.layer(createServer, { host: "127.0.0.1", port: 0 })),
    ),
  )

const addressOf = Effect.map(HttpServer.HttpServer, ({ address }) => HttpServer.formatAddress(address))

describe("a client", () => {
  const server = serve(Sandbox.demoSeed({ members: 250 }))
  let baseUrl = ""
  beforeAll(async () => {
    baseUrl = await server.runPromise(addressOf)
  })
  afterAll(() => server.dispose())

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

  it("rejects with errors that are instances of Error, and say which call", async () => {
    await using client = createClient({ credentials, baseUrl })
    const error: unknown = await client.leave({ ...conversation, userId }).catch((error: unknown) => error)
    assert.instanceOf(error, Error)
    assert.isTrue(error instanceof SuncoError)
    assert.instanceOf(error, NotFound)
    assert.deepStrictEqual(
      [error.name, error.code, error.status, error.operation],
      ["NotFound", "not_found", 404, "leave"],
    )
    assert.deepStrictEqual(error.call?.user, { userId })
    assert.notInclude(error.message, userId)
  })

  it("refuses a request that cannot succeed, and sends nothing", async () => {
    await using client = createClient({ credentials, baseUrl })
    const error: unknown = await client.list({ ...conversation, page: { size: 0 } }).catch((error: unknown) => error)
    assert.instanceOf(error, SunshineError)
    assert.deepStrictEqual([error.reason, error.field, error.outcome], ["InvalidRequest", "page.size", "rejected"])
  })

  it("ends a call with the reason of its signal", async () => {
    await using client = createClient({ credentials, baseUrl })
    const reason = new Error("enough")
    const error: unknown = await client
      .list(conversation, { signal: AbortSignal.abort(reason) })
      .catch((error: unknown) => error)
    assert.strictEqual(error, reason)
  })

  it("rejects calls after it was closed", async () => {
    const client = createClient({ credentials, baseUrl })
    await client.close()
    const error: unknown = await client.list(conversation).catch((error: unknown) => error)
    assert.instanceOf(error, ClientClosed)
  })
})

describe("a lost answer to a join", () => {
  const server = serve(
    Sandbox.demoSeed({ members: 3, faults: Faults.scripted({ join: [Faults.reset({ when: "after" })] }) }),
  )
  afterAll(() => server.dispose())

  it("is verified on the roster, and the join is sent once", async () => {
    const events: Array<string> = []
    await using client = createClient({
      credentials,
      baseUrl: await server.runPromise(addressOf),
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

describe("an option that cannot be", () => {
  /** As JavaScript calls it. */
  const unchecked = (options: object): unknown => Reflect.apply(createClient, undefined, [options])
  it.each([
    ["an unknown name", { credentials, retries: 3 }, "retries"],
    ["a wrong type", { credentials, retryPolicy: { attempts: "4" } }, "retryPolicy.attempts"],
    ["a wrong value", { credentials, retryPolicy: { attempts: 0 } }, "retryPolicy.attempts"],
    ["a unit that is not there", { credentials, retryPolicy: { deadline: 1000 } }, "retryPolicy.deadline"],
    ["credentials of another kind", { credentials: { keyId, secret } }, "credentials"],
    ["no credentials", {}, "credentials"],
    ["a base URL without a scheme", { credentials, baseUrl: "localhost:4010" }, "baseUrl"],
  ])("%s is an InvalidOption that names it, and repeats no secret", (_, options, option) => {
    try {
      unchecked(options)
      assert.fail("no error")
    } catch (error) {
      assert.instanceOf(error, InvalidOption)
      assert.strictEqual(error.option, option)
      assert.notInclude(error.message, secret)
    }
  })
})

it("credentials show their secret in no JSON and no inspection", () => {
  for (const shown of [JSON.stringify(credentials), inspect(credentials, { depth: 9, showHidden: true })]) {
    assert.notInclude(shown, secret)
  }
})
