/**
 * The tables of faults as Markdown, and their place in the documentation.
 */
import type { RetryPolicy } from "@effect-sunco/http"
import { join } from "node:path"
import { type Cell, type Cells, lags, pagings, rows } from "./faultTable.ts"
import { replaceBetween, table } from "./markdown.ts"

export const documentPath = join(import.meta.dirname, "../../docs/failures.md")

const begin = "<!-- The tables begin. `node scripts/fault-table.ts --write` makes them. -->"
const end = "<!-- The tables end. -->"

/** The document with the tables of today between its two marks. */
export const withTables = (document: string): string => replaceBetween(document, begin, end, tables())

/** All tables, in the order of the document. */
export const tables = (): string =>
  [
    "### Join",
    "The user is no member at first.",
    calls("join"),
    "### Leave",
    "The user is a member at first.",
    calls("leave"),
    "### List",
    calls("list"),
    "### A list that lags behind",
    "The write happens, its answer is lost, and the list shows the change only after some seconds.",
    lagging(),
    "### Paging",
    "A stream over three pages of one participant each.",
    paging(),
  ].join("\n\n")

// ---------------------------------------------------------------------------
// Tables
// ---------------------------------------------------------------------------

const count = (number: number, one: string): string => `${number} ${number === 1 ? one : `${one}s`}`

const sent = (requests: number, reads: number): string =>
  [count(requests, "request"), ...(reads === 0 ? [] : [count(reads, "read")])].join(", ")

const success = { join: "joined", leave: "left", list: "listed" }

const outcome = (operation: keyof typeof success, name: Cell[0]): string =>
  name === "done" ? success[operation] : `\`${name}\``

/** What the roster says of the user, where the outcome does not say it. */
const roster = (operation: keyof typeof success, [name, , , memberships]: Cell): string =>
  operation === "list" || name === "done" ? "" : memberships === 0 ? "; no member" : "; a member"

const calls = (operation: keyof typeof success): string => {
  const text = (cell: Cell) => `${outcome(operation, cell[0])}: ${sent(cell[1], cell[2])}${roster(operation, cell)}`
  return table(
    ["fault", "on the first request", "on the first two", "on all"],
    rows.map((row): ReadonlyArray<string> => {
      const cells: Cells = row[operation]
      return [row.fault, ...cells.map(text)]
    }),
  )
}

const described = ({ verify }: RetryPolicy.Partial): string =>
  verify === undefined ? "" : verify === false ? "`verify: false`" : `${verify.attempts} reads`

const twice = {
  "another participant": "a second membership",
  "bad request": "400",
  "same participant": "the same membership",
}

const lagging = (): string =>
  table(
    ["call", "shown after", "joining twice gives", "policy", "outcome", "sent", "memberships after"],
    lags.map(({ cell, joiningTwice, operation, policy, seconds }) => [
      operation,
      `${seconds} s`,
      operation === "join" ? twice[joiningTwice] : "",
      described(policy),
      outcome(operation, cell[0]),
      sent(cell[1], cell[2]),
      String(cell[3]),
    ]),
  )

const paging = (): string =>
  table(
    ["fault", "met by", "participants", "requests", "end"],
    pagings.map((row) => [
      row.fault,
      row.strikes,
      String(row.given),
      String(row.requests),
      row.end === "done" ? "all there" : `\`${row.end.error}\`; its cursor gives the other ${row.end.rest}`,
    ]),
  )
