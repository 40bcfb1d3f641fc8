/**
 * Runs what makes a client, and says what is wrong in the words of its options.
 */
import type * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { InvalidOption } from "../errors.ts"
import { inMillis } from "./durations.ts"

/** The engine asks for secrets as `Redacted`; here they are strings. */
const inOurWords = (expected: string): string => expected.replace("Redacted ", "")

/** The engine's message is the field, a colon, and what it expected. */
const invalidOption = ({ cause: { message } }: Config.ConfigError): InvalidOption => {
  const [, field = "options", expected = message] = /^([\w.-]+): Expected (.*)$/s.exec(message) ?? []
  return new InvalidOption(inMillis(field), inOurWords(expected))
}

export const runSetup = <A>(effect: Effect.Effect<A, Config.ConfigError>): A => {
  const result = Effect.runSync(Effect.result(effect))
  if (Result.isFailure(result)) throw invalidOption(result.failure)
  return result.success
}
