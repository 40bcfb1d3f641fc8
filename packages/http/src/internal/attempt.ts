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

/** The text without the credential, which a gateway may repeat in an error page. */
export const withoutCredential = ({ authorization }: Attempt, text: string): string => {
  if (authorization === undefined) return text
  const credential = Redacted.value(authorization).split(" ")[1]
  return credential ? text.replaceAll(credential, "<redacted>") : text
}
