/**
 * What is counted on both sides of a soak.
 */
import { type Metric, Schema } from "effect"

/** Counts the fibers that run. */
export const liveFibers = () => {
  let live = 0
  const service: Metric.FiberRuntimeMetricsService = {
    recordFiberStart: () => {
      live += 1
    },
    recordFiberEnd: () => {
      live -= 1
    },
  }
  return { count: () => live, service }
}

/** What the server says of itself. */
export const ServerCounts = Schema.Struct({
  requests: Schema.Int,
  /** How many of the requests met a fault. */
  faults: Schema.Int,
  connections: Schema.Int,
  fibers: Schema.Int,
})

export type ServerCounts = typeof ServerCounts.Type
