/**
 * What is published beside the declarations: one file, made from the module graph that the bundler finds.
 */
import { assert, beforeAll, describe, it } from "vitest"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { bundleClient, clientFolder, thirdPartyLicenses } from "../../../scripts/support/clientBundle.ts"

describe("the bundle", () => {
  let bundle: Awaited<ReturnType<typeof bundleClient>>

  beforeAll(async () => {
    bundle = await bundleClient(false)
  })

  it("imports the signer of jose and nothing else", () => {
    const imports = Object.values(bundle.metafile.outputs).flatMap((output) => output.imports.map(({ path }) => path))
    assert.deepStrictEqual([...new Set(imports)], ["jose/jwt/sign"])
  })

  it("comes with the licenses of all packages whose code it holds", () => {
    const published = readFileSync(join(clientFolder, "THIRD-PARTY-LICENSES"), "utf8")
    assert.strictEqual(published, thirdPartyLicenses(bundle.metafile))
  })
})
