/**
 * Runs the calls of one client as promises, and ends them with their signal, or with the client.
 */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as Scope from "effect/Scope"
import { ClientClosed } from "../errors.ts"
import type { CallNamed, Operation } from "../Failure.ts"
import { type EngineError, errorOf } from "./failure.ts"

/** What one call, or one iteration, is about, and what ends it early. */
export interface Call {
  readonly operation: Operation
  readonly call: CallNamed
  readonly signal: AbortSignal | undefined
}

export interface Running {
  /** Rejects with a class of this package, the reason of the signal, or `ClientClosed`. */
  readonly run: <A>(call: Call, effect: Effect.Effect<A, EngineError>) => Promise<A>
  /** Throws what ended the call. */
  readonly check: (call: Call) => void
  /** A scope that closes with the client at the latest. */
  readonly open: () => Scope.Closeable
  /** Ends all calls and all iterations, and waits for their end. */
  readonly close: () => Promise<void>
}

export const make = (scope: Scope.Closeable): Running => {
  const fibers = new Set<Fiber.Fiber<unknown, unknown>>()
  let closing: Promise<void> | undefined

  const check = ({ signal, ...about }: Call) => {
    if (closing !== undefined) throw new ClientClosed(about)
    signal?.throwIfAborted()
  }

  const errorOfCause = (cause: Cause.Cause<EngineError>, { signal, ...about }: Call): unknown => {
    const error = Cause.findErrorOption(cause)
    if (Option.isSome(error)) return errorOf(error.value)
    if (!Cause.hasInterruptsOnly(cause)) return Cause.squash(cause)
    return signal?.aborted === true ? signal.reason : new ClientClosed(about)
  }

  const closeAll = async () => {
    await Effect.runPromise(Fiber.interruptAll([...fibers]))
    await Effect.runPromise(Scope.close(scope, Exit.void))
  }

  return {
    run: async (call, effect) => {
      check(call)
      let started: Fiber.Fiber<unknown, unknown> | undefined
      const exit = await Effect.runPromiseExit(effect, {
        signal: call.signal,
        onFiberStart: (fiber) => {
          started = fiber
          fibers.add(fiber)
        },
      })
      if (started !== undefined) fibers.delete(started)
      if (Exit.isSuccess(exit)) return exit.value
      throw errorOfCause(exit.cause, call)
    },
    check,
    open: () => Scope.forkUnsafe(scope),
    close: () => (closing ??= closeAll()),
  }
}
