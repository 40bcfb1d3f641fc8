/**
 * Many callers at once, no limits set, and a server that allows some requests a second and answers the rest with 429: how
 * long until all have succeeded, and how many requests it took. The clients take turns with nobody: they wait most of the
 * time, so all run side by side.
 */
import { Participants } from "@effect-sunco/core"
import { Credentials, ParticipantsHttp } from "@effect-sunco/http"
import { NodeHttpClient } from "@effect/platform-node"
import { Effect, Exit, Layer, Redacted } from "effect"
import { createServer } from "node:http"
import { conversation, page } from "../support/body.ts"
import { credentials } from "../clients/client.ts"
import { atLeast, atMost, type Section } from "../support/section.ts"

interface Load {
  readonly callers: number
  /** Requests a second. */
  readonly budget: number
  /** Milliseconds of a round trip. */
  readonly latency: number
  readonly retryAfter: boolean
}

/** A server that opens a window of a second with the first request after the last one. */
const startServer = async ({ budget, latency, retryAfter }: Load) => {
  const body = page(25)
  let windowEnd = 0
  let used = 0
  let requests = 0
  const isAllowed = () => {
    const now = performance.now()
    if (now >= windowEnd) {
      windowEnd = now + 1000
      used = 0
    }
    return ++used <= budget
  }
  const half = (run: () => void) => setTimeout(run, latency / 2)
  const server = createServer((_, response) => {
    requests++
    // Half of the way there, half of the way back.
    half(() => {
      const allowed = isAllowed()
      half(() => {
        if (!allowed) response.writeHead(429, retryAfter ? { "retry-after": "1" } : {})
        response.end(allowed ? body : "")
      })
    })
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const address = server.address()
  const port = typeof address === "object" && address !== null ? address.port : 0
  return { baseUrl: `http://127.0.0.1:${port}`, requests: () => requests, stop: () => server.close() }
}

const runLoad = async (load: Load) => {
  const server = await startServer(load)
  const { keyId, secret } = credentials
  const layer = ParticipantsHttp.layer({
    baseUrl: server.baseUrl,
    credentials: Credentials.basic({ keyId, secret: Redacted.make(secret) }),
  }).pipe(Layer.provide(NodeHttpClient.layerUndici))
  const program = Effect.gen(function* () {
    const { list } = yield* Participants.Participants
    const begin = performance.now()
    const exits = yield* Effect.forEach(
      Array.from({ length: load.callers }),
      () => Effect.exit(list({ ...conversation, page: { size: 25 } })),
      { concurrency: "unbounded" },
    )
    const ideal = load.callers / load.budget
    return {
      succeeded: exits.filter(Exit.isSuccess).length / load.callers,
      time: (performance.now() - begin) / 1000 / ideal,
      requests: server.requests() / load.callers,
    }
  })
  const result = await Effect.runPromise(Effect.provide(program, layer))
  server.stop()
  return { ...load, ...result }
}

const loads: ReadonlyArray<Load> = [
  { callers: 500, budget: 50, latency: 1, retryAfter: true },
  { callers: 500, budget: 50, latency: 100, retryAfter: true },
  { callers: 500, budget: 25, latency: 1, retryAfter: true },
  { callers: 1000, budget: 50, latency: 1, retryAfter: true },
  { callers: 1000, budget: 100, latency: 100, retryAfter: true },
  { callers: 500, budget: 50, latency: 1, retryAfter: false },
  { callers: 1000, budget: 100, latency: 100, retryAfter: false },
]

export const run: Section = async () => {
  const results = await Promise.all(loads.map(runLoad))
  const nameOf = ({ budget, callers, latency, retryAfter }: Load) =>
    `${callers} calls, ${budget} a second, ${latency} ms, ${retryAfter ? "Retry-After: 1" : "no Retry-After"}`
  return {
    tables: [
      {
        title: "Many calls at once to a server that limits its rate",
        columns: ["", "succeeded", "time over ideal", "requests per call"],
        rows: results.map((result) => [
          nameOf(result),
          `${(100 * result.succeeded).toFixed(0)} %`,
          `${result.time.toFixed(2)} x`,
          result.requests.toFixed(2),
        ]),
      },
    ],
    targets: results.flatMap((result) => [
      atLeast(`calls that succeed: ${nameOf(result)}`, 100 * result.succeeded, 100, { unit: "%" }),
      atMost(`time over ideal: ${nameOf(result)}`, result.time, result.retryAfter ? 1.15 : 1.6),
      atMost(`requests per call: ${nameOf(result)}`, result.requests, result.retryAfter ? 1.25 : 1.5),
    ]),
  }
}
