/**
 * Runs the benchmarks: see the README beside this folder.
 *
 *     pnpm bench                    all sections
 *     pnpm bench list decode        some of them
 *     pnpm bench --check            the shorter version, which fails when a stable number is far from its target
 *     pnpm bench --profile list     where the CPU of a list goes
 */
import { Schema } from "effect"
import { fork } from "node:child_process"
import { join } from "node:path"
import { parseArgs } from "node:util"
import { sections } from "./sections/index.ts"
import { messageOf } from "./support/messageOf.ts"
import { isMet, renderTable, renderTarget } from "./support/report.ts"
import { Findings, type Length, type Target } from "./support/section.ts"

/** The sections that a check runs: those whose numbers are stable on a machine that does other work. */
const checked = ["list", "effects", "queue", "chunked", "decode", "telemetry", "paging", "import", "bundle"]

const runSection = async (name: string, length: Length): Promise<Findings> => {
  const child = fork(join(import.meta.dirname, "support/runSection.ts"), [name, length], {
    execArgv: ["--expose-gc"],
  })
  return Schema.decodeUnknownSync(Findings)(await messageOf(child))
}

const isTooFar = (target: Target) => target.margin !== undefined && !isMet(target, target.margin)

/** Runs a section and prints what it found. Returns the targets that are missed by more than their margin. */
const show = async (name: string, length: Length): Promise<ReadonlyArray<Target>> => {
  const { tables, targets } = await runSection(name, length)
  for (const table of tables) console.log(`\n${renderTable(table)}`)
  if (targets.length > 0) console.log()
  for (const target of targets) console.log(renderTarget(target))
  return targets.filter(isTooFar)
}

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { check: { type: "boolean", default: false }, profile: { type: "boolean", default: false } },
})
const known = values.profile ? ["list"] : Object.keys(sections)
const unknown = positionals.filter((name) => !known.includes(name))
if (unknown.length > 0) {
  console.error(`Unknown: ${unknown.join(", ")}. Known: ${known.join(", ")}`)
  process.exit(1)
}

const failed: Array<Target> = []
if (values.profile) {
  const { profile } = await import("./profile.ts")
  await profile()
} else {
  const all = values.check ? checked : known
  for (const name of positionals.length > 0 ? positionals : all) {
    if (!values.check) {
      await show(name, "full")
    } else if ((await show(name, "check")).length > 0) {
      // Other work on the machine passes, a regression stays.
      console.log(`\n${name} once more:`)
      failed.push(...(await show(name, "check")))
    }
  }
}
if (failed.length > 0) {
  console.error(`\nFurther from the target than its margin:\n${failed.map(renderTarget).join("\n")}`)
  process.exit(1)
}
