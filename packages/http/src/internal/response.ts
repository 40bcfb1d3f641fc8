/**
 * Turns the status and the body of an answer into a value or a domain error. The status decides, whatever the body
 * says.
 */
import type * as Duration from "effect/Duration"
import * as Exit from "effect/Exit"
import type * as Headers from "effect/http/Headers"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import { SunshineError } from "@effect-sunco/core"
import type { Body } from "./body.ts"
import type { Call } from "./call.ts"
import type { Exchange } from "./exchange.ts"
import * as ServerText from "./serverText.ts"

export interface Answer {
  readonly status: number
  readonly headers: Headers.Headers
  readonly body: Body
  readonly retryAfter: Duration.Duration | undefined
  /** The secret values of the request, which no error may show. */
  readonly hidden: () => ReadonlyArray<string>
}

/** A result of a request. */
export type Outcome<A, E> = Exit.Exit<A, E | SunshineError.SunshineError>

const unrecognized = ({ body, headers, hidden }: Answer) =>
  ServerText.unrecognized(body, headers["content-type"], hidden())

const success = <A, E extends SunshineError.Documented>(
  call: Call,
  exchange: Exchange<A, E>,
  answer: Answer,
): Outcome<A, E> => {
  const unreadable = (detail: string) =>
    Exit.fail(
      call.fail(new SunshineError.InvalidResponse({ status: answer.status, detail, body: unrecognized(answer) })),
    )
  if (answer.body.problem !== undefined) return unreadable(answer.body.problem)
  try {
    return Result.match(exchange.decode(JSON.parse(answer.body.text)), {
      onSuccess: Exit.succeed,
      onFailure: unreadable,
    })
  } catch (error) {
    // Else the stack overflowed, or memory ran out. The status still says that the server acted.
    if (!(error instanceof SyntaxError)) return unreadable("the body cannot be decoded")
    return unreadable(answer.body.text === "" ? "the body is empty" : "the body is not JSON")
  }
}

/** Decodes an answer once: a success by the schema of its operation, an error by its status. */
export const interpret = <A, E extends SunshineError.Documented>(
  call: Call,
  exchange: Exchange<A, E>,
  answer: Answer,
): Outcome<A, E> => {
  const { operation } = exchange
  const { baseUrl, credentials } = call.destination
  if (answer.status === operation.success.status) return success(call, exchange, answer)
  const errors = ServerText.readErrors(answer.body.text, answer.hidden())
  const fields = { errors, ...(errors.length > 0 ? {} : { body: unrecognized(answer) }) }
  const Documented = operation.errors[answer.status]
  if (Documented !== undefined) return Exit.fail(new Documented({ operation: operation.name, baseUrl, ...fields }))
  const location = answer.headers["location"]
  const reason = SunshineError.reasonOfStatus(answer.status, {
    ...fields,
    credentials,
    retryAfter: answer.retryAfter,
    location: location === undefined ? undefined : Redacted.make(location),
  })
  if (reason._tag === "RateLimited") call.refusal = reason
  return Exit.fail(call.fail(reason))
}
