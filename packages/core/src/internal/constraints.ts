/**
 * Constraints on strings in requests, and defaults for fields that an answer leaves out.
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as Schema from "effect/Schema"
import * as SchemaTransformation from "effect/SchemaTransformation"
import { type WithDefault, withDefault } from "./withDefault.ts"

/**
 * A lone surrogate cannot be encoded as UTF-8, so it cannot be sent. A control character is a mistake, such as the line
 * end of a file.
 */
const unsendable = /[\p{Surrogate}\p{Cc}]/u

const text = "a non-empty string of valid Unicode"

export const isSendable = (value: string): boolean => value !== "" && !unsendable.test(value)

/** Whether a string can be an id from the vendor. */
const isId = (value: string): boolean => isSendable(value) && value.trim() === value

/** A string in a body or a query: an external id, or a cursor. */
export const identifier = Schema.String.check(
  Schema.makeFilter(isSendable, { expected: `${text} without control characters` }),
)

/** An id from the vendor. */
export const vendorId = Schema.String.check(
  Schema.makeFilter(isId, { expected: `${text} without control characters or blanks around it` }),
)

/**
 * An id in a path. A URL parser resolves `.` and `..` even when they are percent-encoded, which would send the request
 * to another address, so they are refused like an empty id.
 */
export const pathSegment = Schema.String.check(
  Schema.makeFilter((value: string) => isId(value) && value !== "." && value !== "..", {
    expected: `${text} other than "." and "..", without control characters or blanks around it`,
  }),
)

/** A key that may be missing or null in an answer: both are `Option.none()`. */
export const nullishKey = <S extends Schema.Constraint>(schema: S) =>
  Schema.optionalKey(Schema.NullOr(schema)).pipe(
    Schema.decodeTo(
      Schema.Option(Schema.toType(schema)),
      SchemaTransformation.transformOptional<Option.Option<S["Type"]>, S["Type"] | null>({
        decode: (value) => Option.some(Option.filter(value, Predicate.isNotNull)),
        encode: Option.flatten,
      }),
    ),
  )

/** A field that may be missing or null in an answer: both are `Option.none()`; the same goes for the constructor. */
export const orNone = <S extends Schema.Constraint>(schema: S) =>
  withDefault(nullishKey(schema), Effect.succeed(Option.none<S["Type"]>()))

/** A field that is `value` if it is missing or null in an answer; the same goes for the constructor. */
export const orElse = <S extends Schema.Constraint & Schema.WithoutConstructorDefault>(
  schema: S,
  value: S["Type"],
): WithDefault<Schema.decodeTo<Schema.toType<S>, ReturnType<typeof nullishKey<S>>>> => {
  const field = nullishKey(schema).pipe(
    Schema.decodeTo(
      Schema.toType(schema),
      SchemaTransformation.transform<S["Type"], Option.Option<S["Type"]>>({
        decode: Option.getOrElse(() => value),
        encode: Option.some,
      }),
    ),
  )
  return withDefault<typeof field>(field, Effect.succeed(value))
}
