/**
 * Uses the packed `@effect-sunco/client` as a program without Effect does: installed by npm in a folder of its own,
 * imported and required, type-checked from CommonJS, bundled, and run by several runtimes against the local API.
 */
import { cpSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { startSandbox } from "./support/sandbox.ts"
import { root, run, tarballOf } from "./support/workspace.ts"

/** Those that npm can fetch, beside the Node that runs this script. */
const runtimes = {
  "Node 22.19": ["node@22.19.0"],
  "Node 26": ["node@26"],
  Bun: ["bun@1"],
  Deno: ["deno@2", "run", "--allow-env", "--allow-net", "--allow-read"],
}

const tsconfig = {
  compilerOptions: {
    target: "ES2023",
    lib: ["ES2023", "DOM", "DOM.Iterable"],
    module: "NodeNext",
    strict: true,
    noEmit: true,
    types: [],
  },
  include: ["*.cts"],
}

const expect = (what: string, printed: string, expected: string) => {
  if (printed.split("\n").at(-1) !== expected) throw new Error(`${what} printed ${printed}, not ${expected}`)
  console.log(`${what}: ${printed}`)
}

const folder = mkdtempSync(join(tmpdir(), "sunco-client-"))
process.on("exit", () => rmSync(folder, { recursive: true, force: true }))

cpSync(join(root, "test/packed-client"), folder, { recursive: true })
writeFileSync(join(folder, "package.json"), JSON.stringify({ private: true }))
writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(tsconfig))
const tools = ["esbuild@0.28.2", "typescript@5.9.3"]
run(
  "npm",
  ["install", "--no-audit", "--no-fund", "--ignore-scripts", tarballOf(join(root, "packages/client")), ...tools],
  folder,
)

const installed = join(folder, "node_modules")
if (existsSync(join(installed, "effect"))) throw new Error("the client brings Effect as a package")
const published = readdirSync(join(installed, "@effect-sunco/client"))
if (!published.includes("THIRD-PARTY-LICENSES")) throw new Error("the licenses of what is bundled are missing")

run("node", ["node_modules/typescript/bin/tsc"], folder)
console.log("type-checks from CommonJS")

Object.assign(process.env, await startSandbox())
const everybody = "251 participants; leaving again: not_found"

expect("imported", run("node", ["main.mjs"], folder), everybody)
expect("required", run("node", ["main.cjs"], folder), "25 participants on the first page")

const bundle = ["main.mjs", "--bundle", "--format=esm", "--platform=node", "--minify", "--outfile=bundle.mjs"]
run(join(installed, ".bin/esbuild"), bundle, folder)
expect("bundled", run("node", ["bundle.mjs"], folder), everybody)

for (const [name, command] of Object.entries(runtimes)) {
  expect(name, run("npx", ["--yes", ...command, "main.mjs"], folder), everybody)
}
process.exit(0)
