/**
 * The parts of the retry policy that `RetryPolicy.override` has set for the calls of an effect. They have been
 * validated.
 */
import * as Context from "effect/Context"
import type { Policy } from "./options.ts"

export const Overrides = Context.Reference<Partial<Policy>>("@effect-sunco/http/RetryPolicy/Overrides", {
  defaultValue: () => ({}),
})
