/**
 * What a fault or a plan cannot be. A plan that never strikes, or strikes always, would be a test that tests nothing, so
 * it throws where it is written down.
 */
import * as Duration from "effect/Duration"
import * as Formatter from "effect/Formatter"
import * as Option from "effect/Option"
import type { SunshineError } from "@effect-sunco/core"
import type { Fault } from "../Faults.ts"

export const isPageFault = ({ _tag }: Fault): boolean =>
  _tag === "EmptyPage" || _tag === "RepeatedCursor" || _tag === "VanishedCursor"

export const checkStatus = (status: number, retryAfter: number | string | undefined): void => {
  if (!Number.isInteger(status) || status < 300 || status > 599) {
    throw new Error(`the status of a fault is a whole number from 300 to 599, not ${status}`)
  }
  if (typeof retryAfter === "number" && (!Number.isInteger(retryAfter) || retryAfter < 0)) {
    throw new Error(`retryAfter is a whole number of seconds, 0 or more, or a text, not ${retryAfter}`)
  }
  if (typeof retryAfter === "string" && !/^[\x20-\x7e]*$/.test(retryAfter)) {
    throw new Error("retryAfter is a text of visible ASCII characters")
  }
}

export const wait = (input: Duration.Input): Duration.Duration => {
  const duration = Option.getOrUndefined(Duration.fromInput(input))
  if (duration === undefined || Duration.isLessThan(duration, Duration.zero)) {
    throw new Error(`the wait of a fault is a duration of zero or more, not ${Formatter.format(input)}`)
  }
  return duration
}

type Script = Partial<Record<SunshineError.Operation, Readonly<Record<number, Fault>> | ReadonlyArray<Fault>>>

export const checkRequestNumbers = (script: Script): void => {
  for (const operation of ["join", "leave", "list"] as const) {
    const faults = script[operation] ?? {}
    for (const [key, fault] of Object.entries(faults)) {
      const number = Number(key)
      if (!Array.isArray(faults) && (!Number.isInteger(number) || number < 1)) {
        throw new Error(`the requests of a ${operation} are numbered from 1, and ${key} is no such number`)
      }
      if (operation !== "list" && isPageFault(fault)) {
        throw new Error(`${fault._tag} is a fault of pages, and a ${operation} has none`)
      }
    }
  }
}

export const checkRate = (rate: number): void => {
  if (!(rate >= 0 && rate <= 1)) throw new Error(`rate is a number from 0 to 1, not ${rate}`)
}

export const checkFaults = (faults: ReadonlyArray<Fault>): void => {
  if (faults.length === 0) throw new Error("faults names one fault at least")
}
