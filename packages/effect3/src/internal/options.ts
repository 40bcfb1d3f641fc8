/**
 * Options of Effect 3 as plain values. The engine validates them.
 */
import * as Headers from "@effect/platform/Headers"
import * as ConfigError from "effect/ConfigError"
import * as Duration from "effect/Duration"
import * as Option from "effect/Option"
import type * as Redacted from "effect/Redacted"
import type { Limits } from "../Limits.ts"
import type { Partial } from "../RetryPolicy.ts"
import type * as Boundary from "./engine/boundary.ts"
import { secret } from "./plainErrors.ts"

/** The engine validates all else: Effect 3 reads `NaN` and negative numbers as zero. */
export const millis = (input: Duration.DurationInput): Boundary.DurationInput =>
  Duration.isDuration(input) ? Duration.toMillis(input) : input

const isObject = (value: unknown): value is object =>
  typeof value === "object" && value !== null && !Array.isArray(value)

export const plainPolicy = (policy: Partial): Boundary.Policy => {
  // What is no object, as JavaScript can give, stays as it is: the engine refuses it.
  if (!isObject(policy)) return policy
  const { attemptTimeout, base, cap, deadline, maxRetryAfter, verify } = policy
  // The engine refuses a name that it does not know.
  return {
    ...policy,
    attemptTimeout: attemptTimeout && millis(attemptTimeout),
    deadline: deadline && millis(deadline),
    base: base && millis(base),
    cap: cap && millis(cap),
    maxRetryAfter: maxRetryAfter && millis(maxRetryAfter),
    verify: isObject(verify) ? { ...verify, delay: millis(verify.delay) } : verify,
  }
}

export const plainLimits = (limits: Limits): Boundary.Limits => {
  if (typeof limits !== "object") return limits
  const { concurrency, rate } = limits
  return {
    concurrency,
    rate: rate && { limit: rate.limit, window: millis(rate.window), algorithm: rate.algorithm },
  }
}

export const plainHeaders = (input: Headers.Input | undefined): Readonly<Record<string, string>> | undefined =>
  typeof input === "object" && input !== null ? { ...Headers.fromInput(input) } : input

export const optionalSecret = (text: Option.Option<Redacted.Redacted>): Boundary.Secret | undefined =>
  Option.getOrUndefined(Option.map(text, secret))

/** A `ConfigError` at the name with which the message begins or ends. What was not set is missing, as Effect 3 has it. */
export const configErrorOf = (
  { message }: Boundary.OptionError,
  isMissing: (name: string) => boolean = () => false,
): ConfigError.ConfigError => {
  const [, option, expected = message, variable] = /^(?:([\w.-]+): )?(.+?)(?:\n +at \["(\w+)"\])?$/s.exec(message) ?? []
  const name = option ?? variable
  if (name === undefined) return ConfigError.InvalidData([], message)
  return isMissing(name) ? ConfigError.MissingData([name], expected) : ConfigError.InvalidData([name], expected)
}

/**
 * The first option that is given and not read, as JavaScript can do. It would be ignored in silence: a slip of the pen, or an
 * option of `@effect-sunco/http` that this package does not have.
 */
export const unreadOption = (given: object, read: object, within = ""): Boundary.OptionError | undefined => {
  const values = new Map<string, unknown>(Object.entries(read))
  for (const [name, value] of Object.entries(given)) {
    const options = values.get(name)
    if (!values.has(name)) {
      return { message: `${within}${name}: Expected one of the options ${[...values.keys()].join(", ")}` }
    }
    const unread = isObject(value) && isObject(options) ? unreadOption(value, options, `${within}${name}.`) : undefined
    if (unread !== undefined) return unread
  }
  return undefined
}
