/**
 * CPU of one `list` over loopback: one after the other, connections kept alive.
 */
import { costTable } from "../support/costTable.ts"
import { measureLists, several } from "../support/measureLists.ts"
import { atMost, type Section } from "../support/section.ts"
import { nameOf } from "../support/startClients.ts"

const small = ["undici", "fetch", "Effect HttpClient", "vendor, as shipped", "vendor, keep-alive", "ours"].map(
  (client) => ({ client, size: 25 }),
)
// The vendor's client cannot ask for 100 a page: it sends the first field of a page only.
const large = ["undici", "fetch", "Effect HttpClient", "ours"].map((client) => ({ client, size: 100 }))

export const run: Section = async (length) => {
  const measured = await measureLists([...small, ...large], length, several)

  const over = (name: string, other: string) => measured.ratio(name, other, "cpu")
  // A process of the plain Effect client costs 1.3 to 2.2 times as much as undici, as its collections happen to fall.
  const overEffect = (size: number) =>
    atMost(
      `CPU over a plain Effect HttpClient, ${size} a page`,
      over(`ours (${size})`, `Effect HttpClient (${size})`),
      1.5,
    )
  const target = (name: string, value: number, limit: number) => atMost(name, value, limit, { margin: 0.6 })
  const table = (size: number, entries: typeof small) =>
    costTable(`CPU of one list, ${size} participants a page`, measured, "cpu", entries.map(nameOf), [
      `undici (${size})`,
      `Effect HttpClient (${size})`,
    ])
  return {
    tables: [table(25, small), table(100, large)],
    targets: [
      target("CPU over undici, 25 a page", over("ours (25)", "undici (25)"), 2.3),
      target("CPU over undici, 100 a page", over("ours (100)", "undici (100)"), 2.1),
      overEffect(25),
      overEffect(100),
      target("CPU over the vendor's client as shipped, 25 a page", over("ours (25)", "vendor, as shipped (25)"), 1),
      target(
        "CPU per participant, 100 a page, over the vendor's client with keep-alive, 25 a page",
        (over("ours (100)", "vendor, keep-alive (25)") * 25) / 100,
        0.8,
      ),
    ],
  }
}
