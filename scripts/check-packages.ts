/**
 * Checks what would be published: each packed package, and each of its entry points.
 */
import { partialDeepStrictEqual } from "node:assert"
import { globSync, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { basename, join, relative, sep } from "node:path"
import { clientFolder } from "./support/clientBundle.ts"
import { packages, root, run, tarballOf } from "./support/workspace.ts"

/** What is packed in a clone of a repository that has an address. */
const address = "https://git.example.com/team/project"
Object.assign(process.env, {
  GIT_CONFIG_COUNT: "1",
  GIT_CONFIG_KEY_0: "remote.origin.url",
  GIT_CONFIG_VALUE_0: "ssh://git@git.example.com/team/project.git",
})
const addressed = mkdtempSync(join(tmpdir(), "packed-"))
process.on("exit", () => rmSync(addressed, { recursive: true, force: true }))

for (const folder of packages) {
  const tarball = tarballOf(folder)
  // The client is one bundled module; the others export each module of theirs.
  const exported = folder === clientFolder ? "index.ts" : "*.ts"
  const modules = globSync(exported, { cwd: join(folder, "src") }).map((file) => basename(file, ".ts"))
  const entryPoints = modules.filter((name) => name !== "index").toSorted()

  run("pnpm", ["pack", "--pack-destination", addressed], folder)
  const manifest: unknown = JSON.parse(run("tar", ["-xOf", join(addressed, basename(tarball)), "package/package.json"]))
  const directory = relative(root, folder).replaceAll(sep, "/")
  partialDeepStrictEqual(manifest, {
    repository: { type: "git", url: `git+${address}.git`, directory },
    homepage: `${address}/tree/main/${directory}#readme`,
    bugs: `${address}/issues`,
  })
  run("publint", [tarball, "--strict"])
  const others = entryPoints.length > 0 ? ["--include-entrypoints", ...entryPoints] : []
  run("attw", [tarball, "--profile", "esm-only", ...others])
  console.log(`${basename(tarball)}: well packed, with the entry points . ${entryPoints.join(" ")}`)
}
