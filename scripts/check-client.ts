/**
 * Uses the packed `@effect-sunco/client` as programs without Effect do, against the local API. Its example runs in a
 * project of its own for each package manager. In that of npm the client is also type-checked, compiled to CommonJS,
 * required, bundled, and run by several runtimes.
 */
import { cpSync, existsSync, globSync, readFileSync } from "node:fs"
import { join } from "node:path"
import {
  compile,
  install,
  makeProject,
  managerNames,
  typescripts,
  typescriptVersions,
  writeJson,
} from "./support/project.ts"
import { startSandbox } from "./support/sandbox.ts"
import { root, run, tarballOf } from "./support/workspace.ts"

/** Those that npm can fetch, beside the Node that runs this script. */
const runtimes = {
  "Node 22.19": ["node@22.19.0"],
  "Node 26": ["node@26"],
  Bun: ["bun@1"],
  Deno: ["deno@2", "run", "--allow-env", "--allow-net", "--allow-read"],
}

/** Of a program with DOM types and without those of Node, and of one the other way round. Each checks all declarations. */
const compilerOptions = {
  nodenext: { module: "NodeNext", lib: ["ES2023", "DOM", "DOM.Iterable"], types: [], noEmit: true },
  commonjs: { module: "commonjs", lib: ["ES2023"], types: ["node"], outDir: "compiled" },
}

const everybody = `67a11490f0305f4a391e9f8a joined, with 0 unread messages
251 participants: 63 sdk, 63 whatsapp, 62 messenger, 62 telegram, 1 no channel
67a11490f0305f4a391e9f8a left
leaving again: not_found`

const firstPage = "25 participants on the first page"

const expect = (what: string, printed: string, expected: string) => {
  if (printed !== expected) throw new Error(`${what} printed\n${printed}\nnot\n${expected}`)
  console.log(`${what}: ${printed.split("\n")[0]}`)
}

/** Relative paths alone: no user has to install what the declarations name. */
const checkDeclarations = (folder: string) => {
  const files = globSync("dist/**/*.d.ts", { cwd: folder })
  if (files.length === 0) throw new Error("the client has no declarations")
  for (const file of files) {
    const specifiers = readFileSync(join(folder, file), "utf8").matchAll(/(?:from|import|types=)[ (]*"([^"]+)"/g)
    for (const [, specifier = ""] of specifiers) {
      if (!specifier.startsWith("./")) throw new Error(`${file} names the package ${specifier}`)
    }
  }
  console.log(`${files.length} declaration files name no package`)
}

Object.assign(process.env, await startSandbox())
const tarball = tarballOf(join(root, "packages/client"))

for (const manager of managerNames) {
  const project = makeProject("packages/client/example")
  install(project, manager, [tarball])
  expect(`the example, installed by ${manager}`, run("node", ["main.mjs"], project), everybody)
}

const project = makeProject("packages/client/example")
cpSync(join(root, "test/packed-client"), project, { recursive: true })
install(project, "npm", [tarball, "esbuild@0.28.2", "@types/node@24", ...typescripts])

const installed = join(project, "node_modules")
if (existsSync(join(installed, "effect"))) throw new Error("the client brings Effect as a package")
const published = join(installed, "@effect-sunco/client")
if (!existsSync(join(published, "THIRD-PARTY-LICENSES"))) throw new Error("the licenses of what is bundled are missing")
checkDeclarations(published)

for (const [name, options] of Object.entries(compilerOptions)) {
  const common = { target: "ES2023", strict: true, exactOptionalPropertyTypes: true, skipLibCheck: false }
  writeJson(project, `tsconfig.${name}.json`, { compilerOptions: { ...common, ...options }, include: ["*.ts"] })
  for (const version of typescriptVersions) {
    compile(project, version, ["-p", `tsconfig.${name}.json`])
    console.log(`type-checks with TypeScript ${version}, module ${options.module}`)
  }
}
const compiled = `require("./compiled/program.js").run(process.env).then(console.log)`
expect("compiled to CommonJS", run("node", ["--eval", compiled], project), firstPage)
expect("required", run("node", ["main.cjs"], project), firstPage)

const bundle = ["main.mjs", "--bundle", "--format=esm", "--platform=node", "--minify", "--outfile=bundle.mjs"]
run(join(installed, ".bin/esbuild"), bundle, project)
expect("bundled", run("node", ["bundle.mjs"], project), everybody)

for (const [name, command] of Object.entries(runtimes)) {
  expect(name, run("npx", ["--yes", ...command, "main.mjs"], project), everybody)
}
process.exit(0)
