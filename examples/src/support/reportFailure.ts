/**
 * Says why a program failed, without a stack: what a caller can put right needs none. A mistake in the program itself is
 * shown in full.
 */
import { Cause, Config, Console, Effect, Option } from "effect"
import type { HttpServerError } from "effect/http"

type Failure = Config.ConfigError | HttpServerError.ServeError | (Error & { readonly _tag: string })

const describe = (error: Failure): string => {
  if (error instanceof Config.ConfigError) return `The environment is not right: ${error.cause.message}`
  return error.message === "" ? `${error._tag}: ${String(error.cause)}` : error.message
}

export const reportFailure = <A, E extends Failure, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.tapCause(effect, (cause) => {
    if (Cause.hasInterruptsOnly(cause)) return Effect.void
    const error = Cause.findErrorOption(cause)
    return Console.error(Option.isSome(error) ? describe(error.value) : Cause.pretty(cause))
  })
