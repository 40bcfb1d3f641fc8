/**
 * How a call ends whose requests fail, written by hand. A test holds the code to it, and `docs/failures.md` prints it.
 *
 * All of it is for the default policy (four attempts, three reads of the roster) and a roster that fits one page.
 */
import type { SunshineError } from "@effect-sunco/core"
import type { RetryPolicy } from "@effect-sunco/http"
import { Faults, type Sandbox } from "@effect-sunco/testing"
import { Duration } from "effect"
import * as Client from "./faultsClient.ts"

// ---------------------------------------------------------------------------
// One call
// ---------------------------------------------------------------------------

/** `done`, or the error: the class of a documented one, the reason of any other. */
export type Outcome = "done" | "BadRequest" | "NotFound" | Exclude<SunshineError.Reason["_tag"], "InvalidRequest">

/** How the call ends, how often it was sent, how often the roster was read, and the memberships of the user after it. */
export type Cell = readonly [outcome: Outcome, requests: number, reads: number, memberships: number]

/** The fault meets the first request, the first two, or each of them. */
export type Cells = readonly [first: Cell, firstTwo: Cell, all: Cell]

/** How many requests of a call meet the fault, in the order of the cells. */
export const struck: readonly [first: number, firstTwo: number, all: number] = [1, 2, Number.POSITIVE_INFINITY]

export interface Row {
  readonly fault: string
  readonly plan: Faults.Fault | Client.Interference
  readonly join: Cells
  readonly leave: Cells
  readonly list: Cells
}

/** The same, however many requests would meet the fault. */
const always = (...cell: Cell): Cells => [cell, cell, cell]

/** A join begins without a membership; a leave and a list begin with one. */
const joined: Cells = always("done", 1, 0, 1)
const left: Cells = always("done", 1, 0, 0)
const listed: Cells = always("done", 1, 0, 1)

/** The request is sent again until it succeeds, or the attempts are used up. A 429 uses none: the deadline ends it. */
const listAgain = (last: Outcome, requests = 4): Cells => [
  ["done", 2, 0, 1],
  ["done", 3, 0, 1],
  [last, requests, 0, 1],
]

/** It may have been written, and was not: the roster is read three times after each attempt. */
const joinUnwritten: Cells = [
  ["done", 2, 3, 1],
  ["done", 3, 6, 1],
  ["OutcomeUnknown", 4, 12, 0],
]
const leaveUnwritten: Cells = [
  ["done", 2, 3, 0],
  ["done", 3, 6, 0],
  ["OutcomeUnknown", 4, 12, 1],
]

/** It was written, and the answer did not say so: the first read shows it, so it is not sent again. */
const joinWritten: Cells = always("done", 1, 1, 1)
const leaveWritten: Cells = always("done", 1, 1, 0)

/** It was not processed: the roster is not read. */
const joinUnprocessed = (last: Outcome, requests = 4): Cells => [
  ["done", 2, 0, 1],
  ["done", 3, 0, 1],
  [last, requests, 0, 0],
]
const leaveUnprocessed = (last: Outcome, requests = 4): Cells => [
  ["done", 2, 0, 0],
  ["done", 3, 0, 0],
  [last, requests, 0, 1],
]

export const rows: ReadonlyArray<Row> = [
  {
    fault: "400",
    plan: Faults.status(400),
    join: always("BadRequest", 1, 0, 0),
    leave: always("UnexpectedStatus", 1, 0, 1),
    list: always("BadRequest", 1, 0, 1),
  },
  {
    fault: "401",
    plan: Faults.status(401),
    join: always("Unauthorized", 1, 0, 0),
    leave: always("Unauthorized", 1, 0, 1),
    list: always("Unauthorized", 1, 0, 1),
  },
  {
    fault: "403",
    plan: Faults.status(403),
    join: always("Forbidden", 1, 0, 0),
    leave: always("Forbidden", 1, 0, 1),
    list: always("Forbidden", 1, 0, 1),
  },
  {
    fault: "404",
    plan: Faults.status(404),
    join: always("NotFound", 1, 0, 0),
    leave: always("NotFound", 1, 0, 1),
    list: always("NotFound", 1, 0, 1),
  },
  {
    fault: "302",
    plan: Faults.status(302),
    join: always("UnexpectedStatus", 1, 0, 0),
    leave: always("UnexpectedStatus", 1, 0, 1),
    list: always("UnexpectedStatus", 1, 0, 1),
  },
  {
    fault: "408",
    plan: Faults.status(408),
    join: joinUnwritten,
    leave: leaveUnwritten,
    list: listAgain("UnexpectedStatus"),
  },
  {
    fault: "425",
    plan: Faults.status(425),
    join: joinUnprocessed("UnexpectedStatus"),
    leave: leaveUnprocessed("UnexpectedStatus"),
    list: listAgain("UnexpectedStatus"),
  },
  {
    fault: "429",
    plan: Faults.status(429),
    join: joinUnprocessed("RateLimited", 20),
    leave: leaveUnprocessed("RateLimited", 20),
    list: listAgain("RateLimited", 20),
  },
  {
    fault: "429, `Retry-After: 2`",
    plan: Faults.status(429, { retryAfter: 2 }),
    join: joinUnprocessed("RateLimited", 60),
    leave: leaveUnprocessed("RateLimited", 60),
    list: listAgain("RateLimited", 60),
  },
  {
    fault: "429, `Retry-After` a date in 2 s, the server's clock an hour slow",
    plan: Client.retryAfterByClock(Duration.hours(-1)),
    join: joinUnprocessed("RateLimited", 60),
    leave: leaveUnprocessed("RateLimited", 60),
    list: listAgain("RateLimited", 60),
  },
  {
    fault: "429, `Retry-After` a date in 2 s, the server's clock an hour fast",
    plan: Client.retryAfterByClock(Duration.hours(1)),
    join: joinUnprocessed("RateLimited", 60),
    leave: leaveUnprocessed("RateLimited", 60),
    list: listAgain("RateLimited", 60),
  },
  {
    fault: "429, `Retry-After: 120`",
    plan: Faults.status(429, { retryAfter: 120 }),
    join: always("RateLimited", 1, 0, 0),
    leave: always("RateLimited", 1, 0, 1),
    list: always("RateLimited", 1, 0, 1),
  },
  {
    fault: "500, nothing written",
    plan: Faults.status(500),
    join: joinUnwritten,
    leave: leaveUnwritten,
    list: listAgain("ServerError"),
  },
  {
    fault: "502, written",
    plan: Faults.status(502, { when: "after" }),
    join: joinWritten,
    leave: leaveWritten,
    list: listAgain("ServerError"),
  },
  {
    fault: "503, `Retry-After: 1`, nothing written",
    plan: Faults.status(503, { retryAfter: 1 }),
    join: joinUnwritten,
    leave: leaveUnwritten,
    list: listAgain("ServerError"),
  },
  {
    fault: "an answer after 3 s",
    plan: Faults.delay("3 seconds"),
    join: joined,
    leave: left,
    list: listed,
  },
  {
    fault: "no answer within 15 s, nothing written",
    plan: Faults.delay("30 seconds"),
    join: joinUnwritten,
    leave: leaveUnwritten,
    list: listAgain("TimedOut"),
  },
  {
    fault: "no answer ever, nothing written",
    plan: Faults.hang(),
    join: joinUnwritten,
    leave: leaveUnwritten,
    list: listAgain("TimedOut"),
  },
  {
    fault: "no answer ever, written",
    plan: Faults.hang({ when: "after" }),
    join: joinWritten,
    leave: leaveWritten,
    list: listAgain("TimedOut"),
  },
  {
    fault: "silent host: no connection within 10 s",
    plan: Client.silentHost,
    join: joinUnprocessed("Transport"),
    leave: leaveUnprocessed("Transport"),
    list: listAgain("Transport"),
  },
  {
    fault: "two addresses, one silent, one refused",
    plan: Client.twoAddresses,
    join: joinUnprocessed("Transport"),
    leave: leaveUnprocessed("Transport"),
    list: listAgain("Transport"),
  },
  {
    fault: "connection reset, nothing written",
    plan: Faults.reset(),
    join: joinUnwritten,
    leave: leaveUnwritten,
    list: listAgain("Transport"),
  },
  {
    fault: "connection reset, written",
    plan: Faults.reset({ when: "after" }),
    join: joinWritten,
    leave: leaveWritten,
    list: listAgain("Transport"),
  },
  {
    fault: "body cut off",
    plan: Faults.truncatedBody,
    join: joinWritten,
    leave: leaveWritten,
    list: listAgain("InvalidResponse"),
  },
  {
    fault: "body of HTML",
    plan: Faults.htmlBody,
    join: joinWritten,
    leave: leaveWritten,
    list: listAgain("InvalidResponse"),
  },
  {
    fault: "body called `text/plain`",
    plan: Faults.wrongContentType,
    join: joined,
    leave: left,
    list: listed,
  },
  {
    fault: "participants with unreadable fields",
    plan: Client.unreadableFields,
    join: joined,
    leave: left,
    list: listed,
  },
  {
    fault: "participants without `id`",
    plan: Client.withoutId,
    join: joinWritten,
    leave: left,
    list: listAgain("InvalidResponse"),
  },
  {
    fault: "body spread over 2 s",
    plan: Faults.slowDrip("2 seconds"),
    join: joined,
    leave: left,
    list: listed,
  },
  {
    fault: "body spread over 30 s",
    plan: Faults.slowDrip("30 seconds"),
    join: joinWritten,
    leave: leaveWritten,
    list: listAgain("TimedOut"),
  },
]

// ---------------------------------------------------------------------------
// A list that lags behind
// ---------------------------------------------------------------------------

/** A write that happens, whose answer is lost, and that the list shows only after some seconds. */
export interface Lag {
  readonly operation: "join" | "leave"
  readonly seconds: number
  /** How the vendor answers a second join of a user: nobody knows. */
  readonly joiningTwice: Sandbox.Rules["joiningTwice"]
  readonly policy: RetryPolicy.Partial
  readonly cell: Cell
}

export const lags: ReadonlyArray<Lag> = [
  { operation: "join", seconds: 0, joiningTwice: "another participant", policy: {}, cell: ["done", 1, 1, 1] },
  { operation: "join", seconds: 1, joiningTwice: "another participant", policy: {}, cell: ["done", 1, 2, 1] },
  { operation: "join", seconds: 3, joiningTwice: "another participant", policy: {}, cell: ["done", 1, 3, 1] },
  { operation: "join", seconds: 4.5, joiningTwice: "bad request", policy: {}, cell: ["done", 2, 5, 1] },
  { operation: "join", seconds: 10, joiningTwice: "bad request", policy: {}, cell: ["OutcomeUnknown", 2, 6, 1] },
  { operation: "join", seconds: 10, joiningTwice: "same participant", policy: {}, cell: ["done", 2, 3, 1] },
  { operation: "join", seconds: 10, joiningTwice: "another participant", policy: {}, cell: ["done", 2, 3, 2] },
  {
    operation: "join",
    seconds: 10,
    joiningTwice: "another participant",
    policy: { verify: { attempts: 5, delay: "500 millis" } },
    cell: ["done", 1, 5, 1],
  },
  {
    operation: "join",
    seconds: 10,
    joiningTwice: "another participant",
    policy: { verify: false },
    cell: ["OutcomeUnknown", 1, 0, 1],
  },
  { operation: "leave", seconds: 3, joiningTwice: "another participant", policy: {}, cell: ["done", 1, 3, 0] },
  { operation: "leave", seconds: 6, joiningTwice: "another participant", policy: {}, cell: ["done", 2, 6, 0] },
  {
    operation: "leave",
    seconds: 10,
    joiningTwice: "another participant",
    policy: {},
    cell: ["OutcomeUnknown", 2, 6, 0],
  },
]

// ---------------------------------------------------------------------------
// Paging
// ---------------------------------------------------------------------------

/** How a stream over three pages of one participant each ends when some of its requests meet a fault. */
export interface Paging {
  readonly fault: string
  readonly plan: Faults.Fault
  readonly strikes: string
  /** The requests that meet it, by number. */
  readonly at: ReadonlyArray<number>
  readonly given: number
  readonly requests: number
  /** How the stream ends, and how many participants a stream from the cursor of the error gives. */
  readonly end: "done" | { readonly error: "PaginationError" | SunshineError.Reason["_tag"]; readonly rest: number }
}

export const pagings: ReadonlyArray<Paging> = [
  {
    fault: "an empty page",
    plan: Faults.emptyPage,
    strikes: "the first request",
    at: [1],
    given: 3,
    requests: 4,
    end: "done",
  },
  {
    fault: "an empty page",
    plan: Faults.emptyPage,
    strikes: "the second and third",
    at: [2, 3],
    given: 3,
    requests: 5,
    end: "done",
  },
  {
    fault: "a cursor that repeats",
    plan: Faults.repeatedCursor,
    strikes: "the second request",
    at: [2],
    given: 2,
    requests: 2,
    end: { error: "PaginationError", rest: 1 },
  },
  {
    fault: "a cursor that vanishes",
    plan: Faults.vanishedCursor,
    strikes: "the first request",
    at: [1],
    given: 1,
    requests: 1,
    end: { error: "PaginationError", rest: 2 },
  },
  {
    fault: "a cursor that vanishes",
    plan: Faults.vanishedCursor,
    strikes: "the second request",
    at: [2],
    given: 2,
    requests: 2,
    end: { error: "PaginationError", rest: 1 },
  },
  {
    fault: "connection reset",
    plan: Faults.reset(),
    strikes: "the second and third",
    at: [2, 3],
    given: 3,
    requests: 5,
    end: "done",
  },
  {
    fault: "500",
    plan: Faults.status(500),
    strikes: "all four attempts for the second page",
    at: [2, 3, 4, 5],
    given: 1,
    requests: 5,
    end: { error: "ServerError", rest: 2 },
  },
]
