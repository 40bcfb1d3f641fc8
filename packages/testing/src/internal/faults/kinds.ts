/**
 * Which faults there are, and which of them are of pages.
 */
import * as Formatter from "effect/Formatter"
import * as String from "effect/String"
import { all, type Fault } from "./fault.ts"

const makers = new Map(all.map(({ _tag }) => [_tag, `Faults.${String.uncapitalize(_tag)}`]))

/** A value that is no fault would have no effect. */
export const checkFault = (what: string, fault: Fault | undefined): void => {
  if (fault !== undefined && makers.has(fault._tag)) return
  const found = typeof fault === "function" ? "a function, which has to be called" : Formatter.format(fault)
  throw new Error(`${what} is made by one of ${[...makers.values()].join(", ")}, and is ${found}`)
}

export const isPageFault = ({ _tag }: Fault): boolean =>
  _tag === "EmptyPage" || _tag === "RepeatedCursor" || _tag === "VanishedCursor"
