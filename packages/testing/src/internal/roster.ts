/**
 * The memberships of one conversation, and the pages of them.
 */
import * as Option from "effect/Option"
import { Page, type Participant } from "@effect-sunco/core"

/** A membership, and when lists show it (epoch milliseconds). */
export interface Member {
  readonly participant: Participant.Participant
  readonly shownFrom: number
  /** When lists stop to show it; undefined while the user is a member. */
  hiddenFrom: number | undefined
}

/** In the order of joining, which is the order of the ids. */
export type Roster = Array<Member>

export const isMember = ({ hiddenFrom }: Member): boolean => hiddenFrom === undefined

const isShown =
  (now: number) =>
  ({ hiddenFrom, shownFrom }: Member): boolean =>
    shownFrom <= now && (hiddenFrom === undefined || now < hiddenFrom)

/** Forgets who left so long ago that no list shows them. */
export const prune = (roster: Roster, now: number): void => {
  for (let index = roster.length - 1; index >= 0; index--) {
    const hiddenFrom = roster[index]?.hiddenFrom
    if (hiddenFrom !== undefined && hiddenFrom <= now) roster.splice(index, 1)
  }
}

/** The page that lies after or before a cursor, or the first one; none if a cursor has to be there and is not. */
export const page = (
  roster: Roster,
  options: {
    readonly after: string | undefined
    readonly before: string | undefined
    readonly size: number
    readonly now: number
    readonly newestFirst: boolean
    readonly cursorMustExist: boolean
    readonly hasMoreBefore: "before" | "after"
    readonly url: string
  },
): Option.Option<Page.ParticipantPage> => {
  const { after, before, newestFirst, size } = options
  const shown = roster.filter(isShown(options.now)).map(({ participant }) => participant)
  if (newestFirst) shown.reverse()
  const comesBefore = (one: string, other: string) => (newestFirst ? one > other : one < other)

  const cursor = after ?? before
  if (options.cursorMustExist && cursor !== undefined && !shown.some(({ id }) => id === cursor)) return Option.none()

  let start = 0
  let end = shown.length
  if (before !== undefined) {
    end = shown.filter(({ id }) => comesBefore(id, before)).length
    start = Math.max(0, end - size)
  } else {
    if (after !== undefined) start = shown.filter(({ id }) => id === after || comesBefore(id, after)).length
    end = Math.min(shown.length, start + size)
  }
  const participants = shown.slice(start, end)

  const hasBefore = start > 0
  const hasAfter = end < shown.length
  // An empty page has no record to point at, and so no cursor.
  const afterCursor = Option.fromUndefinedOr(hasAfter ? participants.at(-1)?.id : undefined)
  const beforeCursor = Option.fromUndefinedOr(hasBefore ? participants.at(0)?.id : undefined)
  const link = (name: string) => Option.map((id: string) => `${options.url}?page[${name}]=${id}&page[size]=${size}`)

  return Option.some(
    new Page.ParticipantPage({
      participants,
      meta: new Page.PageMeta({
        hasMore: before !== undefined && options.hasMoreBefore === "before" ? hasBefore : hasAfter,
        afterCursor,
        beforeCursor,
      }),
      links: new Page.PageLinks({ next: link("after")(afterCursor), prev: link("before")(beforeCursor) }),
    }),
  )
}
