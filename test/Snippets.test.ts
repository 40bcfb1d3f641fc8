/**
 * Every piece of TypeScript in the documentation type-checks, and runs on its own. All of them run in one process, each when the one before it
 * has ended.
 *
 * A block that opens with ```ts no-run is type-checked only; one that opens with ```ts no-check is left alone, and listed
 * below.
 */
import { assert, beforeAll, describe, it } from "@effect/vitest"
import { runModules } from "./support/snippetRuns.ts"
import { findSnippets, moduleOf, writeModules } from "./support/snippets.ts"
import { typeCheck, type TypeErrors } from "./support/typeCheck.ts"

/** The files that blocks left alone stand in, one entry for each block. */
const unchecked: ReadonlyArray<string> = []

const snippets = findSnippets()
const checked = snippets.filter(({ mark }) => mark !== "no-check")

describe("the documentation", () => {
  let errors: TypeErrors
  let failures: ReadonlyMap<string, string>

  beforeAll(async () => {
    writeModules(checked)
    const toRun = checked.filter(({ mark }) => mark === "run").map(moduleOf)
    ;[errors, failures] = await Promise.all([typeCheck("test/tsconfig.snippets.json"), runModules(toRun)])
  }, 60_000)

  it("has snippets in every package and in the README", () => {
    for (const place of ["packages/core/", "packages/http/", "packages/testing/", "README.md"]) {
      assert.isTrue(
        checked.some(({ file, mark }) => file.startsWith(place) && mark === "run"),
        place,
      )
    }
  })

  it("leaves only the listed snippets unchecked", () => {
    const found = snippets.filter(({ mark }) => mark === "no-check").map(({ file }) => file)
    assert.deepStrictEqual(found, unchecked)
  })

  it("type-checks as a whole", () => {
    assert.deepStrictEqual(errors.all, [])
  })

  describe("a snippet", () => {
    for (const snippet of checked) {
      const runs = snippet.mark === "run"
      it(`${snippet.file}:${snippet.line} ${runs ? "type-checks and runs" : "type-checks"}`, () => {
        assert.deepStrictEqual(errors.byFile.get(moduleOf(snippet)) ?? [], [])
        if (runs) assert.strictEqual(failures.get(moduleOf(snippet)), "")
      })
    }
  })
})
