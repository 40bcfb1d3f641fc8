/**
 * CPU of one `list` of the Promise client, over the engine that it translates. Both use `fetch`.
 */
import { costTable } from "../support/costTable.ts"
import { interleave, listEffort } from "../support/rounds.ts"
import type { Section } from "../support/section.ts"
import { nameOf, withClients } from "../support/startClients.ts"
import { startServer } from "../support/startServer.ts"

const entriesOf = (size: number) =>
  ["fetch", "ours over fetch, runPromise", "Promise client"].map((client) => ({ client, size }))

export const run: Section = async (length) => {
  const server = await startServer()
  const sizes = [25, 100]
  const measured = await withClients(server, sizes.flatMap(entriesOf), (contenders) =>
    interleave(contenders, listEffort[length]),
  )
  server.stop()
  return {
    tables: sizes.map((size) =>
      costTable(
        `CPU of one list of the Promise client, ${size} participants a page`,
        measured,
        "cpu",
        entriesOf(size).map(nameOf),
        [`fetch (${size})`, `ours over fetch, runPromise (${size})`],
      ),
    ),
    targets: [],
  }
}
