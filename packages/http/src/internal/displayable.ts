/**
 * Foreign text, made safe to show in an error: bounded, on one line, and without the values that were sent.
 */

/** A shorter value would hide text that only looks like it: the secret `s` is in most words. */
const shortestHidden = 8

/** Characters that end a line, move a cursor, or change the direction of the text. */
const unsafe = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/u

const escaped = (character: string): string => {
  if (character === "\n") return "\\n"
  if (character === "\r") return "\\r"
  if (character === "\t") return "\\t"
  // A surrogate without its partner is no character.
  if (/\p{Cs}/u.test(character)) return "\ufffd"
  return unsafe.test(character) ? `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}` : character
}

const searched = (hidden: ReadonlyArray<string>) => hidden.filter(({ length }) => length >= shortestHidden)

/** Whether one of the values that were sent is in the text. */
export const holdsHidden = (text: string, hidden: ReadonlyArray<string>): boolean =>
  searched(hidden).some((value) => text.includes(value))

/**
 * At most `limit` characters from the beginning of the text. Control characters and line ends are escaped, and each
 * hidden value is `<redacted>`.
 */
export const displayable = (text: string, limit: number, hidden: ReadonlyArray<string> = []): string => {
  // The longest first: the secret of an API key is a part of what is sent of it.
  const values = searched(hidden).toSorted((one, other) => other.length - one.length)
  const shown = values.reduce((rest, value) => rest.replaceAll(value, "<redacted>"), text)
  return Array.from(shown.slice(0, limit), escaped).join("").slice(0, limit)
}
