/**
 * Checks what would be published: each packed package, and each of its entry points.
 */
import { globSync } from "node:fs"
import { basename, join } from "node:path"
import { packages, run, tarballOf } from "./support/workspace.ts"

for (const folder of packages) {
  const tarball = tarballOf(folder)
  const modules = globSync("*.ts", { cwd: join(folder, "src") }).map((file) => basename(file, ".ts"))
  const entryPoints = modules.filter((name) => name !== "index").toSorted()

  run("publint", [tarball, "--strict"])
  run("attw", [tarball, "--profile", "esm-only", "--include-entrypoints", ...entryPoints])
  console.log(`${basename(tarball)}: well packed, with the entry points . ${entryPoints.join(" ")}`)
}
