/**
 * The parts of the retry policy that are overridden for the calls of a region. They have been checked.
 */
import * as Context from "effect/Context"
import type { Policy } from "./options.ts"

export const Overrides = Context.Reference<Partial<Policy>>("@effect-sunco/http/RetryPolicy/Overrides", {
  defaultValue: () => ({}),
})
