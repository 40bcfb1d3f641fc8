/**
 * Callers who share one gate in front of a server that limits rates, as a simulation of discrete events. Times are
 * milliseconds. A seed decides all chance.
 */
import type * as Pacing from "../../src/internal/pacing.ts"

export type Random = () => number

/** A linear congruential generator; its high bits are random enough for latencies. */
export const randomFrom = (seed: number): Random => {
  let state = (seed * 2_654_435_761 + 12_345) % 4_294_967_296
  const random = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 4_294_967_296
  }
  // Near seeds begin alike.
  for (let i = 0; i < 5; i++) random()
  return random
}

/** Takes out the smallest first; equal keys in the order they came. */
class Heap<A> {
  readonly #items: Array<{ readonly key: number; readonly order: number; readonly value: A }> = []
  #count = 0

  get size() {
    return this.#items.length
  }

  push(key: number, value: A) {
    const items = this.#items
    const item = { key, order: this.#count++, value }
    let at = items.length
    items.push(item)
    while (at > 0) {
      const parent = (at - 1) >> 1
      const other = items[parent]
      if (other === undefined || other.key < key || (other.key === key && other.order < item.order)) break
      items[at] = other
      at = parent
    }
    items[at] = item
  }

  pop(): { readonly key: number; readonly value: A } | undefined {
    const items = this.#items
    const first = items[0]
    const last = items.pop()
    if (last === undefined || items.length === 0) return first
    const before = (a: typeof last, b: typeof last) => a.key < b.key || (a.key === b.key && a.order < b.order)
    let at = 0
    while (true) {
      const left = items[2 * at + 1]
      const right = items[2 * at + 2]
      const isRight = left !== undefined && right !== undefined && before(right, left)
      const child = isRight ? right : left
      if (child === undefined || !before(child, last)) break
      items[at] = child
      at = 2 * at + (isRight ? 2 : 1)
    }
    items[at] = last
    return first
  }
}

/** Answers a request that arrives at a time: 0 accepts it, else after how many milliseconds the next would be. */
export type Server = (now: number) => number

interface Budget {
  readonly limit: number
  readonly window: number
  /** How far the first window has gone when the first request comes, from 0 to 1. */
  readonly phase: number
}

/** Windows that follow a clock. */
const fixedWindows = ({ limit, phase, window }: Budget): Server => changingWindows(() => limit, window, phase)

/** The same with a limit that depends on the time. */
export const changingWindows = (limitAt: (now: number) => number, window: number, phase: number): Server => {
  let current = -1
  let used = 0
  return (now) => {
    const index = Math.floor(now / window + phase)
    if (index !== current) {
      current = index
      used = 0
    }
    return ++used <= limitAt(now) ? 0 : (index + 1 - phase) * window - now
  }
}

/** Windows that begin with the first request after the last one. */
const openedWindows = ({ limit, window }: Budget): Server => {
  let end = 0
  let used = 0
  return (now) => {
    if (now >= end) {
      end = now + window
      used = 0
    }
    return ++used <= limit ? 0 : end - now
  }
}

/** A bucket that is full at first, and fills all the time. */
const tokenBucket = ({ limit, window }: Budget): Server => {
  const rate = limit / window
  let tokens = limit
  let filledAt = 0
  return (now) => {
    tokens = Math.min(limit, tokens + (now - filledAt) * rate)
    filledAt = now
    // The sum of many small fills can be less than 1 by a rounding error.
    if (tokens < 1 - 1e-6) return (1 - tokens) / rate
    tokens--
    return 0
  }
}

/** No more than the limit in any window. */
const slidingWindow = ({ limit, window }: Budget): Server => {
  const accepted: Array<number> = []
  return (now) => {
    const since = accepted[accepted.length - limit]
    if (since !== undefined && now < since + window) return since + window - now
    accepted.push(now)
    return 0
  }
}

export const servers: ReadonlyArray<readonly [kind: string, make: (budget: Budget) => Server]> = [
  ["fixed windows", fixedWindows],
  ["windows that a request opens", openedWindows],
  ["a token bucket", tokenBucket],
  ["a sliding window", slidingWindow],
]

export interface Options {
  readonly server: Server
  /** The `Retry-After` for a wait, both in milliseconds. */
  readonly retryAfter: (wait: number) => number | undefined
  /** There and back; each way differs by up to a fifth. */
  readonly latency: number
  /** When each call is made, in ascending order. */
  readonly arrivals: ReadonlyArray<number>
  readonly concurrency?: number
  /** What part of the requests has no answer: half of them never reach the server. */
  readonly lostRate?: number
  /** How long a request without an answer takes to end. */
  readonly lostAfter?: number
  readonly seed: number
  /** The simulation ends here, finished or not. */
  readonly until: number
}

export interface Outcome {
  /** How many calls succeeded. */
  readonly done: number
  /** When the last of them did. */
  readonly finishedAt: number
  readonly requests: number
  /** How many places a call was from its place when it finished, at most. */
  readonly displacement: number
  readonly mostInFlight: number
  /** How often nothing was in flight, the hold was over, a call waited, and yet none could go. */
  readonly deadlocks: number
  /** When each request was sent. */
  readonly sentAt: ReadonlyArray<number>
}

export const simulate = (pacing: Pacing.Pacing, options: Options): Outcome => {
  const { arrivals, concurrency = Infinity, latency, lostAfter = 0, lostRate = 0, retryAfter, server } = options
  const random = randomFrom(options.seed)
  const oneWay = () => (latency / 2) * (0.8 + 0.4 * random())
  const events = new Heap<() => void>()
  /** Calls by their place: one that was refused comes back to its own. */
  const queue = new Heap<number>()
  const finished: Array<number> = []
  const sentAt: Array<number> = []
  let now = 0
  let finishedAt = 0
  let inFlight = 0
  let mostInFlight = 0
  let deadlocks = 0
  let timer = Infinity

  const inTime = (delay: number, run: () => void) => events.push(now + delay, run)

  const send = (place: number) => {
    const round = pacing.sent(now)
    sentAt.push(now)
    inFlight++
    mostInFlight = Math.max(mostInFlight, inFlight)
    const ended = (succeeded: boolean) => {
      inFlight--
      if (succeeded) {
        finished.push(place)
        finishedAt = now
      } else queue.push(place, place)
      pump()
    }
    const isLost = random() < lostRate
    if (isLost) {
      inTime(lostAfter, () => {
        pacing.lost(round)
        ended(false)
      })
      if (random() < 0.5) return
    }
    inTime(oneWay(), () => {
      const wait = server(now)
      if (isLost) return
      inTime(oneWay(), () => {
        if (wait === 0) pacing.accepted(round, now)
        else pacing.refused(round, retryAfter(wait), now, random())
        ended(wait === 0)
      })
    })
  }

  const pump = () => {
    while (queue.size > 0 && inFlight < concurrency) {
      const at = pacing.next(now, true)
      if (at > now) {
        if (inFlight === 0 && pacing.heldUntil <= now) deadlocks++
        if (timer <= now || at < timer) {
          timer = at
          events.push(at, pump)
        }
        return
      }
      const call = queue.pop()
      if (call !== undefined) send(call.value)
    }
  }

  arrivals.forEach((arrival, place) =>
    events.push(arrival, () => {
      const goesAtOnce = queue.size === 0 && inFlight < concurrency && pacing.next(now, false) <= now
      if (goesAtOnce) return send(place)
      queue.push(place, place)
      pump()
    }),
  )

  while (finished.length < arrivals.length) {
    const event = events.pop()
    if (event === undefined || event.key > options.until) break
    now = event.key
    event.value()
  }
  return {
    done: finished.length,
    finishedAt,
    requests: sentAt.length,
    displacement: finished.reduce((most, place, index) => Math.max(most, Math.abs(place - index)), 0),
    mostInFlight,
    deadlocks,
    sentAt,
  }
}
