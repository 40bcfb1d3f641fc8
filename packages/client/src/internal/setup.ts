/**
 * Hides what credentials stand for, runs what makes a client, and says what is wrong in the words of its options.
 */
import type * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type { Credentials } from "@effect-sunco/http"
import { InvalidOption } from "../errors.ts"

/** Beside the object, so that nobody who prints it finds a secret. */
const contents = new WeakMap<object, Credentials.Credentials>()

export const seal = (credentials: Credentials.Credentials) => {
  const sealed = Object.freeze({ kind: credentials.kind })
  contents.set(sealed, credentials)
  return sealed
}

/** Throws for anything that `seal` did not return. */
export const unseal = (value: unknown): Credentials.Credentials => {
  const credentials = typeof value === "object" && value !== null ? contents.get(value) : undefined
  if (credentials !== undefined) return credentials
  throw new InvalidOption(
    "credentials",
    "credentials made with Credentials.basic, bearer, jwt or fromEnv of this package",
  )
}

/** Our names of durations say the unit. */
const inMillis = (option: string): string =>
  option.replace(/\.(attemptTimeout|base|cap|deadline|delay|lifetime|maxRetryAfter|timeToLive|window)$/, "$&Ms")

/** The engine's message is the name of the option, a colon, and what it expected. */
const invalidOption = ({ cause: { message } }: Config.ConfigError): InvalidOption => {
  const [, option = "options", expected = message] = /^([\w.-]+): Expected (.*)$/s.exec(message) ?? []
  // They are numbers, so an example of another form would mislead.
  return new InvalidOption(
    inMillis(option),
    expected.replace(/^a duration of (.*), such as .*$/, "a number of milliseconds, $1"),
  )
}

export const runSetup = <A>(effect: Effect.Effect<A, Config.ConfigError>): A =>
  Result.getOrThrowWith(Effect.runSync(Effect.result(effect)), invalidOption)
