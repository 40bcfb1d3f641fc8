import { Faults, Sandbox } from "@effect-sunco/testing"
import { assert, beforeAll, afterAll, describe, it } from "vitest"
import { type ClientEvent, createClient, Credentials, SunshineError } from "../src/index.ts"
import { answering, clientOver, json } from "./support/fetches.ts"
import { serve } from "./support/localApi.ts"

const { appId, conversationId, keyId, secret, userId } = Sandbox.demo
const conversation = { appId, conversationId }
const credentials = Credentials.basic({ keyId, secret })

describe("a client", () => {
  const server = serve(Sandbox.demoSeed({ participants: 250 }))
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

  it("refuses a request that cannot succeed, and sends nothing", async () => {
    await using client = createClient({ credentials, baseUrl })
    const error: unknown = await client.list({ ...conversation, page: { size: 0 } }).catch((error: unknown) => error)
    assert.instanceOf(error, SunshineError)
    assert.deepStrictEqual([error.reason, error.field, error.outcome], ["InvalidRequest", "page.size", "rejected"])
  })
})

describe("a lost answer to a join", () => {
  const server = serve(
    Sandbox.demoSeed({ participants: 3, faults: Faults.scripted({ join: [Faults.reset({ when: "after" })] }) }),
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
