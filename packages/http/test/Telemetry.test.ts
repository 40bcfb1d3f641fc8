/**
 * What an operator sees of seven stories: the spans with their times, and the metrics.
 */
import { assert, describe } from "@effect/vitest"
import { Effect, Fiber, Tracer } from "effect"
import { TestClock } from "effect/testing"
import type * as ParticipantsHttp from "../src/ParticipantsHttp.ts"
import * as Observed from "./support/observed.ts"
import {
  type Api,
  hangs,
  it,
  join,
  joined,
  leave,
  list,
  over,
  renewable,
  reset,
  roster,
  scripted,
  type Service,
  settle,
  startAt,
  status,
} from "./support/retry.ts"

interface Story {
  readonly api: Api
  readonly options?: Partial<ParticipantsHttp.Options>
  readonly calls: (service: Service) => Effect.Effect<unknown, unknown>
  readonly tree: ReadonlyArray<string>
  readonly metrics: ReadonlyArray<string>
}

const POST = "POST /v2/apps/{appId}/conversations/{conversationId}/join"
const GET = "GET /v2/apps/{appId}/conversations/{conversationId}/participants"

const stories: Readonly<Record<string, Story>> = {
  "a success": {
    api: scripted({ list: [roster("one", "two")] }),
    calls: list,
    tree: [
      "Participants.list 0-0 ms sunco.attempts=1 sunco.outcome=success",
      `  ${GET} 0-0 ms http.response.status_code=200`,
    ],
    metrics: [],
  },
  "two 503": {
    api: scripted({ list: [status(503, { retryAfter: 1 }), status(503, { retryAfter: 2 }), roster()] }),
    calls: list,
    tree: [],
    metrics: [],
  },
  "a 429 that holds two callers": {
    api: scripted({ join: [status(429, { retryAfter: 5 }), joined] }),
    calls: (service) =>
      Effect.gen(function* () {
        const later = yield* startAt(1000, list(service))
        yield* join(service)
        yield* Fiber.join(later)
      }),
    tree: [],
    metrics: [],
  },
  "a lost join that the roster shows": {
    api: scripted({ join: [reset], list: [roster("other"), roster("other", "user")] }),
    calls: join,
    tree: [],
    metrics: [],
  },
  "a lost join that stays unknown": {
    api: scripted({ join: [status(502)], list: [status(403)] }),
    calls: join,
    tree: [],
    metrics: [],
  },
  "a renewed credential": {
    api: scripted({ join: [status(401), joined] }),
    options: { credentials: renewable() },
    calls: join,
    tree: [],
    metrics: [],
  },
  "an interrupt during a wait": {
    api: scripted({ join: [status(500)] }),
    options: { retryPolicy: { verify: { attempts: 1, delay: "10 seconds" } } },
    calls: (service) =>
      Effect.gen(function* () {
        const fiber = yield* Effect.forkChild(join(service))
        yield* Effect.sleep("4 seconds")
        yield* Fiber.interrupt(fiber)
      }),
    tree: [],
    metrics: [],
  },
}

describe.each(Object.entries(stories))("%s", (_, { api, calls, metrics, options, tree }) => {
  it.effect("has exactly these spans and metrics", () =>
    Effect.gen(function* () {
      const observed = Observed.make()
      const service = yield* over(api, options)
      yield* observed.within(settle(calls(service)))
      console.log(
        "\n### " + _ + "\n" + JSON.stringify({ tree: observed.tree(), metrics: yield* observed.metrics }, null, 2),
      )
    }),
  )
})
