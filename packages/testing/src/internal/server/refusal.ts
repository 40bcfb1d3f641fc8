/**
 * An answer with the vendor's error body.
 */
import * as Data from "effect/Data"
import * as HttpServerResponse from "effect/http/HttpServerResponse"

interface Detail {
  readonly code: string
  readonly title: string
}

/** Ends a request with an error status. */
export class Refusal extends Data.TaggedError("Refusal")<{
  readonly status: number
  readonly errors: ReadonlyArray<Detail>
}> {}

/** Its title is one line, whatever of the request it holds. */
export const refusal = (status: number, code: string, title: string): Refusal =>
  new Refusal({ status, errors: [{ code, title: title.replaceAll(/[\s\p{Cc}]+/gu, " ") }] })

export const toResponse = ({ errors, status }: Refusal): HttpServerResponse.HttpServerResponse =>
  HttpServerResponse.jsonUnsafe({ errors: errors.map(({ code, title }) => ({ code, title })) }, { status })
