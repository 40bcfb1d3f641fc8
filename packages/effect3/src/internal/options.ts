/**
 * Options of Effect 3 as plain values. The engine validates them.
 */
import * as Headers from "@effect/platform/Headers"
import * as Duration from "effect/Duration"
import * as Option from "effect/Option"
import type * as Redacted from "effect/Redacted"
import type { Limits } from "../Limits.ts"
import type { Partial } from "../RetryPolicy.ts"
import type * as Boundary from "./engine/boundary.ts"
import { secret } from "./plainErrors.ts"

/** What is no duration becomes NaN, which the engine refuses by name. */
export const millis = (input: Duration.DurationInput | undefined): number | undefined =>
  input === undefined
    ? undefined
    : Option.match(Duration.decodeUnknown(input), { onNone: () => NaN, onSome: Duration.toMillis })

export const plainPolicy = (policy: Partial): Boundary.Policy => {
  const { attempts, attemptTimeout, base, cap, deadline, maxRetryAfter, verify } = policy
  return {
    attempts,
    attemptTimeout: millis(attemptTimeout),
    deadline: millis(deadline),
    base: millis(base),
    cap: millis(cap),
    maxRetryAfter: millis(maxRetryAfter),
    verify: verify && { attempts: verify.attempts, delay: millis(verify.delay) ?? NaN },
  }
}

export const plainLimits = ({ concurrency, rate }: Limits): Boundary.Limits => ({
  concurrency,
  rate: rate && { limit: rate.limit, window: millis(rate.window) ?? NaN, algorithm: rate.algorithm },
})

export const plainHeaders = (input: Headers.Input | undefined): Readonly<Record<string, string>> | undefined =>
  input === undefined ? undefined : { ...Headers.fromInput(input) }

export const optionalSecret = (text: Option.Option<Redacted.Redacted>): Boundary.Secret | undefined =>
  Option.getOrUndefined(Option.map(text, secret))
