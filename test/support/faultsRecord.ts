/**
 * What must hold in every schedule, what was seen in it, and what was not as it must be.
 */
import type { SunshineError } from "@effect-sunco/core"
import { Clock, Context, Effect, Random } from "effect"
import { HttpClient } from "effect/http"

export const properties = [
  "a join that succeeds leaves exactly one membership",
  "no user is joined by more than one effective write",
  "a leave that succeeds leaves no membership",
  "a write that fails with any error but OutcomeUnknown did not happen",
  "a call never outlives its deadline",
  "Retry-After is never undercut",
  "a 429 uses no attempt",
  "a caller that waits is never woken early",
  "paging gives all participants, each once, and goes on from the cursor of an error",
  "every call ends",
] as const

export type Property = (typeof properties)[number]

export interface Violation {
  readonly property: Property
  readonly seed: string
  readonly detail: string
}

/** The call that a request is made for. Reads that verify a write are requests of the same call. */
export interface Call {
  readonly number: number
  readonly operation: SunshineError.Operation
}

export const CurrentCall = Context.Reference<Call>("CurrentCall", {
  defaultValue: () => ({ number: 0, operation: "list" }),
})

/** When a request left, and when the head of its answer came. `retryAfter` is in milliseconds from then. */
export type Entry =
  | { readonly _tag: "Sent"; readonly call: Call; readonly at: number; readonly isRead: boolean }
  | {
      readonly _tag: "Answered"
      readonly call: Call
      readonly at: number
      readonly status: number
      readonly retryAfter: number
    }

/** Times are sums of fractions, and a clock in doubles can be late by a thousandth of a millisecond. */
export const tolerance = 2e-3

const millisOf = (header: string | undefined, now: number): number =>
  header === undefined ? 0 : /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - now

/** A client whose requests and answers are noted, over a network that takes up to `latency` milliseconds each way. */
export const recording =
  (record: Array<Entry>, latency: number) =>
  (client: HttpClient.HttpClient): HttpClient.HttpClient => {
    const travel = Effect.flatMap(Random.nextIntBetween(0, latency), Effect.sleep)
    return HttpClient.transform(client, (answer, { method }) =>
      Effect.gen(function* () {
        const call = yield* CurrentCall
        const isRead = method === "GET" && call.operation !== "list"
        record.push({ _tag: "Sent", call, at: yield* Clock.currentTimeMillis, isRead })
        yield* travel
        const response = yield* answer
        yield* travel
        const at = yield* Clock.currentTimeMillis
        const retryAfter = millisOf(response.headers["retry-after"], at)
        record.push({ _tag: "Answered", call, at, status: response.status, retryAfter })
        return response
      }),
    )
  }

/** The requests that left after an answer with `Retry-After` which speaks to them: 429 to all, 5xx to its own call. */
export const afterRetryAfter = (record: ReadonlyArray<Entry>) =>
  record.flatMap((answer, index) => {
    if (answer._tag === "Sent" || answer.retryAfter <= 0) return []
    const speaksToAll = answer.status === 429
    if (!speaksToAll && answer.status < 500) return []
    const until = answer.at + answer.retryAfter
    return record.slice(index + 1).flatMap((request) => {
      if (request._tag === "Answered") return []
      const ofSameCall = request.call.number === answer.call.number
      // What another caller sends in the same millisecond may have left before the answer was read.
      if (!ofSameCall && (!speaksToAll || request.at === answer.at)) return []
      return [
        {
          property: ofSameCall
            ? ("Retry-After is never undercut" as const)
            : ("a caller that waits is never woken early" as const),
          early: request.at < until - tolerance,
          detail: `${answer.status} to ${answer.call.operation} ${answer.call.number} at ${answer.at} asked for ${answer.retryAfter} ms; ${request.call.operation} ${request.call.number} sent at ${request.at}`,
        },
      ]
    })
  })

// ---------------------------------------------------------------------------
// Tally
// ---------------------------------------------------------------------------

/** What happened in all schedules, so that a test can tell that they are hard enough. */
export const emptyTally = () => ({
  schedules: 0,
  requests: 0,
  reads: 0,
  joins: 0,
  leaves: 0,
  participants: 0,
  unknown: 0,
  rateLimited: 0,
  endedByDeadline: 0,
  sentAfterRetryAfter: 0,
  sentAfterHold: 0,
  resumed: 0,
  gaveUp: 0,
})

export type Tally = ReturnType<typeof emptyTally>
