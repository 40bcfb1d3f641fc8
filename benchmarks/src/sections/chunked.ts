/**
 * CPU of a `list` whose answer comes in chunks and has no `content-length`, over one that has it.
 */
import { costTable } from "../support/costTable.ts"
import { measureLists } from "../support/measureLists.ts"
import { atMost, type Section } from "../support/section.ts"
import { nameOf } from "../support/startClients.ts"

const sizes = [25, 100]

const entriesOf = (size: number) =>
  ["undici", "ours"].flatMap((client) => [
    { client, size },
    { client, size, answer: `${size}-chunked`, name: `${client}, in chunks (${size})` },
  ])

export const run: Section = async (length) => {
  const measured = await measureLists(sizes.flatMap(entriesOf), length)
  return {
    tables: sizes.map((size) =>
      costTable(
        `CPU of one list with a length and in chunks, ${size} participants a page`,
        measured,
        "cpu",
        entriesOf(size).map(nameOf),
        [`undici (${size})`, `ours (${size})`],
      ),
    ),
    targets: sizes.map((size) =>
      atMost(
        `CPU in chunks over with a length, ${size} a page`,
        measured.ratio(`ours, in chunks (${size})`, `ours (${size})`, "cpu"),
        1.3,
        { margin: 0.3 },
      ),
    ),
  }
}
