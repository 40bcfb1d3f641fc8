/**
 * Effects of Effect 3 as tasks of the engine, and its tasks as effects.
 */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as FiberId from "effect/FiberId"
import * as Option from "effect/Option"
import * as Runtime from "effect/Runtime"
import type { Interrupt, Outcome, Task } from "./engine/boundary.ts"
import { match } from "./outcome.ts"

const outcomeOf = <A, E>(exit: Exit.Exit<A, E>): Outcome<A, E> => {
  if (Exit.isSuccess(exit)) return { _tag: "Success", value: exit.value }
  const failure = Cause.failureOption(exit.cause)
  if (Option.isSome(failure)) return { _tag: "Failure", error: failure.value }
  return Cause.isInterruptedOnly(exit.cause)
    ? { _tag: "Interrupted" }
    : { _tag: "Defect", defect: Cause.squash(exit.cause) }
}

const effectOf = <A, E>(outcome: Outcome<A, E>) =>
  match<A, E, Effect.Effect<A, E>>(outcome, {
    success: Effect.succeed,
    failure: Effect.fail,
    defect: Effect.die,
    interrupted: () => Effect.interrupt,
  })

export const toTask =
  <R>(runtime: Runtime.Runtime<R>) =>
  <A, E>(effect: Effect.Effect<A, E, R>): Task<A, E> =>
  (resume) => {
    const fiber = Runtime.runFork(runtime)(effect)
    fiber.addObserver((exit) => resume(outcomeOf(exit)))
    return (ended) => {
      fiber.addObserver(() => ended())
      fiber.unsafeInterruptAsFork(FiberId.none)
    }
  }

/**
 * Interruption waits until the task has ended. Then it lets go of the task: V8 keeps parts of an async effect of Effect 3
 * until it collects the old generation, and would keep all that the task returned.
 */
export const fromTask = <A, E>(task: Task<A, E>): Effect.Effect<A, E> =>
  Effect.async((resume) => {
    let interrupt: Interrupt | undefined
    const started = task((outcome) => {
      interrupt = undefined
      resume(effectOf(outcome))
    })
    interrupt = started
    return Effect.async<void>((resume) => {
      const ended = () => resume(Effect.void)
      if (interrupt === undefined) ended()
      else interrupt(ended)
    })
  })
