/**
 * Whose credential a request carries, and how far it reaches.
 */
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Base64 from "effect/encoding/Base64"
import * as Redacted from "effect/Redacted"
import { decodeProtectedHeader, jwtVerify } from "jose"
import type { Credential } from "./sandbox/seed.ts"

const isKey = (credential: Credential) => "keyId" in credential

/** The credential whose key id and secret have exactly this Base64: a decoder may take other texts for the same. */
const fromBasic = (credentials: ReadonlyArray<Credential>, value: string) =>
  credentials.filter(isKey).find(({ keyId, secret }) => Base64.encode(`${keyId}:${Redacted.value(secret)}`) === value)

/** The credential for a token, or for a JWT that is signed with a key, claims its scope, and has not expired. A token that cannot be verified is nobody's. */
const fromBearer = Effect.fnUntraced(function* (credentials: ReadonlyArray<Credential>, value: string) {
  const fixed = credentials.find((credential) => "token" in credential && Redacted.value(credential.token) === value)
  if (fixed !== undefined) return fixed
  const currentDate = DateTime.toDateUtc(yield* DateTime.now)
  return yield* Effect.tryPromise(async () => {
    const { kid } = decodeProtectedHeader(value)
    const key = credentials.filter(isKey).find(({ keyId }) => keyId === kid)
    if (key === undefined) return undefined
    const secret = new TextEncoder().encode(Redacted.value(key.secret))
    const { payload } = await jwtVerify(value, secret, { algorithms: ["HS256"], currentDate })
    return payload["scope"] === key.scope ? key : undefined
  }).pipe(Effect.orElseSucceed(() => undefined))
})

/** The credential of an `Authorization` header, whose scheme is written in any case. */
export const fromHeader = (credentials: ReadonlyArray<Credential>, header: string) => {
  const [, basic] = /^basic +(\S+)$/i.exec(header) ?? []
  if (basic !== undefined) return Effect.succeed(fromBasic(credentials, basic))
  const [, bearer] = /^bearer +(\S+)$/i.exec(header) ?? []
  return bearer === undefined ? Effect.undefined : fromBearer(credentials, bearer)
}
