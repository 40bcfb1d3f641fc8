/**
 * The packages as they are published: what users import and bundle is `dist`, found by the exports of the packed manifest.
 */
import { Schema } from "effect"
import { globSync, mkdirSync, readFileSync, realpathSync, rmSync, statSync, symlinkSync } from "node:fs"
import { basename, dirname, join } from "node:path"
import { packages, packed, run, tarballOf } from "../../../scripts/support/workspace.ts"

/** A folder in which `core`, `http` and all that they depend on can be imported. */
export const builtFolder = join(import.meta.dirname, "../../.built")

const scope = join(builtFolder, "node_modules/@effect-sunco")
const measured = packages.filter((folder) => ["core", "http"].includes(basename(folder)))

/** Packs the packages if their sources are newer than what is packed, and unpacks them. */
export const unpackPackages = (): void => {
  if (!isPacked()) run("node", ["scripts/build.ts"])
  rmSync(builtFolder, { recursive: true, force: true })
  for (const folder of measured) {
    const target = join(scope, basename(folder))
    mkdirSync(target, { recursive: true })
    run("tar", ["-xzf", tarballOf(folder), "-C", target, "--strip-components=1"])
    linkDependencies(folder)
  }
}

const isPacked = (): boolean => {
  const time = (path: string) => statSync(path).mtimeMs
  const sources = measured.flatMap((folder) =>
    globSync(["package.json", "src/**/*.ts"], { cwd: folder }).map((file) => join(folder, file)),
  )
  const tarballs = measured.flatMap((folder) => globSync(`*-${basename(folder)}-[0-9]*.tgz`, { cwd: packed }))
  const newest = Math.max(...sources.map(time))
  return tarballs.length === measured.length && tarballs.every((tarball) => time(join(packed, tarball)) > newest)
}

const Dependencies = Schema.optionalKey(Schema.Record(Schema.String, Schema.String))
const decodeManifest = Schema.decodeSync(
  Schema.fromJsonString(Schema.Struct({ dependencies: Dependencies, peerDependencies: Dependencies })),
)

/** Links what a package depends on, as it is installed for it, beside the unpacked packages. */
const linkDependencies = (folder: string): void => {
  const { dependencies, peerDependencies } = decodeManifest(readFileSync(join(folder, "package.json"), "utf8"))
  for (const name of Object.keys({ ...dependencies, ...peerDependencies })) {
    if (name.startsWith("@effect-sunco/")) continue
    const link = join(builtFolder, "node_modules", name)
    rmSync(link, { force: true })
    mkdirSync(dirname(link), { recursive: true })
    symlinkSync(realpathSync(join(folder, "node_modules", name)), link)
  }
}
