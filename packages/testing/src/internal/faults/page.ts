/**
 * Faults in what a page says of the pages around it.
 */
import * as Context from "effect/Context"
import * as Option from "effect/Option"
import { Page } from "@effect-sunco/core"
import { idOf } from "../sandbox/ids.ts"
import type { PageReference } from "../sandbox/requests.ts"
import type { Fault } from "./fault.ts"

/** The fault that met the request; the list of the sandbox reads it. */
export const CurrentFault = Context.Reference<Fault | undefined>("@effect-sunco/testing/CurrentFault", {
  defaultValue: () => undefined,
})

/** A page without its links, which follow from its cursors. */
type Listed = Pick<Page.ParticipantPage, "participants" | "meta">

export const makePageFaults = () => {
  /** An empty page names a cursor of its own, which stands for the one that was asked for. */
  const standIns = new Map<string | undefined, string | undefined>()
  /** The cursor that the roster knows: a record id in hexadecimal, whose letters mean the same in either case. */
  const resolve = (cursor: string | undefined) => {
    const known = cursor?.toLowerCase()
    return standIns.has(known) ? standIns.get(known) : known
  }

  return {
    resolve,
    apply: (fault: Fault | undefined, { after, before }: PageReference, page: Listed): Listed => {
      const cursor = after ?? before
      const withMore = (next: Option.Option<string>, participants = page.participants) => {
        const direction = before === undefined ? "afterCursor" : "beforeCursor"
        return { participants, meta: new Page.PageMeta({ ...page.meta, hasMore: true, [direction]: next }) }
      }
      if (fault?._tag === "EmptyPage") {
        const standIn = idOf("fa01700000000000", standIns.size.toString(16))
        standIns.set(standIn, resolve(cursor))
        return withMore(Option.some(standIn), [])
      }
      if (fault?._tag === "RepeatedCursor" && cursor !== undefined) return withMore(Option.some(cursor))
      return fault?._tag === "VanishedCursor" ? withMore(Option.none()) : page
    },
  }
}
