/**
 * The parts of a server's text that an error shows: the codes and titles of the vendor's error body. All other text is
 * `Redacted`, because a server or a gateway can echo the credential in it.
 */
import * as Base64 from "effect/encoding/Base64"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { SunshineError } from "@effect-sunco/core"
import type { Body } from "./body.ts"
import { displayable, holdsHidden } from "./displayable.ts"

const mostErrors = 20
const longestField = 200
const longestText = 1000
const longestMediaType = 80

const parseJson = Option.liftThrowable((text: string): unknown => JSON.parse(text))

const decodeErrors = Schema.decodeUnknownOption(Schema.Array(SunshineError.ErrorDetail))

const text = Schema.optional(Schema.NullOr(Schema.String))

/** The entry of the error body of older generations of the API. */
const decodeOlderError = Schema.decodeUnknownOption(Schema.Struct({ code: text, description: text }))

/** The entries of either shape. Entries beyond the bound are not decoded. */
const entriesOf = (body: unknown): ReadonlyArray<Pick<SunshineError.ErrorDetail, "code" | "title">> => {
  if (Predicate.hasProperty(body, "errors") && Array.isArray(body.errors)) {
    const errors: ReadonlyArray<unknown> = body.errors
    return Option.getOrElse(decodeErrors(errors.slice(0, mostErrors)), () => [])
  }
  if (!Predicate.hasProperty(body, "error")) return []
  return Option.match(decodeOlderError(body.error), {
    onNone: () => [],
    onSome: ({ code, description }) => [{ code: code ?? "", title: description ?? "" }],
  })
}

/**
 * The entries of the vendor's error body, 20 at most, without hidden values. Empty if the text is not such a body, or
 * if all of its codes and titles are empty.
 */
export const readErrors = (text: string, hidden: ReadonlyArray<string>): ReadonlyArray<SunshineError.ErrorDetail> => {
  const entries = entriesOf(Option.getOrUndefined(parseJson(text)))
  if (entries.every(({ code, title }) => code === "" && title === "")) return []
  return entries.map(
    ({ code, title }) =>
      new SunshineError.ErrorDetail({
        code: displayable(code, longestField, hidden),
        title: displayable(title, longestField, hidden),
      }),
  )
}

/** The media type without its parameters; undefined if it is not one, or contains a hidden value. */
const mediaTypeOf = (contentType: string, hidden: ReadonlyArray<string>): string | undefined => {
  const end = contentType.indexOf(";")
  const essence = (end < 0 ? contentType : contentType.slice(0, end)).trim()
  return essence.length <= longestMediaType &&
    /^[!#$%&'*+.^_`|~0-9A-Za-z-]+\/[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(essence) &&
    !holdsHidden(essence, hidden)
    ? essence
    : undefined
}

/** A body that is not the vendor's. Its text is `Redacted`. */
export const unrecognized = (
  { bytes, problem, text }: Body,
  contentType: string | undefined,
  hidden: ReadonlyArray<string>,
): SunshineError.UnrecognizedBody =>
  new SunshineError.UnrecognizedBody({
    contentType: contentType === undefined ? undefined : mediaTypeOf(contentType, hidden),
    bytes,
    // The characters are copied: a slice would keep the whole text in memory for as long as the error lives.
    text: Redacted.make(Array.from(text.slice(0, longestText)).join("")),
    problem,
  })

/** Headers whose values are not secret, and can occur in any body. */
const harmless: ReadonlySet<string> = new Set([
  "accept",
  "accept-charset",
  "accept-encoding",
  "accept-language",
  "cache-control",
  "content-type",
  "user-agent",
])

/**
 * The credential after the scheme, without the padding of Base64, which a server may leave out; for an API key also the
 * pair of id and secret, and the secret.
 */
const secretsOf = (authorization: string): ReadonlyArray<string> => {
  const padded = authorization.slice(authorization.indexOf(" ") + 1)
  const credential = padded.replace(/=+$/, "")
  if (!authorization.toLowerCase().startsWith("basic ")) return [credential]
  const key = Result.getOrUndefined(Base64.decodeString(padded))
  return key === undefined ? [credential] : [credential, key, key.slice(key.indexOf(":") + 1)]
}

/** The values of a request that no error may show, even if the server echoes them. */
export const hiddenOf = (authorization: string, headers: Readonly<Record<string, string>>): ReadonlyArray<string> => {
  const values = secretsOf(authorization)
  const others = Object.entries(headers).flatMap(([name, value]) => {
    const lowerCase = name.toLowerCase()
    if (harmless.has(lowerCase)) return []
    return lowerCase === "proxy-authorization" ? [value, ...secretsOf(value)] : [value]
  })
  return [...new Set([...values, ...others])]
}
