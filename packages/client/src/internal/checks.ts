/**
 * Checks the names and types of options: JavaScript has no compiler. The engine validates the values. No error repeats
 * a value, because it can be a secret in the wrong place.
 */
import { InvalidOption } from "../errors.ts"

/** Throws `InvalidOption` if the value of the option has the wrong type. */
export type Check = (value: unknown, option: string) => void

type Checks = Readonly<Record<string, Check>>

export const check =
  (expected: string, test: (value: unknown) => boolean): Check =>
  (value, option) => {
    if (!test(value)) throw new InvalidOption(option, expected)
  }

export const number = check("a number", (value) => typeof value === "number")
export const millis = check("a number of milliseconds", (value) => typeof value === "number")
export const boolean = check("true or false", (value) => typeof value === "boolean")
export const string = check("a string", (value) => typeof value === "string")
export const url = check("a string or a URL", (value) => typeof value === "string" || value instanceof URL)
export const callable = check("a function", (value) => typeof value === "function")
export const oneOf = (...values: ReadonlyArray<string>): Check =>
  check(values.map((value) => `"${value}"`).join(" or "), (value) => values.some((one) => one === value))

const isObject = (value: unknown): value is object =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/** An object with no other fields than these. An optional field that is undefined counts as left out. */
export const fields = (required: Checks, optional: Checks = {}): Check => {
  const known = new Map(Object.entries({ ...required, ...optional }))
  const unknown = check(`one of the names ${[...known.keys()].join(", ")}`, () => false)
  return (value, option) => {
    if (!isObject(value)) throw new InvalidOption(option, "an object")
    const given = new Map<string, unknown>(Object.entries(value))
    for (const name of new Set([...given.keys(), ...known.keys()])) {
      if (given.get(name) === undefined && Object.hasOwn(optional, name)) continue
      const checkField = known.get(name) ?? unknown
      checkField(given.get(name), option === "options" ? name : `${option}.${name}`)
    }
  }
}

/** An object whose fields can have any name. */
export const record =
  (checkField: Check): Check =>
  (value, option) => {
    if (!isObject(value)) throw new InvalidOption(option, "an object")
    for (const [name, field] of Object.entries(value)) checkField(field, `${option}.${name}`)
  }
