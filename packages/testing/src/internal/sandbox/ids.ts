/**
 * Ids as the vendor writes them.
 */

/** An id of 24 digits: 16 of a prefix, and 8 of a number. */
export const idOf = (prefix: string, number: number | string): string => `${prefix}${String(number).padStart(8, "0")}`
