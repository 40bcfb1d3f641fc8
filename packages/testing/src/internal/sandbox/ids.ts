/** An id as the vendor writes them: 16 digits, and 8 of a number. */
export const idOf = (prefix: string, number: number | string): string => `${prefix}${String(number).padStart(8, "0")}`
