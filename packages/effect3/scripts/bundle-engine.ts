/**
 * Puts the engine of the built package into one file, with the parts of Effect 4 and of our other packages that it uses,
 * and the licenses of what comes along into `THIRD-PARTY-LICENSES`. `jose` stays a dependency, so that its fixes reach
 * users.
 */
import { build } from "esbuild"
import { globSync, readFileSync, writeFileSync } from "node:fs"
import { basename, join } from "node:path"
import { gzipSync } from "node:zlib"

const folder = join(import.meta.dirname, "..")
const outfile = join(folder, "dist/internal/engine/index.js")

const { metafile } = await build({
  absWorkingDir: folder,
  entryPoints: ["src/internal/engine/index.ts"],
  outfile,
  allowOverwrite: true,
  bundle: true,
  external: ["jose"],
  format: "esm",
  // The application's own bundler makes names short; a stack trace of Node stays readable.
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: "none",
  metafile: true,
  platform: "neutral",
  target: "es2023",
})

/** The folder of the package that a module of the bundle comes from; undefined for our own. */
const packageOf = (path: string) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(path)?.[0]

const licenseOf = (path: string): string => {
  const [license] = globSync("LICENSE*", { cwd: join(folder, path) })
  const version = /"version": "([^"]+)"/.exec(readFileSync(join(folder, path, "package.json"), "utf8"))?.[1]
  if (license === undefined || version === undefined) throw new Error(`${path} has no license or no version`)
  return `${basename(path)} ${version}\n\n${readFileSync(join(folder, path, license), "utf8").trim()}\n`
}

const packages = new Set(Object.keys(metafile.inputs).flatMap((path) => packageOf(path) ?? []))
writeFileSync(join(folder, "THIRD-PARTY-LICENSES"), [...packages].toSorted().map(licenseOf).join("\n---\n\n"))

const bytes = readFileSync(outfile)
console.log(
  `engine: ${bytes.length} bytes, ${gzipSync(bytes, { level: 9 }).length} gzipped, with ${[...packages].map((path) => basename(path)).join(", ")}`,
)
