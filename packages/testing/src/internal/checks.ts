/**
 * Validates what a test writes down. A plan that never strikes, or a limit that never holds, would test nothing, so a
 * value that is out of range throws an error that names it.
 */
import * as Duration from "effect/Duration"
import * as Formatter from "effect/Formatter"
import * as Option from "effect/Option"

export const wholeNumber = (what: string, value: number, from: number, to?: number): void => {
  if (Number.isInteger(value) && value >= from && value <= (to ?? value)) return
  const range = to === undefined ? `, ${from} or more` : ` from ${from} to ${to}`
  throw new Error(`${what} is a whole number${range}, not ${value}`)
}

export const oneOf = <A>(what: string, value: A, allowed: ReadonlyArray<A>): A => {
  if (allowed.includes(value)) return value
  const names = allowed.map((one) => Formatter.format(one)).join(", ")
  throw new Error(`${what} is one of ${names}, not ${Formatter.format(value)}`)
}

/** A field with another name, such as a misspelled one, would have no effect. */
export const fields = (what: string, given: object, names: ReadonlyArray<string>): void => {
  for (const name of Object.keys(given)) oneOf(`a field of ${what}`, name, names)
}

export const duration = (what: string, input: Duration.Input): Duration.Duration => {
  const duration = Number.isNaN(input) ? undefined : Option.getOrUndefined(Duration.fromInput(input))
  if (duration === undefined || Duration.isLessThan(duration, Duration.zero)) {
    throw new Error(`${what} is a duration of zero or more, not ${Formatter.format(input)}`)
  }
  return duration
}
