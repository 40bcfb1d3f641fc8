/**
 * The caller's circuit breaker around each request. Its module is not imported, since few callers have one: importing it
 * takes as long as importing the HTTP client.
 */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { identity } from "effect/Function"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import type * as CircuitBreaker from "effect/persistence/CircuitBreaker"
import { SunshineError } from "@effect-sunco/core"
import type { Call } from "./call.ts"
import type { Failure } from "./ended.ts"

export type Circuit = <A, E extends Failure>(
  request: Effect.Effect<A, E | SunshineError.SunshineError>,
  call: Call,
) => Effect.Effect<A, E | SunshineError.SunshineError>

/**
 * Failures of the server or of the network open the circuit. A 429, or one answer that cannot be decoded, says nothing about the
 * server's health.
 */
const classify = (exit: Exit.Exit<unknown, Failure>): CircuitBreaker.Outcome => {
  const error = Option.getOrUndefined(Exit.findErrorOption(exit))
  if (error?._tag !== "SunshineError" || error.outcome === "rejected") return { _tag: "Success" }
  if (error.reason._tag === "RateLimited" || error.reason._tag === "InvalidResponse") return { _tag: "Ignored" }
  return { _tag: "Failure", retryAfter: error.reason._tag === "ServerError" ? error.reason.retryAfter : undefined }
}

export const make = (circuitBreaker: CircuitBreaker.CircuitBreaker | undefined, key: string): Circuit => {
  if (circuitBreaker === undefined) return identity
  const refused = new SunshineError.Transport({
    description: "the circuit breaker let no request through",
    sent: false,
  })
  return (request, call) =>
    Effect.mapError(circuitBreaker.execute(request, { key, classify }), (error) =>
      error._tag === "CircuitBreakerError" ? call.fail(refused, error) : error,
    )
}

/** Whether the circuit breaker refused the request. Such a request is not retried, to spare the server. */
export const isOpen = ({ cause }: SunshineError.SunshineError): boolean =>
  Predicate.isTagged(cause, "CircuitBreakerError")
