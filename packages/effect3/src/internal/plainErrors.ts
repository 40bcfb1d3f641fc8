/**
 * The errors of Effect 3 as plain values.
 */
import * as Duration from "effect/Duration"
import * as Redacted from "effect/Redacted"
import type * as Boundary from "./engine/boundary.ts"
import { plainErrorsOf } from "./lineErrors.ts"

export const secret = (text: Redacted.Redacted): Boundary.Secret => ({ reveal: () => Redacted.value(text) })

export const { plainError, plainPagesError, plainReason, plainSunshineError } = plainErrorsOf({
  secret,
  millis: (duration: Duration.Duration) => Duration.toMillis(duration),
})
