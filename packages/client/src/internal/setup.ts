/**
 * Runs what makes a client, and says what is wrong in the words of its options.
 */
import type * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { InvalidOption } from "../errors.ts"

/** Our names of durations say the unit. */
const inMillis = (option: string): string =>
  option.replace(/\.(attemptTimeout|base|cap|deadline|delay|lifetime|maxRetryAfter|timeToLive|window)$/, "$&Ms")

/** The engine's message is the name of the option, a colon, and what it expected. */
const invalidOption = ({ cause: { message } }: Config.ConfigError): InvalidOption => {
  const [, option = "options", expected = message] = /^([\w.-]+): Expected (.*)$/s.exec(message) ?? []
  return new InvalidOption(inMillis(option), expected)
}

export const runSetup = <A>(effect: Effect.Effect<A, Config.ConfigError>): A =>
  Result.getOrThrowWith(Effect.runSync(Effect.result(effect)), invalidOption)
