/**
 * CPU of one `list` when each is run by an `Effect.runPromise` of its own, and of the client for programs without Effect.
 */
import { costTable } from "../support/costTable.ts"
import { measureLists } from "../support/measureLists.ts"
import { atMost, type Section } from "../support/section.ts"

const entries = [
  "undici",
  "Effect HttpClient",
  "Effect HttpClient, runPromise",
  "ours",
  "ours, runPromise",
  "ours, fetch, runPromise",
  "ours, Promise client",
].map((client) => ({ client, size: 25 }))

export const run: Section = async (length) => {
  const measured = await measureLists(entries, length)
  return {
    tables: [
      costTable("CPU of one list, in one fiber and by runPromise", measured, "cpu", measured.names, [
        "undici (25)",
        "ours (25)",
      ]),
    ],
    targets: [
      atMost(
        "CPU of the Promise client over core and http by runPromise, both over fetch, 25 a page",
        measured.ratio("ours, Promise client (25)", "ours, fetch, runPromise (25)", "cpu"),
        1.25,
      ),
    ],
  }
}
