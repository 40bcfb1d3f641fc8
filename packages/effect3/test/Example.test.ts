import { execFile } from "node:child_process"
import { join } from "node:path"
import { promisify } from "node:util"
import { expect, test } from "vitest"

test("the tests of the example pass", async () => {
  const folder = join(import.meta.dirname, "../example")
  const { stdout } = await promisify(execFile)(process.execPath, ["--test", "roster.test.ts"], { cwd: folder })
  expect(stdout).toMatch(/pass 2\n/)
})
