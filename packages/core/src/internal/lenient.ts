/**
 * Fields of an answer that are read leniently: a value that cannot be read counts as a missing one.
 *
 * The schemas keep the documented type on the wire, so the contract still states what the vendor sends.
 */
import * as Arr from "effect/Array"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as SchemaTransformation from "effect/SchemaTransformation"
import { nullishKey } from "./constraints.ts"
import { withDefault } from "./withDefault.ts"

/** A field that is `Option.none()` when it is missing, null or unreadable; the constructor may leave it out too. */
export const noneIfUnreadable = <S extends Schema.Constraint>(schema: S) => {
  const field = nullishKey(schema)
  return withDefault(
    Schema.catchDecoding<typeof field>(() => Effect.succeedSome(Option.none<S["Type"]>()))(field),
    Effect.succeed(Option.none<S["Type"]>()),
  )
}

/** A field that is `make()` when it is missing, null or unreadable; the constructor may leave it out too. */
export const defaultIfUnreadable = <S extends Schema.Constraint & Schema.WithoutConstructorDefault>(
  schema: S,
  make: () => S["Type"],
) => {
  const field = noneIfUnreadable(schema).pipe(
    Schema.decodeTo(
      Schema.toType(schema),
      SchemaTransformation.transform<S["Type"], Option.Option<S["Type"]>>({
        decode: Option.getOrElse(make),
        encode: Option.some,
      }),
    ),
  )
  return withDefault<typeof field>(field, Effect.sync(make))
}

/** A list without its unreadable entries. */
export const readableEntries = <S extends Schema.Constraint>(schema: S) => {
  const entry = Schema.decodeTo<Schema.Option<Schema.toType<S>>, S>(
    Schema.Option(Schema.toType(schema)),
    SchemaTransformation.transformOptional<Option.Option<S["Type"]>, S["Type"]>({
      decode: Option.some,
      encode: Option.flatten,
    }),
  )(schema)
  return Schema.Array(
    Schema.catchDecoding<typeof entry>(() => Effect.succeedSome(Option.none<S["Type"]>()))(entry),
  ).pipe(
    Schema.decodeTo(
      Schema.Array(Schema.toType(schema)),
      SchemaTransformation.transform<ReadonlyArray<S["Type"]>, ReadonlyArray<Option.Option<S["Type"]>>>({
        decode: Arr.getSomes,
        encode: Arr.map(Option.some),
      }),
    ),
  )
}
