/**
 * Uses the packed `@effect-sunco/effect3` as applications do: in a project of its own for each package manager, with both
 * ends of the span of Effect 3 that it takes. Its example is type-checked there, tested, and run against the local API.
 */
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { install, makeProject, managerNames, writeJson } from "./support/project.ts"
import { startSandbox } from "./support/sandbox.ts"
import { root, run, tarballOf } from "./support/workspace.ts"

const folder = join(root, "packages/effect3")
const tarball = tarballOf(folder)

const ends = [
  { effect: "3.19.0", platform: "0.93.0" },
  { effect: "3.22.4", platform: "0.97.2" },
]

/** The programs of the README are type-checked and run too. */
const snippets = [...readFileSync(join(folder, "README.md"), "utf8").matchAll(/^```ts\n(.*?)^```$/gms)].map(
  ([, snippet = ""]) => snippet,
)

const tsconfig = {
  compilerOptions: {
    target: "ES2023",
    lib: ["ES2023", "DOM", "DOM.Iterable"],
    module: "NodeNext",
    types: ["node"],
    strict: true,
    exactOptionalPropertyTypes: true,
    allowImportingTsExtensions: true,
    noEmit: true,
    // The declarations of the Effect 3 line do not compile with every version of TypeScript.
    skipLibCheck: true,
  },
  include: ["*.ts"],
}

Object.assign(process.env, await startSandbox())

for (const manager of managerNames) {
  for (const { effect, platform } of ends) {
    const begin = performance.now()
    const project = makeProject("packages/effect3/example", { type: "module" })
    try {
      writeJson(project, "tsconfig.json", tsconfig)
      const packages = [`effect@${effect}`, `@effect/platform@${platform}`, "@types/node@24", "typescript@5.9.3"]
      snippets.forEach((snippet, index) => writeFileSync(join(project, `readme-${index}.ts`), snippet))
      install(project, manager, [...packages, tarball])
      if (existsSync(join(project, "node_modules/@effect-sunco/core")))
        throw new Error("the engine is not in the package")
      run("node", ["node_modules/typescript/bin/tsc"], project)
      for (const index of snippets.keys()) run("node", [`readme-${index}.ts`], project)
      run("node", ["--test", "roster.test.ts"], project)
      const printed = run("node", ["main.ts"], project)
      if (!printed.endsWith(" participants")) throw new Error(`the example printed ${printed}`)
      const seconds = Math.round((performance.now() - begin) / 1000)
      console.log(
        `${manager}, effect ${effect}, @effect/platform ${platform}: ${printed.split("\n").at(-1)}, ${seconds} s`,
      )
    } finally {
      rmSync(project, { recursive: true, force: true })
    }
  }
}
process.exit(0)
