/**
 * An API in process that answers by script and records when each request arrived, and calls that run on the test clock.
 */
import { type Participants, type SunshineError } from "@effect-sunco/core"
import { it as effectIt } from "@effect/vitest"
import { Clock, type Config, Data, Duration, Effect, Fiber, Redacted, Result, type Scope } from "effect"
import { HttpClient, HttpClientError, type HttpClientRequest, HttpClientResponse } from "effect/http"
import { TestClock } from "effect/testing"
import * as Credentials from "../../src/Credentials.ts"
import * as ParticipantsHttp from "../../src/ParticipantsHttp.ts"
import type * as RetryPolicy from "../../src/RetryPolicy.ts"

// ---------------------------------------------------------------------------
// The clock
// ---------------------------------------------------------------------------

/** The body of an answer is a promise, and its consequences take some turns of the event loop. */
const quiet = Effect.repeat(
  Effect.callback<void>((resume) => {
    setImmediate(() => resume(Effect.void))
  }),
  { times: 9 },
)

/**
 * `TestClock` whose `adjust` stops at the end of each sleep until all work that is due has been done. The original does
 * not wait for promises, so a sleep that follows an answer could begin too late.
 */
const onClock = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  TestClock.testClockWith((clock) => {
    const sleeps = new Set<{ readonly until: number }>()
    const patient: TestClock.TestClock = {
      ...clock,
      sleep: (duration: Duration.Duration) =>
        Effect.suspend(() => {
          const sleep = { until: clock.currentTimeMillisUnsafe() + Duration.toMillis(duration) }
          sleeps.add(sleep)
          return Effect.ensuring(
            clock.sleep(duration),
            Effect.sync(() => sleeps.delete(sleep)),
          )
        }),
      adjust: Effect.fnUntraced(function* (duration: Duration.Input) {
        const end = clock.currentTimeMillisUnsafe() + Duration.toMillis(Duration.fromInputUnsafe(duration))
        for (;;) {
          yield* quiet
          const next = Math.min(...Array.from(sleeps, ({ until }) => until))
          yield* clock.setTime(Math.min(next, end))
          if (next > end) return
        }
      }),
    }
    return Effect.provideService(effect, Clock.Clock, patient)
  })

/** `it.effect` on that clock. */
export const it = {
  effect: (name: string, test: () => Effect.Effect<void, unknown, Scope.Scope>) =>
    effectIt.effect(name, () => onClock(test())),
}

// ---------------------------------------------------------------------------
// Answers
// ---------------------------------------------------------------------------

/** There is no answer: the connection failed with a code. */
class NoAnswer extends Data.TaggedError("NoAnswer")<{ readonly code: string }> {}

export type Answer = Effect.Effect<Response, NoAnswer>

const json = (status: number, body: unknown, headers: Record<string, string> = {}): Answer =>
  Effect.sync(() => Response.json(body, { status, headers }))

/** An error status, with the vendor's body if there is a code. */
export const status = (
  status: number,
  options?: { readonly code?: string; readonly retryAfter?: number | string },
): Answer =>
  json(
    status,
    options?.code === undefined ? {} : { errors: [{ code: options.code, title: "a title" }] },
    options?.retryAfter === undefined ? {} : { "retry-after": String(options.retryAfter) },
  )

/** The answer to a join that shows this participant. */
export const joinedAs = (participant: { readonly userId: string; readonly userExternalId?: string | null }): Answer =>
  json(201, { participant: { id: "participant", ...participant } })

export const joined = joinedAs({ userId: "user" })
export const left: Answer = json(200, {})

/** A page with all who are in: users by id. The participant of a user has the id of the user with "-listed" behind it. */
export const roster = (...users: ReadonlyArray<string>): Answer =>
  json(200, {
    participants: users.map((userId) => ({ id: `${userId}-listed`, userId, userExternalId: `my-${userId}` })),
  })

/** The same as {@link roster}, of an API that shows no external ids. */
export const rosterWithoutExternalIds = (...users: ReadonlyArray<string>): Answer =>
  json(200, { participants: users.map((userId) => ({ id: `${userId}-listed`, userId, userExternalId: null })) })

/** A page that has more after it. */
export const pageBefore = (afterCursor: string, ...users: ReadonlyArray<string>): Answer =>
  json(200, {
    participants: users.map((userId) => ({ id: `${userId}-listed`, userId })),
    meta: { hasMore: true, afterCursor },
  })

export const failsWith = (code: string): Answer => Effect.fail(new NoAnswer({ code }))
export const reset = failsWith("ECONNRESET")
export const refused = failsWith("ECONNREFUSED")
export const hangs: Answer = Effect.never

/** A page of a gateway in place of the API's answer. */
const html = (status: number): Answer =>
  Effect.sync(() => new Response("<h1>A gateway</h1>", { status, headers: { "content-type": "text/html" } }))

/** A success whose body never ends, also not when it is cancelled: as that of a `fetch` that keeps a clone of it. */
export const endlessBody = (status: number): Answer =>
  Effect.sync(() => new Response(new ReadableStream({ cancel: () => new Promise(() => {}) }), { status }))

/** The good answers of the three operations, for a conversation that nobody is in. */
export const good: Record<SunshineError.Operation, Answer> = { join: joined, leave: left, list: roster() }

// ---------------------------------------------------------------------------
// The API
// ---------------------------------------------------------------------------

export interface Arrival {
  readonly operation: SunshineError.Operation
  /** Epoch milliseconds, by the clock of the test. */
  readonly at: number
  readonly url: URL
  readonly body: string
  readonly authorization: string | undefined
}

export interface Api {
  readonly client: HttpClient.HttpClient
  readonly arrivals: ReadonlyArray<Arrival>
  /** How many requests were on their way at once, at most. */
  readonly mostAtOnce: () => number
}

const operationOf = ({ pathname }: URL): SunshineError.Operation =>
  pathname.endsWith("/join") ? "join" : pathname.endsWith("/leave") ? "leave" : "list"

const bodyOf = ({ body }: HttpClientRequest.HttpClientRequest): string =>
  body._tag === "Uint8Array" ? new TextDecoder().decode(body.body) : ""

/** `number` counts the requests of the operation, from 1. */
export const make = (answer: (arrival: Arrival, number: number) => Answer): Api => {
  const arrivals: Array<Arrival> = []
  let atOnce = 0
  let mostAtOnce = 0
  return {
    arrivals,
    mostAtOnce: () => mostAtOnce,
    client: HttpClient.make((request, url) =>
      Effect.gen(function* () {
        const operation = operationOf(url)
        const { authorization } = request.headers
        const arrival = { operation, at: yield* Clock.currentTimeMillis, url, body: bodyOf(request), authorization }
        arrivals.push(arrival)
        mostAtOnce = Math.max(mostAtOnce, ++atOnce)
        const number = arrivals.filter((other) => other.operation === operation).length
        return HttpClientResponse.fromWeb(request, yield* answer(arrival, number))
      }).pipe(
        Effect.ensuring(Effect.sync(() => atOnce--)),
        Effect.mapError(
          (cause) =>
            new HttpClientError.HttpClientError({ reason: new HttpClientError.TransportError({ request, cause }) }),
        ),
      ),
    ),
  }
}

/** Answers the requests of each operation in turn; the last answer stays. What has no script has a good answer. */
export const scripted = (script: Partial<Record<SunshineError.Operation, ReadonlyArray<Answer>>>): Api =>
  make(({ operation }, number) => {
    const answers = script[operation] ?? []
    return answers[number - 1] ?? answers.at(-1) ?? good[operation]
  })

/** What came, in order: `["join", "list", "join"]`. */
export const operations = ({ arrivals }: Api): ReadonlyArray<SunshineError.Operation> =>
  arrivals.map(({ operation }) => operation)

/** When it came. */
export const times = ({ arrivals }: Api): ReadonlyArray<number> => arrivals.map(({ at }) => at)

// ---------------------------------------------------------------------------
// Calls
// ---------------------------------------------------------------------------

export type Service = Participants.Participants["Service"]

export type CallError = SunshineError.BadRequest | SunshineError.NotFound | SunshineError.SunshineError

export const conversation = { appId: "app", conversationId: "conversation" }

export const join = (service: Service) => service.join({ ...conversation, userId: "user" })
export const leave = (service: Service) => service.leave({ ...conversation, userId: "user" })
export const list = (service: Service) => service.list(conversation)

export const calls: Record<SunshineError.Operation, (service: Service) => Effect.Effect<unknown, CallError>> = {
  join,
  leave,
  list,
}

export const writes = ["join", "leave"] as const

/** Without a backoff, only what the API or the policy asks for takes time: times are exact. */
export const withoutBackoff: RetryPolicy.Partial = { base: 0 }

/** The service over the API, without a backoff unless the policy names one. */
export const over = (
  api: Api,
  { retryPolicy, ...options }: Partial<ParticipantsHttp.Options> = {},
): Effect.Effect<Service, Config.ConfigError> =>
  ParticipantsHttp.make({
    credentials: Credentials.basic({ keyId: "app_key", secret: Redacted.make("the-secret") }),
    ...options,
    retryPolicy: { ...withoutBackoff, ...retryPolicy },
  }).pipe(Effect.provideService(HttpClient.HttpClient, api.client))

/** Runs a call to its end, and returns when that was. */
export const settle = Effect.fnUntraced(function* <A, E>(call: Effect.Effect<A, E>, within: Duration.Input = "1 hour") {
  const fiber = yield* Effect.forkChild(
    Effect.flatMap(Effect.result(call), (result) => Effect.map(Clock.currentTimeMillis, (at) => ({ result, at }))),
  )
  yield* TestClock.adjust(within)
  if (fiber.pollUnsafe() === undefined) return yield* Effect.die(new Error("the call has not ended"))
  return yield* Fiber.join(fiber)
})

/** The value of a call that has to succeed, and when it came. */
export const success = Effect.fnUntraced(function* <A, E>(call: Effect.Effect<A, E>) {
  const { at, result } = yield* settle(call)
  return { value: yield* Effect.fromResult(result), at }
})

/** The error of a call that has to fail, and when it came. */
export const failure = Effect.fnUntraced(function* <A, E>(call: Effect.Effect<A, E>) {
  const { at, result } = yield* settle(call)
  return { error: yield* Effect.flip(Effect.fromResult(result)), at }
})

/**
 * Runs a call over an API to its end. Returns how it ended (`success`, or the {@link summary} of its error), when, and what
 * it sent.
 */
export const observe = Effect.fnUntraced(function* (
  api: Api,
  call: (service: Service) => Effect.Effect<unknown, CallError>,
  retryPolicy: RetryPolicy.Partial = {},
  options: Partial<ParticipantsHttp.Options> = {},
) {
  const service = yield* over(api, { ...options, retryPolicy })
  const { at, result } = yield* settle(call(service))
  const end = Result.match(result, { onSuccess: () => "success", onFailure: summary })
  return { end, at, sent: operations(api), times: times(api), result }
})

/** A token source that answers for the first `last` tokens, and never after that. Each token lives for a day. */
export const tokensUntil = (last: number): Credentials.Credentials => {
  let count = 0
  return Credentials.bearer(
    Effect.suspend(() => (++count > last ? Effect.never : Effect.succeed(Redacted.make(`token-${count}`)))),
    { timeToLive: "1 day" },
  )
}

/** A token that the API can refuse: each one that is asked for is another. */
export const renewable = (takes: Duration.Input = 0): Credentials.Credentials => {
  let asked = 0
  const token = Effect.sync(() => Redacted.make(`token-${++asked}`))
  return Credentials.bearer(takes === 0 ? token : Effect.delay(token, takes))
}

/** Starts a call some milliseconds from now. Its fiber returns how and when it ended. */
export const startAt = <A, E>(millis: number, call: Effect.Effect<A, E>) =>
  Effect.exit(call).pipe(
    Effect.flatMap((exit) => Effect.map(Clock.currentTimeMillis, (at) => ({ exit, at }))),
    Effect.delay(millis),
    Effect.forkChild,
  )

/** Many calls at once, which all have to succeed. */
export const crowd = (count: number, call: (index: number) => Effect.Effect<unknown, CallError>) =>
  success(Effect.forEach(Array.from({ length: count }), (_, index) => call(index), { concurrency: "unbounded" }))

/** The reason of an error that is a `SunshineError`. */
export const reasonOf = (error: CallError): SunshineError.Reason => {
  if (error._tag !== "SunshineError") throw new Error(`expected a SunshineError, got ${String(error)}`)
  return error.reason
}

/** The roster before and after a write took effect. */
export const unchanged = { join: roster("other"), leave: roster("other", "user") }
export const changed = { join: roster("other", "user"), leave: roster("other") }

export type Faults = ReadonlyArray<readonly [what: string, answer: Answer, reason: string]>

/** The API did not act on the request. A 429 is one of these, and uses no attempt. */
export const notProcessed: Faults = [
  ["425", status(425), "UnexpectedStatus"],
  ["a connection that is refused", refused, "Transport"],
  ["a name that is not found", failsWith("ENOTFOUND"), "Transport"],
  ["a certificate that has expired", failsWith("CERT_HAS_EXPIRED"), "Transport"],
]

/** The API may have acted on the request. `success` is the status of its operation. */
export const ambiguous = (success: number): Faults => [
  ["500", status(500), "ServerError"],
  ["502", status(502), "ServerError"],
  ["503", status(503), "ServerError"],
  ["408", status(408), "UnexpectedStatus"],
  ["a reset", reset, "Transport"],
  ["no answer in time", hangs, "TimedOut"],
  ["a success with HTML in its body", html(success), "InvalidResponse"],
  ["a success whose body does not end", endlessBody(success), "TimedOut"],
]

/** The API said no. */
export const rejected: Faults = [
  ["401", status(401), "Unauthorized"],
  ["403", status(403), "Forbidden"],
  ["404", status(404, { code: "conversation_not_found" }), "NotFound"],
  ["301", status(301), "UnexpectedStatus"],
]

/** What a call failed with, in short: `RateLimited`, `NotFound`, `OutcomeUnknown (ServerError, TimedOut)`. */
export const summary = (error: CallError): string => {
  if (error._tag !== "SunshineError") return error._tag
  const { reason } = error
  return reason._tag === "OutcomeUnknown"
    ? `OutcomeUnknown (${reason.attempts.map(({ _tag }) => _tag).join(", ")})`
    : reason._tag
}
