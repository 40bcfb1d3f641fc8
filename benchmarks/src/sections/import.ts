/**
 * Time to import the packages as they are published, each time in a fresh process, over what any Effect client needs.
 */
import { execFile } from "node:child_process"
import { promisify } from "node:util"
import { Schema } from "effect"
import { builtFolder, unpackPackages } from "../support/builtPackages.ts"
import { costTable } from "../support/contenders.ts"
import { type Cost, measuredOf } from "../support/measure.ts"
import { atMost, type Section } from "../support/section.ts"

const imports: ReadonlyArray<readonly [name: string, specifiers: ReadonlyArray<string>]> = [
  ["HttpClient and Schema", ["effect/http/HttpClient", "effect/Schema"]],
  ["core", ["@effect-sunco/core"]],
  ["core and http", ["@effect-sunco/core", "@effect-sunco/http"]],
]

const program = (specifiers: ReadonlyArray<string>) => `
  const startedAt = performance.now()
  const before = process.cpuUsage()
  for (const specifier of ${JSON.stringify(specifiers)}) await import(specifier)
  const { system, user } = process.cpuUsage(before)
  console.log(JSON.stringify({ cpu: user + system, wall: (performance.now() - startedAt) * 1000 }))
`

const Printed = Schema.fromJsonString(Schema.Struct({ cpu: Schema.Finite, wall: Schema.Finite }))

const importOnce = async (specifiers: ReadonlyArray<string>): Promise<Cost> => {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ["--input-type=module", "--eval", program(specifiers)],
    { cwd: builtFolder, env: { ...process.env, NODE_DISABLE_COMPILE_CACHE: "1" } },
  )
  return Schema.decodeSync(Printed)(stdout)
}

export const run: Section = async (length) => {
  unpackPackages()
  const rounds = length === "full" ? 25 : 13
  const costs = new Map(imports.map(([name]): [string, Array<Cost>] => [name, []]))
  // The first round brings the files into memory.
  for (let round = -1; round < rounds; round++) {
    for (const [name, specifiers] of imports) {
      const cost = await importOnce(specifiers)
      if (round >= 0) costs.get(name)?.push(cost)
    }
  }
  const measured = measuredOf(costs)
  const [bare = "", , ours = ""] = measured.names
  return {
    tables: [
      costTable("Import in a fresh process, by the clock", measured, "wall", measured.names, [bare]),
      costTable("Import in a fresh process, CPU", measured, "cpu", measured.names, [bare]),
    ],
    targets: [
      atMost("time to import core and http over HttpClient and Schema", measured.ratio(ours, bare, "wall"), 1.4, {
        isStable: true,
      }),
    ],
  }
}
