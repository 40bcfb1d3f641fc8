/**
 * Decides when a request may go: first come, first served, within `limits.concurrency`, one at a time to take its token of
 * `limits.rate`, after the hold of a 429, and in the rounds of `pacing.ts` once the API has refused a request.
 *
 * A call keeps its place for all of its requests: retries, verification, and requests that were refused.
 */
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Fiber from "effect/Fiber"
import { constVoid } from "effect/Function"
import * as Random from "effect/Random"
import type { SunshineError } from "@effect-sunco/core"
import type { Call } from "./call.ts"
import * as Observe from "./observe.ts"
import * as Pacing from "./pacing.ts"
import type { Tokens } from "./rate.ts"
import type { Answered } from "./request.ts"

/** Waits for the turn of a call, and for its token. Then runs `use`, which may send one request, unless a 429 has come. */
export type Gate = <A, E>(
  call: Call,
  use: (answered: Answered) => Effect.Effect<A, E>,
) => Effect.Effect<A | typeof notSent, E | SunshineError.SunshineError>

/** The request was not sent, because a condition no longer held when its turn came. */
export const notSent = Symbol("not sent")

/** The turn of one request: it waits in the queue, is sent, and ends. */
interface Turn {
  readonly call: Call
  /** When it came (monotonic milliseconds). */
  readonly since: number
  /** The round that its request is part of, from when it may go. */
  round: number | undefined
  isAnswered: boolean
  resume: (effect: Effect.Effect<void, SunshineError.SunshineError>) => void
}

/** A date in a far year, or of a clock that is ahead, must not close a layer for good (milliseconds). */
const longestHold = 60 * 60 * 1000

/** A sleep can end before its time by a rounding error. The next one is long enough to move any clock (milliseconds). */
const shortestSleep = 0.001

export const make = (concurrency = Number.POSITIVE_INFINITY, tokens?: Tokens): Gate => {
  const pacing = Pacing.make()
  /** Ordered by place. */
  const queue: Array<Turn> = []
  /** No deadline in the queue is earlier. */
  let earliest = Number.POSITIVE_INFINITY
  let inFlight = 0
  /** The turn that takes a token. The others keep their order in the queue until it has. */
  let taking: Turn | undefined
  let pumping = false
  let alarm: { readonly at: number; readonly fiber: Fiber.Fiber<void> } | undefined

  const isHeld = (now: number) => pacing.heldUntil > now

  /** Whether the hold is longer than the call would wait, or ends after its deadline. */
  const cannotWait = ({ endsAt, policy }: Call, now: number) =>
    isHeld(now) && (pacing.heldUntil - now > policy.maxRetryAfter || pacing.heldUntil >= endsAt)

  /** Whether a request waits for the end of a hold, or for a round after one. */
  const isPaced = (now: number) => pacing.heldUntil > -Infinity && pacing.next(now, true) > now

  const needsToken = (call: Call) => tokens !== undefined && !call.hasToken

  /** When a call with `ahead` others before it in the queue can have its token; `-Infinity` if it needs none. */
  const tokenDueAt = (call: Call, now: number, ahead: number) =>
    tokens === undefined || call.hasToken ? -Infinity : tokens.dueAt(now, taking === undefined ? ahead : ahead + 1)

  /** Whether a call has to wait until another one has taken its token. */
  const waitsForToken = (call: Call) => taking !== undefined && needsToken(call)

  /** Whether the turn of a call has to wait for another turn, rather than for a time. */
  const isBlocked = (call: Call) => inFlight >= concurrency || waitsForToken(call)

  const mayGo = (call: Call, now: number, queued: boolean) => !isBlocked(call) && pacing.next(now, queued) <= now

  const admit = (turn: Turn, now: number) => {
    if (needsToken(turn.call)) taking = turn
    turn.round = pacing.sent(now)
    inFlight++
  }

  /** Where a call belongs in the queue. */
  const indexOf = ({ place }: Call) => queue.findLastIndex(({ call }) => call.place < place) + 1

  /** Takes a turn from the queue; false if it has left. */
  const remove = (turn: Turn): boolean => {
    const index = queue.indexOf(turn)
    if (index < 0) return false
    queue.splice(index, 1)
    return true
  }

  /** The error of a call that would have to wait too long, or whose deadline came while it waited. */
  const failureOf = (call: Call, now: number) => {
    if (cannotWait(call, now)) return call.rateLimited(pacing.heldUntil - now)
    if (isPaced(now)) return call.rateLimited(undefined)
    return call.timedOut("deadline", false, waitsForToken(call) ? "rate limit" : "turn")
  }

  /** Ends a wait, which can end others: the caller goes on at once, and may interrupt calls. */
  const settle = (turn: Turn, now: number, hasCome: boolean) => {
    if (!remove(turn)) return
    turn.call.waited += now - turn.since
    if (hasCome) admit(turn, now)
    turn.resume(hasCome ? Effect.void : Effect.fail(failureOf(turn.call, now)))
  }

  /** Ends the waits that have lasted until a deadline, and those that would last too long. */
  const giveUp = (now: number) => {
    const late = queue.filter(({ call }) => call.endsAt <= now || cannotWait(call, now))
    for (const turn of late) settle(turn, now, false)
    earliest = queue.reduce((earliest, { call }) => Math.min(earliest, call.endsAt), Infinity)
  }

  /** Settles all who can go or whose deadline has come. What they do can end in here again, so it does not nest. */
  const pump = () => {
    if (pumping) return
    pumping = true
    try {
      for (let first = queue[0]; first !== undefined; first = queue[0]) {
        const now = first.call.now()
        if (earliest <= now) giveUp(now)
        else if (mayGo(first.call, now, true)) settle(first, now, true)
        else break
      }
    } finally {
      // An observer of a fiber that ends in there can throw.
      pumping = false
      setAlarm()
    }
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
    const at = isBlocked(first.call) ? earliest : Math.min(earliest, pacing.next(now, true))
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

  /** The turn of a call, which has come if the call does not have to wait. */
  const enter = (call: Call): Turn => {
    const since = call.now()
    const turn: Turn = { call, since, round: undefined, isAnswered: false, resume: constVoid }
    if (queue.length === 0 && mayGo(call, since, false)) admit(turn, since)
    return turn
  }

  /** Waits for a turn that has not come. Fails at once if the wait would be longer than the call may take. */
  const wait = (turn: Turn) =>
    Effect.suspend(() => {
      const { call, since } = turn
      if (cannotWait(call, since)) return Effect.fail(failureOf(call, since))
      const due = tokenDueAt(call, since, indexOf(call))
      if (due >= call.endsAt) return Effect.fail(call.rateLimited(due - since))
      const wasPaced = isPaced(since)
      const queued = Effect.callback<void, SunshineError.SunshineError>((resume) => {
        turn.resume = resume
        earliest = Math.min(earliest, call.endsAt)
        queue.splice(indexOf(call), 0, turn)
        pump()
      })
      return Observe.wait(call, () => (wasPaced || pacing.heldUntil > since ? "rate limited" : "queued"), queued)
    })

  /** Lets the next turn take a token, after this one. */
  const tookToken = (turn: Turn) => {
    if (taking !== turn) return
    taking = undefined
    // Its request is sent first.
    if (!pumping && queue.length > 0)
      Effect.runForkWith(turn.call.context)(Effect.andThen(Effect.yieldNow, Effect.sync(pump)))
  }

  /** Learns from the status of an answer. */
  const answered =
    (turn: Turn, round: number): Answered =>
    (status, retryAfter) => {
      turn.isAnswered = true
      const now = turn.call.now()
      if (status !== 429) return pacing.accepted(round, now)
      const millis = retryAfter && Math.min(Duration.toMillis(retryAfter), longestHold)
      pacing.refused(round, millis, now, Context.get(turn.call.context, Random.Random).nextDoubleUnsafe())
      giveUp(now)
    }

  /** Ends a turn that has come, is waited for, or has failed. If its request had no answer, nothing is learned from it. */
  const end = (turn: Turn) => {
    if (taking === turn) taking = undefined
    remove(turn)
    if (turn.round !== undefined) {
      inFlight--
      if (!turn.isAnswered) pacing.lost(turn.round)
    }
    pump()
  }

  return <A, E>(call: Call, use: (answered: Answered) => Effect.Effect<A, E>) =>
    Effect.uninterruptibleMask((restore) => {
      const turn = enter(call)
      const used = Effect.suspend((): Effect.Effect<A | typeof notSent, E> => {
        tookToken(turn)
        const { round } = turn
        const isOff = round === undefined || needsToken(call) || isHeld(call.now())
        return isOff ? Effect.succeed(notSent) : use(answered(turn, round))
      })
      const sent = tokens === undefined || call.hasToken ? used : Effect.andThen(tokens.take(call, isHeld), used)
      const steps = turn.round === undefined ? Effect.andThen(wait(turn), sent) : sent
      return Effect.onExitPrimitive(restore(steps), () => {
        end(turn)
        return undefined
      })
    })
}
