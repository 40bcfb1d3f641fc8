/**
 * Whose credential a request carries, and how far it reaches.
 */
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { decodeProtectedHeader, jwtVerify } from "jose"
import type { Credential } from "./sandbox/seed.ts"

type ApiKey = Extract<Credential, { readonly keyId: string }>

const keyOf = (credentials: ReadonlyArray<Credential>, keyId: string): ApiKey | undefined =>
  credentials.find((credential): credential is ApiKey => "keyId" in credential && credential.keyId === keyId)

/** The credential for a key id and its secret. */
export const fromBasic = (
  credentials: ReadonlyArray<Credential>,
  { password, username }: { readonly username: string; readonly password: Redacted.Redacted },
): Credential | undefined => {
  const key = keyOf(credentials, username)
  return key !== undefined && Redacted.value(key.secret) === Redacted.value(password) ? key : undefined
}

/** The credential for a token, or for a JWT that is signed with a key, claims its scope, and has not expired. A token that cannot be verified is nobody's. */
export const fromBearer = Effect.fnUntraced(function* (
  credentials: ReadonlyArray<Credential>,
  token: Redacted.Redacted,
): Effect.fn.Return<Credential | undefined> {
  const value = Redacted.value(token)
  const fixed = credentials.find((credential) => "token" in credential && Redacted.value(credential.token) === value)
  if (fixed !== undefined) return fixed
  const currentDate = DateTime.toDateUtc(yield* DateTime.now)
  return yield* Effect.tryPromise(async () => {
    const key = keyOf(credentials, decodeProtectedHeader(value).kid ?? "")
    if (key === undefined) return undefined
    const secret = new TextEncoder().encode(Redacted.value(key.secret))
    const { payload } = await jwtVerify(value, secret, { algorithms: ["HS256"], currentDate })
    return payload["scope"] === key.scope ? key : undefined
  }).pipe(Effect.orElseSucceed(() => undefined))
})
