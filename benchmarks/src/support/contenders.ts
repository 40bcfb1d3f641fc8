/**
 * Clients as contenders, and what was measured of them as a table.
 */
import type { Client } from "../clients/client.ts"
import type { Contender, Measured, Quantity } from "./measure.ts"
import type { Table } from "./section.ts"

/** A client whose pages have so many participants. */
export const contender = (client: Client, size: number, concurrency = 1): Contender => ({
  name: nameOf(client, size),
  run: (times) => client.list(times, concurrency),
  yields: size,
})

export const nameOf = (client: Client, size: number): string => `${client.name} (${size})`

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
