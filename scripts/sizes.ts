/**
 * The table of `docs/sizes.md`, from what the script build made: compared with what is built, or written with `--write`.
 */
import { build } from "esbuild"
import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { gzipSync } from "node:zlib"
import { root } from "./support/workspace.ts"

/** How far a number of the document may be from what is built: it is no news to a reader. */
const tolerance = 0.03

const document = join(root, "docs/sizes.md")

const gzipped = (code: Uint8Array) => gzipSync(code, { level: 9 }).length

/** A program that a user bundles and minifies. It lies in the folder of a package, so that it finds its dependencies. */
const bundled = async (folder: string, program: string) => {
  const { outputFiles } = await build({
    stdin: { contents: program, resolveDir: join(root, folder) },
    bundle: true,
    minify: true,
    format: "esm",
    platform: "neutral",
    target: "es2023",
    write: false,
  })
  const [output] = outputFiles
  if (output === undefined) throw new Error("the bundler wrote nothing")
  return output.contents
}

/** A file that is published, and the same with `jose` in the bundle of a user. */
const measure = async (name: string, folder: string, file: string) => {
  const published = readFileSync(join(root, folder, file))
  const minified = await bundled(folder, `export * from "./${file}"`)
  return { name, sizes: [published.length, gzipped(published), minified.length, gzipped(minified)] }
}

const measured = [
  await measure("`@effect-sunco/client`", "packages/client", "dist/index.js"),
  await measure("the engine of `@effect-sunco/effect3`", "packages/effect3", "dist/internal/engine/index.js"),
]

const kilobytes = (bytes: number) => `${Math.round(bytes / 1000)} kB`

const row = (name: string, cells: ReadonlyArray<string>) => `| ${[name, ...cells].join(" | ")} |`

if (process.argv.includes("--write")) {
  const lines = readFileSync(document, "utf8").split("\n")
  const written = lines.map((line) => {
    const entry = measured.find(({ name }) => line.startsWith(`| ${name} `))
    return entry === undefined ? line : row(entry.name, entry.sizes.map(kilobytes))
  })
  writeFileSync(document, written.join("\n"))
}

const lines = readFileSync(document, "utf8").split("\n")
const outdated = measured.flatMap(({ name, sizes }) => {
  const line = lines.find((line) => line.startsWith(`| ${name} `)) ?? ""
  const documented = [...line.matchAll(/(\d+) kB/g)].map(([, number]) => Number(number) * 1000)
  const isCurrent =
    documented.length === sizes.length &&
    sizes.every((size, index) => Math.abs((documented[index] ?? 0) / size - 1) <= tolerance)
  console.log(`${isCurrent ? "current" : "outdated"}: ${name}, ${sizes.map(kilobytes).join(", ")}`)
  return isCurrent ? [] : [name]
})
if (outdated.length > 0)
  throw new Error("docs/sizes.md is outdated: run the script check:sizes with --write, and format")
