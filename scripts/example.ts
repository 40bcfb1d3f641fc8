/**
 * Runs an example by its name: `pnpm example list-participants`.
 */
import { globSync } from "node:fs"
import { basename, join } from "node:path"
import { pathToFileURL } from "node:url"
import { root } from "./support/workspace.ts"

const [name = ""] = process.argv.slice(2)
const examples = globSync("examples/src/*.ts", { cwd: root }).map((file) => basename(file, ".ts"))
if (!examples.includes(name)) {
  console.error(`No example ${JSON.stringify(name)}. There are: ${examples.toSorted().join(", ")}`)
  process.exit(1)
}
await import(pathToFileURL(join(root, "examples/src", `${name}.ts`)).href)
