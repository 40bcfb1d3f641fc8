/**
 * Many callers at once, on real sockets, to a server that answers more than 100 requests a second with 429. The algorithm
 * is tested by simulation in packages/http/test/pacing.test.ts; this holds the whole.
 */
import { Participants } from "@effect-sunco/core"
import { Credentials, ParticipantsHttp } from "@effect-sunco/http"
import { NodeHttpClient } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Redacted } from "effect"
import { createServer } from "node:http"

const budget = 100
const callers = 400

/** A server with windows of a second, which the first request opens. */
const limited = Effect.acquireRelease(
  Effect.callback<{ readonly baseUrl: string; readonly requests: () => number; readonly close: () => void }>(
    (resume) => {
      let windowEnd = 0
      let used = 0
      let requests = 0
      const server = createServer((_, response) => {
        requests++
        const now = performance.now()
        if (now >= windowEnd) {
          windowEnd = now + 1000
          used = 0
        }
        if (++used > budget) response.writeHead(429, { "retry-after": "1" }).end()
        else response.end(`{"participants":[]}`)
      })
      server.listen(0, "127.0.0.1", () => {
        const address = server.address()
        const port = typeof address === "object" && address !== null ? address.port : 0
        resume(
          Effect.succeed({
            baseUrl: `http://127.0.0.1:${port}`,
            requests: () => requests,
            close: () => server.close(),
          }),
        )
      })
    },
  ),
  ({ close }) => Effect.sync(close),
)

describe("many callers at once", () => {
  it.live("all succeed when the server limits its rate, with few requests more than calls", () =>
    Effect.gen(function* () {
      const { baseUrl, requests } = yield* limited
      const credentials = Credentials.basic({ keyId: "app_sandbox", secret: Redacted.make("sandbox-secret") })
      const layer = ParticipantsHttp.layer({ baseUrl, credentials }).pipe(Layer.provide(NodeHttpClient.layerUndici))
      const begin = performance.now()
      yield* Effect.gen(function* () {
        const { list } = yield* Participants.Participants
        const calls = Array.from({ length: callers }, () => list({ appId: "app", conversationId: "conversation" }))
        // A call that fails fails the test.
        yield* Effect.all(calls, { concurrency: "unbounded" })
      }).pipe(Effect.provide(layer))
      const seconds = (performance.now() - begin) / 1000
      assert.isAtMost(requests() / callers, 1.25)
      assert.isAtMost(seconds / (callers / budget), 1.5)
    }).pipe(Effect.scoped),
  )
})
