/**
 * `onEvent` gets each attempt, wait, verification, renewed credential and end of a call, with the fields of the spans. The
 * client writes no logs of its own.
 */
import { afterEach, assert, describe, expect, it, vi } from "vitest"
import { type ClientEvent, createClient, Credentials } from "../src/index.ts"
import { answering, clientOver, conversation, json, page, refusal, rejectionOf } from "./support/fetches.ts"

/** An event without its times. */
const timeless = (event: ClientEvent) => {
  if (!("millis" in event)) return event
  const { millis, ...rest } = event
  assert.isAtLeast(millis, 0)
  return rest
}

/** Events in the order they came. */
const observe = () => {
  const events: Array<ReturnType<typeof timeless>> = []
  return { events, onEvent: (event: ClientEvent) => void events.push(timeless(event)) }
}

const roster = () => json(200, { participants: [{ id: "membership", userId: "user" }], meta: { hasMore: false } })

const about = (operation: "join" | "list") => ({ operation, ...conversation })
const template = "/v2/apps/{appId}/conversations/{conversationId}"
const list = { ...about("list"), method: "GET", template: `${template}/participants` } as const
const server = { serverAddress: "api.smooch.io", serverPort: 443 }

afterEach(() => {
  vi.restoreAllMocks()
})

describe("onEvent", () => {
  it("gets the requests, the wait and the end of a list that was refused once", async () => {
    const { events, onEvent } = observe()
    const answers = answering(
      () => refusal(503, "unavailable", "Try later"),
      () => page(2),
    )
    await using client = clientOver(answers, { onEvent, retryPolicy: { baseMs: 1 } })
    await client.list(conversation)
    assert.deepStrictEqual(
      events.filter(({ _tag }) => _tag !== "Waited"),
      [
        {
          ...list,
          ...server,
          _tag: "RequestEnded",
          purpose: "call",
          resendCount: 0,
          status: 503,
          outcome: "ambiguous",
          errorType: "ServerError",
        },
        { ...about("list"), _tag: "Retried", purpose: "call", resendCount: 1, cause: "ServerError" },
        {
          ...list,
          ...server,
          _tag: "RequestEnded",
          purpose: "call",
          resendCount: 1,
          status: 200,
          outcome: "success",
          errorType: undefined,
        },
        {
          ...about("list"),
          _tag: "CallEnded",
          attempts: 2,
          outcome: "success",
          errorType: undefined,
          participants: 2,
        },
      ],
    )
  })

  it("gets the verification of a join whose answer was lost", async () => {
    const { events, onEvent } = observe()
    const answers = answering(() => refusal(500, "internal", "Lost"), roster)
    await using client = clientOver(answers, { onEvent, retryPolicy: { verify: { attempts: 1, delayMs: 1 } } })
    await client.join({ ...conversation, userId: "user" })
    assert.deepStrictEqual(
      events.map((event) => {
        switch (event._tag) {
          case "RequestEnded":
            return [event._tag, event.purpose, event.method, event.template, event.status]
          case "Verified":
            return [event._tag, event.result]
          case "Waited":
            return [event._tag, event.cause, event.interrupted]
          case "WriteInDoubt":
            return [event._tag, event.cause]
          case "WriteSettled":
            return [event._tag, event.as]
          case "CallEnded":
            return [event._tag, event.attempts, event.outcome]
          case "CredentialRenewed":
          case "Retried":
            return [event._tag]
        }
      }),
      [
        ["RequestEnded", "call", "POST", `${template}/join`, 500],
        ["WriteInDoubt", "ServerError"],
        ["Waited", "verification", false],
        ["RequestEnded", "verification", "GET", `${template}/participants`, 200],
        ["Verified", "shown"],
        ["WriteSettled", "shown"],
        ["CallEnded", 1, "success"],
      ],
    )
  })

  it("gets the credential that was renewed after a 401", async () => {
    const { events, onEvent } = observe()
    const tokens = ["old", "new"]
    const seen: Array<string | null> = []
    await using client = createClient({
      credentials: Credentials.bearer(() => tokens.shift() ?? "none"),
      onEvent,
      fetch: (_, init) => {
        const authorization = new Headers(init?.headers).get("authorization")
        seen.push(authorization)
        return Promise.resolve(authorization === "Bearer new" ? page(1) : refusal(401, "unauthorized", "No"))
      },
    })
    await client.list(conversation)
    assert.deepStrictEqual(seen, ["Bearer old", "Bearer new"])
    assert.deepInclude(events, { ...about("list"), _tag: "CredentialRenewed", cause: "refused" })
  })

  it("gets nothing of what a server sent, of users, and of credentials", async () => {
    const { events, onEvent } = observe()
    await using client = clientOver(
      answering(() => refusal(404, "not_found", "the-title")),
      { onEvent },
    )
    await rejectionOf(client.leave({ ...conversation, userId: "somebody" }))
    assert.isNotEmpty(events)
    for (const text of ["the-title", "somebody", "a-secret", "app_key"]) assert.notInclude(JSON.stringify(events), text)
  })

  it("fails no call when it throws, and what it throws is on the console", async () => {
    const log = vi.spyOn(console, "log").mockImplementation(() => {})
    await using client = clientOver(
      answering(() => page(1)),
      {
        onEvent: () => {
          throw new Error("a bug of the application")
        },
      },
    )
    const { participants } = await client.list(conversation)
    assert.lengthOf(participants, 1)
    await vi.waitFor(() => expect(log.mock.calls.flat().join(" ")).toContain("a bug of the application"))
  })
})

describe("the client", () => {
  it("writes nothing to the console", async () => {
    const methods = ["debug", "error", "info", "log", "trace", "warn"] as const
    const written = methods.map((method) => vi.spyOn(console, method))
    const streams = [vi.spyOn(process.stdout, "write"), vi.spyOn(process.stderr, "write")]
    const answers = answering(() => refusal(500, "internal", "Lost"), roster)
    await using client = clientOver(answers, { retryPolicy: { verify: { attempts: 1, delayMs: 1 } } })
    await client.join({ ...conversation, userId: "user" })
    await rejectionOf(client.list({ ...conversation, page: { size: 0 } }))
    for (const write of [...written, ...streams]) expect(write).not.toHaveBeenCalled()
  })
})
