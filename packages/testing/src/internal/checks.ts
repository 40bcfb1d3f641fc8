/**
 * Validates what a test writes down. A plan that never strikes, or a limit that never holds, would test nothing, so a
 * value that is out of range throws an error that names it.
 */
import * as Duration from "effect/Duration"
import * as Formatter from "effect/Formatter"
import * as Option from "effect/Option"

export const wholeNumber = (what: string, value: number, from: number, to?: number): void => {
  if (Number.isInteger(value) && value >= from && value <= (to ?? value)) return
  throw new Error(
    `${what} is a whole number${to === undefined ? `, ${from} or more` : ` from ${from} to ${to}`}, not ${value}`,
  )
}

export const oneOf = (what: string, value: unknown, allowed: ReadonlyArray<unknown>): void => {
  if (allowed.includes(value)) return
  throw new Error(
    `${what} is one of ${allowed.map((one) => Formatter.format(one)).join(", ")}, not ${Formatter.format(value)}`,
  )
}

export const duration = (what: string, input: Duration.Input): Duration.Duration => {
  const duration = Option.getOrUndefined(Duration.fromInput(input))
  if (duration === undefined || Duration.isLessThan(duration, Duration.zero)) {
    throw new Error(`${what} is a duration of zero or more, not ${Formatter.format(input)}`)
  }
  return duration
}
