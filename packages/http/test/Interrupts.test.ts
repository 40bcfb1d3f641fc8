/**
 * An interrupt of a call before any of its steps: nothing stays counted, and no place stays taken.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Fiber, Metric, Scheduler } from "effect"
import { RateLimiter } from "effect/persistence"
import type * as ParticipantsHttp from "../src/ParticipantsHttp.ts"
import * as Api from "./support/retry.ts"

/** A scheduler that lets a fiber yield before its step `at`, and runs `then` while it waits. */
const yieldingAt = (at: number, then: () => void) => {
  const { executionMode, makeDispatcher } = new Scheduler.MixedScheduler()
  let steps = 0
  let reached = false
  const scheduler: Scheduler.Scheduler = {
    executionMode,
    makeDispatcher,
    shouldYield: () => {
      if (++steps !== at) return false
      reached = true
      queueMicrotask(then)
      return true
    },
  }
  return { scheduler, isReached: () => reached }
}

const countersOf = Effect.map(Metric.snapshot, (metrics) =>
  metrics.flatMap(({ id, state }) =>
    /active_requests|waiting_calls/.test(id) && "count" in state ? [`${id} ${state.count}`] : [],
  ),
)

const limited = Effect.map(RateLimiter.make, (limiter) => ({ limiter, limit: 100, window: 1 })).pipe(
  Effect.provide(RateLimiter.layerStoreMemory),
)

const stories: Readonly<
  Record<
    string,
    readonly [
      api: () => Api.Api,
      call: (service: Api.Service) => Effect.Effect<unknown, Api.CallError>,
      options?: Effect.Effect<Partial<ParticipantsHttp.Options>>,
    ]
  >
> = {
  "a list that is retried": [() => Api.scripted({ list: [Api.status(503), Api.roster()] }), Api.list],
  "a list that takes a token": [
    () => Api.scripted({}),
    Api.list,
    Effect.map(limited, (rate) => ({ limits: { concurrency: 1, rate } })),
  ],
  "a join that is verified and sent again": [
    () => Api.scripted({ join: [Api.reset, Api.joined], list: [Api.roster()] }),
    Api.join,
  ],
}

describe("an interrupt before any step", () => {
  for (const [what, [apiOf, call, options = Effect.succeed({})]] of Object.entries(stories)) {
    it.live(`of ${what} leaves nothing counted, and no place taken`, () =>
      Effect.gen(function* () {
        const context = yield* Effect.context<never>()
        let isReached = true
        let step = 0
        while (isReached) {
          const service = yield* Api.over(apiOf(), {
            limits: { concurrency: 1 },
            retryPolicy: { verify: { attempts: 1, delay: 1 } },
            ...(yield* options),
          })
          let fiber: Fiber.Fiber<unknown, unknown> | undefined
          const yielding = yieldingAt(++step, () => fiber?.interruptUnsafe())
          fiber = Effect.runForkWith(context)(call(service), { scheduler: yielding.scheduler })
          yield* Fiber.await(fiber)
          isReached = yielding.isReached()
          assert.isTrue(Exit.isSuccess(yield* Effect.exit(Api.leave(service))), `step ${step}`)
          const counters = yield* countersOf
          assert.isTrue(
            counters.every((counter) => counter.endsWith(" 0")),
            `step ${step}: ${counters.join(", ")}`,
          )
        }
        assert.isAbove(step, 40)
      }).pipe(Effect.provideService(Metric.MetricRegistry, new Map())),
    )
  }
})
