/**
 * The TypeScript in the documentation: found, and written out as modules.
 */
import { globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"

export const root = join(import.meta.dirname, "../..")

/** Inside `test/`, so that a snippet imports the packages of the workspace as a reader would. */
const folder = join(root, "test/.snippets")

export interface Snippet {
  /** The file it stands in, from the root of the repository. */
  readonly file: string
  /** The line of its opening fence. */
  readonly line: number
  readonly mark: "run" | "no-run" | "no-check"
  readonly code: string
}

const sources = ["packages/*/src/**/*.ts", "README.md", "packages/*/README.md", "docs/**/*.md"]

const marks: Readonly<Record<string, Snippet["mark"]>> = { "": "run", "no-run": "no-run", "no-check": "no-check" }

/** `*` of a comment or the indentation of a list item, the fence, the language, and how it is marked. */
const opening = /^(\s*(?:\* )?)```(tsx?|typescript|m?jsx?|javascript)\b(.*)$/

const isClosing = (line: string) => /^\s*(?:\* )?```\s*$/.test(line)

/** The marker that begins each line of a snippet; on an empty line it has lost its trailing space. */
const without = (margin: string, line: string) => (line.startsWith(margin) ? line.slice(margin.length) : "")

const snippetsOf = (file: string): ReadonlyArray<Snippet> => {
  const lines = readFileSync(join(root, file), "utf8").split("\n")
  return lines.flatMap((line, index) => {
    const [, margin, language, rest] = opening.exec(line) ?? []
    if (margin === undefined || rest === undefined) return []
    const mark = marks[rest.trim()]
    if (language !== "ts" || mark === undefined) {
      throw new Error(`${file}:${index + 1}: a snippet opens with ts, ts no-run or ts no-check, not: ${line.trim()}`)
    }
    const length = lines.slice(index + 1).findIndex(isClosing)
    if (length < 0) throw new Error(`${file}:${index + 1}: the snippet has no end`)
    const code = lines.slice(index + 1, index + 1 + length).map((content) => without(margin, content))
    return [{ file, line: index + 1, mark, code: code.join("\n") }]
  })
}

export const findSnippets = (): ReadonlyArray<Snippet> =>
  // Those of Effect 3 need another version of Effect: `scripts/check-effect3.ts` checks them.
  globSync(sources, { cwd: root, exclude: ["packages/effect3/**"] })
    .map((file) => file.replaceAll("\\", "/"))
    .toSorted()
    .flatMap(snippetsOf)

export const moduleOf = ({ file, line }: Snippet): string =>
  join(folder, `${file.replaceAll(/[^A-Za-z0-9]+/g, "-")}-${line}.ts`)

/** Each snippet keeps its line numbers, so that an error names the line of the documentation. */
export const writeModules = (snippets: ReadonlyArray<Snippet>): void => {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder)
  for (const snippet of snippets) {
    writeFileSync(moduleOf(snippet), `${"\n".repeat(snippet.line)}${snippet.code}\n`)
  }
}
