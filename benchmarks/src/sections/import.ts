/**
 * Time to import the packages as they are published, each time in a fresh process, over what any Effect client needs.
 */
import { execFile } from "node:child_process"
import { promisify } from "node:util"
import { Schema } from "effect"
import { builtFolder, unpackPackages } from "../support/builtPackages.ts"
import { Cost } from "../support/cost.ts"
import { costTable } from "../support/costTable.ts"
import { type Contender, interleave } from "../support/rounds.ts"
import { atMost, type Section } from "../support/section.ts"

const program = (specifiers: ReadonlyArray<string>) => `
  const startedAt = performance.now()
  const before = process.cpuUsage()
  for (const specifier of ${JSON.stringify(specifiers)}) await import(specifier)
  const { system, user } = process.cpuUsage(before)
  console.log(JSON.stringify({ cpu: user + system, wall: (performance.now() - startedAt) * 1000 }))
`

const contender = (name: string, specifiers: ReadonlyArray<string>): Contender => ({
  name,
  measure: async () => {
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ["--input-type=module", "--eval", program(specifiers)],
      { cwd: builtFolder, env: { ...process.env, NODE_DISABLE_COMPILE_CACHE: "1" } },
    )
    return Schema.decodeSync(Schema.fromJsonString(Cost))(stdout)
  },
})

const contenders = [
  contender("HttpClient and Schema", ["effect/http/HttpClient", "effect/Schema"]),
  contender("core", ["@effect-sunco/core"]),
  contender("core and http", ["@effect-sunco/core", "@effect-sunco/http"]),
]

export const run: Section = async (length) => {
  unpackPackages()
  // The first round brings the files into memory.
  const measured = await interleave(contenders, { rounds: length === "full" ? 25 : 13, times: 1, warmUp: 1 })
  const bare = "HttpClient and Schema"
  return {
    tables: [
      costTable("Import in a fresh process, by the clock", measured, "wall", measured.names, [bare]),
      costTable("Import in a fresh process, CPU", measured, "cpu", measured.names, [bare]),
    ],
    targets: [
      atMost(
        "time to import core and http over HttpClient and Schema",
        measured.ratio("core and http", bare, "wall"),
        1.4,
        {
          margin: 0.25,
        },
      ),
    ],
  }
}
