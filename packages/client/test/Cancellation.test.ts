/**
 * A signal ends one call or one iteration, `break` an iteration, and `close()` all of them. Each ends the requests.
 */
import { assert, describe, it } from "vitest"
import { ClientClosed, InvalidOption } from "../src/index.ts"
import { answering, clientOver, conversation, page, rejectionOf, silence } from "./support/fetches.ts"

const reason = new Error("enough")

describe("the signal of a call", () => {
  it("gives up the request under way, and rejects with its reason", async () => {
    const { fetch, requests, started } = silence()
    await using client = clientOver(fetch)
    const controller = new AbortController()
    const call = rejectionOf(client.join({ ...conversation, userId: "user" }, { signal: controller.signal }))
    await started
    controller.abort(reason)
    assert.strictEqual(await call, reason)
    assert.deepStrictEqual(requests, { open: 0, givenUp: 1 })
  })

  it("sends nothing if it has aborted before", async () => {
    const { fetch, requests } = silence()
    await using client = clientOver(fetch)
    assert.strictEqual(await rejectionOf(client.list(conversation, { signal: AbortSignal.abort(reason) })), reason)
    assert.deepStrictEqual(requests, { open: 0, givenUp: 0 })
  })

  it("leaves other calls alone", async () => {
    const { fetch, requests, started } = silence()
    await using client = clientOver(fetch)
    const controller = new AbortController()
    const ended = rejectionOf(client.list(conversation, { signal: controller.signal }))
    const other = rejectionOf(client.list(conversation))
    await started
    controller.abort(reason)
    await ended
    assert.strictEqual(requests.open, 1)
    await client.close()
    assert.instanceOf(await other, ClientClosed)
  })

  it.each([
    ["signal", { signal: {} }],
    ["timeout", { timeout: 1000 }],
    ["options", new AbortController().signal],
  ])("has to be an AbortSignal, and is the only option: %s", async (option, options) => {
    await using client = clientOver(answering(() => page(1)))
    const call: unknown = Reflect.apply(client.list, client, [conversation, options])
    const error = await rejectionOf(Promise.resolve(call))
    assert.instanceOf(error, InvalidOption)
    assert.strictEqual(error.option, option)
  })
})

describe("an iteration", () => {
  it("asks for no page after a break", async () => {
    let requests = 0
    await using client = clientOver(async () => page(2, `cursor-${++requests}`))
    for await (const { id } of client.participants(conversation)) if (id !== "") break
    assert.strictEqual(requests, 1)
  })

  it("gives up the pages that it asked for ahead, when the loop breaks", async () => {
    const { fetch, requests, started } = silence()
    let first = true
    await using client = clientOver((url, init) => {
      if (!first) return fetch(url, init)
      first = false
      return Promise.resolve(page(2, "cursor"))
    })
    for await (const { participants } of client.pages({ ...conversation, prefetch: 1 })) {
      assert.strictEqual(participants.length, 2)
      await started
      break
    }
    assert.deepStrictEqual(requests, { open: 0, givenUp: 1 })
  })

  it("rejects with the reason of its signal, and gives up the request", async () => {
    const { fetch, requests, started } = silence()
    await using client = clientOver(fetch)
    const controller = new AbortController()
    const pages = client.pages(conversation, { signal: controller.signal })
    const next = rejectionOf(pages[Symbol.asyncIterator]().next())
    await started
    controller.abort(reason)
    assert.strictEqual(await next, reason)
    assert.deepStrictEqual(requests, { open: 0, givenUp: 1 })
  })

  it("rejects with the reason of its signal instead of the rest of a page", async () => {
    await using client = clientOver(answering(() => page(3)))
    const controller = new AbortController()
    const iterator = client.participants(conversation, { signal: controller.signal })[Symbol.asyncIterator]()
    assert.isFalse((await iterator.next()).done)
    controller.abort(reason)
    assert.strictEqual(await rejectionOf(iterator.next()), reason)
    assert.isTrue((await iterator.next()).done)
  })

  it("gives up the request under way when it returns, and ends", async () => {
    const { fetch, requests, started } = silence()
    await using client = clientOver(fetch)
    const iterator = client.pages(conversation)[Symbol.asyncIterator]()
    const next = iterator.next()
    await started
    assert.deepStrictEqual(await iterator.return?.(), { done: true, value: undefined })
    assert.deepStrictEqual(requests, { open: 0, givenUp: 1 })
    assert.deepStrictEqual(await next, { done: true, value: undefined })
  })

  it("starts afresh each time", async () => {
    await using client = clientOver(answering(() => page(3)))
    const everybody = client.participants(conversation)
    for (const _ of [1, 2]) {
      let count = 0
      for await (const { id } of everybody) count += id === "" ? 0 : 1
      assert.strictEqual(count, 3)
    }
  })
})

describe("close()", () => {
  it("rejects calls and iterations under way with ClientClosed, and waits until their requests are given up", async () => {
    const { fetch, requests, started } = silence()
    const client = clientOver(fetch)
    const call = rejectionOf(client.list(conversation))
    const iteration = rejectionOf(client.pages(conversation)[Symbol.asyncIterator]().next())
    await started
    await client.close()
    assert.strictEqual(requests.open, 0)
    assert.instanceOf(await call, ClientClosed)
    assert.instanceOf(await iteration, ClientClosed)
  })

  it("ends an iteration in the middle of a page", async () => {
    const client = clientOver(answering(() => page(3)))
    const iterator = client.participants(conversation)[Symbol.asyncIterator]()
    assert.isFalse((await iterator.next()).done)
    await client.close()
    assert.instanceOf(await rejectionOf(iterator.next()), ClientClosed)
  })

  it("says which calls it ended", async () => {
    const { fetch, started } = silence()
    const client = clientOver(fetch, { baseUrl: "https://API.smooch.io/" })
    const join = rejectionOf(client.join({ ...conversation, userExternalId: "external" }))
    const pages = rejectionOf(client.pages(conversation)[Symbol.asyncIterator]().next())
    await started
    await client.close()
    const named = { ...conversation, baseUrl: "https://api.smooch.io" }
    for (const [promise, operation, call] of [
      [join, "join", { ...named, user: { userExternalId: "external" } }],
      [pages, "list", { ...named, user: undefined }],
      [
        rejectionOf(client.leave({ ...conversation, participantId: "membership" })),
        "leave",
        { ...named, user: { participantId: "membership" } },
      ],
    ] as const) {
      const error = await promise
      assert.instanceOf(error, ClientClosed)
      assert.deepStrictEqual([error.operation, error.call], [operation, call])
    }
  })

  it("rejects later calls and iterations with ClientClosed, and can be called again", async () => {
    const client = clientOver(answering(() => page(1)))
    await client.close()
    await client.close()
    for (const promise of [client.list(conversation), client.pages(conversation)[Symbol.asyncIterator]().next()]) {
      const error = await rejectionOf(promise)
      assert.instanceOf(error, ClientClosed)
      assert.strictEqual(error.code, "client_closed")
    }
  })

  it("is called at the end of an `await using` block", async () => {
    const { fetch, requests, started } = silence()
    let call: Promise<unknown>
    {
      await using client = clientOver(fetch)
      call = rejectionOf(client.list(conversation))
      await started
    }
    assert.strictEqual(requests.open, 0)
    assert.instanceOf(await call, ClientClosed)
  })
})
