/**
 * Where things are, and how a script calls a program.
 */
import { globSync } from "node:fs"
import { basename, join } from "node:path"
import spawn from "cross-spawn"

export const root = join(import.meta.dirname, "../..")

/** The folders of the packages that are published. */
export const packages: ReadonlyArray<string> = globSync("packages/*/package.json", { cwd: root })
  .map((manifest) => join(root, manifest, ".."))
  .toSorted()

/** Where the packed packages are, as a registry would serve them. */
export const packed = join(root, ".packed")

export const tarballOf = (folder: string): string => {
  const [tarball, ...others] = globSync(`*-${basename(folder)}-[0-9]*.tgz`, { cwd: packed })
  if (tarball === undefined || others.length > 0)
    throw new Error(`${packed} holds no single tarball of ${folder}: run the script build`)
  return join(packed, tarball)
}

/**
 * Runs a program to its end, for its output. If it fails, its output is shown and the script ends.
 *
 * On Windows npm, npx and what is in `node_modules/.bin` are batch files, which `node:child_process` starts only through
 * a shell: `cross-spawn` does that, and quotes the arguments.
 */
export const run = (program: string, args: ReadonlyArray<string>, cwd: string = root): string => {
  const { error, status, stderr, stdout } = spawn.sync(program, [...args], { cwd, encoding: "utf8" })
  if (error) throw error
  if (status !== 0) {
    console.error(`${stdout}\n${stderr}\nfailed: ${[basename(program), ...args].join(" ")}`)
    process.exit(1)
  }
  return stdout.trim()
}
