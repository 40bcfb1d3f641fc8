/**
 * Constructor defaults that also replace `undefined`, in the types and at run time: callers compile with
 * `exactOptionalPropertyTypes`, and pass on values that can be undefined.
 */
import type * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type * as SchemaIssue from "effect/SchemaIssue"

type Field = Schema.Constraint & Schema.WithoutConstructorDefault

/** `Schema.withConstructorDefault`, whose field may be `undefined` in the constructor. */
export interface WithDefault<S extends Field> extends Schema.BottomLazy<
  S["ast"],
  WithDefault<S>,
  S["~type.parameters"],
  S["~type.mutability"],
  S["~type.optionality"],
  "with-default",
  S["~encoded.mutability"],
  S["~encoded.optionality"]
> {
  readonly Type: S["Type"]
  readonly Encoded: S["Encoded"]
  readonly DecodingServices: S["DecodingServices"]
  readonly EncodingServices: S["EncodingServices"]
  readonly "~type.make.in": S["~type.make.in"]
  readonly "~type.make": S["~type.make"] | undefined
  readonly Iso: S["Iso"]
  readonly schema: S
}

export const withDefault = <S extends Field>(
  schema: S,
  value: Effect.Effect<S["~type.make.in"], SchemaIssue.Issue>,
): WithDefault<S> => Schema.make<WithDefault<S>>(Schema.withConstructorDefault<S>(value)(schema).ast, { schema })
