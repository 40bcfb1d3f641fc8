/**
 * How a request or a call ended, without any text of the server, so that spans, metrics and logs can contain it.
 */
import * as Cause from "effect/Cause"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import type { Paginator, SunshineError } from "@effect-sunco/core"
import type { ErrorType, Outcome } from "../Events.ts"

export interface Ended {
  readonly outcome: Outcome
  readonly errorType: ErrorType | undefined
}

/** What a request or a call fails with. */
export type Failure = SunshineError.Documented | SunshineError.SunshineError

const success: Ended = { outcome: "success", errorType: undefined }
const interrupted: Ended = { outcome: "interrupted", errorType: undefined }
const defect: Ended = { outcome: "defect", errorType: "Defect" }

export const errorTypeOf = (error: Failure) => (error._tag === "SunshineError" ? error.reason._tag : error._tag)

export const of = (exit: Exit.Exit<unknown, Failure>): Ended => {
  if (Exit.isSuccess(exit)) return success
  const error = Option.getOrUndefined(Exit.findErrorOption(exit))
  if (error === undefined) return Cause.hasInterruptsOnly(exit.cause) ? interrupted : defect
  return { outcome: error._tag === "SunshineError" ? error.outcome : "rejected", errorType: errorTypeOf(error) }
}

/**
 * How a span ends: with the tag of an error. Exporters would write out the error itself, which can contain text of the
 * server.
 */
export const exitOf = (exit: Exit.Exit<unknown, Failure | Paginator.PagesError>): Exit.Exit<void, string> => {
  if (Exit.isSuccess(exit)) return Exit.void
  const error = Option.getOrUndefined(Exit.findErrorOption(exit))
  if (error === undefined) return Cause.hasInterruptsOnly(exit.cause) ? Exit.interrupt() : Exit.fail("Defect")
  return Exit.fail(error._tag === "PaginationError" ? error._tag : errorTypeOf(error))
}
