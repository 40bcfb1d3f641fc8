/**
 * Makes foreign text safe to show in an error: bounded, on one line, and without the secret values of the request.
 */

/** Shorter values are not hidden, because they occur in ordinary text: the secret `s` is in most words. */
const shortestHidden = 8

/** Characters that end a line, move a cursor, or change the direction of the text. */
const unsafe = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/u

const escaped = (character: string): string => {
  if (character === "\n") return "\\n"
  if (character === "\r") return "\\r"
  if (character === "\t") return "\\t"
  // A lone surrogate is not a character.
  if (/\p{Cs}/u.test(character)) return "\ufffd"
  return unsafe.test(character) ? `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}` : character
}

const searched = (hidden: ReadonlyArray<string>) => hidden.filter(({ length }) => length >= shortestHidden)

/** Whether the text contains one of the hidden values. */
export const holdsHidden = (text: string, hidden: ReadonlyArray<string>): boolean =>
  searched(hidden).some((value) => text.includes(value))

/**
 * At most `limit` characters from the beginning of the text. Control characters and line ends are escaped, and each
 * hidden value is `<redacted>`.
 */
export const displayable = (text: string, limit: number, hidden: ReadonlyArray<string> = []): string => {
  // The longest first: the secret of an API key is part of a longer value, the pair of id and secret.
  const values = searched(hidden).toSorted((one, other) => other.length - one.length)
  const shown = values.reduce((rest, value) => rest.replaceAll(value, "<redacted>"), text)
  return Array.from(shown.slice(0, limit), escaped).join("").slice(0, limit)
}
