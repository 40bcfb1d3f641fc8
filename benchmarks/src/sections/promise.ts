/**
 * CPU of one `list` when each is run by an `Effect.runPromise` of its own, and of the client for programs without Effect.
 */
import { costTable } from "../support/costTable.ts"
import { interleave, listEffort } from "../support/rounds.ts"
import { atMost, type Section } from "../support/section.ts"
import { withClients } from "../support/startClients.ts"
import { startServer } from "../support/startServer.ts"

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
  const server = await startServer()
  const measured = await withClients(server, entries, (contenders) => interleave(contenders, listEffort[length]))
  server.stop()
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
