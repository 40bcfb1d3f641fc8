import { assert, describe, it } from "@effect/vitest"
import * as Pacing from "../src/internal/pacing.ts"
import * as Simulation from "./support/pacingSimulation.ts"

/** Sends all that may go at a time while requests wait, and returns their rounds. */
const sendAll = (pacing: Pacing.Pacing, now: number): ReadonlyArray<number> => {
  const rounds: Array<number> = []
  while (pacing.next(now, true) <= now) {
    rounds.push(pacing.sent(now))
    assert.isBelow(rounds.length, 10_000, "there is no end to what may go")
  }
  return rounds
}

const accept = (pacing: Pacing.Pacing, rounds: ReadonlyArray<number>, now: number) => {
  for (const round of rounds) pacing.accepted(round, now)
}

/** A server accepts `quota` of the first 32 requests at 0, and refuses one. The others of them are never answered. */
const refusing = (quota: number, retryAfter?: number): Pacing.Pacing => {
  const pacing = Pacing.make()
  const [first = 0, ...rest] = sendAll(pacing, 0)
  accept(pacing, rest.slice(0, quota), 0)
  pacing.refused(first, retryAfter, 0, 0)
  return pacing
}

/** Sends what may go at the end of the hold, has `accepted` of it accepted and one refused, and returns how many went. */
const playRound = (pacing: Pacing.Pacing, accepted: number, retryAfter?: number): number => {
  const now = pacing.heldUntil
  const [first = 0, ...rest] = sendAll(pacing, now)
  accept(pacing, rest.slice(0, accepted), now)
  pacing.refused(first, retryAfter, now, 0)
  return rest.length + 1
}

/**
 * Plays one random history from a time on, until nothing is in flight. Counts how often the pacings differ.
 */
const play = (
  pacings: readonly [Pacing.Pacing, ...ReadonlyArray<Pacing.Pacing>],
  random: Simulation.Random,
  start: number,
) => {
  const inFlight: Array<ReadonlyArray<number>> = []
  let now = start
  let differences = 0

  const end = (requests: ReadonlyArray<number>) => {
    const kind = random()
    const retryAfter = random() < 0.5 ? undefined : random() * 2000
    const jitter = random()
    pacings.forEach((pacing, index) => {
      const round = requests[index] ?? 0
      if (kind < 0.5) pacing.accepted(round, now)
      else if (kind < 0.7) pacing.lost(round)
      else pacing.refused(round, retryAfter, now, jitter)
    })
  }

  for (let i = random() * 300; i > 0; i--) {
    // A third of the time the clock stands still.
    if (random() < 0.66) now += random() * random() * 1000
    const queued = random() < 0.8
    const times = pacings.map((pacing) => Math.max(now, pacing.next(now, queued)))
    if (new Set(times).size > 1) differences++
    if (random() < 0.6) {
      if (times[0] === now) inFlight.push(pacings.map((pacing) => pacing.sent(now)))
    } else inFlight.splice(random() * inFlight.length, random() * 4).forEach(end)
  }
  inFlight.forEach(end)
  const [pacing] = pacings
  return { pacing, now, heldUntil: pacing.heldUntil, differences }
}

describe("a server that has refused nothing", () => {
  it("gets 32 requests at once", () => {
    assert.lengthOf(sendAll(Pacing.make(), 0), 32)
  })

  it.each([
    [200, 4],
    [1000, 11],
  ])("answers %d calls in %d round trips", (calls, roundTrips) => {
    const pacing = Pacing.make()
    let left = calls
    let trips = 0
    while (left > 0) {
      const sent = sendAll(pacing, trips)
      left -= sent.length
      trips++
      accept(pacing, sent, trips)
    }
    assert.strictEqual(trips, roundTrips)
  })

  it("gets no more at once after a thousand requests for which nothing waited", () => {
    const pacing = Pacing.make()
    for (let now = 0; now < 1000; now++) {
      assert.isAtMost(pacing.next(now, false), now)
      pacing.accepted(pacing.sent(now), now)
    }
    assert.lengthOf(sendAll(pacing, 1000), 32)
  })

  it("gets 32 at once again a second after a burst", () => {
    const pacing = Pacing.make()
    accept(pacing, sendAll(pacing, 0), 0)
    accept(pacing, sendAll(pacing, 0), 0)
    assert.isAtMost(pacing.next(1000, false), 1000)
    assert.lengthOf(sendAll(pacing, 1000), 32)
  })

  it("makes a quota of what it accepted in a second, not of all that it ever accepted", () => {
    const pacing = Pacing.make()
    for (let now = 0; now < 60_000; now += 100) {
      pacing.next(now, true)
      pacing.accepted(pacing.sent(now), now)
    }
    pacing.next(60_000, true)
    pacing.refused(pacing.sent(60_000), 1000, 60_000, 0)
    assert.lengthOf(sendAll(pacing, 61_000), 11)
  })
})

describe("a server that refuses for the first time", () => {
  it("does not get a quota of what it accepted long ago", () => {
    const pacing = Pacing.make()
    accept(pacing, sendAll(pacing, 0), 0)
    pacing.next(10_000, true)
    pacing.refused(pacing.sent(10_000), 1000, 10_000, 0)
    assert.lengthOf(sendAll(pacing, 11_000), 2)
  })

  it("gets the quota of the first round that has a success", () => {
    const pacing = refusing(0, 1000)
    // One and one more, and then steps of 2, 4, and 8.
    for (let i = 0; i < 4; i++) accept(pacing, sendAll(pacing, 1000), 1000)
    playRound(pacing, 0, 1000)
    assert.lengthOf(sendAll(pacing, 2000), 17)
  })
})

describe("a hold", () => {
  it("lasts as long as the server says", () => {
    const pacing = refusing(10, 3000)
    assert.strictEqual(pacing.heldUntil, 3000)
    assert.lengthOf(sendAll(pacing, 2999), 0)
  })

  it("lasts until the latest time that the refused requests of a round name", () => {
    const pacing = Pacing.make()
    const [first = 0, second = 0, third = 0] = sendAll(pacing, 0)
    pacing.refused(first, 1000, 10, 0)
    pacing.refused(second, 2000, 20, 0)
    pacing.refused(third, 500, 30, 0)
    assert.strictEqual(pacing.heldUntil, 2020)
  })

  it("of an hour ends after an hour", () => {
    const pacing = refusing(10, 3_600_000)
    assert.lengthOf(sendAll(pacing, 3_599_999), 0)
    assert.lengthOf(sendAll(pacing, 3_600_000), 11)
  })

  it("that the server does not name is 200 ms, and half as long again for each round without success", () => {
    const pacing = refusing(10)
    const holds = [pacing.heldUntil]
    for (let i = 0; i < 3; i++) {
      const before = pacing.heldUntil
      playRound(pacing, 0)
      holds.push(pacing.heldUntil - before)
    }
    assert.deepStrictEqual(holds, [200, 300, 450, 675])
  })

  it("that is guessed does not grow with a round whose successes were answered late", () => {
    const pacing = Pacing.make()
    const [first = 0, ...rest] = sendAll(pacing, 0)
    pacing.refused(first, undefined, 0, 0)
    accept(pacing, rest, 0)
    const before = pacing.heldUntil
    playRound(pacing, 0)
    assert.strictEqual(pacing.heldUntil - before, 300)
  })

  it("that is guessed is never longer than 10 s", () => {
    const pacing = refusing(10)
    for (let i = 0; i < 2000; i++) {
      const now = pacing.heldUntil
      const [round = 0] = sendAll(pacing, now)
      pacing.refused(round, undefined, now, 0.999)
      assert.isAtMost(pacing.heldUntil - now, 10_000)
    }
  })

  it("that is guessed is up to a tenth longer by chance", () => {
    const pacing = Pacing.make()
    const [first = 0, second = 0] = sendAll(pacing, 0)
    pacing.accepted(first, 0)
    pacing.refused(second, undefined, 0, 0.5)
    assert.closeTo(pacing.heldUntil, 210, 1e-9)
  })

  it("of no time at all is guessed", () => {
    const pacing = refusing(10, 0)
    assert.strictEqual(pacing.heldUntil, 200)
    assert.lengthOf(sendAll(pacing, 200), 1)
  })

  for (const retryAfter of [undefined, 0, 150]) {
    it(`is guessed for a late 429 of an older round, too, where it names ${retryAfter}`, () => {
      const pacing = Pacing.make()
      const [first = 0, second = 0] = sendAll(pacing, 0)
      pacing.refused(first, 1000, 0, 0)
      sendAll(pacing, 1000)
      pacing.refused(second, retryAfter, 1500, 0)
      assert.isAtLeast(pacing.heldUntil, 1700)
    })
  }

  it("that a late 429 names is not prolonged by a guess", () => {
    const pacing = Pacing.make()
    const [first = 0, second = 0] = sendAll(pacing, 0)
    pacing.refused(first, 1000, 0, 0)
    pacing.refused(second, 250, 900, 0)
    assert.strictEqual(pacing.heldUntil, 1150)
  })
})

describe("a round", () => {
  it("after a hold that the server named is the quota and one more", () => {
    assert.lengthOf(sendAll(refusing(10, 1000), 1000), 11)
  })

  it("after a guessed hold begins with one request", () => {
    assert.lengthOf(sendAll(refusing(10), 200), 1)
  })

  it("after a guessed hold goes on with half of the quota, and then with the rest as that is accepted", () => {
    const pacing = refusing(10)
    const sizes: Array<number> = []
    for (let sent = sendAll(pacing, 200); sizes.length < 3; sent = sendAll(pacing, 200)) {
      sizes.push(sent.length)
      accept(pacing, sent, 200)
    }
    assert.deepStrictEqual(sizes, [1, 5, 5])
  })

  it("begins with one request once a hold that the server named was too short", () => {
    const pacing = refusing(10, 1000)
    playRound(pacing, 0, 1000)
    assert.strictEqual(playRound(pacing, 0, 1000), 1)
    const [probe = 0] = sendAll(pacing, pacing.heldUntil)
    pacing.accepted(probe, pacing.heldUntil)
    assert.strictEqual(playRound(pacing, 9, 1000), 10)
    assert.lengthOf(sendAll(pacing, pacing.heldUntil), 1, "it is not trusted again")
  })

  it("without success keeps its quota", () => {
    const pacing = refusing(10, 1000)
    playRound(pacing, 0, 1000)
    const [probe = 0] = sendAll(pacing, pacing.heldUntil)
    pacing.accepted(probe, pacing.heldUntil)
    assert.lengthOf(sendAll(pacing, pacing.heldUntil), 10)
  })

  it("has a quota that is at most a quarter more than the last", () => {
    const pacing = refusing(20, 1000)
    // 20 and one, and then steps of 2, 4, and 8.
    for (let i = 0; i < 4; i++) accept(pacing, sendAll(pacing, 1000), 1000)
    playRound(pacing, 0, 1000)
    assert.lengthOf(sendAll(pacing, 2000), 26)
  })

  it("gets a smaller quota at once", () => {
    const pacing = refusing(20, 1000)
    playRound(pacing, 5, 1000)
    assert.lengthOf(sendAll(pacing, 2000), 6)
  })

  it("that is accepted as a whole goes on with 2 more, then 4, then 8", () => {
    const pacing = refusing(10, 1000)
    const sizes: Array<number> = []
    for (let sent = sendAll(pacing, 1000); sizes.length < 4; sent = sendAll(pacing, 1000)) {
      sizes.push(sent.length)
      accept(pacing, sent.slice(1), 1000)
      assert.lengthOf(sendAll(pacing, 1000), 0, "one is not answered yet")
      accept(pacing, sent.slice(0, 1), 1000)
    }
    assert.deepStrictEqual(sizes, [11, 2, 4, 8])
  })

  it("counts successes that are answered after its first 429", () => {
    const pacing = Pacing.make()
    const [first = 0, ...rest] = sendAll(pacing, 0)
    pacing.refused(first, 1000, 0, 0)
    accept(pacing, rest.slice(0, 20), 0)
    assert.lengthOf(sendAll(pacing, 1000), 21)
  })

  it("counts them for the round that has begun", () => {
    const pacing = Pacing.make()
    const [first = 0, second = 0, ...rest] = sendAll(pacing, 0)
    pacing.accepted(first, 0)
    pacing.refused(second, 1000, 0, 0)
    const begun = sendAll(pacing, 1000)
    accept(pacing, rest.slice(0, 3), 1000)
    assert.deepStrictEqual([begun.length, sendAll(pacing, 1000).length], [2, 3])
  })

  it("is not made smaller by them once it has begun", () => {
    const pacing = refusing(10, 1000)
    const [first = 0, second = 0] = sendAll(pacing, 1000)
    pacing.refused(first, 1000, 1000, 0)
    const [probe = 0] = sendAll(pacing, 2000)
    pacing.accepted(second, 2000)
    pacing.accepted(probe, 2000)
    assert.lengthOf(sendAll(pacing, 2000), 10)
  })

  it("does not count those of the round before the last", () => {
    const pacing = Pacing.make()
    const [first = 0, ...rest] = sendAll(pacing, 0)
    accept(pacing, rest.slice(0, 10), 0)
    pacing.refused(first, 1000, 0, 0)
    playRound(pacing, 8, 1000)
    accept(pacing, rest.slice(10), 1000)
    assert.lengthOf(sendAll(pacing, 2000), 9)
  })

  it("leaves nothing of its quota to the next", () => {
    const pacing = refusing(10)
    const [probe = 0] = sendAll(pacing, 200)
    pacing.accepted(probe, 200)
    playRound(pacing, 3, 1000)
    const sent = sendAll(pacing, 1200)
    accept(pacing, sent.slice(1), 1200)
    assert.lengthOf(sendAll(pacing, 1200), 0)
  })

  it("does not take a hold for too short when its first answer is the 429", () => {
    const pacing = refusing(10, 1000)
    const [first = 0, ...rest] = sendAll(pacing, 1000)
    pacing.refused(first, 1000, 1000, 0)
    accept(pacing, rest, 1000)
    assert.lengthOf(sendAll(pacing, 2000), 11)
  })

  it("is not ended by a late 429 of an older one, which prolongs the hold", () => {
    const pacing = Pacing.make()
    const [first = 0, second = 0, ...rest] = sendAll(pacing, 0)
    accept(pacing, rest.slice(0, 10), 0)
    pacing.refused(first, 1000, 0, 0)
    const [round = 0] = [pacing.next(1000, true), pacing.sent(1000)].slice(1)
    pacing.refused(second, 1000, 1500, 0)
    assert.lengthOf(sendAll(pacing, 2499), 0)
    assert.deepStrictEqual(
      sendAll(pacing, 2500),
      Array.from({ length: 10 }, () => round),
    )
  })
})

describe("a request that ends without an answer", () => {
  it("gives back its place in a round", () => {
    const pacing = refusing(10, 1000)
    const sent = sendAll(pacing, 1000)
    for (const round of sent.slice(0, 4)) pacing.lost(round)
    assert.lengthOf(sendAll(pacing, 1000), 4)
  })

  it("gives back its place when the server has refused nothing", () => {
    const pacing = Pacing.make()
    for (const round of sendAll(pacing, 0)) pacing.lost(round)
    assert.lengthOf(sendAll(pacing, 0), 32)
  })

  it("does not stop a round that is accepted but for it", () => {
    const pacing = refusing(10, 1000)
    const [first = 0, ...rest] = sendAll(pacing, 1000)
    accept(pacing, rest, 1000)
    pacing.lost(first)
    accept(pacing, sendAll(pacing, 1000), 1000)
    assert.lengthOf(sendAll(pacing, 1000), 2)
  })

  it("lets another go in place of a single one", () => {
    const pacing = refusing(10)
    const [probe = 0] = sendAll(pacing, 200)
    pacing.lost(probe)
    assert.lengthOf(sendAll(pacing, 200), 1)
  })

  it("proves no budget", () => {
    const pacing = refusing(10)
    const [probe = 0] = sendAll(pacing, 200)
    pacing.lost(probe)
    const [next = 0] = sendAll(pacing, 200)
    pacing.refused(next, undefined, 200, 0)
    assert.strictEqual(pacing.heldUntil, 500, "the round had no success")
  })

  it("changes nothing in a later round", () => {
    const pacing = Pacing.make()
    const [first = 0, second = 0, ...rest] = sendAll(pacing, 0)
    accept(pacing, rest.slice(0, 10), 0)
    pacing.refused(first, 1000, 0, 0)
    pacing.lost(second)
    assert.lengthOf(sendAll(pacing, 1000), 11)
  })
})

describe("a request without an answer for a second", () => {
  it("lets another single one go", () => {
    const pacing = refusing(10)
    assert.lengthOf(sendAll(pacing, 200), 1)
    assert.strictEqual(pacing.next(300, true), 1200)
    assert.lengthOf(sendAll(pacing, 1200), 1)
  })

  it("lets a round go on in steps when others succeeded", () => {
    const pacing = refusing(10, 1000)
    const [, ...rest] = sendAll(pacing, 1000)
    accept(pacing, rest, 1000)
    assert.deepStrictEqual(
      [sendAll(pacing, 1999), sendAll(pacing, 2000)].map((sent) => sent.length),
      [0, 2],
    )
  })

  it("gives no more credit than the quota when all of them are lost in the end", () => {
    const pacing = refusing(10, 1000)
    const sent = [...sendAll(pacing, 1000)]
    for (let now = 2000; now < 30_000; now += 1000) sent.push(...sendAll(pacing, now))
    for (const round of sent) pacing.lost(round)
    assert.lengthOf(sendAll(pacing, 30_000), 11)
  })
})

describe("a quiet second", () => {
  const sizes = (pacing: Pacing.Pacing, now: number) => {
    pacing.next(now, false)
    return sendAll(pacing, now).length
  }

  it("after the end of a hold makes the server as if it had never refused", () => {
    assert.strictEqual(sizes(refusing(10, 1000), 2000), 32)
  })

  it("after the last wait does so too", () => {
    const pacing = refusing(10, 1000)
    accept(pacing, sendAll(pacing, 1500), 1500)
    assert.strictEqual(sizes(pacing, 2500), 32)
  })

  it("leaves nothing of the past, whatever that was", () => {
    for (let seed = 0; seed < 100; seed++) {
      const random = Simulation.randomFrom(seed)
      const old = play([Pacing.make()], random, 0)
      const start = Math.max(old.now, old.heldUntil) + 2000
      const pacings = [old.pacing, Pacing.make()] as const
      for (const pacing of pacings) pacing.next(start, false)
      assert.strictEqual(play(pacings, random, start).differences, 0, `seed ${seed}`)
    }
  })

  it("is not one if it is shorter", () => {
    assert.strictEqual(sizes(refusing(10, 1000), 1999), 11)
  })

  it("is not one while requests wait", () => {
    const pacing = refusing(10, 1000)
    assert.lengthOf(sendAll(pacing, 5000), 11)
  })

  it("is not one if a request had to wait for an answer in it", () => {
    const pacing = refusing(10, 1000)
    sendAll(pacing, 1000)
    assert.isAbove(pacing.next(1900, false), 1900)
    assert.strictEqual(sizes(pacing, 2800), 1)
  })
})

describe("any order of answers", () => {
  it("leaves one request that may go when nothing is in flight and the hold is over", () => {
    for (let seed = 0; seed < 200; seed++) {
      const { heldUntil, now, pacing } = play([Pacing.make()], Simulation.randomFrom(seed), 0)
      const at = Math.max(now, heldUntil)
      assert.isAtMost(pacing.next(at, true), at, `seed ${seed}`)
    }
  })
})

const latencies = [1, 30, 100]
const seeds = Array.from({ length: 8 }, (_, seed) => seed)

const second = () => 1000
const wholeSeconds = (wait: number) => Math.ceil(wait / 1000) * 1000
const none = () => undefined

const atOnce = (calls: number) => Array.from({ length: calls }, () => 0)

interface Targets {
  /** As parts of the ideal time, and of the number of calls. */
  readonly time: number
  readonly requests: number
}

/** Runs calls that are made at once, and holds the outcome to what is promised whatever the server. */
const run = (options: Omit<Simulation.Options, "arrivals" | "until"> & { readonly calls: number }) => {
  const outcome = Simulation.simulate(Pacing.make(), {
    ...options,
    arrivals: atOnce(options.calls),
    until: 1_000_000,
  })
  assert.strictEqual(outcome.done, options.calls, "all calls succeed")
  assert.strictEqual(outcome.deadlocks, 0, "when nothing is in flight and the hold is over, one may go")
  return outcome
}

describe.each(Simulation.servers)("many callers of a server with %s", (_, makeServer) => {
  /** Runs a load with all latencies and seeds, and returns each outcome that misses a target. */
  const missed = (
    { calls, limit, window = 1000 }: { readonly calls: number; readonly limit: number; readonly window?: number },
    retryAfter: Simulation.Options["retryAfter"],
    targets: Targets,
  ) =>
    latencies.flatMap((latency) =>
      seeds.flatMap((seed) => {
        const server = makeServer({ limit, window, phase: seed / seeds.length })
        const outcome = run({ server, retryAfter, latency, calls, seed })
        const time = outcome.finishedAt / ((calls / limit) * window)
        const requests = outcome.requests / calls
        const { displacement } = outcome
        const good = time <= targets.time && requests <= targets.requests && displacement <= 4 * limit
        return good ? [] : [{ latency, seed, time, requests, displacement }]
      }),
    )

  it.each([
    { limit: 25, calls: 500 },
    { limit: 25, calls: 1000 },
    { limit: 50, calls: 500 },
    { limit: 50, calls: 1000 },
    { limit: 100, calls: 500 },
    { limit: 100, calls: 1000 },
    { limit: 200, calls: 500 },
    { limit: 200, calls: 1000 },
    { limit: 200, calls: 2000 },
  ])("$limit a second and Retry-After: 1: $calls calls", (load) => {
    assert.deepStrictEqual(missed(load, second, { time: 1.15, requests: 1.25 }), [])
  })

  it.each([
    { limit: 50, window: 2000, calls: 500 },
    { limit: 100, window: 2000, calls: 1000 },
  ])("$limit in $window ms and an exact Retry-After: $calls calls", (load) => {
    assert.deepStrictEqual(missed(load, wholeSeconds, { time: 1.15, requests: 1.25 }), [])
  })

  it("100 in 10 s and an exact Retry-After", () => {
    assert.deepStrictEqual(
      missed({ limit: 100, window: 10_000, calls: 1000 }, wholeSeconds, { time: 1.03, requests: 1.35 }),
      [],
    )
  })

  it.each([25, 50, 100, 200].flatMap((limit) => [500, 1000].map((calls) => ({ limit, calls }))))(
    "$limit a second and no Retry-After: $calls calls",
    (load) => {
      assert.deepStrictEqual(missed(load, none, { time: 1.6, requests: 1.5 }), [])
    },
  )

  it.each([1, 10, 40])("%d requests at once at most", (concurrency) => {
    for (const retryAfter of [second, none]) {
      for (const seed of seeds) {
        const server = makeServer({ limit: 50, window: 1000, phase: seed / seeds.length })
        const outcome = run({ server, retryAfter, latency: 1, concurrency, calls: 500, seed })
        assert.strictEqual(outcome.mostInFlight, concurrency)
        assert.isAtMost(outcome.finishedAt, 10_000 * 1.4)
        assert.isAtMost(outcome.requests, 500 * 1.3)
      }
    }
  })

  it.each([
    { lostRate: 0.05, lostAfter: 50, time: 1.4 },
    { lostRate: 0.3, lostAfter: 50, time: 1.8 },
    { lostRate: 0.05, lostAfter: 30_000, time: 6 },
  ])("$lostRate of the requests lost after $lostAfter ms", ({ lostAfter, lostRate, time }) => {
    for (const retryAfter of [second, none]) {
      for (const seed of seeds) {
        const server = makeServer({ limit: 50, window: 1000, phase: seed / seeds.length })
        const outcome = run({ server, retryAfter, latency: 50, lostRate, lostAfter, calls: 1000, seed })
        assert.isAtMost(outcome.finishedAt, 20_000 * time)
        assert.isAtMost(outcome.requests, (1000 * 1.4) / (1 - lostRate))
      }
    }
  })
})

// When the first burst spends two budgets, because a window ends in it, a second round as large finds out that it was two.
describe("windows that follow a clock", () => {
  it.each([
    { limit: 100, calls: 500 },
    { limit: 200, calls: 500 },
    { limit: 200, calls: 1000 },
  ])("cost no more than 1.35 wherever they begin: $limit a second, $calls calls", ({ calls, limit }) => {
    for (const latency of latencies) {
      for (let seed = 0; seed < 40; seed++) {
        const server = Simulation.changingWindows(() => limit, 1000, seed / 40)
        const outcome = run({ server, retryAfter: second, latency, calls, seed })
        assert.isAtMost(outcome.requests / calls, 1.35, `latency ${latency}, seed ${seed}`)
        assert.isAtMost(outcome.finishedAt / ((calls / limit) * 1000), 1.35, `latency ${latency}, seed ${seed}`)
      }
    }
  })
})

describe("a budget that changes", () => {
  it.each([
    ["with Retry-After", second],
    ["without", none],
  ])("from 50 a second to 20 and to 100 is followed %s", (_, retryAfter) => {
    const limitAt = (now: number) => (now < 5000 ? 50 : now < 12_000 ? 20 : 100)
    const ideal = 12_000 + ((2000 - 5 * 50 - 7 * 20) / 100) * 1000
    for (const seed of seeds) {
      const outcome = run({
        server: Simulation.changingWindows(limitAt, 1000, 0),
        retryAfter,
        latency: 1,
        calls: 2000,
        seed,
      })
      assert.closeTo(outcome.finishedAt / ideal, 1, 0.05)
      assert.isAtMost(outcome.requests, 2000 * 1.25)
    }
  })
})

describe("calls that come one by one", () => {
  it.each([
    ["less often than the server allows", 0.8, 1.05],
    ["more often than it allows", 1.5, 1.4],
  ])("%s", (_, load, requests) => {
    for (const [, makeServer] of Simulation.servers) {
      for (const seed of seeds) {
        const random = Simulation.randomFrom(seed)
        const span = 20_000 / load
        const outcome = Simulation.simulate(Pacing.make(), {
          server: makeServer({ limit: 50, window: 1000, phase: 0 }),
          retryAfter: second,
          latency: 50,
          arrivals: atOnce(1000)
            .map(() => random() * span)
            .toSorted((a, b) => a - b),
          seed,
          until: 1_000_000,
        })
        assert.strictEqual(outcome.done, 1000)
        assert.isAtMost(outcome.finishedAt, Math.max(span, 20_000) * 1.15)
        assert.isAtMost(outcome.requests, 1000 * requests)
      }
    }
  })
})
