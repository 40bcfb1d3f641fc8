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

/** A token that the server knows, beside the API key of the demo. */
export const token = "soak.token-of/the+local.api=="

/** The header that names the call of a request, and the user of the call. */
export const callHeader = "x-soak-call"

/** What the client tells the server: to count, to end, or that a join failed with an error that says it was not made. */
export const Message = Schema.Union([
  Schema.Literals(["count", "stop"]),
  Schema.Struct({ rejected: Schema.Array(Schema.String) }),
])

export type Message = typeof Message.Type

/** What the server says of itself. */
export const ServerCounts = Schema.Struct({
  requests: Schema.Int,
  /** How many of the requests met a fault. */
  faults: Schema.Int,
  connections: Schema.Int,
  fibers: Schema.Int,
  /** How many joins made a membership. */
  joins: Schema.Int,
  /** How many joins made more than one. */
  doubleWrites: Schema.Int,
  /** How many joins made one, and failed with an error that says the opposite. */
  deniedWrites: Schema.Int,
})

export type ServerCounts = typeof ServerCounts.Type
