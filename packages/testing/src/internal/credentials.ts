/**
 * Whose credential a request carries, and how far it reaches.
 */
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Base64 from "effect/encoding/Base64"
import * as Redacted from "effect/Redacted"
import { decodeProtectedHeader, jwtVerify } from "jose"
import type { Credential } from "./sandbox/seed.ts"

type ApiKey = Extract<Credential, { readonly keyId: string }>

const keyOf = (credentials: ReadonlyArray<Credential>, keyId: string): ApiKey | undefined =>
  credentials.find((credential): credential is ApiKey => "keyId" in credential && credential.keyId === keyId)

/** The credential whose key id and secret have exactly this Base64: a decoder may take other texts for the same. */
const fromBasic = (credentials: ReadonlyArray<Credential>, value: string): Credential | undefined =>
  credentials.find(
    (credential) =>
      "keyId" in credential && Base64.encode(`${credential.keyId}:${Redacted.value(credential.secret)}`) === value,
  )

/** The credential for a token, or for a JWT that is signed with a key, claims its scope, and has not expired. A token that cannot be verified is nobody's. */
const fromBearer = Effect.fnUntraced(function* (
  credentials: ReadonlyArray<Credential>,
  value: string,
): Effect.fn.Return<Credential | undefined> {
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

/** The credential of an `Authorization` header, whose scheme is written in any case. */
export const fromHeader = (
  credentials: ReadonlyArray<Credential>,
  header: string,
): Effect.Effect<Credential | undefined> => {
  const [, scheme = "", value = ""] = /^(\S+) +(\S+)$/.exec(header) ?? []
  switch (scheme.toLowerCase()) {
    case "basic":
      return Effect.succeed(fromBasic(credentials, value))
    case "bearer":
      return fromBearer(credentials, value)
    default:
      return Effect.undefined
  }
}
