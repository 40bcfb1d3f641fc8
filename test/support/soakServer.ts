/**
 * The local API on a free port, in a thread of its own, so that what it keeps of each request does not count as memory
 * of the client. It is told in messages to count what it has, and to end.
 */
import { NodeHttpServer } from "@effect/platform-node"
import { Faults, LocalApi, Sandbox } from "@effect-sunco/testing"
import { Deferred, Effect, Layer, Metric } from "effect"
import { HttpServer } from "effect/http"
import { createServer } from "node:http"
import { parentPort } from "node:worker_threads"
import { liveFibers, type ServerCounts } from "./soakCounts.ts"

/** All kinds of faults, those that wait with waits that a soak has time for. */
const faults: ReadonlyArray<Faults.Fault> = [
  ...Faults.all.filter(({ _tag }) => _tag !== "Delay" && _tag !== "SlowDrip" && _tag !== "Status"),
  Faults.status(429),
  Faults.status(500),
  Faults.status(502, { when: "after" }),
  Faults.status(503),
  Faults.delay("50 millis"),
  Faults.slowDrip("50 millis"),
]

const seeded = Faults.seeded({ seed: "soak", rate: 0.1, faults })

/** `Retry-After` has whole seconds, and holds everybody: it comes seldom. */
const plan: Faults.Plan = {
  next: (operation, number, conversation) =>
    number % 5_000 === 600
      ? Effect.succeed(Faults.status(429, { retryAfter: 1 }))
      : number % 1_000 === 250
        ? Effect.succeed(Faults.status(503, { retryAfter: 1 }))
        : seeded.next(operation, number, conversation),
}

const fibers = liveFibers()

const program = Effect.gen(function* () {
  if (parentPort === null) return yield* Effect.die(new Error("this is no program: start it as a worker"))
  const port = parentPort
  const server = createServer()
  const stopped = yield* Deferred.make<void>()

  yield* Effect.gen(function* () {
    const sandbox = yield* Sandbox.Sandbox
    const connections = Effect.callback<number>((resume) => {
      server.getConnections((error, count) => resume(error === null ? Effect.succeed(count) : Effect.die(error)))
    })
    const count = Effect.gen(function* () {
      const arrivals = yield* sandbox.arrivals
      const counts: ServerCounts = {
        requests: arrivals.length,
        faults: arrivals.filter(({ fault }) => fault !== undefined).length,
        connections: yield* connections,
        fibers: fibers.count(),
      }
      port.postMessage(counts)
    })
    const run = Effect.runForkWith(yield* Effect.context())
    port.on("message", (message) => {
      if (message === "stop") Deferred.doneUnsafe(stopped, Effect.void)
      else run(count)
    })
    port.postMessage(HttpServer.formatAddress((yield* HttpServer.HttpServer).address))
    yield* Deferred.await(stopped)
  }).pipe(
    Effect.provide(
      LocalApi.layerServer(Sandbox.demoSeed({ members: 72, faults: plan })).pipe(
        Layer.provideMerge(NodeHttpServer.layer(() => server, { host: "127.0.0.1", port: 0 })),
      ),
    ),
  )
  port.close()
}).pipe(Effect.provideService(Metric.FiberRuntimeMetrics, fibers.service))

Effect.runFork(program)
