/**
 * The memberships of one conversation, and the pages of them.
 */
import * as Option from "effect/Option"
import { Page, type Participant } from "@effect-sunco/core"
import type { PageReference } from "./requests.ts"
import type { Rules } from "./rules.ts"

/** A membership, and when lists show it (epoch milliseconds). */
export interface Membership {
  readonly participant: Participant.Participant
  readonly shownFrom: number
  /** When lists stop to show it; undefined while the user is a member. */
  hiddenFrom: number | undefined
}

/** In the order of joining, which is the order of the ids. */
export type Roster = Array<Membership>

/** Who is in at this moment, whatever lists show. */
export const members = (roster: Roster): ReadonlyArray<Membership> =>
  roster.filter(({ hiddenFrom }) => hiddenFrom === undefined)

/** Without who left so long ago that no list shows them: else each call would be slower than the one before it. */
export const pruned = (roster: Roster, now: number): Roster =>
  roster.filter(({ hiddenFrom }) => hiddenFrom === undefined || now < hiddenFrom)

/** The ids that no participant has, below and above all others. */
const least = "0".repeat(Page.cursorLength)
const greatest = "f".repeat(Page.cursorLength)

/** The page after or before a cursor, or the first one. Undefined if the cursor has to be on the list and is not. */
export const page = (roster: Roster, { after, before }: PageReference, size: number, rules: Rules, now: number) => {
  const newestFirst = rules.order === "newest first"
  const shown = pruned(roster, now)
    .filter(({ shownFrom }) => shownFrom <= now)
    .map(({ participant }) => participant)
  if (newestFirst) shown.reverse()

  /** How many participants come before a cursor. */
  const positionOf = (cursor: string) => shown.filter(({ id }) => (newestFirst ? id > cursor : id < cursor)).length
  const isShown = (cursor: string) => shown.some(({ id }) => id === cursor)
  const cursor = after ?? before
  const isKnown = cursor === undefined || cursor === least || cursor === greatest || isShown(cursor)
  if (rules.goneCursor === "bad request" && !isKnown) return undefined

  const from = after === undefined ? 0 : positionOf(after) + Number(isShown(after))
  const end = before === undefined ? Math.min(shown.length, from + size) : positionOf(before)
  const start = before === undefined ? from : Math.max(0, end - size)
  const participants = shown.slice(start, end)

  const hasBefore = start > 0
  const hasAfter = end < shown.length
  // An empty page has no record to point at. Its cursor stands for the end of the list that it lies beyond.
  const [beforeAll, afterAll] = newestFirst ? [greatest, least] : [least, greatest]
  const afterCursor = hasAfter ? Option.some(participants.at(-1)?.id ?? beforeAll) : Option.none()
  const beforeCursor = hasBefore ? Option.some(participants.at(0)?.id ?? afterAll) : Option.none()
  const hasMore = before !== undefined && rules.hasMoreBefore === "before" ? hasBefore : hasAfter
  return { participants, meta: new Page.PageMeta({ hasMore, afterCursor, beforeCursor }) }
}
