/**
 * Checks of options. The first one that is wrong is reported by name, and says what is allowed there.
 */
import * as Config from "effect/Config"
import * as Duration from "effect/Duration"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as SchemaIssue from "effect/SchemaIssue"

/** What is wrong with an option. */
export interface Invalid {
  /** Where in the option: `""`, or a dot and the name of a field. */
  readonly path: string
  /** What is allowed there. */
  readonly expected: string
}

export type Checked<A> = Result.Result<A, Invalid>

export const invalid = (expected: string, path = "") => Result.fail<Invalid>({ path, expected })

export const check = <A>(isValid: boolean, value: A, expected: string): Checked<A> =>
  isValid ? Result.succeed(value) : invalid(expected)

/** An object whose fields are checked. It has no others: a misspelled option is an error. */
export const fields = <const F extends Readonly<Record<string, Checked<unknown>>>>(given: object, checked: F) => {
  const names = Object.keys(checked).join(", ")
  if (!Predicate.isObject(given)) return invalid(`an object with ${names}`)
  const unknown = invalid(`one of the names ${names}`)
  for (const name of Object.keys({ ...given, ...checked })) {
    const field = (Object.hasOwn(checked, name) && checked[name]) || unknown
    if (Result.isFailure(field)) return invalid(field.failure.expected, `.${name}${field.failure.path}`)
  }
  return Result.all(checked)
}

export const wholeNumber = (value: number): Checked<number> =>
  check(Number.isInteger(value) && value >= 1, value, "a whole number, 1 or more")

export const millis = (input: Duration.Input, allowed: "zero or more" | "more than zero"): Checked<number> => {
  const duration = Number.isNaN(input) ? Option.none() : Duration.fromInput(input)
  const value = Option.getOrElse(Option.map(duration, Duration.toMillis), () => -1)
  return check(
    value > 0 || (value === 0 && allowed === "zero or more"),
    value,
    `a duration of ${allowed}, such as "30 seconds"`,
  )
}

export const oneOf =
  <const A extends string>(...values: ReadonlyArray<A>) =>
  (value: A): Checked<A> =>
    check(values.includes(value), value, `one of ${values.join(", ")}`)

/** What `maker` makes is known by one of its methods. */
export const madeWith =
  (maker: string, method: string) =>
  <A>(value: A): Checked<A> =>
    check(Predicate.hasProperty(value, method), value, `a value made with ${maker}`)

export const optional = <A>(value: A | undefined, check: (value: A) => Checked<A>): Checked<A | undefined> =>
  value === undefined ? Result.succeed(value) : check(value)

/** What was checked as a `Config`, so that all errors of set-up have one type. They never repeat a secret. */
export const orConfigError = <A>(checked: Checked<A>, nameOf: (path: string) => string): Config.Config<A> =>
  Result.match(checked, {
    onFailure: ({ expected, path }) => {
      const message = `${nameOf(path)}: Expected ${expected}`
      return Config.fail(new Schema.SchemaError(new SchemaIssue.InvalidValue({ message }, undefined)))
    },
    onSuccess: Config.succeed,
  })
