/**
 * Limits what is sent: requests per window, requests at once, and none for a while to an API that is down.
 *
 *     node examples/src/limit-requests.ts
 */
import { NodeHttpClient, NodeRuntime } from "@effect/platform-node"
import { Participants } from "@effect-sunco/core"
import { ParticipantsHttp } from "@effect-sunco/http"
import { Clock, Console, Effect, Layer } from "effect"
import { HttpClient } from "effect/http"
import { CircuitBreaker, RateLimiter } from "effect/persistence"
import * as Environment from "./support/Environment.ts"
import { reportFailure } from "./support/reportFailure.ts"

/** A store in memory is for one process. With `layerStoreRedis`, all that use the same Redis share the budget. */
const LimitsLive = Layer.merge(
  RateLimiter.layer.pipe(Layer.provide(RateLimiter.layerStoreMemory)),
  // Opens after three failures in a row, and lets one request through after a second.
  CircuitBreaker.layer({ tripPolicy: CircuitBreaker.consecutive(3), openDuration: "1 second" }).pipe(
    Layer.provide(CircuitBreaker.layerStoreMemory()),
  ),
)

/** The service within its limits; `onRequest` runs for all that is sent, retries too. */
const participantsLayer = (options: { readonly onRequest: Effect.Effect<void>; readonly baseUrl?: string }) =>
  Layer.unwrap(
    Effect.gen(function* () {
      const environment = yield* ParticipantsHttp.config
      return ParticipantsHttp.layer({
        ...environment,
        baseUrl: options.baseUrl ?? environment.baseUrl,
        limits: {
          rate: { limiter: yield* RateLimiter.RateLimiter, limit: 5, window: "1 second" },
          concurrency: 2,
          circuitBreaker: yield* CircuitBreaker.CircuitBreaker,
        },
        retryPolicy: { attempts: 1 },
        transformClient: HttpClient.tapRequest(() => options.onRequest),
      })
    }),
  ).pipe(Layer.provide(LimitsLive), Layer.provide(NodeHttpClient.layerUndici))

const row = (name: string, value: string) => Console.log(`  ${name.padEnd(8)} ${value}`)

const aCrowd = Effect.gen(function* () {
  const seconds: Array<number> = []
  const startedAt = yield* Clock.currentTimeMillis
  const onRequest = Effect.map(Clock.currentTimeMillis, (now) => {
    seconds.push(Math.floor((now - startedAt) / 1_000))
  })

  yield* Console.log("12 calls at once, with 5 requests per second and 2 at a time")
  const conversation = yield* Environment.conversation
  yield* Effect.gen(function* () {
    const { list } = yield* Participants.Participants
    const calls = Array.from({ length: 12 }, () => list({ ...conversation, page: { size: 1 } }))
    yield* Effect.all(calls, { concurrency: "unbounded" })
  }).pipe(Effect.provide(participantsLayer({ onRequest })))

  for (const second of new Set(seconds)) {
    const sent = seconds.filter((other) => other === second).length
    yield* row(`second ${second + 1}`, `${"#".repeat(sent).padEnd(5)}  ${sent} sent`)
  }
})

const anApiThatIsDown = Effect.gen(function* () {
  let sent = 0
  const onRequest = Effect.sync(() => {
    sent += 1
  })

  yield* Console.log("\nAn API that is down, and a circuit that opens after 3 failures in a row")
  const conversation = yield* Environment.conversation
  yield* Effect.gen(function* () {
    const { list } = yield* Participants.Participants
    const call = Effect.fnUntraced(function* (name: string) {
      const before = sent
      const answer = yield* Effect.match(list(conversation), {
        onSuccess: () => "an answer",
        onFailure: ({ message }) => message,
      })
      yield* row(name, `${sent > before ? "sent    " : "not sent"}  ${answer}`)
    })
    for (const number of [1, 2, 3, 4, 5]) yield* call(`call ${number}`)
    yield* Effect.sleep("1 second")
    yield* call("later")
    // Nobody listens on this port of this machine.
  }).pipe(Effect.provide(participantsLayer({ onRequest, baseUrl: "http://127.0.0.1:1" })))
})

Effect.andThen(aCrowd, anApiThatIsDown).pipe(
  Effect.provide(Environment.layer({ participants: 250 })),
  reportFailure,
  NodeRuntime.runMain({ disableErrorReporting: true }),
)
