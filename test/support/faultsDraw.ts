/**
 * All that a schedule is made of, drawn at random.
 */
import { Credentials, type RetryPolicy } from "@effect-sunco/http"
import { Faults, type Sandbox } from "@effect-sunco/testing"
import { Effect, Random, type Redacted } from "effect"
import { RateLimiter } from "effect/persistence"

const between = Random.nextIntBetween

const oneOf = <A>(...values: readonly [A, ...Array<A>]): Effect.Effect<A> =>
  Effect.map(between(0, values.length - 1), (index) => values[index] ?? values[0])

const chance = (share: number): Effect.Effect<boolean> => Effect.map(Random.next, (drawn) => drawn < share)

// ---------------------------------------------------------------------------
// The server
// ---------------------------------------------------------------------------

const when = oneOf<Faults.When>("before", "after")

const date = Effect.map(between(1, 240), (seconds) => new Date(seconds * 1000).toUTCString())

/** A server that has too many callers, and names one time and then another. */
const limits429 = Effect.gen(function* () {
  return [
    Faults.status(429, { retryAfter: yield* between(0, 5) }),
    Faults.status(429, { retryAfter: yield* between(0, 90) }),
    Faults.status(429, { retryAfter: yield* date }),
  ]
})

/** Beside one fault of each kind: longer and shorter waits, and what `Retry-After` can say. */
const manyKinds = Effect.gen(function* () {
  return [
    ...Faults.all,
    ...(yield* limits429),
    Faults.status(503, { retryAfter: yield* between(0, 90), when: yield* when }),
    Faults.status(503, { retryAfter: yield* date, when: yield* when }),
    Faults.status(yield* oneOf(400, 401, 403, 404, 408, 425)),
    Faults.delay(yield* between(1, 20_000)),
    Faults.slowDrip(yield* between(10, 20_000)),
  ]
})

const faults = Effect.gen(function* () {
  if (yield* chance(0.1)) return yield* limits429
  const kinds = yield* Random.shuffle(yield* manyKinds)
  return kinds.slice(0, yield* oneOf(1, 2, 4, kinds.length))
})

/** Faults for some requests of each operation, and then none, so that paging can come to its end. */
export const plan = (allowed: (fault: Faults.Fault) => boolean) =>
  Effect.gen(function* () {
    const drawn = (yield* faults).filter(allowed)
    const rate = yield* oneOf(0.1, 0.3, 0.5, 0.8, 1)
    const calmAfter = yield* between(3, 25)
    const seed = yield* between(0, 1_000_000)
    const seeded = drawn.length === 0 ? Faults.none : Faults.seeded({ seed, rate, faults: drawn })
    const plan: Faults.Plan = {
      next: (operation, number, conversation) =>
        number > calmAfter ? Effect.undefined : seeded.next(operation, number, conversation),
    }
    return plan
  })

export const order = oneOf<Sandbox.Rules["order"]>("oldest first", "newest first")

export interface Times {
  readonly attemptTimeout: number
  readonly deadline: number
  readonly maxRetryAfter: number
}

const within =
  ({ attemptTimeout, deadline }: Times) =>
  (millis: number) =>
    Math.min(millis, attemptTimeout / 4, deadline / 4)

/**
 * How long a request or an answer is on its way at most: while it is, others come and go. An attempt can be done in the
 * time it has.
 */
export const latency = (policy: Times) => Effect.map(oneOf(0, 20, 1_000), within(policy))

// ---------------------------------------------------------------------------
// The client
// ---------------------------------------------------------------------------

export const policy = Effect.gen(function* () {
  const policy = {
    attempts: yield* between(1, 5),
    attemptTimeout: yield* between(200, 12_000),
    deadline: yield* oneOf(yield* between(100, 5_000), yield* between(5_000, 120_000)),
    base: yield* oneOf(0, 50, 250, 2_000),
    cap: yield* oneOf(0, 500, 10_000),
    maxRetryAfter: yield* between(0, 60_000),
    verify: (yield* chance(0.9)) && {
      attempts: yield* between(1, 4),
      delay: yield* oneOf(0, yield* between(1, 100), yield* between(100, 3_000)),
    },
  } satisfies RetryPolicy.RetryPolicy
  return policy
})

/** An API key, or a token that takes its time to come, ends, and is renewed after a 401. */
export const credentials = (policy: Times, key: Credentials.ApiKey, token: Redacted.Redacted) =>
  Effect.gen(function* () {
    if (yield* chance(0.5)) return Credentials.basic(key)
    const slowness = within(policy)(yield* oneOf(0, yield* between(1, 3_000)))
    return Credentials.bearer(Effect.delay(Effect.succeed(token), slowness), {
      timeToLive: yield* between(200, 30_000),
    })
  })

export const limits = Effect.gen(function* () {
  const concurrency = yield* oneOf(undefined, 1, 2, 3)
  if (!(yield* chance(0.2))) return { concurrency }
  const limiter = yield* RateLimiter.make
  return { concurrency, rate: { limiter, limit: yield* between(1, 5), window: yield* between(100, 2_000) } }
})

// ---------------------------------------------------------------------------
// The callers
// ---------------------------------------------------------------------------

export interface Step {
  readonly pause: number
  readonly named: "userId" | "userExternalId"
  readonly byParticipant: boolean
  /** The caller does not wait for longer than this, whatever the deadline. */
  readonly givesUpAfter: number | undefined
}

const pause = Effect.flatMap(between(0, 3_000), (millis) => oneOf(0, millis))

const step = Effect.gen(function* () {
  const step: Step = {
    pause: yield* pause,
    named: yield* oneOf<Step["named"]>("userId", "userExternalId"),
    byParticipant: yield* chance(0.3),
    givesUpAfter: (yield* chance(0.1)) ? yield* between(0, 5_000) : undefined,
  }
  return step
})

export const steps = Effect.flatMap(between(1, 2), (times) => Effect.replicateEffect(step, times))

export interface Paging {
  readonly pause: number
  readonly pageSize: number
  readonly prefetch: number
  readonly backward: boolean
}

export const paging = Effect.gen(function* () {
  const paging: Paging = {
    pause: yield* pause,
    pageSize: yield* between(1, 5),
    prefetch: yield* oneOf(0, 0, 1, 2),
    backward: yield* chance(0.3),
  }
  return paging
})
