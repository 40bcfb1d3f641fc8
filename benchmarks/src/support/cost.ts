/**
 * What work costs, in the process that does it.
 */
import { Schema } from "effect"
import { setImmediate } from "node:timers/promises"

/** Microseconds for one time: CPU of this process with all its threads, and by the clock. */
export const Cost = Schema.Struct({ cpu: Schema.Finite, wall: Schema.Finite })
export interface Cost extends Schema.Schema.Type<typeof Cost> {}

export type Quantity = keyof Cost

export interface Work {
  /** Does its work so many times, and returns how much came of it: participants, as a rule. */
  readonly run: (times: number) => Promise<number> | number
  /** What comes of doing it once. Another result is an error: a number for work that was not done is worth nothing. */
  readonly yields: number
}

export const measure = async ({ run, yields }: Work, times: number): Promise<Cost> => {
  await settle()
  const startedAt = performance.now()
  const before = process.cpuUsage()
  const result = await run(times)
  const { system, user } = process.cpuUsage(before)
  const wall = (performance.now() - startedAt) * 1000
  if (result !== yields * times) throw new Error(`the work yields ${result}, not ${yields * times}`)
  return { cpu: (user + system) / times, wall: wall / times }
}

/** Closes what is open from the last time. Nothing is collected on purpose: garbage is a part of what work costs. */
const settle = async () => {
  for (let turn = 0; turn < 3; turn++) await setImmediate()
}
