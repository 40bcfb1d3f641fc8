/**
 * Many mixed calls under faults over real sockets, and a count of what is left of them.
 */
import { Data, Duration, Effect, Metric, Schema } from "effect"
import { Worker } from "node:worker_threads"
import { concurrency, makeServices, probePermits, runCalls } from "./soakCalls.ts"
import { liveFibers, type Message, ServerCounts } from "./soakCounts.ts"
import { makeWatch } from "./soakWatch.ts"

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
  /** How many requests went at once on the layer that limits them: the most, and once all calls had ended. */
  readonly atOnce: { readonly most: number; readonly after: number }
  readonly found: ReturnType<ReturnType<typeof makeWatch>["found"]>
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
export const problems = ({ after, atOnce, before, calls, ended, found }: Figures): ReadonlyArray<string> => {
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
    ...more("requests at once", atOnce.most, concurrency),
    ...(atOnce.after < concurrency ? [`permits: ${atOnce.after} of ${concurrency} are left`] : []),
    ...more("joins that were written twice", ended.server.doubleWrites, 0),
    ...more("joins that were written, and failed as if they were not", ended.server.deniedWrites, 0),
    ...more("defects", found.defects, 0),
    ...more("credentials in errors, logs and spans", found.secrets, 0),
    ...found.samples,
  ]
}

const megabytes = (bytes: number) => `${(bytes / 1_000_000).toFixed(1)} MB`

/** The figures as lines of a name and a value. */
export const describe = ({ after, atOnce, before, calls, duration, ended, found, outcomes }: Figures) => {
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
    ["permits", `${atOnce.most} of ${concurrency} used at most, ${atOnce.after} after`],
    [
      "writes",
      `${whole(ended.server.joins)} joins, ${ended.server.doubleWrites} twice, ${ended.server.deniedWrites} denied`,
    ],
    ["defects", whole(found.defects)],
    ["credentials", `${whole(found.secrets)} in errors, logs and spans`],
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

const tell = (worker: Worker, message: Message) => worker.postMessage(message)

const startServer = Effect.gen(function* () {
  const worker = yield* Effect.acquireRelease(
    Effect.sync(() => new Worker(new URL("soakServer.ts", import.meta.url))),
    (worker) =>
      Effect.callback<void>((resume) => {
        worker.once("exit", () => resume(Effect.void))
        tell(worker, "stop")
      }),
  )
  worker.on("error", (error) => {
    throw error
  })
  const baseUrl = String(yield* messageOf(worker))
  const counts = Effect.suspend(() => {
    const answer = messageOf(worker)
    tell(worker, "count")
    return answer
  }).pipe(Effect.flatMap(Schema.decodeUnknownEffect(ServerCounts)), Effect.orDie)
  return { baseUrl, counts, reject: (join: string) => tell(worker, { rejected: [join] }) }
})

// ---------------------------------------------------------------------------
// The soak
// ---------------------------------------------------------------------------

export const soak = Effect.fnUntraced(
  function* (calls: number) {
    const collect = yield* collector
    const { baseUrl, counts, reject } = yield* startServer
    const census = Effect.flatMap(counts, (server) => takeCensus(collect, server))
    const outcomes = new Map<string, Map<string, number>>()
    const watch = makeWatch()

    // What is compiled and loaded once, for good, is there before the first census.
    yield* Effect.scoped(
      Effect.flatMap(makeServices(baseUrl), (services) => runCalls(services, 400, "before", watch, () => {})),
    )
    const before = yield* settled(census, ({ server }) => server.connections === 0)

    const run = Effect.gen(function* () {
      const services = yield* makeServices(baseUrl)
      const [duration] = yield* Effect.timed(
        runCalls(services, calls, "soak", watch, ({ operation, outcome, rejected }) => {
          const ways = outcomes.get(operation) ?? new Map<string, number>()
          outcomes.set(operation, ways.set(outcome, (ways.get(outcome) ?? 0) + 1))
          if (rejected !== undefined) reject(rejected)
        }),
      )
      const most = services.takeMost()
      const atOnce = { most, after: yield* probePermits(services) }
      return { duration, atOnce, after: yield* census }
    })
    const { after, atOnce, duration } = yield* Effect.scoped(run)
    const ended = yield* settled(census, ({ resources, server }) => {
      return server.connections === 0 && server.fibers <= before.server.fibers && resources <= before.resources
    })
    const figures: Figures = { calls, outcomes, duration, before, after, ended, atOnce, found: watch.found() }
    return figures
  },
  Effect.scoped,
  Effect.provideService(Metric.FiberRuntimeMetrics, fibers.service),
)

/** A census when all has ended that ends with a layer; what has not after two seconds never will. */
const settled = (census: Effect.Effect<Census>, isSettled: (census: Census) => boolean) =>
  census.pipe(Effect.delay("100 millis"), Effect.repeat({ until: isSettled, times: 20 }))
