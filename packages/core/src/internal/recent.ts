/**
 * Remembers the latest strings, in bounded memory.
 */

/** Remembers at least the last `limit` strings that were added, and at most twice as many. */
export interface Recent {
  readonly has: (value: string) => boolean
  readonly add: (value: string) => void
}

/**
 * Makes an empty memory. It drops half of its strings at once, because dropping them one by one from the front of a
 * `Set` gets slower with its size.
 */
export const make = (limit: number): Recent => {
  let older = new Set<string>()
  let newer = new Set<string>()
  return {
    has: (value) => newer.has(value) || older.has(value),
    add: (value) => {
      newer.add(value)
      if (newer.size < limit) return
      older = newer
      newer = new Set()
    },
  }
}
