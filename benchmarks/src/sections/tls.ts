/**
 * Lists a second over TLS, 16 at once.
 */
import { times } from "../support/costTable.ts"
import { interleave } from "../support/rounds.ts"
import { atLeast, type Section } from "../support/section.ts"
import { nameOf, withClients } from "../support/startClients.ts"
import { startServer } from "../support/startServer.ts"

const effort = {
  full: { rounds: 15, times: 480, warmUp: 3 },
  check: { rounds: 5, times: 320, warmUp: 3 },
}

const concurrency = 16

const entries = [
  ...["undici", "Effect HttpClient", "vendor, as shipped", "vendor, keep-alive", "ours"].map((client) => ({
    client,
    size: 25,
  })),
  { client: "undici", size: 100 },
  { client: "ours", size: 100 },
]

export const run: Section = async (length) => {
  const server = await startServer("tls")
  const measured = await withClients(
    server,
    entries,
    (contenders) => interleave(contenders, effort[length]),
    concurrency,
  )
  server.stop()

  const faster = (name: string, than: string) => measured.ratio(than, name, "wall")
  const moreParticipants = (name: string, size: number) => (faster(name, "vendor, keep-alive (25)") * size) / 25
  return {
    tables: [
      {
        title: `Lists over TLS, ${concurrency} at once`,
        columns: [
          "",
          "a second",
          "rate over vendor, as shipped (25)",
          "participants a second over vendor, keep-alive (25)",
        ],
        rows: entries.map((entry) => [
          nameOf(entry),
          (1_000_000 / measured.median(nameOf(entry), "wall")).toFixed(0),
          times(faster(nameOf(entry), "vendor, as shipped (25)")),
          times(moreParticipants(nameOf(entry), entry.size)),
        ]),
      },
    ],
    targets: [
      atLeast(
        "calls a second over the vendor's client as shipped",
        faster("ours (25)", "vendor, as shipped (25)"),
        2.5,
      ),
      atLeast(
        "participants a second, 100 a page, over the vendor's client with keep-alive, 25 a page",
        moreParticipants("ours (100)", 100),
        1.5,
      ),
    ],
  }
}
