/**
 * Some users compile with `exactOptionalPropertyTypes`: an optional property takes `undefined` only if it says so.
 */
import { globSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { root } from "./support/snippets.ts"

/** An optional property and its type, which ends where the next line begins that is not indented further. */
const optional = /^( *)readonly (\w+)\?:((?:.*)(?:\n\1 +.*)*)/gm

/** The same of a mapped type, on one line. */
const mapped = /(\{) readonly (\[.+ in .+\])\?:(.*) \}/g

const properties = globSync("packages/*/src/**/*.ts", { cwd: root }).flatMap((file) => {
  const text = readFileSync(join(root, file), "utf8")
  return [...text.matchAll(optional), ...text.matchAll(mapped)].map(([, , name = "", type = ""]) => ({
    file: file.replaceAll("\\", "/"),
    name,
    type: type.trim(),
  }))
})

/** Only what users can reach counts: the package exports hide `internal`, but models of the sandbox come from there. */
const published = properties.filter(
  ({ file }) => !file.includes("/internal/") || file.startsWith("packages/testing/src/internal/sandbox/"),
)

describe("an optional property", () => {
  it("is found in each package", () => {
    assert.sameMembers(Array.from(new Set(published.map(({ file }) => file.split("/")[1]))), [
      "client",
      "core",
      "effect3",
      "http",
      "testing",
    ])
  })

  it.each(published)("$name of $file may be undefined", ({ type }) => {
    assert.match(type, /(?:^|\| )undefined$|^unknown$/)
  })
})
