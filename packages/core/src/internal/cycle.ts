/**
 * Detects cycles in a sequence of cursors, in bounded memory.
 */
import * as Recent from "./recent.ts"

/** How many of the latest cursors are remembered. */
const recentCursors = 1_000

/**
 * Makes a function that takes each cursor of a sequence in order, and returns whether the sequence repeats itself.
 *
 * A cycle of up to 1,000 cursors is detected at the first cursor that comes again. A longer one is detected by Brent's
 * algorithm, which compares each cursor with a single kept one, and replaces that one at every power of two. It detects
 * the cycle after at most three times as many cursors as there are up to the end of its first round.
 */
export const make = (): ((cursor: string) => boolean) => {
  const recent = Recent.make(recentCursors)
  let kept: string | undefined
  let steps = 0
  let power = 1
  return (cursor) => {
    if (cursor === kept || recent.has(cursor)) return true
    recent.add(cursor)
    steps += 1
    if (steps === power) {
      kept = cursor
      steps = 0
      power *= 2
    }
    return false
  }
}
