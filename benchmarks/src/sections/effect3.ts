/**
 * CPU of one `list` on Effect 3, with 25 a page.
 */
import { costTable } from "../support/costTable.ts"
import { measureLists, several } from "../support/measureLists.ts"
import { atMost, type Section } from "../support/section.ts"

const entries = ["undici", "vendor, as shipped", "ours", "ours, Effect 3"].map((client) => ({ client, size: 25 }))

export const run: Section = async (length) => {
  const measured = await measureLists(entries, length, several)
  return {
    tables: [
      costTable("CPU of one list on Effect 3", measured, "cpu", measured.names, [
        "undici (25)",
        "vendor, as shipped (25)",
        "ours (25)",
      ]),
    ],
    targets: [
      atMost(
        "CPU on Effect 3 over the vendor's client as shipped, 25 a page",
        measured.ratio("ours, Effect 3 (25)", "vendor, as shipped (25)", "cpu"),
        1,
      ),
    ],
  }
}
