/**
 * The bundle of `packages/client`: the engine (core, http, and the parts of Effect that they use) and the client, in one
 * file. What it holds of others is listed with their licenses.
 */
import { build, type BuildOptions, type Metafile } from "esbuild"
import { globSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { root } from "./workspace.ts"

export const clientFolder = join(root, "packages/client")

const options = {
  absWorkingDir: root,
  entryPoints: ["packages/client/src/index.ts"],
  outfile: "packages/client/dist/index.js",
  bundle: true,
  // ESM without a top-level await, so that `require` can load it.
  format: "esm",
  platform: "neutral",
  conditions: ["import", "default"],
  target: "es2022",
  // An ordinary dependency, so that its fixes reach users without a new version of this package.
  external: ["jose/jwt/sign"],
  legalComments: "none",
  metafile: true,
} as const satisfies BuildOptions

/** Bundles, and writes the file if asked to. */
export const bundleClient = async (write: boolean): Promise<{ readonly code: string; readonly metafile: Metafile }> => {
  const { metafile, outputFiles } = await build({ ...options, write: false })
  const code = outputFiles[0]?.text ?? ""
  if (write) await build({ ...options, write: true })
  return { code, metafile }
}

/** The folders of the packages, of others, of which the bundle holds code. */
const packagesIn = ({ outputs }: Metafile): ReadonlyArray<string> => {
  const modules = Object.values(outputs).flatMap(({ inputs }) =>
    Object.entries(inputs).flatMap(([path, { bytesInOutput }]) => (bytesInOutput > 0 ? [path] : [])),
  )
  const folders = modules.flatMap((path) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? [])
  return [...new Set(folders)].toSorted()
}

const manifestOf = (folder: string) => {
  const manifest: unknown = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"))
  if (
    typeof manifest !== "object" ||
    manifest === null ||
    !("name" in manifest && typeof manifest.name === "string") ||
    !("version" in manifest && typeof manifest.version === "string") ||
    !("license" in manifest && typeof manifest.license === "string")
  ) {
    throw new Error(`${folder} has no name, version and license`)
  }
  return { name: manifest.name, version: manifest.version, license: manifest.license }
}

/** The file that is published beside the bundle. */
export const thirdPartyLicenses = (metafile: Metafile): string => {
  const entries = packagesIn(metafile).map((path) => {
    const folder = join(root, path)
    const { license, name, version } = manifestOf(folder)
    const [file] = globSync("{LICENSE,LICENCE,license}*", { cwd: folder })
    if (file === undefined) throw new Error(`${name} has no license file`)
    return `${name} ${version} (${license})\n\n${readFileSync(join(folder, file), "utf8").trim()}\n`
  })
  return ["This package holds code of these packages, under their own licenses.\n", ...entries].join(
    `\n${"-".repeat(80)}\n\n`,
  )
}
