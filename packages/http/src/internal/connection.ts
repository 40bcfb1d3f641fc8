/**
 * Classifies a request without an answer: the kind of failure, and whether the request may have been sent.
 */
import type * as HttpClientError from "effect/http/HttpClientError"
import * as Predicate from "effect/Predicate"
import { SunshineError } from "@effect-sunco/core"
import { type Evidence, evidenceOf, textOf, unreadable } from "./connectFailure.ts"
import { displayable } from "./displayable.ts"

const longestDescription = 500

/** An error and its causes, from the outside in. */
const chainOf = (error: unknown): ReadonlyArray<object> => {
  const chain = new Set<object>()
  for (let below = error; Predicate.isObject(below) && !chain.has(below); below = below.cause) chain.add(below)
  return [...chain]
}

/** The outermost error that shows whether the request was sent decides; if none does, it is unknown. */
const evidenceIn = (error: unknown): Evidence => {
  const all = chainOf(error).map((error) => evidenceOf(error))
  return (
    all.find(({ sent }) => sent !== undefined) ??
    all.findLast(({ code }) => code !== undefined) ?? { code: undefined, sent: undefined }
  )
}

const copyOf = (error: object, cause: unknown): Error => {
  const copy = new Error(textOf(error, "message"), cause === undefined ? undefined : { cause })
  copy.name = textOf(error, "name") ?? "Error"
  const stack = textOf(error, "stack")
  if (stack !== undefined) copy.stack = stack
  return "code" in error ? Object.assign(copy, { code: error.code }) : copy
}

/**
 * The name, message, stack and code of an error and of its causes. Some errors of HTTP clients contain more: the bytes
 * that could not be read, in which a server may have echoed the credential.
 */
const plain = (error: unknown): unknown =>
  Predicate.isObject(error)
    ? chainOf(error).reduceRight<unknown>((cause, error) => copyOf(error, cause), undefined)
    : error

/**
 * The reason for a failed request, without hidden values, and its cause. The cause is the error below that of the HTTP
 * client, because the latter contains the request and so the credential.
 */
export const fromHttpClientError = (
  { reason }: HttpClientError.HttpClientError,
  hidden: ReadonlyArray<string>,
): { readonly reason: SunshineError.Transport; readonly cause: unknown } => {
  const cause = "cause" in reason ? reason.cause : undefined
  const { code, sent } = evidenceIn(cause)
  const noTls = code !== undefined && unreadable.has(code) ? "the port may speak http, not https" : undefined
  const refused = code === "ECONNREFUSED" ? "the connection was refused" : undefined
  const message = noTls ?? refused ?? (Predicate.isObject(cause) ? textOf(cause, "message") : undefined)
  const description = message || ("description" in reason ? reason.description : undefined)
  return {
    reason: new SunshineError.Transport({
      description: displayable(description ?? "the request failed", longestDescription, hidden),
      sent: reason._tag !== "InvalidUrlError" && reason._tag !== "EncodeError" && sent !== false,
      code: code === undefined ? undefined : displayable(code, longestDescription),
    }),
    cause: plain(cause),
  }
}
