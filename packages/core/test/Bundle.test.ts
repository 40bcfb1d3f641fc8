import { execFileSync } from "node:child_process"
import { fileURLToPath } from "node:url"
import { assert, describe, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import { build } from "esbuild"

const Seen = Schema.Struct({ asked: Schema.Int, isInstance: Schema.Boolean })
const Output = Schema.fromJsonString(Schema.Struct({ plain: Seen, odd: Seen }))

describe("a bundle of a program that decodes a page", () => {
  it.each([false, true])("keeps the fast decoder, minified: %s", async (minify) => {
    const { outputFiles } = await build({
      entryPoints: [fileURLToPath(new URL("./support/decodesPage.ts", import.meta.url))],
      bundle: true,
      format: "esm",
      platform: "node",
      minify,
      treeShaking: true,
      write: false,
    })
    const input = outputFiles[0]?.text ?? ""
    const printed = execFileSync(process.execPath, ["--input-type=module", "-"], { input, encoding: "utf8" })
    const { odd, plain } = Schema.decodeSync(Output)(printed)
    assert.deepStrictEqual(plain, { asked: 0, isInstance: true })
    // What the decoder does not read comes to the schema.
    assert.isAbove(odd.asked, 0)
    assert.isTrue(odd.isInstance)
  })
})
