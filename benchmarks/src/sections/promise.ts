/**
 * CPU of one `list` when each is run by an `Effect.runPromise` of its own. There is no target.
 */
import { costTable } from "../support/costTable.ts"
import { interleave, listEffort } from "../support/rounds.ts"
import type { Section } from "../support/section.ts"
import { withClients } from "../support/startClients.ts"
import { startServer } from "../support/startServer.ts"

const entries = ["undici", "Effect HttpClient", "Effect HttpClient, runPromise", "ours", "ours, runPromise"].map(
  (client) => ({ client, size: 25 }),
)

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
    targets: [],
  }
}
