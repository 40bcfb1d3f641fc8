/**
 * The table of rules in docs/testing.md is held to the rules of the sandbox.
 */
import { assert, describe, it } from "@effect/vitest"
import { Sandbox } from "@effect-sunco/testing"
import { Duration } from "effect"
import { readFileSync } from "node:fs"

const document = readFileSync(new URL("../docs/testing.md", import.meta.url), "utf8")

/** The rule of each row, and the default and the other choices as they stand there. */
const rows = document
  .split("\n")
  .map((line) => line.split("|").map((cell) => cell.trim()))
  .flatMap(([, , rule = "", byDefault = "", others = ""]) => {
    const [, name] = /^`(\w+)`$/.exec(rule) ?? []
    return name !== undefined && name in Sandbox.defaultRules ? [{ name, byDefault, others }] : []
  })

describe("the table of rules", () => {
  it("has each rule once", () => {
    assert.sameMembers(
      rows.map(({ name }) => name),
      Object.keys(Sandbox.defaultRules),
    )
  })

  it.each([
    ["maxParticipants", Number.POSITIVE_INFINITY, "no limit: no number is documented for joins"],
    ["listDelay", Duration.zero, "at once"],
  ] as const)("gives the default of %s, and says why it is not a harder one", (rule, value, said) => {
    const row = rows.find(({ name }) => name === rule)
    assert.deepStrictEqual(Sandbox.defaultRules[rule], value)
    assert.isTrue(row?.byDefault.startsWith(said), row?.byDefault)
  })

  const choices = Object.entries(Sandbox.defaultRules).filter(([, choice]) => typeof choice === "string")

  it.each(choices)("gives the default of %s", (rule, choice) => {
    const row = rows.find(({ name }) => name === rule)
    assert.isTrue(row?.byDefault.startsWith(`\`"${choice}"\``), row?.byDefault)
    assert.notInclude(row?.others, `"${choice}"`)
  })
})
