/**
 * Faults in what a page says of the pages around it.
 */
import * as Context from "effect/Context"
import * as Option from "effect/Option"
import { Page } from "@effect-sunco/core"
import type { PageReference } from "../sandbox/requests.ts"
import type { Fault } from "./fault.ts"

/** The fault that met the request; the list of the sandbox reads it. */
export const CurrentFault = Context.Reference<Fault | undefined>("@effect-sunco/testing/CurrentFault", {
  defaultValue: () => undefined,
})

export const makePageFaults = () => {
  /** An empty page names a cursor of its own, which stands for the one that was asked for. */
  const standIns = new Map<string | undefined, string | undefined>()
  const standInFor = (cursor: string | undefined): string => {
    const name = `fa017${standIns.size.toString(16).padStart(19, "0")}`
    standIns.set(name, cursor)
    return name
  }
  /** The cursor that the roster knows: a record id in hexadecimal, whose letters mean the same in either case. */
  const resolve = (cursor: string | undefined): string | undefined => {
    const known = cursor?.toLowerCase()
    return standIns.has(known) ? standIns.get(known) : known
  }

  return {
    resolve,
    apply: (
      fault: Fault | undefined,
      { after, before }: PageReference,
      page: Page.ParticipantPage,
    ): Page.ParticipantPage => {
      const cursor = after ?? before
      const withMore = (next: Option.Option<string>, participants = page.participants) =>
        new Page.ParticipantPage({
          ...page,
          participants,
          meta: new Page.PageMeta({
            ...page.meta,
            hasMore: true,
            [before === undefined ? "afterCursor" : "beforeCursor"]: next,
          }),
        })
      if (fault?._tag === "EmptyPage") return withMore(Option.some(standInFor(resolve(cursor))), [])
      if (fault?._tag === "RepeatedCursor" && cursor !== undefined) return withMore(Option.some(cursor))
      return fault?._tag === "VanishedCursor" ? withMore(Option.none()) : page
    },
  }
}
