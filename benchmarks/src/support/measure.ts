/**
 * Measures contenders side by side: A B C, A B C, and so on.
 *
 * A machine that is busy for a while is busy for all of them in that round. So what counts is the ratio of two contenders
 * in the same round, and of all rounds the median.
 */
import { setImmediate } from "node:timers/promises"

export interface Contender {
  readonly name: string
  /** Does its work so many times, and returns how much came of it: participants, as a rule. */
  readonly run: (times: number) => Promise<number> | number
  /** What comes of doing it once. Another result is an error: a number for work that was not done is worth nothing. */
  readonly yields: number
}

/** Microseconds for one time: CPU of this process with all its threads, and by the clock. */
export interface Cost {
  readonly cpu: number
  readonly wall: number
}

export interface Effort {
  readonly rounds: number
  /** How often each contender works in a round. */
  readonly times: number
  /** Rounds before the first that counts. */
  readonly warmUp: number
}

export type Quantity = keyof Cost

export interface Measured {
  readonly names: ReadonlyArray<string>
  readonly median: (name: string, quantity: Quantity) => number
  /** How many times as much one takes as the other. */
  readonly ratio: (name: string, over: string, quantity: Quantity) => number
}

const median = (values: ReadonlyArray<number>): number => {
  const sorted = values.toSorted((one, other) => one - other)
  const middle = sorted.length / 2
  const [low = Number.NaN, high = Number.NaN] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]]
  return (low + high) / 2
}

export const interleave = async (contenders: ReadonlyArray<Contender>, effort: Effort): Promise<Measured> => {
  const costs = new Map(contenders.map(({ name }): [string, Array<Cost>] => [name, []]))
  for (let round = -effort.warmUp; round < effort.rounds; round++) {
    for (const contender of contenders) {
      const cost = await measure(contender, effort.times)
      if (round >= 0) costs.get(contender.name)?.push(cost)
    }
  }
  return measuredOf(costs)
}

/** What can be asked of the costs of each round, by the name of the contender. */
export const measuredOf = (costs: ReadonlyMap<string, ReadonlyArray<Cost>>): Measured => {
  const costsOf = (name: string) => {
    const found = costs.get(name)
    if (found === undefined) throw new Error(`no contender is called ${name}`)
    return found
  }
  return {
    names: [...costs.keys()],
    median: (name, quantity) => median(costsOf(name).map((cost) => cost[quantity])),
    ratio: (name, over, quantity) => {
      const others = costsOf(over)
      return median(costsOf(name).map((cost, round) => cost[quantity] / (others[round]?.[quantity] ?? Number.NaN)))
    },
  }
}

const measure = async ({ name, run, yields }: Contender, times: number): Promise<Cost> => {
  await settle()
  const startedAt = performance.now()
  const before = process.cpuUsage()
  const result = await run(times)
  const { system, user } = process.cpuUsage(before)
  const wall = (performance.now() - startedAt) * 1000
  if (result !== yields * times) throw new Error(`${name} yields ${result}, not ${yields * times}`)
  return { cpu: (user + system) / times, wall: wall / times }
}

/** Lets the last contender close what it has open, and collects its short-lived garbage. */
const settle = async () => {
  for (let turn = 0; turn < 3; turn++) await setImmediate()
  globalThis.gc?.({ type: "minor" })
}
