/**
 * Size of a program that joins and pages, with the packages as they are published, over the same written by hand.
 */
import { build } from "esbuild"
import { execFile } from "node:child_process"
import { readFile } from "node:fs/promises"
import { join } from "node:path"
import { promisify } from "node:util"
import { gzipSync } from "node:zlib"
import { builtFolder, unpackPackages } from "../support/builtPackages.ts"
import { times } from "../support/costTable.ts"
import { atMost, type Section } from "../support/section.ts"
import { startServer } from "../support/startServer.ts"

const programs = join(import.meta.dirname, "../programs")

interface Bundle {
  readonly name: string
  readonly file: string
  readonly minified: number
  readonly gzipped: number
}

/** Bundles a program as if it lay beside the unpacked packages. */
const bundle = async (name: string, source: string): Promise<Bundle> => {
  const file = join(builtFolder, `${source}.bundle.mjs`)
  await build({
    stdin: {
      contents: await readFile(join(programs, `${source}.ts`), "utf8"),
      loader: "ts",
      resolveDir: builtFolder,
      sourcefile: `${source}.ts`,
    },
    outfile: file,
    bundle: true,
    minify: true,
    format: "esm",
    platform: "node",
    target: "es2023",
  })
  const output = await readFile(file)
  return { name, file, minified: output.length, gzipped: gzipSync(output, { level: 9 }).length }
}

/** What a bundled program prints. */
const print = async ({ file }: Bundle, baseUrl: string): Promise<string> => {
  const { stdout } = await promisify(execFile)(process.execPath, [file, baseUrl], { timeout: 30_000 })
  return stdout
}

export const run: Section = async () => {
  unpackPackages()
  const handWritten = await bundle("by hand over HttpClient", "handWritten")
  const ours = await bundle("with the packages, by module", "ours")
  const bundles = [handWritten, ours, await bundle("with the packages, by their index", "oursByIndex")]

  // Programs that do not do the same cannot be compared.
  const server = await startServer()
  const [expected, ...others] = await Promise.all(bundles.map((one) => print(one, server.baseUrl("conversation"))))
  server.stop()
  for (const printed of others) {
    if (printed !== expected) throw new Error(`the programs print different things:\n${expected}\n${printed}`)
  }

  const kilobytes = (bytes: number) => `${(bytes / 1000).toFixed(1)} kB`
  return {
    tables: [
      {
        title: "A program that joins and pages, bundled by esbuild",
        columns: ["", "minified", "gzipped", "over by hand"],
        rows: bundles.map(({ gzipped, minified, name }) => [
          name,
          kilobytes(minified),
          kilobytes(gzipped),
          times(gzipped / handWritten.gzipped),
        ]),
      },
    ],
    targets: [atMost("gzipped bundle over the one by hand", ours.gzipped / handWritten.gzipped, 1.5, { margin: 0.05 })],
  }
}
