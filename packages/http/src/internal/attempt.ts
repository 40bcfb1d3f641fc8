/**
 * What is known of the one request that is on its way. It is made anew for each attempt.
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Base64 from "effect/encoding/Base64"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import { SunshineError } from "@effect-sunco/core"
import type { Header } from "./authorization.ts"
import type { Policy } from "./policy.ts"

export interface Attempt {
  /** Whether the request has been handed to the HTTP client. */
  sent: boolean
  /** The credential that is ready for it, and since when (epoch milliseconds). */
  authorization: { readonly header: Header; readonly preparedAt: number } | undefined
  /** The authorization headers it was sent with: two after a 401. */
  readonly credentials: Array<Redacted.Redacted>
}

export const make = (): Attempt => ({ sent: false, authorization: undefined, credentials: [] })

export const Attempt = Context.Reference<Attempt>("@effect-sunco/http/Attempt", { defaultValue: make })

/** Gives a part of the attempt the time of an attempt. What comes too late is ambiguous if the request was sent. */
export const withTimeout = (
  operation: SunshineError.Operation,
  { attemptTimeout }: Policy,
  attempt: Attempt,
): (<A, E, R>(part: Effect.Effect<A, E, R>) => Effect.Effect<A, E | SunshineError.SunshineError, R>) =>
  Effect.timeoutOrElse({
    duration: attemptTimeout,
    orElse: () =>
      Effect.fail(
        new SunshineError.SunshineError({
          operation,
          reason: new SunshineError.TimedOut({ after: attemptTimeout, sent: attempt.sent }),
        }),
      ),
  })

/** A character as a body may spell it: as it is, or escaped for JSON, for a URL or for HTML. */
const spellings = (character: string): string => {
  if (/[0-9A-Za-z]/.test(character)) return character
  const code = character.charCodeAt(0)
  const hex = code.toString(16).padStart(2, "0")
  return `(?:\\\\?\\u{${hex}}|\\\\u00${hex}|%${hex}|&#x0*${hex};|&#0*${code};)`
}

/** What of an authorization header is secret: the token; or the API key as it is sent, and the secret in it. */
const secretsOf = (header: Redacted.Redacted): ReadonlyArray<string> => {
  const value = Redacted.value(header)
  const credential = value.slice(value.indexOf(" ") + 1)
  if (!value.startsWith("Basic ")) return [credential]
  const key = Result.getOrElse(Base64.decodeString(credential), () => credential)
  return [credential, key.slice(key.indexOf(":") + 1)]
}

/** The text without the credentials, which a gateway may repeat in an error page. */
export const withoutCredential = ({ credentials }: Attempt, text: string): string =>
  credentials
    .flatMap(secretsOf)
    .reduce(
      (rest, secret) => rest.replaceAll(new RegExp([...secret].map(spellings).join(""), "giu"), "<redacted>"),
      text,
    )
