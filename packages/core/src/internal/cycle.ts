/**
 * Detects cycles in a sequence of cursors, in bounded memory.
 */
import * as Recent from "./recent.ts"

/** How many cursors are known one by one. */
const recentCursors = 1_000

/**
 * Makes a check that is given each cursor of a sequence in order, and returns whether the sequence repeats itself.
 *
 * A cycle of up to 1,000 cursors is noticed at the first cursor that comes again. A longer one is noticed by Brent's
 * algorithm, which compares each cursor with a single kept one and replaces that at every power of two: at the latest
 * after three times as many cursors as lie before the end of the first round.
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
