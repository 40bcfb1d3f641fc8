/**
 * What a task of either line came to.
 */
import type { Outcome } from "./engine/boundary.ts"

export const match = <A, E, B>(
  outcome: Outcome<A, E>,
  on: {
    readonly success: (value: A) => B
    readonly failure: (error: E) => B
    readonly defect: (defect: unknown) => B
    readonly interrupted: () => B
  },
): B => {
  switch (outcome._tag) {
    case "Success":
      return on.success(outcome.value)
    case "Failure":
      return on.failure(outcome.error)
    case "Defect":
      return on.defect(outcome.defect)
    case "Interrupted":
      return on.interrupted()
  }
}
