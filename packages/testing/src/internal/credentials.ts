/**
 * Whose credential a request carries, and how far it reaches.
 */
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import { decodeProtectedHeader, jwtVerify } from "jose"
import type { Credential } from "../Sandbox.ts"

type ApiKey = Extract<Credential, { readonly keyId: string }>

const keyOf = (credentials: ReadonlyArray<Credential>, keyId: string): ApiKey | undefined =>
  credentials.find((credential): credential is ApiKey => "keyId" in credential && credential.keyId === keyId)

/** The credential for a key id and its secret. */
export const fromBasic = (
  credentials: ReadonlyArray<Credential>,
  { password, username }: { readonly username: string; readonly password: Redacted.Redacted },
): Option.Option<Credential> =>
  Option.filter(
    Option.fromUndefinedOr(keyOf(credentials, username)),
    ({ secret }) => Redacted.value(secret) === Redacted.value(password),
  )

/** The credential for a token, or for a JWT that is signed with a key, claims its scope, and has not ended. */
export const fromBearer = (
  credentials: ReadonlyArray<Credential>,
  token: Redacted.Redacted,
): Effect.Effect<Option.Option<Credential>> => {
  const value = Redacted.value(token)
  const fixed = credentials.find((credential) => "token" in credential && Redacted.value(credential.token) === value)
  if (fixed !== undefined) return Effect.succeedSome(fixed)
  return Effect.flatMap(DateTime.now, (now) =>
    Effect.tryPromise(async () => {
      const key = keyOf(credentials, decodeProtectedHeader(value).kid ?? "")
      if (key === undefined) return undefined
      const { payload } = await jwtVerify(value, new TextEncoder().encode(Redacted.value(key.secret)), {
        algorithms: ["HS256"],
        currentDate: DateTime.toDateUtc(now),
      })
      return payload["scope"] === key.scope ? key : undefined
    }).pipe(Effect.option, Effect.map(Option.flatMap((key) => Option.fromUndefinedOr<Credential | undefined>(key)))),
  )
}
