/**
 * Credentials as the caller holds them, and what they stand for.
 */
import type { Credentials as Http } from "@effect-sunco/http"

export type CredentialsKind = "basic" | "bearer" | "jwt"

interface Sealed {
  readonly kind: CredentialsKind
}

/** Beside the object, so that nobody who prints it finds a secret. */
const contents = new WeakMap<object, Http.Credentials>()

export const seal = (credentials: Http.Credentials): Sealed => {
  const sealed = Object.freeze({ kind: credentials.kind })
  contents.set(sealed, credentials)
  return sealed
}

/** Returns undefined for anything that `seal` did not return. */
export const unseal = (value: unknown): Http.Credentials | undefined =>
  typeof value === "object" && value !== null ? contents.get(value) : undefined
