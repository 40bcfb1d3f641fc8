/**
 * The errors of Effect 3 as plain values.
 */
import * as Duration from "effect/Duration"
import * as Redacted from "effect/Redacted"
import type * as Boundary from "./engine/boundary.ts"
import { plainErrorsOf } from "./lineErrors.ts"

/** What is not `Redacted`, as JavaScript can give, stays as it is: the engine refuses it by name. */
export const secret = (text: Redacted.Redacted): Boundary.Secret =>
  Redacted.isRedacted(text) ? { reveal: () => Redacted.value(text) } : text

export const { plainError, plainPagesError, plainReason, plainSunshineError } = plainErrorsOf({
  secret,
  millis: (duration: Duration.Duration) => Duration.toMillis(duration),
  // An error of the application comes back as it is.
  isError: (_cause): _cause is never => false,
})
