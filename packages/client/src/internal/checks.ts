/**
 * Checks the names and types of options: JavaScript has no compiler. The engine validates the values. No error repeats
 * a value, because it can be a secret in the wrong place.
 */
import { InvalidOption } from "../errors.ts"

/** Throws `InvalidOption` if the value of the option has the wrong type. */
export type Check = (value: unknown, option: string) => void

const check =
  (expected: string, test: (value: unknown) => boolean): Check =>
  (value, option) => {
    if (!test(value)) throw new InvalidOption(option, expected)
  }

export const number = check("a number", (value) => typeof value === "number")
export const boolean = check("true or false", (value) => typeof value === "boolean")
export const string = check("a string", (value) => typeof value === "string")
export const url = check("a string or a URL", (value) => typeof value === "string" || value instanceof URL)
export const oneOf = (...values: ReadonlyArray<string>): Check =>
  check(values.map((value) => `"${value}"`).join(" or "), (value) => values.some((one) => one === value))
/** The name says whose function it is; an arrow function of another realm is a function too. */
export const callable = (expected: string): Check => check(expected, (value) => typeof value === "function")

const isObject = (value: unknown): value is object => typeof value === "object" && value !== null

/** An object with no other fields than these. A field that is undefined counts as left out. */
export const fields =
  (known: Readonly<Record<string, Check>>, required: ReadonlyArray<string> = []): Check =>
  (value, option) => {
    if (!isObject(value) || Array.isArray(value)) throw new InvalidOption(option, "an object")
    const within = (name: string) => (option === "options" ? name : `${option}.${name}`)
    const given: Readonly<Record<string, unknown>> = { ...value }
    for (const [name, field] of Object.entries(given)) {
      const checkField = Object.hasOwn(known, name) ? known[name] : undefined
      if (checkField === undefined) {
        throw new InvalidOption(within(name), `no such option; there are ${Object.keys(known).join(", ")}`)
      }
      if (field !== undefined) checkField(field, within(name))
    }
    for (const name of required) {
      if (given[name] === undefined) throw new InvalidOption(within(name), "this option, which is required")
    }
  }

/** An object whose fields can have any name. */
export const record =
  (checkField: Check): Check =>
  (value, option) => {
    if (!isObject(value) || Array.isArray(value)) throw new InvalidOption(option, "an object")
    for (const [name, field] of Object.entries(value)) checkField(field, `${option}.${name}`)
  }
