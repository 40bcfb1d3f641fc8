/**
 * What a section of the benchmarks is, and what it finds.
 */
import { Schema } from "effect"

const Table = Schema.Struct({
  title: Schema.String,
  columns: Schema.Array(Schema.String),
  rows: Schema.Array(Schema.Array(Schema.String)),
})

const Target = Schema.Struct({
  name: Schema.String,
  value: Schema.Finite,
  comparison: Schema.Literals(["at most", "at least"]),
  limit: Schema.Finite,
  /** Shown after both numbers. */
  unit: Schema.optionalKey(Schema.String),
  /**
   * How far from its limit it may be before a check fails, as a part of the limit: other work on a machine shows in all
   * numbers, in some more. A check does not judge a number without a margin.
   */
  margin: Schema.optionalKey(Schema.Finite),
})

/** What a section finds: all of it goes through the channel between two processes. */
export const Findings = Schema.Struct({ tables: Schema.Array(Table), targets: Schema.Array(Target) })

export interface Table extends Schema.Schema.Type<typeof Table> {}
export interface Target extends Schema.Schema.Type<typeof Target> {}
export interface Findings extends Schema.Schema.Type<typeof Findings> {}

/** `check` takes less time than `full`, for the numbers that are stable. */
export type Length = "full" | "check"

export type Section = (length: Length) => Promise<Findings>

export const atMost = (name: string, value: number, limit: number, options: { margin?: number; unit?: string } = {}) =>
  ({ name, value, comparison: "at most", limit, ...options }) satisfies Target

export const atLeast = (name: string, value: number, limit: number, options: { margin?: number; unit?: string } = {}) =>
  ({ name, value, comparison: "at least", limit, ...options }) satisfies Target
