/**
 * Builds and packs the packages: `packages/<name>/dist` is what is published, and `.packed` holds the tarballs.
 */
import { existsSync, mkdirSync, rmSync } from "node:fs"
import { join } from "node:path"
import { clientFolder } from "./support/clientBundle.ts"
import { packages, packed, run, tarballOf } from "./support/workspace.ts"

for (const folder of [packed, ...packages.map((path) => join(path, "dist"))]) {
  rmSync(folder, { recursive: true, force: true })
}
mkdirSync(packed)

run(run("effect-tsgo", ["get-exe-path"]), ["-b", ...packages])

for (const folder of packages) {
  // The client is bundled; the JavaScript of the others is what the compiler wrote.
  if (folder === clientFolder) {
    console.log(run("node", ["scripts/bundle-client.ts"]))
    run("pnpm", ["pack", "--pack-destination", packed], folder)
    console.log(`packed ${tarballOf(folder)}`)
    continue
  }
  // Marks each call at the top of a module as pure, so that a bundler drops what a program does not use.
  run("babel", ["dist", "--out-dir", "dist", "--plugins", "annotate-pure-calls", "--source-maps"], folder)
  // A package for those who are not on Effect 4 brings what it needs of it.
  const bundle = join(folder, "scripts/bundle-engine.ts")
  if (existsSync(bundle)) console.log(run("node", [bundle]))
  run("pnpm", ["pack", "--pack-destination", packed], folder)
  console.log(`packed ${tarballOf(folder)}`)
}
