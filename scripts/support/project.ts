/**
 * Projects of users: folders outside of this repository, in which a package manager installs what is packed.
 */
import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { root, run } from "./workspace.ts"

const temporary = (prefix: string): string => {
  const folder = mkdtempSync(join(tmpdir(), prefix))
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** Yarn 1 finds a tarball in its cache by path alone: a cache that outlives this script would give it an old one. */
const yarnCache = temporary("sunco-yarn-")

/** Each fails where a peer does not fit, if it can be told to. */
const managers = {
  npm: ["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts"],
  pnpm: ["node", join(root, "scripts/pnpm.mjs"), "add", "--ignore-scripts", "--config.strict-peer-dependencies=true"],
  yarn: ["npx", "--yes", "yarn@1.22.22", "add", "--ignore-scripts", "--non-interactive", "--cache-folder", yarnCache],
} as const

export type Manager = keyof typeof managers

export const managerNames = ["npm", "pnpm", "yarn"] as const satisfies ReadonlyArray<Manager>

/** Those that the declarations of the packages are checked with. */
export const typescriptVersions = ["5.9.3", "6.0.3", "7.0.2"]

/** What to install so that {@link compile} finds its compiler. */
export const typescripts = typescriptVersions.map((version) => `typescript-${version}@npm:typescript@${version}`)

/** Makes a project with the files of a folder of this repository. It is removed when the script ends. */
export const makeProject = (source: string, manifest: object = {}): string => {
  const project = temporary("sunco-project-")
  cpSync(join(root, source), project, { recursive: true })
  writeJson(project, "package.json", { private: true, license: "MIT", ...manifest })
  return project
}

export const writeJson = (project: string, name: string, content: object): void =>
  writeFileSync(join(project, name), JSON.stringify(content))

export const install = (project: string, manager: Manager, packages: ReadonlyArray<string>): void => {
  const [program, ...args] = managers[manager]
  run(program, [...args, ...packages], project)
}

/** Runs the compiler of a version of TypeScript that is installed in a project. */
export const compile = (project: string, version: string, args: ReadonlyArray<string>): string =>
  run("node", [`node_modules/typescript-${version}/bin/tsc`, ...args], project)
