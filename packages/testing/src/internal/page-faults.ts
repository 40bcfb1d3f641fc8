/**
 * Faults that lie in what a page says of the pages around it.
 */
import * as Context from "effect/Context"
import * as Option from "effect/Option"
import { Page } from "@effect-sunco/core"
import type { Fault } from "../Faults.ts"

/** The fault of the request that the rules are asked for, if they have to know of it. */
export const CurrentFault = Context.Reference<Fault | undefined>("@effect-sunco/testing/CurrentFault", {
  defaultValue: () => undefined,
})

interface Asked {
  readonly after?: string | undefined
  readonly before?: string | undefined
}

export interface PageFaults {
  /** The cursor that an empty page has put off. */
  readonly resolve: (cursor: string | undefined) => string | undefined
  readonly apply: (fault: Fault | undefined, asked: Asked, page: Page.ParticipantPage) => Page.ParticipantPage
}

export const makePageFaults = (): PageFaults => {
  /** An empty page names a cursor of its own, which stands for the one it was asked for. */
  const putOff = new Map<string, string | undefined>()
  const putOffCursor = (cursor: string | undefined): string => {
    const name = `fa017${putOff.size.toString(16).padStart(19, "0")}`
    putOff.set(name, cursor)
    return name
  }
  const resolve = (cursor: string | undefined): string | undefined =>
    cursor !== undefined && putOff.has(cursor) ? putOff.get(cursor) : cursor

  const more = (page: Page.ParticipantPage, { before }: Asked, cursor: Option.Option<string>) =>
    new Page.PageMeta({
      ...page.meta,
      hasMore: true,
      ...(before === undefined ? { afterCursor: cursor } : { beforeCursor: cursor }),
    })

  return {
    resolve,
    apply: (fault, asked, page) => {
      const cursor = asked.after ?? asked.before
      const withMore = (next: Option.Option<string>) =>
        new Page.ParticipantPage({ ...page, meta: more(page, asked, next) })
      if (fault?._tag === "EmptyPage") {
        return new Page.ParticipantPage({
          ...withMore(Option.some(putOffCursor(resolve(cursor)))),
          participants: [],
        })
      }
      if (fault?._tag === "RepeatedCursor" && cursor !== undefined) return withMore(Option.some(cursor))
      return fault?._tag === "VanishedCursor" ? withMore(Option.none()) : page
    },
  }
}
