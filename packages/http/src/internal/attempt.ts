/**
 * What is known of the one request that is on its way. It is made anew for each attempt.
 */
import * as Context from "effect/Context"
import * as Redacted from "effect/Redacted"

export interface Attempt {
  /** Whether the request has been handed to the HTTP client. */
  sent: boolean
  /** The authorization header it was sent with. */
  authorization: Redacted.Redacted | undefined
}

export const make = (): Attempt => ({ sent: false, authorization: undefined })

export const Attempt = Context.Reference<Attempt>("@effect-sunco/http/Attempt", { defaultValue: make })

/** A character as a body may spell it: as it is, or escaped for JSON, for a URL or for HTML. */
const spellings = (character: string): string => {
  if (/[0-9A-Za-z]/.test(character)) return character
  const code = character.charCodeAt(0)
  const hex = code.toString(16).padStart(2, "0")
  return `(?:\\\\?\\u{${hex}}|\\\\u00${hex}|%${hex}|&#x0*${hex};|&#0*${code};)`
}

/** The text without the credential, which a gateway may repeat in an error page. */
export const withoutCredential = ({ authorization }: Attempt, text: string): string => {
  const credential = authorization && Redacted.value(authorization).split(" ")[1]
  return credential ? text.replaceAll(new RegExp([...credential].map(spellings).join(""), "giu"), "<redacted>") : text
}
