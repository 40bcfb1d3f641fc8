/**
 * Measures contenders side by side: A B C, A B C, and so on.
 *
 * A machine that is busy for a while is busy for all of them in that round. So what counts is the ratio of two contenders
 * in the same round, and of all rounds the median.
 */
import type { Cost, Quantity } from "./cost.ts"
import type { Length } from "./section.ts"

export interface Contender {
  readonly name: string
  /** Works so many times, and tells what one time costs. */
  readonly measure: (times: number) => Promise<Cost>
}

export interface Effort {
  readonly rounds: number
  /** How often each contender works in a round. */
  readonly times: number
  /** Rounds before the first that counts. */
  readonly warmUp: number
}

/**
 * For one list at a time. The compiler of Node is done with a client after some 24,000 calls, with undici a little earlier.
 * The old generation is collected once in a few hundred calls: a turn with fewer calls costs twice as much as the next.
 */
export const listEffort = {
  full: { rounds: 11, times: 1000, warmUp: 24 },
  check: { rounds: 7, times: 1000, warmUp: 6 },
} satisfies Record<Length, Effort>

export interface Measured {
  readonly names: ReadonlyArray<string>
  readonly median: (name: string, quantity: Quantity) => number
  /** How many times as much one costs as the other. */
  readonly ratio: (name: string, over: string, quantity: Quantity) => number
}

/** The costs of each round, by the name of the contender. */
export type Costs = Map<string, Array<Cost>>

/** Measures contenders. Their costs are added to `costs`. */
export const interleave = async (
  contenders: ReadonlyArray<Contender>,
  effort: Effort,
  costs: Costs = new Map(),
): Promise<Measured> => {
  for (let round = -effort.warmUp; round < effort.rounds; round++) {
    for (const { measure, name } of contenders) {
      const cost = await measure(effort.times)
      if (round >= 0) costs.set(name, [...(costs.get(name) ?? []), cost])
    }
  }
  return measuredOf(costs)
}

/** What can be asked of costs. */
const measuredOf = (costs: Costs): Measured => {
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

const median = (values: ReadonlyArray<number>): number => {
  const sorted = values.toSorted((one, other) => one - other)
  const middle = (sorted.length - 1) / 2
  const [low = Number.NaN, high = Number.NaN] = [sorted[Math.floor(middle)], sorted[Math.ceil(middle)]]
  return (low + high) / 2
}
