/**
 * Versions of the packages, made from the changesets.
 */
import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { root, run } from "./workspace.ts"

/** `http` names its version in the user agent of its requests. */
const constant = "packages/http/src/internal/version.ts"

export const versionOf = (manifest: string): string => {
  const content: unknown = JSON.parse(readFileSync(manifest, "utf8"))
  if (typeof content === "object" && content !== null && "version" in content && typeof content.version === "string") {
    return content.version
  }
  throw new Error(`${manifest} has no version`)
}

export const versionConstantOf = (workspace: string): string | undefined =>
  /"(.+)"/.exec(readFileSync(join(workspace, constant), "utf8"))?.[1]

/** Raises the versions in `workspace`, writes its changelogs, and removes its changesets. */
export const raiseVersions = (workspace: string): void => {
  run(process.execPath, [join(root, "node_modules/@changesets/cli/bin.js"), "version"], workspace)
  const version = versionOf(join(workspace, "packages/http/package.json"))
  const file = join(workspace, constant)
  writeFileSync(file, readFileSync(file, "utf8").replace(/".+"/, JSON.stringify(version)))
}
