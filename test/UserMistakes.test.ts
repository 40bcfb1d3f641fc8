/**
 * What the compiler says about mistakes that users make: on the line of each, in the words that `mistakes/mistakes.ts`
 * quotes, and nowhere else.
 */
import { assert, beforeAll, describe, it } from "@effect/vitest"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { typeCheck } from "./support/typeCheck.ts"

const folder = join(import.meta.dirname, "mistakes")
const file = join(folder, "mistakes.ts")

const lines = readFileSync(file, "utf8").split("\n")

/** Lines are numbered from 1, and a mistake is on the line after its comment. */
const mistakes = lines.flatMap((text, index) => {
  const [, says] = /^ *\/\/ says: (.+)$/.exec(text) ?? []
  return says === undefined ? [] : [{ line: index + 2, code: (lines[index + 1] ?? "").trim(), says }]
})

describe("the compiler", () => {
  let diagnostics: ReadonlyArray<string> = []
  beforeAll(async () => {
    diagnostics = (await typeCheck(join(folder, "tsconfig.json"))).all
  })

  const isAt = (line: number) => (diagnostic: string) => diagnostic.includes(`mistakes.ts(${line},`)

  it.each(mistakes)("says $says: $code", ({ line, says }) => {
    assert.include(diagnostics.filter(isAt(line)).join("\n"), says)
  })

  it("says nothing else, of at least ten mistakes", () => {
    assert.isAtLeast(mistakes.length, 10)
    assert.deepEqual(
      diagnostics.filter((diagnostic) => !mistakes.some(({ line }) => isAt(line)(diagnostic))),
      [],
    )
  })
})
