/**
 * Decides when a request may go: first come, first served, within `limits.concurrency`, after the hold of a 429, and in the
 * rounds of `pacing.ts` once the API has refused a request.
 *
 * A call keeps its place for all of its requests: retries, verification, and requests that were refused.
 */
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Fiber from "effect/Fiber"
import * as Random from "effect/Random"
import type { SunshineError } from "@effect-sunco/core"
import type { Call } from "./call.ts"
import * as Pacing from "./pacing.ts"
import type { EndWait } from "./telemetry.ts"

/** The right to send one request. */
export interface Pass {
  /** Records the status of the answer, as soon as its head has come. */
  readonly answered: (status: number, retryAfter: Duration.Duration | undefined) => void
  /** Ends the request. If it had no answer, nothing is learned from it. */
  readonly release: () => void
}

interface Waiter {
  readonly call: Call
  readonly since: number
  /** Whether it has waited for the end of a hold, or for a round after one. */
  isRateLimited: boolean
  readonly endWait: EndWait
  readonly resume: (effect: Effect.Effect<Pass, SunshineError.SunshineError>) => void
}

export interface Gate {
  /** The place of a new call. */
  readonly nextPlace: () => number
  /** The turn of a call that does not have to wait for it. */
  readonly tryEnter: (call: Call) => Pass | undefined
  /** Waits for the turn of a call. Fails at once if the wait would be longer than the call may take. */
  readonly enter: (call: Call) => Effect.Effect<Pass, SunshineError.SunshineError>
  /** Whether a 429 holds all requests at this time. */
  readonly isHeld: (now: number) => boolean
}

/** A date in a far year, or of a clock that is ahead, must not close a layer for good (milliseconds). */
const longestHold = 60 * 60 * 1000

/** A sleep can end before its time by a rounding error. The next one is long enough to move any clock (milliseconds). */
const shortestSleep = 0.001

export const make = (concurrency = Number.POSITIVE_INFINITY): Gate => {
  const pacing = Pacing.make()
  /** Ordered by place. */
  const queue: Array<Waiter> = []
  let places = 0
  let inFlight = 0
  let pumping = false
  let alarm: { readonly at: number; readonly fiber: Fiber.Fiber<void> } | undefined

  const isHeld = (now: number) => pacing.heldUntil > now

  /** Whether the hold is longer than the call would wait, or ends after its deadline. */
  const cannotWait = ({ endsAt, policy }: Call, now: number) =>
    isHeld(now) && (pacing.heldUntil - now > policy.maxRetryAfter || pacing.heldUntil >= endsAt)

  const mayGo = (now: number, queued: boolean) => inFlight < concurrency && pacing.next(now, queued) <= now

  const admit = (call: Call, now: number): Pass => {
    const round = pacing.sent(now)
    let isAnswered = false
    inFlight++
    return {
      answered: (status, retryAfter) => {
        isAnswered = true
        const now = call.now()
        if (status !== 429) return pacing.accepted(round, now)
        const millis = retryAfter && Math.min(Duration.toMillis(retryAfter), longestHold)
        pacing.refused(round, millis, now, Context.get(call.context, Random.Random).nextDoubleUnsafe())
        for (const waiter of queue) waiter.isRateLimited = true
        for (const waiter of queue.filter(({ call }) => cannotWait(call, now))) {
          settle(waiter, now, () => Effect.fail(waiter.call.rateLimited(pacing.heldUntil - now)))
        }
      },
      release: () => {
        inFlight--
        if (!isAnswered) pacing.lost(round)
        if (queue.length > 0) pump()
      },
    }
  }

  /** Ends a wait. The result is made after that, because an error says how long the call has waited. */
  const settle = (waiter: Waiter, now: number, result: () => Effect.Effect<Pass, SunshineError.SunshineError>) => {
    queue.splice(queue.indexOf(waiter), 1)
    waiter.call.waited += now - waiter.since
    endWait(waiter, false)
    waiter.resume(result())
  }

  const endWait = ({ endWait, isRateLimited }: Waiter, interrupted: boolean) =>
    endWait({ cause: isRateLimited ? "rate limited" : "queued", interrupted })

  /** The error of a call whose deadline came while it waited. */
  const expired = ({ call }: Waiter, now: number) =>
    pacing.heldUntil > -Infinity && pacing.next(now, true) > now
      ? call.rateLimited(undefined)
      : call.timeout(now, false, "turn").error()

  /** Settles all who can go or whose deadline has come. What they do can end in here again, so it does not nest. */
  const pump = () => {
    if (pumping) return
    pumping = true
    for (let first = queue[0]; first !== undefined; first = queue[0]) {
      const now = first.call.now()
      for (const waiter of queue.filter(({ call }) => call.endsAt <= now)) {
        settle(waiter, now, () => Effect.fail(expired(waiter, now)))
      }
      const next = queue[0]
      if (next === undefined || !mayGo(now, true)) break
      settle(next, now, () => Effect.succeed(admit(next.call, now)))
    }
    pumping = false
    setAlarm()
  }

  /** Wakes the queue when the next call may go, or when the first deadline comes. Answers wake it too. */
  const setAlarm = () => {
    const [first] = queue
    if (first === undefined) {
      alarm?.fiber.interruptUnsafe()
      alarm = undefined
      return
    }
    const now = first.call.now()
    const deadline = queue.reduce((earliest, { call }) => Math.min(earliest, call.endsAt), Infinity)
    const at = inFlight < concurrency ? Math.min(deadline, pacing.next(now, true)) : deadline
    if (alarm !== undefined && alarm.at <= at) return
    alarm?.fiber.interruptUnsafe()
    const ring = Effect.sync(() => {
      alarm = undefined
      pump()
    })
    const fiber = Effect.runForkWith(first.call.context)(
      Effect.andThen(Effect.sleep(Duration.millis(Math.max(shortestSleep, at - now))), ring),
    )
    alarm = { at, fiber }
  }

  const wait = (call: Call, since: number) =>
    Effect.callback<Pass, SunshineError.SunshineError>((resume) => {
      const isRateLimited = pacing.heldUntil > -Infinity && pacing.next(since, true) > since
      const waiter: Waiter = { call, since, isRateLimited, endWait: call.wait("queued"), resume }
      const later = queue.findIndex((other) => other.call.place > call.place)
      queue.splice(later < 0 ? queue.length : later, 0, waiter)
      pump()
      return Effect.sync(() => {
        queue.splice(queue.indexOf(waiter), 1)
        endWait(waiter, true)
        pump()
      })
    })

  return {
    nextPlace: () => places++,
    isHeld,
    tryEnter: (call) => {
      const now = call.now()
      return queue.length === 0 && mayGo(now, false) ? admit(call, now) : undefined
    },
    enter: (call) =>
      Effect.suspend(() => {
        const now = call.now()
        return cannotWait(call, now) ? Effect.fail(call.rateLimited(pacing.heldUntil - now)) : wait(call, now)
      }),
  }
}
