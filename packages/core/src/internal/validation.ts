/**
 * Validates a request against its schema, and names the field that is wrong.
 */
import * as Cause from "effect/Cause"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as SchemaIssue from "effect/SchemaIssue"
import { InvalidRequest, type Operation, SunshineError } from "../SunshineError.ts"

const issuesOf = SchemaIssue.makeFormatterStandardSchemaV1()

/** The first issue, as the name of a field (with dots for what is nested) and what is allowed there. */
const invalidRequest = (error: Schema.SchemaError): InvalidRequest => {
  const issue = issuesOf(error.issue).issues[0]
  const path = issue?.path?.map((key) => String(typeof key === "object" ? key.key : key)).join(".")
  return new InvalidRequest({ field: path ? path : "request", expected: issue?.message ?? error.message })
}

/**
 * Decodes requests with `schema`; fails with `InvalidRequest` for the operation.
 *
 * A request from JavaScript can have a getter that throws, or be a revoked proxy. Nothing else in a schema of a request
 * can throw, so a defect means that the request cannot be read.
 */
export const validate = <S extends Schema.ConstraintDecoder<unknown>>(operation: Operation, schema: S) => {
  const decodeUnknown = Schema.decodeUnknownExit(schema)
  const decode = (request: unknown): Exit.Exit<S["Type"], Schema.SchemaError> => {
    try {
      return decodeUnknown(request)
    } catch (cause) {
      return Exit.die(cause)
    }
  }
  return (request: unknown): Exit.Exit<S["Type"], SunshineError> => {
    const exit = decode(request)
    if (Exit.isSuccess(exit)) return Exit.succeed(exit.value)
    const { cause, reason } = Option.match(Cause.findErrorOption(exit.cause), {
      onSome: (error) => ({ reason: invalidRequest(error), cause: undefined }),
      onNone: () => ({ reason: unreadable, cause: Cause.squash(exit.cause) }),
    })
    return Exit.fail(new SunshineError({ operation, reason, ...(cause === undefined ? {} : { cause }) }))
  }
}

const unreadable = new InvalidRequest({ field: "request", expected: "Expected an object whose fields can be read" })
