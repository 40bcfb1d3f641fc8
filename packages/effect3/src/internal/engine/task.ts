/**
 * Effects of Effect 4 as tasks, and tasks as effects.
 */
import * as Cause from "effect4/Cause"
import * as Context from "effect4/Context"
import * as Effect from "effect4/Effect"
import * as Exit from "effect4/Exit"
import { match } from "../outcome.ts"
import type { Outcome, Task } from "./boundary.ts"

const outcomeOf = <A, E>(exit: Exit.Exit<A, E>): Outcome<A, E> => {
  if (Exit.isSuccess(exit)) return { _tag: "Success", value: exit.value }
  const failure = exit.cause.reasons.find(Cause.isFailReason)
  if (failure !== undefined) return { _tag: "Failure", error: failure.error }
  return Cause.hasInterruptsOnly(exit.cause)
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
  <R>(context: Context.Context<R>) =>
  <A, E>(effect: Effect.Effect<A, E, R>): Task<A, E> =>
  (resume) => {
    const fiber = Effect.runForkWith(context)(effect)
    fiber.addObserver((exit) => resume(outcomeOf(exit)))
    return (ended) => {
      fiber.addObserver(() => ended())
      fiber.interruptUnsafe()
    }
  }

/** A task without services. */
export const run = toTask(Context.empty())

/** Interruption waits until the task has ended. */
export const fromTask = <A, E>(task: Task<A, E>): Effect.Effect<A, E> =>
  Effect.callback((resume) => {
    const interrupt = task((outcome) => resume(effectOf(outcome)))
    return Effect.callback<void>((resume) => interrupt(() => resume(Effect.void)))
  })
