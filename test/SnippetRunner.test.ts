import { assert, describe, it } from "@effect/vitest"
import { runModules } from "./support/snippetRuns.ts"

const moduleOf = (code: string) => `data:text/javascript,${encodeURIComponent(code)}`

const works = moduleOf("await 1")

/** What is said of a module that stands between two that work, which have to stay without a failure. */
const failureOf = async (code: string, options?: { readonly timeout: number }) => {
  const last = moduleOf("await 2")
  const failures = await runModules([works, moduleOf(code), last], options)
  assert.deepStrictEqual([failures.get(works), failures.get(last)], ["", ""])
  return failures.get(moduleOf(code)) ?? ""
}

describe.concurrent("a snippet", () => {
  const failing: ReadonlyArray<readonly [why: string, code: string, said: RegExp]> = [
    ["throws", `throw new Error("broken")`, /Error: broken/],
    ["cannot be parsed", `const`, /SyntaxError/],
    ["rejects without being awaited", `void Promise.reject(new Error("broken"))`, /Error: broken/],
    ["throws after its last line", `setTimeout(() => { throw new Error("broken") }, 1)`, /Error: broken/],
    ["waits for what never comes", `await new Promise(() => {})`, /waits for something that never comes/],
    ["sets an exit code", `process.exitCode = 3`, /sets the exit code 3/],
    ["ends the process", `console.error("why"); process.exit(0)`, /ended the process with 0\nwhy/],
    ["sets a global", `globalThis.mine = 1`, /leaves behind: mine/],
    ["sets a variable of the environment", `process.env.MINE = "1"`, /leaves behind: MINE=1/],
  ]
  it.each(failing)("that %s fails, and no other does", async (_, code, said) => {
    assert.match(await failureOf(code), said)
  })

  it("that does not end fails after a time, and no other does", async () => {
    assert.strictEqual(await failureOf(`setInterval(() => {}, 1000)`, { timeout: 2_000 }), "it did not end in 2000 ms")
  })

  it("sees no settings of the machine", async ({ onTestFinished }) => {
    process.env["SUNCO_TOKEN"] = "a-token"
    onTestFinished(() => {
      delete process.env["SUNCO_TOKEN"]
    })
    assert.strictEqual(await failureOf(`if ("SUNCO_TOKEN" in process.env) throw new Error("seen")`), "")
  })
})
