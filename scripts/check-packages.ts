/**
 * Checks what would be published: each packed package, and each of its entry points.
 */
import { globSync } from "node:fs"
import { basename, join } from "node:path"
import { clientFolder } from "./support/clientBundle.ts"
import { packages, run, tarballOf } from "./support/workspace.ts"

for (const folder of packages) {
  const tarball = tarballOf(folder)
  // The client is one bundled module; the others export each module of theirs.
  const exported = folder === clientFolder ? "index.ts" : "*.ts"
  const modules = globSync(exported, { cwd: join(folder, "src") }).map((file) => basename(file, ".ts"))
  const entryPoints = modules.filter((name) => name !== "index").toSorted()

  run("publint", [tarball, "--strict"])
  const others = entryPoints.length > 0 ? ["--include-entrypoints", ...entryPoints] : []
  run("attw", [tarball, "--profile", "esm-only", ...others])
  console.log(`${basename(tarball)}: well packed, with the entry points . ${entryPoints.join(" ")}`)
}
