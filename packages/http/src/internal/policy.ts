/**
 * A retry policy that has been checked, with all durations read.
 */
import * as Duration from "effect/Duration"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import type { RetryPolicy } from "../RetryPolicy.ts"

export interface Policy {
  readonly attempts: number
  readonly attemptTimeout: Duration.Duration
  readonly deadline: Duration.Duration
  readonly base: Duration.Duration
  readonly cap: Duration.Duration
  readonly maxRetryAfter: Duration.Duration
  readonly ambiguous: "verify" | "fail"
  readonly looks: number
  readonly lookAfter: Duration.Duration
}

/** The field that is wrong, and what is allowed there. */
export interface Invalid {
  readonly field: string
  readonly expected: string
}

const invalid = (field: keyof RetryPolicy, expected: string) =>
  Result.fail<Invalid>({ field: `retryPolicy.${field}`, expected })

const count = (policy: RetryPolicy, field: "attempts" | "looks"): Result.Result<number, Invalid> =>
  Number.isInteger(policy[field]) && policy[field] >= 1
    ? Result.succeed(policy[field])
    : invalid(field, "a whole number, 1 or more")

const duration = (
  policy: RetryPolicy,
  field: "attemptTimeout" | "deadline" | "base" | "cap" | "maxRetryAfter" | "lookAfter",
  allowed: "zero or more" | "more than zero",
): Result.Result<Duration.Duration, Invalid> => {
  const read = Option.getOrUndefined(Duration.fromInput(policy[field]))
  return read !== undefined &&
    (allowed === "zero or more"
      ? Duration.isGreaterThanOrEqualTo(read, Duration.zero)
      : Duration.isGreaterThan(read, Duration.zero))
    ? Result.succeed(read)
    : invalid(field, `a duration of ${allowed}`)
}

/** A policy with parts of it overridden. What is undefined overrides nothing. */
export const merge = (policy: RetryPolicy, overrides: Partial<RetryPolicy> | undefined): RetryPolicy => ({
  ...policy,
  ...Object.fromEntries(Object.entries({ ...overrides }).filter(([, value]) => value !== undefined)),
})

export const check = (policy: RetryPolicy): Result.Result<Policy, Invalid> =>
  Result.all({
    attempts: count(policy, "attempts"),
    attemptTimeout: duration(policy, "attemptTimeout", "more than zero"),
    deadline: duration(policy, "deadline", "more than zero"),
    base: duration(policy, "base", "zero or more"),
    cap: duration(policy, "cap", "zero or more"),
    maxRetryAfter: duration(policy, "maxRetryAfter", "zero or more"),
    ambiguous:
      policy.ambiguous === "verify" || policy.ambiguous === "fail"
        ? Result.succeed(policy.ambiguous)
        : invalid("ambiguous", `"verify" or "fail"`),
    looks: count(policy, "looks"),
    lookAfter: duration(policy, "lookAfter", "zero or more"),
  })
