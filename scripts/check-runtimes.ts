/**
 * Runs the suite of behaviours in each runtime, and the packed Promise client in workerd. Fails if the results are not
 * those of the table in `docs/runtimes.md`; `--write` writes the table. Needs the packages of the script `build`.
 */
import { Schema } from "effect"
import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { replaceBetween, table } from "../test/support/markdown.ts"
import { joinAndListInWorkerd } from "./support/workerd.ts"
import { root, run } from "./support/workspace.ts"

/** From npm packages. The versions are exact, so that a run says today what it said yesterday. */
const runtimes = [
  ...["22.19.0", "22.23.3", "24.21.0", "26.10.0"].map((version) => ({
    name: "Node.js",
    version,
    command: [`node@${version}`],
  })),
  { name: "Bun", version: "1.4.5", command: ["bun@1.4.5"] },
  { name: "Deno", version: "2.9.6", command: ["deno@2.9.6", "run", "--allow-env", "--allow-net", "--allow-read"] },
]

const Statements = Schema.Array(Schema.String)
const Result = Schema.fromJsonString(
  Schema.Struct({
    version: Schema.String,
    statements: Schema.Int,
    broken: Schema.Struct({ fetch: Statements, "node:http": Statements, undici: Statements }),
  }),
)

const inRuntime = ({ command, name, version }: (typeof runtimes)[number]): ReadonlyArray<string> => {
  const printed = run("npx", ["--yes", ...command, "test/support/runBehaviours.ts"])
  const { broken, statements, version: running } = Schema.decodeSync(Result)(printed)
  if (running !== version) throw new Error(`npx ran ${name} ${running}, not ${version}`)
  const held = Object.entries(broken).map(([client, { length, 0: first }]) => {
    const result = `${statements - length} of ${statements}`
    console.log(`${name} ${version}, ${client}: ${result}${first === undefined ? "" : `, not "${first}"`}`)
    return result
  })
  return [`${name} ${version}`, "the suite of behaviours", ...held]
}

const inWorkerd = async (): Promise<ReadonlyArray<string>> => [
  `workerd ${await joinAndListInWorkerd()}`,
  "join and list, Promise client",
  "works",
  "",
  "",
]

const path = join(root, "docs/runtimes.md")
const document = readFileSync(path, "utf8")
const measured = replaceBetween(
  document,
  "<!-- The table begins. `pnpm check:runtimes --write` makes it. -->",
  "<!-- The table ends. -->",
  table(["runtime", "what ran", "`fetch`", "`node:http`", "undici"], [...runtimes.map(inRuntime), await inWorkerd()]),
)
if (process.argv.includes("--write")) {
  writeFileSync(path, measured)
} else if (measured !== document) {
  console.error("docs/runtimes.md says something else")
  process.exit(1)
}
process.exit(0)
