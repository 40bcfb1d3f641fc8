/**
 * One run of the type checker, and what it says about each file.
 */
import { execFile } from "node:child_process"
import { join, resolve } from "node:path"
import { promisify } from "node:util"
import { root } from "./snippets.ts"

/** The program itself: what is in `node_modules/.bin` needs a shell on Windows. */
const effectTsgo = join(root, "node_modules/@effect/tsgo/dist/effect-tsgo.cjs")

export interface TypeErrors {
  readonly all: ReadonlyArray<string>
  /** What was said about a file, by its absolute path. */
  readonly byFile: ReadonlyMap<string, ReadonlyArray<string>>
}

/** A diagnostic begins with the file, the line and the column if it has one; the lines after it belong to it. */
const parse = (output: string): TypeErrors => {
  const all = output
    .trimEnd()
    .split(/\n(?=\S.*(?:error|warning|suggestion) TS\d+: )/)
    .filter((text) => text.trim() !== "")
  const byFile = new Map<string, Array<string>>()
  for (const diagnostic of all) {
    const [, file] = /^(\S.*?)\(\d+,\d+\): /.exec(diagnostic) ?? []
    if (file === undefined) continue
    const path = resolve(root, file)
    byFile.set(path, [...(byFile.get(path) ?? []), diagnostic])
  }
  return { all, byFile }
}

export const typeCheck = async (project: string): Promise<TypeErrors> => {
  const checker = await promisify(execFile)(process.execPath, [effectTsgo, "get-exe-path"])
  return new Promise((done, fail) => {
    execFile(checker.stdout.trim(), ["-p", project, "--pretty", "false"], { cwd: root }, (error, stdout, stderr) => {
      const errors = parse(stdout)
      // A checker that fails without a word did not check.
      if (error !== null && errors.all.length === 0) fail(new Error(`${error.message}\n${stderr}`))
      else done(errors)
    })
  })
}
