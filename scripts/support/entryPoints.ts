/**
 * What the packages let others import: the `exports` of each package.json, with a source file for each.
 */
import { globSync, readFileSync } from "node:fs"
import { join, parse } from "node:path"
import { join as joinSpecifier } from "node:path/posix"
import { packages } from "./workspace.ts"

export interface EntryPoint {
  /** As a program imports it: `@effect-sunco/core/Page`. */
  readonly specifier: string
  readonly file: string
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null

const entryPointsOf = (folder: string): ReadonlyArray<EntryPoint> => {
  const manifest: unknown = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"))
  if (!isRecord(manifest) || typeof manifest["name"] !== "string" || !isRecord(manifest["exports"])) {
    throw new Error(`${folder} has no name and exports`)
  }
  const { name } = manifest
  return Object.entries(manifest["exports"]).flatMap(([subpath, target]) => {
    if (typeof target !== "string") return []
    return globSync(target, { cwd: folder })
      .toSorted()
      .map((file) => ({
        specifier: joinSpecifier(name, subpath.replace("*", parse(file).name)),
        file: join(folder, file),
      }))
  })
}

/** A module that has a shorter path too, such as `@effect-sunco/core/index`, is listed once. */
export const entryPoints: ReadonlyArray<EntryPoint> = packages
  .flatMap(entryPointsOf)
  .filter(({ file }, at, all) => all.findIndex((other) => other.file === file) === at)
