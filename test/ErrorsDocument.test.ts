/**
 * `docs/errors.md` lists what can go wrong, and doc comments say what a number means.
 */
import { globSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { SunshineError } from "@effect-sunco/core"
import { root } from "./support/snippets.ts"

const read = (file: string) => readFileSync(join(root, file), "utf8")

/** The cells of the table rows that begin with a name in backticks. */
const rows = read("docs/errors.md")
  .split("\n")
  .filter((line) => line.startsWith("| `"))
  .map((line) => line.split("|").map((cell) => cell.trim().replaceAll("`", "")))

const rowOf = (name: string) => rows.find(([, first]) => first === name) ?? []

/** Reasons with an outcome of their own, and those whose outcome depends on a field. */
const outcomes: { readonly [Tag in SunshineError.Reason["_tag"]]: string } = {
  InvalidRequest: new SunshineError.InvalidRequest({ field: "", expected: "" }).outcome,
  Unauthorized: new SunshineError.Unauthorized({}).outcome,
  Forbidden: new SunshineError.Forbidden({}).outcome,
  RateLimited: new SunshineError.RateLimited({}).outcome,
  ServerError: new SunshineError.ServerError({ status: 500 }).outcome,
  UnexpectedStatus: "depends on the status",
  Transport: "depends on sent",
  TimedOut: "depends on sent",
  InvalidResponse: "ambiguous",
  OutcomeUnknown: new SunshineError.OutcomeUnknown({ attempts: [] }).outcome,
}

describe("docs/errors.md", () => {
  it.each(["BadRequest", "NotFound", "SunshineError", "PaginationError"])("has the tag %s", (tag) => {
    assert.lengthOf(rowOf(tag), 5)
  })

  it.each(Object.entries(outcomes))("has the reason %s, with its outcome: %s", (tag, outcome) => {
    assert.strictEqual(rowOf(tag)[3], outcome)
  })

  const documented = ["bad_request", "conversation_not_found", "not_found", "unauthorized"]

  it.each([...documented, "user_not_found", "app_not_found"])("has the code %s", (code) => {
    assert.lengthOf(rowOf(code), 6)
    assert.strictEqual(rowOf(code)[3]?.includes("Not documented"), !documented.includes(code))
  })

  it.each(["operation", "appId", "conversationId", "user", "baseUrl", "cursor", "cause"])(
    "has the field %s",
    (field) => {
      assert.lengthOf(rowOf(field), 4)
      assert.isTrue(field in SunshineError.SunshineError.fields)
    },
  )

  it("is linked from the README", () => {
    assert.include(read("README.md"), "](docs/errors.md)")
  })
})

describe("a duration that a user gives", () => {
  const options = globSync("packages/*/src/**/*.ts", { cwd: root }).flatMap((file) => {
    const lines = read(file).split("\n")
    return lines.flatMap((line, index) => {
      const [, name] =
        /^\s*(?:readonly |export const )(\w+)\??(?:: | = \(duration: )Duration\.\w*Input/.exec(line) ?? []
      if (name === undefined) return []
      const before = lines.slice(0, index)
      const start = before.findLastIndex((text) => text.includes("/**"))
      const isDocumented = before.at(-1)?.includes("*/") === true
      return [
        {
          file,
          name,
          comment: isDocumented
            ? before
                .slice(start)
                .join(" ")
                .replaceAll(/\s+\*?\s*/g, " ")
            : "",
        },
      ]
    })
  })

  it("is found", () => {
    assert.isAbove(options.length, 20)
  })

  it.each(options)("$name of $file says what a bare number means", ({ comment }) => {
    assert.match(comment, /a bare number is milliseconds/i)
  })
})
