/**
 * Decides when a request may be sent to a server that limits rates. It learns the limit from the server's answers
 * alone.
 *
 * Requests are sent in rounds. A round ends with its first 429; the number of its successes is the quota of the next
 * round. Times are monotonic milliseconds. Time and randomness are arguments. The caller has the queue and limits
 * concurrency.
 */

export interface Pacing {
  /**
   * Returns the time at which the next request may be sent: at once if that is not after `now`. The time can become
   * earlier whenever a request ends, so the caller must ask again then.
   *
   * `queued` is false only for a new request that finds the queue empty.
   */
  readonly next: (now: number, queued: boolean) => number
  /** Records that the request that `next` has just allowed is sent. Returns its round, which is needed when it ends. */
  readonly sent: (now: number) => number
  /** Records an answer that is not a 429. */
  readonly accepted: (round: number, now: number) => void
  /** Records that a request ended without an answer: it was never sent, reset, interrupted, or timed out. */
  readonly lost: (round: number) => void
  /** Records a 429. `retryAfter` is in milliseconds, `random` is at least 0 and less than 1. */
  readonly refused: (round: number, retryAfter: number | undefined, now: number, random: number) => void
  /** No request is sent before this time. */
  readonly heldUntil: number
}

/** How many requests are sent at once to a server that has refused none. */
const start = 32

/**
 * How many more requests are sent after a success while requests wait, and how many after the first successes of a
 * period. All requests that are in flight when a budget ends are refused, so fast growth for long would waste half a
 * budget. A thousand requests at once take eleven round trips.
 */
const growth = 0.5
const laterGrowth = 0.1
const firstSuccesses = 80

/** A quota grows by a quarter at most, so that one lucky round does not cause a burst. */
const rise = 1.25

/**
 * How many more requests are sent when a whole round succeeded. It doubles each time, up to the quota or to `start`.
 */
const firstStep = 2

/**
 * A hold is guessed if the server names none. It grows with each round without a success, up to 10 s with its jitter.
 */
const shortestGuess = 200
const longestGuess = 9000
const guessGrowth = 1.5

/**
 * A guess is longer by up to a tenth, so that processes that were refused at the same time do not retry at the same
 * time.
 */
const jitter = 0.1

/** After this time without a queue and without a hold, the quota is forgotten. */
const quietTime = 1000

/** Requests without an answer after this time no longer block the others. */
const patience = 1000

/** Before the first 429 there are no rounds, so successes are counted per period. */
const period = 1000

export const make = (): Pacing => {
  let heldUntil = -Infinity
  /** When a request last had to wait. */
  let queuedAt = -Infinity
  /** When a request was last sent. */
  let sentAt = -Infinity

  /** The number of the current round. */
  let round = 0
  /** How many requests may be sent. A fraction counts as one. */
  let credit = start
  /** Whether a request waits for credit, rather than for the end of a hold. */
  let starved = false
  /** How many requests of this round have not ended. */
  let open = 0
  /** How many requests of this round, or this period, succeeded. */
  let successes = 0
  /** When this period began, and how many requests succeeded in the one before it. */
  let periodStart = -Infinity
  let successesBefore = 0
  /** Whether a request of this round has been sent. */
  let begun = false
  let step = firstStep
  /** Whether the quota waits for the success of a single request. */
  let probing = false
  /** The part of the quota that waits for successes of the other part. */
  let reserve = 0

  /** How many requests the server is known to accept in a round. Infinite until it refuses one. */
  let quota = Infinity
  let quotaBefore = Infinity
  /** How many requests of the last round succeeded. */
  let settled = 0
  /** How many rounds in a row had no success. */
  let misses = 0
  /** Whether the server named the hold before this round, and the hold before the last round. */
  let named = false
  let namedBefore = false
  /** Whether a hold that the server named has been too short. */
  let distrusted = false

  const forget = () => {
    if (quota === Infinity) {
      if (credit > start) credit = start
      return
    }
    quota = quotaBefore = Infinity
    credit = start
    misses = 0
    probing = named = namedBefore = distrusted = false
  }

  const countPeriods = (now: number) => {
    const age = now - periodStart
    if (age < period) return
    successesBefore = age < 2 * period ? successes : 0
    successes = 0
    periodStart = now
  }

  const bounded = (successes: number) => Math.min(successes, Math.ceil(quotaBefore * rise))

  /** Whether the server named a hold, and still accepted nothing after it. */
  const wasMisled = () => settled === 0 && namedBefore

  /** Derives this round from the last one. */
  const plan = () => {
    if (settled > 0) quota = bounded(settled)
    else quota = quotaBefore === Infinity ? 1 : quotaBefore
    probing = !named || distrusted || wasMisled()
    // One more than the quota finds out whether the budget has grown.
    credit = probing ? 1 : quota + 1
  }

  /** A success of the last round that was answered after its first 429. */
  const settle = () => {
    settled++
    misses = 0
    if (!begun) return plan()
    const raised = bounded(settled)
    if (raised <= quota) return
    quota = raised
    if (!probing) credit++
  }

  const takeStep = () => {
    credit = step
    step = Math.min(2 * step, Math.max(quota, start))
  }

  return {
    get heldUntil() {
      return heldUntil
    },

    next: (now, queued) => {
      if (queued) queuedAt = now
      else if (now - Math.max(queuedAt, heldUntil) >= quietTime) forget()
      starved = credit <= 0
      if (!starved) return heldUntil
      queuedAt = now
      return Math.max(heldUntil, sentAt + patience)
    },

    sent: (now) => {
      if (credit <= 0) {
        // Patience has ended. If others of the round succeeded, the round continues without those that have no answer.
        if (quota < Infinity && successes > 0) takeStep()
        else credit = 1
      }
      credit--
      open++
      begun = true
      sentAt = now
      return round
    },

    accepted: (of, now) => {
      if (of !== round) {
        if (of === round - 1 && quota < Infinity) settle()
        return
      }
      open--
      if (quota === Infinity) {
        countPeriods(now)
        successes++
        credit += 1
        if (starved) credit += successes <= firstSuccesses ? growth : laterGrowth
        return
      }
      successes++
      if (probing) {
        probing = false
        // After a guess only part of the budget may be available, so half of the quota is sent before the rest.
        credit = named ? quota : Math.ceil(quota / 2)
        reserve = quota - credit
      } else if (reserve > 0) {
        reserve--
        credit++
      } else if (open === 0 && credit <= 0) takeStep()
    },

    lost: (of) => {
      if (of !== round) return
      open--
      credit = Math.min(credit + 1, probing ? 1 : quota + 1)
    },

    refused: (of, retryAfter, now, random) => {
      // A hold shorter than the shortest guess, such as one of 0, is treated as none.
      const names = retryAfter !== undefined && retryAfter >= shortestGuess
      if (of === round) {
        distrusted ||= wasMisled()
        // Without a success, there is nothing to learn a quota from.
        if (settled > 0) quotaBefore = quota
        if (quota === Infinity) {
          countPeriods(now)
          successes = Math.max(successes, successesBefore)
        }
        settled = successes
        misses = settled === 0 ? misses + 1 : 0
        namedBefore = named
        named = names
        round++
        open = successes = 0
        begun = false
        reserve = 0
        step = firstStep
        plan()
      }
      // A late 429 of an older round holds, too: its request must not be sent again at once.
      const guess = Math.min(longestGuess, shortestGuess * guessGrowth ** misses) * (1 + jitter * random)
      heldUntil = Math.max(heldUntil, now + Math.max(retryAfter ?? 0, names ? 0 : guess))
    },
  }
}
