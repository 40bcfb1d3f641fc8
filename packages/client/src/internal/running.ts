/**
 * Runs the calls of one client as promises, and ends them with their signal, or with the client.
 */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as Scope from "effect/Scope"
import { ClientClosed, InvalidOption } from "../errors.ts"
import { type EngineError, errorOf } from "./failure.ts"

export interface Running {
  /** Rejects with a class of this package, the reason of the signal, or `ClientClosed`. */
  readonly run: <A>(effect: Effect.Effect<A, EngineError>, signal: AbortSignal | undefined) => Promise<A>
  /** A scope that closes with the client at the latest. */
  readonly open: () => Scope.Closeable
  /** Ends all calls and all iterations, and waits for their end. */
  readonly close: () => Promise<void>
}

export const make = (scope: Scope.Closeable): Running => {
  const fibers = new Set<Fiber.Fiber<unknown, unknown>>()
  let closing: Promise<void> | undefined

  const errorOfCause = (cause: Cause.Cause<EngineError>, signal: AbortSignal | undefined): unknown => {
    const error = Cause.findErrorOption(cause)
    if (Option.isSome(error)) return errorOf(error.value)
    if (!Cause.hasInterruptsOnly(cause)) return Cause.squash(cause)
    return signal?.aborted === true ? signal.reason : new ClientClosed()
  }

  const closeAll = async () => {
    await Effect.runPromise(Fiber.interruptAll([...fibers]))
    await Effect.runPromise(Scope.close(scope, Exit.void))
  }

  return {
    run: async (effect, signal) => {
      if (closing !== undefined) throw new ClientClosed()
      signal?.throwIfAborted()
      let started: Fiber.Fiber<unknown, unknown> | undefined
      const exit = await Effect.runPromiseExit(effect, {
        signal,
        onFiberStart: (fiber) => {
          started = fiber
          fibers.add(fiber)
        },
      })
      if (started !== undefined) fibers.delete(started)
      if (Exit.isSuccess(exit)) return exit.value
      throw errorOfCause(exit.cause, signal)
    },
    open: () => Scope.forkUnsafe(scope),
    close: () => (closing ??= closeAll()),
  }
}

/** The signal of a call, if it has one. */
export const signalOf = (
  options: { readonly signal?: AbortSignal | undefined } | undefined,
): AbortSignal | undefined => {
  const signal: unknown = options?.signal
  if (signal === undefined || signal instanceof AbortSignal) return signal
  throw new InvalidOption("signal", "an AbortSignal")
}
