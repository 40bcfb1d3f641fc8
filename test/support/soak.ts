/**
 * Many mixed calls under faults over real sockets, and a count of what is left of them.
 */
import { NodeHttpClient } from "@effect/platform-node"
import { Paginator, Participants } from "@effect-sunco/core"
import { Credentials, ParticipantsHttp } from "@effect-sunco/http"
import { Sandbox } from "@effect-sunco/testing"
import { Data, Duration, Effect, Layer, Metric, Option, Random, Redacted, Ref, Result, Schema, Stream } from "effect"
import { Worker } from "node:worker_threads"
import { liveFibers, ServerCounts } from "./soakCounts.ts"

/** How many calls run at once. */
const concurrency = 32

/** How much a heap may grow that has no leak: the engine compiles and caches as it goes. Bytes, then bytes per call. */
const noise = 3_000_000
const noisePerCall = 20

// ---------------------------------------------------------------------------
// Figures
// ---------------------------------------------------------------------------

/** What there is at one moment, of the client in this thread and of the server in its own. */
interface Census {
  readonly heap: number
  readonly timers: number
  /** All that keeps the event loop alive, timers among it. */
  readonly resources: number
  readonly fibers: number
  readonly server: ServerCounts
}

export interface Figures {
  readonly calls: number
  /** How often the calls of an operation ended in which way. */
  readonly outcomes: ReadonlyMap<string, ReadonlyMap<string, number>>
  readonly duration: Duration.Duration
  /** Before the first call, after the last one, and when the layer has ended. */
  readonly before: Census
  readonly after: Census
  readonly ended: Census
}

class NoCollector extends Data.TaggedError("NoCollector")<{}> {
  override readonly message = "memory can be measured with --expose-gc only"
}

const collector = Effect.suspend(() =>
  globalThis.gc === undefined ? Effect.fail(new NoCollector()) : Effect.succeed(globalThis.gc),
)

const turn = Effect.callback<void>((resume) => {
  setImmediate(() => resume(Effect.void))
})

const fibers = liveFibers()

const takeCensus = Effect.fnUntraced(function* (collect: NodeJS.GCFunction, server: ServerCounts) {
  // What a finalizer lets go of is collected in the next round.
  for (let round = 0; round < 3; round++) {
    collect()
    yield* turn
  }
  const resources = process.getActiveResourcesInfo()
  const census: Census = {
    heap: process.memoryUsage().heapUsed,
    timers: resources.filter((resource) => resource === "Timeout").length,
    resources: resources.length,
    fibers: fibers.count(),
    server,
  }
  return census
})

/** What should not be there after a soak; nothing if all is well. */
export const leaks = ({ after, before, calls, ended }: Figures): ReadonlyArray<string> => {
  const more = (what: string, is: number, was: number) => (is > was ? [`${what}: ${is}, and ${was} before`] : [])
  return [
    ...(after.heap - before.heap > noise + noisePerCall * calls
      ? [`heap: ${megabytes(after.heap)}, and ${megabytes(before.heap)} before`]
      : []),
    ...more("timers", after.timers, before.timers),
    ...more("resources", ended.resources, before.resources),
    ...more("fibers", after.fibers, before.fibers),
    ...more("sockets", ended.server.connections, 0),
    ...more("fibers of the server", ended.server.fibers, before.server.fibers),
  ]
}

const megabytes = (bytes: number) => `${(bytes / 1_000_000).toFixed(1)} MB`

/** The figures as lines of a name and a value. */
export const describe = ({ after, before, calls, duration, ended, outcomes }: Figures) => {
  const whole = (count: number) => count.toLocaleString("en")
  const requests = after.server.requests - before.server.requests
  const faults = after.server.faults - before.server.faults
  const lines: ReadonlyArray<readonly [name: string, value: string]> = [
    ["calls", whole(calls)],
    ...Array.from(outcomes, ([operation, ways]): readonly [string, string] => [
      operation,
      Array.from(ways, ([way, count]) => `${whole(count)} ${way}`).join(", "),
    ]),
    ["requests", `${whole(requests)}, of which ${whole(faults)} met a fault`],
    ["duration", `${Duration.toSeconds(duration).toFixed(1)} s`],
    ["rate", `${Math.round(calls / Duration.toSeconds(duration))} calls/s`],
    ["heap", `${megabytes(before.heap)} before, ${megabytes(after.heap)} after`],
    ["sockets", `${after.server.connections} kept alive after, ${ended.server.connections} when the layer has ended`],
    ["timers", `${before.timers} before, ${after.timers} after`],
    ["resources", `${before.resources} before, ${ended.resources} when the layer has ended`],
    ["fibers", `${before.fibers} before, ${after.fibers} after`],
    ["server", `fibers: ${before.server.fibers} before, ${ended.server.fibers} when the layer has ended`],
  ]
  return lines
}

// ---------------------------------------------------------------------------
// The server
// ---------------------------------------------------------------------------

/** The next message of a worker. */
const messageOf = (worker: Worker) =>
  Effect.callback<unknown>((resume) => {
    worker.once("message", (message) => resume(Effect.succeed(message)))
  })

const startServer = Effect.gen(function* () {
  const worker = yield* Effect.acquireRelease(
    Effect.sync(() => new Worker(new URL("soakServer.ts", import.meta.url))),
    (worker) =>
      Effect.callback<void>((resume) => {
        worker.once("exit", () => resume(Effect.void))
        worker.postMessage("stop")
      }),
  )
  worker.on("error", (error) => {
    throw error
  })
  const baseUrl = String(yield* messageOf(worker))
  const counts = Effect.suspend(() => {
    const answer = messageOf(worker)
    worker.postMessage("count")
    return answer
  }).pipe(Effect.flatMap(Schema.decodeUnknownEffect(ServerCounts)), Effect.orDie)
  return { baseUrl, counts }
})

// ---------------------------------------------------------------------------
// The calls
// ---------------------------------------------------------------------------

const { appId, conversationId, keyId, secret } = Sandbox.demo
const conversation = { appId, conversationId }

const clientLayer = (baseUrl: string) =>
  ParticipantsHttp.layer({
    baseUrl,
    credentials: Credentials.basic({ keyId, secret: Redacted.make(secret) }),
    retryPolicy: {
      attemptTimeout: "250 millis",
      deadline: "5 seconds",
      base: "5 millis",
      cap: "50 millis",
      verify: { attempts: 2, delay: "5 millis" },
    },
  }).pipe(Layer.provide(NodeHttpClient.layerUndici))

/** One call of some kind; one in fifty is interrupted. */
const call = Effect.fnUntraced(function* (userId: string) {
  const { join, leave, list } = yield* Participants.Participants
  const draw = yield* Random.next
  const [operation, run] =
    draw < 0.3
      ? (["join", join({ ...conversation, userId })] as const)
      : draw < 0.6
        ? (["leave", leave({ ...conversation, userId })] as const)
        : draw < 0.9
          ? (["list", list(conversation)] as const)
          : (["paging", Stream.runDrain(Paginator.stream({ ...conversation, pageSize: 20 }))] as const)
  const patience = (yield* Random.next) < 0.02 ? Duration.millis((yield* Random.next) * 10) : Duration.infinity
  const end = yield* Effect.result(Effect.timeoutOption(run, patience))
  const outcome = Result.match(end, {
    onSuccess: (value) => (Option.isNone(value) ? "interrupted" : "ok"),
    onFailure: (error) => (error._tag === "SunshineError" ? error.reason._tag : error._tag),
  })
  return { operation, outcome }
})

/** Runs calls, each of `concurrency` fibers one after the other, with a user of its own. */
const runCalls = Effect.fnUntraced(function* (
  count: number,
  seed: string,
  onEnd: (ended: { readonly operation: string; readonly outcome: string }) => void,
) {
  const users = yield* Stream.runCollect(Paginator.stream(conversation)).pipe(
    Effect.retry({ times: 10 }),
    Effect.map((participants) => participants.map(({ userId }) => userId)),
  )
  const left = yield* Ref.make(count)
  const takeOne = Ref.modify(left, (count) => [count > 0, count - 1])
  yield* Effect.forEach(
    users.slice(-concurrency),
    (userId, index) =>
      Effect.gen(function* () {
        while (yield* takeOne) onEnd(yield* call(userId))
      }).pipe(Random.withSeed(`${seed}/${index}`)),
    { concurrency: "unbounded", discard: true },
  )
})

// ---------------------------------------------------------------------------
// The soak
// ---------------------------------------------------------------------------

export const soak = Effect.fnUntraced(
  function* (calls: number) {
    const collect = yield* collector
    const { baseUrl, counts } = yield* startServer
    const census = Effect.flatMap(counts, (server) => takeCensus(collect, server))
    const outcomes = new Map<string, Map<string, number>>()
    const note = ({ operation, outcome }: { readonly operation: string; readonly outcome: string }) => {
      const ways = outcomes.get(operation) ?? new Map<string, number>()
      outcomes.set(operation, ways.set(outcome, (ways.get(outcome) ?? 0) + 1))
    }

    // What is compiled and loaded once, for good, is there before the first census.
    yield* Effect.provide(
      runCalls(400, "before", () => {}),
      clientLayer(baseUrl),
    )
    const before = yield* settled(census, ({ server }) => server.connections === 0)

    const run = Effect.gen(function* () {
      const [duration] = yield* Effect.timed(runCalls(calls, "soak", note))
      return { duration, after: yield* census }
    })
    const { after, duration } = yield* Effect.provide(run, clientLayer(baseUrl))
    const ended = yield* settled(census, ({ resources, server }) => {
      return server.connections === 0 && server.fibers <= before.server.fibers && resources <= before.resources
    })
    const figures: Figures = { calls, outcomes, duration, before, after, ended }
    return figures
  },
  Effect.scoped,
  Effect.provideService(Metric.FiberRuntimeMetrics, fibers.service),
)

/** A census when all has ended that ends with a layer; what has not after two seconds never will. */
const settled = (census: Effect.Effect<Census>, isSettled: (census: Census) => boolean) =>
  census.pipe(Effect.delay("100 millis"), Effect.repeat({ until: isSettled, times: 20 }))
