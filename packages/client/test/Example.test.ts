/**
 * The example runs in the repository too, as examples/README.md says. `scripts/check-client.ts` runs it with the packed
 * client.
 */
import { Sandbox } from "@effect-sunco/testing"
import { execFile } from "node:child_process"
import { join } from "node:path"
import { promisify } from "node:util"
import { afterAll, assert, it } from "vitest"
import { serve } from "./support/localApi.ts"

const { keyId, secret, userId } = Sandbox.demo
const server = serve(Sandbox.demoSeed({ members: 8 }))
afterAll(server.stop)

it("the example joins, lists, leaves, and handles the 404 of leaving again", async () => {
  const env = { SUNCO_BASE_URL: await server.address(), SUNCO_KEY_ID: keyId, SUNCO_KEY_SECRET: secret }
  const file = join(import.meta.dirname, "../example/main.mjs")
  const { stderr, stdout } = await promisify(execFile)(process.execPath, [file], { env })
  assert.strictEqual(stderr, "")
  assert.deepStrictEqual(stdout.trim().split("\n"), [
    `${userId} joined, with 0 unread messages`,
    "9 participants: 2 sdk, 2 whatsapp, 2 messenger, 2 telegram, 1 no channel",
    `${userId} left`,
    "leaving again: not_found",
  ])
})
