import type { Quantity } from "./cost.ts"
import type { Measured } from "./rounds.ts"
import type { Table } from "./section.ts"

const duration = (microseconds: number): string =>
  microseconds < 10_000 ? `${microseconds.toFixed(0)} µs` : `${(microseconds / 1000).toFixed(0)} ms`

export const times = (value: number): string => `${value.toFixed(2)} x`

/** What each contender costs, and how many times as much as some others. */
export const costTable = (
  title: string,
  measured: Measured,
  quantity: Quantity,
  names: ReadonlyArray<string>,
  over: ReadonlyArray<string>,
): Table => ({
  title,
  columns: ["", quantity === "cpu" ? "CPU" : "time", ...over.map((name) => `over ${name}`)],
  rows: names.map((name) => [
    name,
    duration(measured.median(name, quantity)),
    ...over.map((other) => (other === name ? "1" : times(measured.ratio(name, other, quantity)))),
  ]),
})
