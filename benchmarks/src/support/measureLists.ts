/**
 * Measures one `list` over loopback: one after the other, connections kept alive.
 */
import { type Costs, interleave, listEffort, type Measured } from "./rounds.ts"
import type { Length } from "./section.ts"
import { type Entry, withClients } from "./startClients.ts"
import { startServer } from "./startServer.ts"

/** Processes of the same code differ by up to a tenth. A ratio near its target is measured with three of each client. */
export const several = { full: 3, check: 1 } satisfies Record<Length, number>

/**
 * Processes of one client run one after the other, not at once: then each would be idle for long between its turns.
 */
export const measureLists = async (
  entries: ReadonlyArray<Entry>,
  length: Length,
  processes = { full: 1, check: 1 },
): Promise<Measured> => {
  const server = await startServer()
  const costs: Costs = new Map()
  const measure = () => withClients(server, entries, (contenders) => interleave(contenders, listEffort[length], costs))
  for (let process = 1; process < processes[length]; process++) await measure()
  const measured = await measure()
  server.stop()
  return measured
}
