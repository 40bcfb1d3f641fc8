/**
 * What an operator sees of seven stories: the spans with their times, and the metrics.
 */
import { assert, describe } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import type * as ParticipantsHttp from "../src/ParticipantsHttp.ts"
import * as Observed from "./support/observed.ts"
import {
  type Api,
  it,
  join,
  joined,
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
  readonly api: () => Api
  readonly options?: () => Partial<ParticipantsHttp.Options>
  readonly calls: (service: Service) => Effect.Effect<unknown, unknown>
  readonly tree: ReadonlyArray<string>
  /** Beside those that are back at zero: requests in flight and calls that wait. */
  readonly metrics: ReadonlyArray<string>
}

const POST = "POST /v2/apps/{appId}/conversations/{conversationId}/join"
const GET = "GET /v2/apps/{appId}/conversations/{conversationId}/participants"

const atRest = ["sunco.client.active_requests 0 {request}", "sunco.client.waiting_calls 0 {call}"]

const stories: Readonly<Record<string, Story>> = {
  "a success": {
    api: () => scripted({ list: [roster("one", "two")] }),
    calls: list,
    tree: [
      "Participants.list 0-0 ms sunco.attempts=1 sunco.outcome=success",
      `  ${GET} 0-0 ms http.response.status_code=200`,
    ],
    metrics: [
      "sunco.client.call.duration 1 x, 0 s sunco.operation=list sunco.outcome=success",
      "sunco.client.page.participants 1 x, 2 {participant}",
      "sunco.client.request.duration 1 x, 0 s sunco.operation=list http.response.status_class=2xx",
    ],
  },
  "two 503": {
    api: () => scripted({ list: [status(503, { retryAfter: 1 }), status(503, { retryAfter: 2 }), roster()] }),
    calls: list,
    tree: [
      "Participants.list 0-3000 ms sunco.attempts=3 sunco.outcome=success",
      `  ${GET} 0-0 ms http.response.status_code=503 error.type=ServerError failed: ServerError`,
      "  Participants.wait 0-1000 ms sunco.wait.cause=backoff",
      `  ${GET} 1000-1000 ms http.request.resend_count=1 http.response.status_code=503 error.type=ServerError failed: ServerError`,
      "  Participants.wait 1000-3000 ms sunco.wait.cause=backoff",
      `  ${GET} 3000-3000 ms http.request.resend_count=2 http.response.status_code=200`,
    ],
    metrics: [
      "sunco.client.call.duration 1 x, 3 s sunco.operation=list sunco.outcome=success",
      "sunco.client.page.participants 1 x, 0 {participant}",
      "sunco.client.request.duration 1 x, 0 s sunco.operation=list http.response.status_class=2xx",
      "sunco.client.request.duration 2 x, 0 s sunco.operation=list http.response.status_class=5xx",
      "sunco.client.retries 2 {request} error.type=ServerError",
      "sunco.client.wait.duration 2 x, 3 s sunco.wait.cause=backoff",
    ],
  },
  "a 429 that holds two callers": {
    api: () => scripted({ join: [status(429, { retryAfter: 5 }), joined] }),
    calls: (service) =>
      Effect.gen(function* () {
        const later = yield* startAt(1000, list(service))
        yield* join(service)
        yield* Fiber.join(later)
      }),
    tree: [
      "Participants.join 0-5000 ms sunco.attempts=1 sunco.outcome=success",
      `  ${POST} 0-0 ms http.response.status_code=429 error.type=RateLimited failed: RateLimited`,
      "  Participants.wait 0-5000 ms sunco.wait.cause=rate limited",
      `  ${POST} 5000-5000 ms http.request.resend_count=1 http.response.status_code=201`,
      "Participants.list 1000-5000 ms sunco.attempts=1 sunco.outcome=success",
      "  Participants.wait 1000-5000 ms sunco.wait.cause=rate limited",
      `  ${GET} 5000-5000 ms http.response.status_code=200`,
    ],
    metrics: [
      "sunco.client.call.duration 1 x, 4 s sunco.operation=list sunco.outcome=success",
      "sunco.client.call.duration 1 x, 5 s sunco.operation=join sunco.outcome=success",
      "sunco.client.page.participants 1 x, 0 {participant}",
      "sunco.client.request.duration 1 x, 0 s sunco.operation=join http.response.status_class=2xx",
      "sunco.client.request.duration 1 x, 0 s sunco.operation=join http.response.status_class=4xx",
      "sunco.client.request.duration 1 x, 0 s sunco.operation=list http.response.status_class=2xx",
      "sunco.client.retries 1 {request} error.type=RateLimited",
      "sunco.client.wait.duration 2 x, 9 s sunco.wait.cause=rate limited",
    ],
  },
  "a lost join that the roster shows": {
    api: () => scripted({ join: [reset], list: [roster("other"), roster("other", "user")] }),
    calls: join,
    tree: [
      "Participants.join 0-1500 ms sunco.attempts=1 sunco.outcome=success",
      "  * write in doubt 0 ms error.type=Transport",
      "  * write settled 1500 ms sunco.write.settled_as=shown",
      `  ${POST} 0-0 ms error.type=Transport failed: Transport`,
      "  Participants.wait 0-500 ms sunco.wait.cause=verification",
      "  Participants.verify 500-500 ms sunco.verification.result=not shown",
      `    ${GET} 500-500 ms http.response.status_code=200`,
      "  Participants.wait 500-1500 ms sunco.wait.cause=verification",
      "  Participants.verify 1500-1500 ms sunco.verification.result=shown",
      `    ${GET} 1500-1500 ms http.response.status_code=200`,
    ],
    metrics: [
      "sunco.client.call.duration 1 x, 1.5 s sunco.operation=join sunco.outcome=success",
      "sunco.client.request.duration 1 x, 0 s sunco.operation=join http.response.status_class=none",
      "sunco.client.request.duration 2 x, 0 s sunco.operation=verify http.response.status_class=2xx",
      "sunco.client.wait.duration 2 x, 1.5 s sunco.wait.cause=verification",
      "sunco.client.writes_in_doubt 1 {write} sunco.operation=join sunco.write.settled_as=shown",
    ],
  },
  "a lost join that stays unknown": {
    api: () => scripted({ join: [status(502)], list: [status(403)] }),
    calls: join,
    tree: [
      "Participants.join 0-500 ms sunco.attempts=1 sunco.outcome=ambiguous error.type=OutcomeUnknown failed: OutcomeUnknown",
      "  * write in doubt 0 ms error.type=ServerError",
      "  * write settled 500 ms sunco.write.settled_as=unknown",
      `  ${POST} 0-0 ms http.response.status_code=502 error.type=ServerError failed: ServerError`,
      "  Participants.wait 0-500 ms sunco.wait.cause=verification",
      "  Participants.verify 500-500 ms sunco.verification.result=failed failed: Forbidden",
      `    ${GET} 500-500 ms http.response.status_code=403 error.type=Forbidden failed: Forbidden`,
    ],
    metrics: [
      "sunco.client.call.duration 1 x, 0.5 s sunco.operation=join sunco.outcome=ambiguous",
      "sunco.client.request.duration 1 x, 0 s sunco.operation=join http.response.status_class=5xx",
      "sunco.client.request.duration 1 x, 0 s sunco.operation=verify http.response.status_class=4xx",
      "sunco.client.wait.duration 1 x, 0.5 s sunco.wait.cause=verification",
      "sunco.client.writes_in_doubt 1 {write} sunco.operation=join sunco.write.settled_as=unknown",
    ],
  },
  "a renewed credential": {
    api: () => scripted({ join: [status(401), joined] }),
    options: () => ({ credentials: renewable("3 seconds") }),
    calls: join,
    tree: [
      "Participants.join 0-6000 ms sunco.attempts=1 sunco.outcome=success",
      "  * credential renewed 6000 ms sunco.renewal.cause=refused",
      "  Participants.wait 0-3000 ms sunco.wait.cause=credential",
      `  ${POST} 3000-3000 ms http.response.status_code=401 error.type=Unauthorized failed: Unauthorized`,
      "  Participants.wait 3000-6000 ms sunco.wait.cause=credential",
      `  ${POST} 6000-6000 ms http.request.resend_count=1 http.response.status_code=201`,
    ],
    metrics: [
      "sunco.client.call.duration 1 x, 6 s sunco.operation=join sunco.outcome=success",
      "sunco.client.request.duration 1 x, 0 s sunco.operation=join http.response.status_class=2xx",
      "sunco.client.request.duration 1 x, 0 s sunco.operation=join http.response.status_class=4xx",
      "sunco.client.retries 1 {request} error.type=Unauthorized",
      "sunco.client.wait.duration 2 x, 6 s sunco.wait.cause=credential",
    ],
  },
  "an interrupt during a wait": {
    api: () => scripted({ join: [status(500)] }),
    options: () => ({ retryPolicy: { verify: { attempts: 1, delay: "10 seconds" } } }),
    calls: (service) =>
      Effect.gen(function* () {
        const fiber = yield* Effect.forkChild(join(service))
        yield* Effect.sleep("4 seconds")
        yield* Fiber.interrupt(fiber)
      }),
    tree: [
      "Participants.join 0-4000 ms sunco.attempts=1 sunco.outcome=interrupted interrupted",
      "  * write in doubt 0 ms error.type=ServerError",
      "  * write settled 4000 ms sunco.write.settled_as=interrupted",
      `  ${POST} 0-0 ms http.response.status_code=500 error.type=ServerError failed: ServerError`,
      "  Participants.wait 0-4000 ms sunco.wait.cause=verification interrupted",
    ],
    metrics: [
      "sunco.client.call.duration 1 x, 4 s sunco.operation=join sunco.outcome=interrupted",
      "sunco.client.request.duration 1 x, 0 s sunco.operation=join http.response.status_class=5xx",
      "sunco.client.wait.duration 1 x, 4 s sunco.wait.cause=verification",
      "sunco.client.writes_in_doubt 1 {write} sunco.operation=join sunco.write.settled_as=interrupted",
    ],
  },
}

describe.each(Object.entries(stories))("%s", (_, { api, calls, metrics, options, tree }) => {
  const observe = Effect.gen(function* () {
    const observed = Observed.make()
    const service = yield* over(api(), options?.())
    yield* observed.within(settle(calls(service)))
    return observed
  })

  it.effect("has exactly these spans", () =>
    Effect.gen(function* () {
      const observed = yield* observe
      assert.deepEqual(observed.tree(), tree)
    }),
  )

  it.effect("has exactly these metrics", () =>
    Effect.gen(function* () {
      const observed = yield* observe
      const all = yield* observed.metrics
      assert.deepEqual(
        all.filter((line) => !atRest.includes(line)),
        metrics,
      )
      assert.include(all, atRest[0])
    }),
  )

  it.effect("logs nothing above debug", () =>
    Effect.gen(function* () {
      const observed = yield* observe
      assert.deepEqual(observed.logs, [])
    }),
  )
})
