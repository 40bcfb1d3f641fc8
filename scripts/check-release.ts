/**
 * Raises the versions in a copy of the workspace, with one more changeset, and checks what came of it. Needs no network.
 */
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join, relative } from "node:path"
import { raiseVersions, versionConstantOf, versionOf } from "./support/versions.ts"
import { packages, root, run } from "./support/workspace.ts"

const copy = mkdtempSync(join(tmpdir(), "release-"))
process.on("exit", () => rmSync(copy, { recursive: true, force: true }))

const summary = "A change that the check of releases made up."

const files = run("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
  .split("\0")
  .filter((file) => file !== "")
for (const file of files) {
  // A file that is deleted and not committed is listed too.
  if (existsSync(join(root, file))) cpSync(join(root, file), join(copy, file))
}
writeFileSync(join(copy, ".changeset/made-up.md"), `---\n"@effect-sunco/core": minor\n---\n\n${summary}\n`)
// Changesets looks for the root of a repository, and reads from its history which commit brought a change.
run("git", ["init", "--quiet", "--initial-branch", "main"], copy)
run("git", ["add", "--all"], copy)
run("git", ["-c", "user.name=check", "-c", "user.email=check@localhost", "commit", "--quiet", "-m", "Copy"], copy)

raiseVersions(copy)

const before = versionOf(join(root, "packages/http/package.json"))
const after = versionOf(join(copy, "packages/http/package.json"))
const wrong = packages
  .map((folder) => ({
    name: relative(root, folder),
    version: versionOf(join(copy, relative(root, folder), "package.json")),
  }))
  .filter(({ version }) => version !== after)
  .map(({ name, version }) => `${name} has version ${version}, not ${after}`)
if (after === before) wrong.push(`the version is still ${before}`)
if (versionConstantOf(copy) !== after) wrong.push("the user agent of http names another version")
const changelog = join(copy, "packages/core/CHANGELOG.md")
if (!existsSync(changelog) || !readFileSync(changelog, "utf8").includes(summary)) {
  wrong.push("the changelog of core does not have the change")
}

if (wrong.length > 0) {
  console.error(wrong.join("\n"))
  process.exit(1)
}
console.log(`A release would raise ${packages.length} packages from ${before} to ${after}`)
