/**
 * The local API on a free port, in a thread of its own, so that what it keeps of each request does not count as memory
 * of the client. It is told in messages to count what it has, and to end.
 */
import { NodeHttpServer } from "@effect/platform-node"
import { Faults, LocalApi, Sandbox } from "@effect-sunco/testing"
import { Deferred, Effect, Layer, Metric, Redacted, Schema } from "effect"
import { HttpServer, HttpServerRequest, type HttpServerResponse } from "effect/http"
import { createServer } from "node:http"
import { parentPort } from "node:worker_threads"
import { callHeader, liveFibers, Message, type ServerCounts, token } from "./soakCounts.ts"
import { makeOddities } from "./soakOddities.ts"
import { makeWrites } from "./soakWrites.ts"

/** All kinds of faults, those that wait with waits that a soak has time for. The oddities have 429s of their own. */
const faults: ReadonlyArray<Faults.Fault> = [
  ...Faults.all.filter(({ _tag }) => _tag !== "Delay" && _tag !== "SlowDrip" && _tag !== "Status"),
  Faults.status(500),
  Faults.status(502, { when: "after" }),
  Faults.status(503),
  Faults.delay("50 millis"),
  Faults.slowDrip("50 millis"),
]

const plan = Faults.seeded({ seed: "soak", rate: 0.06, faults })

const { appId, conversationId } = Sandbox.demo

/** A second join of a user makes a second membership, so that it is seen. */
const demo = Sandbox.demoSeed({ members: 72, faults: plan, rules: { joiningTwice: "another participant" } })
const seed: Sandbox.Seed = {
  ...demo,
  credentials: [...demo.credentials, { token: Redacted.make(token), scope: "app", appId }],
}

const decodeMessage = Schema.decodeUnknownSync(Message)

const fibers = liveFibers()

const program = Effect.gen(function* () {
  if (parentPort === null) return yield* Effect.die(new Error("this is no program: start it as a worker"))
  const port = parentPort
  const server = createServer()
  const stopped = yield* Deferred.make<void>()
  const started = yield* Deferred.make<Sandbox.Sandbox["Service"]>()
  const oddities = makeOddities()
  const writes = makeWrites()

  /** The API with its oddities, and a look at the roster after each join. */
  const around = <E, R>(app: Effect.Effect<HttpServerResponse.HttpServerResponse, E, R>) =>
    Effect.gen(function* () {
      const request = yield* HttpServerRequest.HttpServerRequest
      const answer = oddities.apply(request, app)
      if (!request.url.endsWith("/join")) return yield* answer
      const { participants } = yield* Deferred.await(started)
      const [call = "", userId = ""] = (request.headers[callHeader] ?? "").split(" ")
      return yield* Effect.onExit(answer, () =>
        Effect.map(participants({ appId, conversationId }), (members) => writes.ended(call, userId, members)),
      )
    })

  const AroundServer = Layer.effect(
    HttpServer.HttpServer,
    Effect.map(HttpServer.HttpServer, ({ address, serve }) =>
      HttpServer.make({
        address,
        serve: (app, middleware) => (middleware === undefined ? serve(around(app)) : serve(around(app), middleware)),
      }),
    ),
  ).pipe(Layer.provideMerge(NodeHttpServer.layer(() => server, { host: "127.0.0.1", port: 0 })))

  yield* Effect.gen(function* () {
    const sandbox = yield* Sandbox.Sandbox
    writes.begin(yield* sandbox.participants({ appId, conversationId }))
    yield* Deferred.succeed(started, sandbox)
    const connections = Effect.callback<number>((resume) => {
      server.getConnections((error, count) => resume(error === null ? Effect.succeed(count) : Effect.die(error)))
    })
    const count = Effect.gen(function* () {
      const arrivals = yield* sandbox.arrivals
      const counts: ServerCounts = {
        requests: oddities.requests(),
        faults: oddities.met() + arrivals.filter(({ fault }) => fault !== undefined).length,
        connections: yield* connections,
        fibers: fibers.count(),
        ...writes.counts(),
      }
      port.postMessage(counts)
    })
    const run = Effect.runForkWith(yield* Effect.context())
    port.on("message", (input) => {
      const message = decodeMessage(input)
      if (message === "stop") Deferred.doneUnsafe(stopped, Effect.void)
      else if (message === "count") run(count)
      else writes.reject(message.rejected)
    })
    port.postMessage(HttpServer.formatAddress((yield* HttpServer.HttpServer).address))
    yield* Deferred.await(stopped)
  }).pipe(Effect.provide(LocalApi.layerServer(seed).pipe(Layer.provideMerge(AroundServer))))
  port.close()
}).pipe(Effect.provideService(Metric.FiberRuntimeMetrics, fibers.service))

Effect.runFork(program)
