/**
 * Every piece of TypeScript in the documentation type-checks, and runs on its own in a process of its own.
 *
 * A block that opens with ```ts no-run is type-checked only; one that opens with ```ts no-check is left alone, and listed
 * below.
 */
import { assert, beforeAll, describe, it } from "@effect/vitest"
import { execFile } from "node:child_process"
import { compileCache, findSnippets, moduleOf, root, type Snippet, writeModules } from "./support/snippets.ts"
import { typeCheck, type TypeErrors } from "./support/typeCheck.ts"

/** The files that blocks left alone stand in, one entry for each block. */
const unchecked: ReadonlyArray<string> = []

const snippets = findSnippets()
const checked = snippets.filter(({ mark }) => mark !== "no-check")

/** A snippet sees no settings of the machine, and Node keeps what it compiled for the next one. */
const env = {
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("SUNCO_"))),
  NODE_COMPILE_CACHE: compileCache,
}

/** What the process said if it failed, and nothing if it did not. */
const failureOf = (snippet: Snippet) =>
  new Promise<string>((done) => {
    execFile(process.execPath, [moduleOf(snippet)], { cwd: root, env, timeout: 50_000 }, (error, stdout, stderr) => {
      done(error === null ? "" : `${error.message}\n${stdout}\n${stderr}`)
    })
  })

describe("the documentation", () => {
  let errors: TypeErrors

  beforeAll(async () => {
    writeModules(checked)
    errors = await typeCheck("test/tsconfig.snippets.json")
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

  describe.concurrent("a snippet", () => {
    for (const snippet of checked) {
      const runs = snippet.mark === "run"
      it(
        `${snippet.file}:${snippet.line} ${runs ? "type-checks and runs" : "type-checks"}`,
        { timeout: 60_000 },
        async () => {
          assert.deepStrictEqual(errors.byFile.get(moduleOf(snippet)) ?? [], [])
          if (runs) assert.strictEqual(await failureOf(snippet), "")
        },
      )
    }
  })
})
