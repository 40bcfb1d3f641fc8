/**
 * The calls of a soak: joins, leaves, lists and streams of many users at once, over two layers with credentials of their
 * own. Some are interrupted.
 */
import { NodeHttpClient } from "@effect/platform-node"
import { Paginator, Participants } from "@effect-sunco/core"
import { Credentials, ParticipantsHttp } from "@effect-sunco/http"
import { Sandbox } from "@effect-sunco/testing"
import { Context, Data, Duration, Effect, Exit, Layer, Option, Random, Redacted, Ref, Stream } from "effect"
import { HttpClient, HttpClientRequest } from "effect/http"
import { callHeader, token } from "./soakCounts.ts"
import type { makeWatch } from "./soakWatch.ts"

/** How many calls run at once on each layer. */
const fibersPerLayer = 32

/** Calls come in waves. Between two of them a layer has a second without a queue, and forgets that it met 429s. */
const waveLength = 2500
const pause = Duration.millis(1200)

/** How many requests the second layer sends at once. */
export const concurrency = 16

const { appId, conversationId, keyId, secret } = Sandbox.demo
const conversation = { appId, conversationId }

/** Names the call of a request, and its user. */
const CurrentCall = Context.Reference<string>("CurrentCall", { defaultValue: () => "" })

// ---------------------------------------------------------------------------
// Layers
// ---------------------------------------------------------------------------

class NoToken extends Data.TaggedError("NoToken")<{}> {}

/** A source of tokens that fails, breaks or does not answer now and then. */
const tokens = Effect.flatMap(Random.next, (draw) => {
  if (draw < 0.02) return Effect.fail(new NoToken())
  if (draw < 0.03) return Effect.die(new Error("the vault broke"))
  if (draw < 0.031) return Effect.never
  return Effect.as(Effect.yieldNow, Redacted.make(token))
})

/** Counts the requests that have no answer yet. */
const makeMeter = () => {
  let now = 0
  let most = 0
  return {
    /** The most since the last time this was asked. */
    takeMost: () => {
      const taken = most
      most = now
      return taken
    },
    through: <A, E, R>(request: Effect.Effect<A, E, R>) =>
      Effect.suspend(() => {
        most = Math.max(most, ++now)
        return Effect.ensuring(
          request,
          Effect.sync(() => {
            now--
          }),
        )
      }),
  }
}

/** Two layers for one server. */
export const makeServices = Effect.fnUntraced(function* (baseUrl: string) {
  const meter = makeMeter()
  const named = HttpClient.mapRequestEffect((request: HttpClientRequest.HttpClientRequest) =>
    Effect.map(CurrentCall, (call) => HttpClientRequest.setHeader(request, callHeader, call)),
  )
  const options = {
    baseUrl,
    maxBodySize: 65_536,
    retryPolicy: {
      attemptTimeout: "750 millis",
      deadline: "5 seconds",
      base: "5 millis",
      cap: "50 millis",
      verify: { attempts: 2, delay: "5 millis" },
    },
  } as const
  const undici = yield* Layer.build(Layer.fresh(NodeHttpClient.layerUndici))
  const nodeHttp = yield* Layer.build(Layer.fresh(NodeHttpClient.layerNodeHttp))
  const byKey = yield* ParticipantsHttp.make({
    ...options,
    credentials: Credentials.basic({ keyId, secret: Redacted.make(secret) }),
    transformClient: named,
  }).pipe(Effect.provide(undici))
  const byToken = yield* ParticipantsHttp.make({
    ...options,
    credentials: Credentials.bearer(tokens, { timeToLive: "20 millis" }),
    limits: { concurrency },
    transformClient: (client) => HttpClient.transform(named(client), meter.through),
  }).pipe(Effect.provide(nodeHttp))
  return { services: [byKey, byToken], limited: byToken, takeMost: meter.takeMost }
})

export type Services = Effect.Success<ReturnType<typeof makeServices>>

// ---------------------------------------------------------------------------
// Calls
// ---------------------------------------------------------------------------

interface Ended {
  readonly operation: string
  readonly outcome: string
  /** The name of a join that says that it was not made. */
  readonly rejected: string | undefined
}

/** The calls of one user, one after the other. A user who may be a member leaves first, so memberships do not pile up. */
const makeUser = (
  service: Participants.Participants["Service"],
  userId: string,
  seed: string,
  watch: ReturnType<typeof makeWatch>,
) => {
  let mayBeMember = true
  let calls = 0

  return Effect.gen(function* () {
    const draw = yield* Random.next
    const [operation, run] =
      draw < 0.6
        ? mayBeMember
          ? (["leave", service.leave({ ...conversation, userId })] as const)
          : (["join", service.join({ ...conversation, userId })] as const)
        : draw < 0.9
          ? (["list", service.list(conversation)] as const)
          : ([
              "paging",
              Paginator.stream({ ...conversation, pageSize: 20 }).pipe(
                Stream.runDrain,
                Effect.provideService(Participants.Participants, service),
              ),
            ] as const)
    const name = `${seed}/${userId}/${++calls}`
    const patience = (yield* Random.next) < 0.02 ? Duration.millis((yield* Random.next) * 10) : Duration.infinity
    const exit = yield* watch
      .watched(run)
      .pipe(Effect.timeoutOption(patience), Effect.provideService(CurrentCall, `${name} ${userId}`), Effect.exit)
    const outcome = outcomeOf(exit)
    if (operation === "join") mayBeMember = true
    if (operation === "leave" && (outcome === "ok" || outcome === "NotFound")) mayBeMember = false
    const isRejected = operation === "join" && !["ok", "interrupted", "OutcomeUnknown", "defect"].includes(outcome)
    const ended: Ended = { operation, outcome, rejected: isRejected ? name : undefined }
    return ended
  })
}

const outcomeOf = (
  exit: Exit.Exit<Option.Option<unknown>, { readonly _tag: string; readonly reason?: { readonly _tag: string } }>,
): string => {
  if (Exit.isSuccess(exit)) return Option.isNone(exit.value) ? "interrupted" : "ok"
  const error = Exit.findErrorOption(exit)
  return Option.match(error, {
    onNone: () => "defect",
    onSome: ({ _tag, reason }) => (_tag === "SunshineError" && reason !== undefined ? reason._tag : _tag),
  })
}

/** Runs calls of many users at once. */
export const runCalls = Effect.fnUntraced(function* (
  { services }: Services,
  count: number,
  seed: string,
  watch: ReturnType<typeof makeWatch>,
  onEnd: (ended: Ended) => void,
) {
  const wave = yield* Ref.make(0)
  const takeOne = Ref.modify(wave, (left) => [left > 0, left - 1])
  const users = services.flatMap((service, layer) =>
    Array.from({ length: fibersPerLayer }, (_, index) => {
      const number = 72 - layer * fibersPerLayer - index
      return makeUser(service, `67179a2930a150d5${String(number).padStart(8, "0")}`, seed, watch)
    }),
  )
  const runWave = Effect.forEach(
    users,
    (call) =>
      Effect.gen(function* () {
        while (yield* takeOne) onEnd(yield* call)
      }),
    { concurrency: "unbounded", discard: true },
  )
  for (let left = count; left > 0; left -= waveLength) {
    if (left < count) yield* Effect.sleep(pause)
    yield* Ref.set(wave, Math.min(left, waveLength))
    yield* Random.withSeed(runWave, `${seed}/${left}`)
  }
})

/** How many requests go at once on the layer with a limit, when more than that would like to. */
export const probePermits = Effect.fnUntraced(function* ({ limited, takeMost }: Services) {
  yield* Effect.sleep(pause)
  takeMost()
  const list = Effect.exit(limited.list(conversation))
  const round = Effect.all(
    Array.from({ length: 4 * concurrency }, () => list),
    { concurrency: "unbounded" },
  )
  yield* Effect.repeat(round, { times: 2 })
  return takeMost()
})
