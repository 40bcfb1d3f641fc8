import { build } from "esbuild"
import { readFile } from "node:fs/promises"
import { gzipSync } from "node:zlib"
import { builtFolder, unpackPackages } from "./src/support/builtPackages.ts"
unpackPackages()
const go = async (source) => {
  const r = await build({ stdin: { contents: await readFile(`benchmarks/src/programs/${source}.ts`, "utf8"), loader: "ts", resolveDir: builtFolder, sourcefile: `${source}.ts` }, bundle: true, minify: true, format: "esm", platform: "node", target: "es2023", write: false, metafile: true, outfile: "x.mjs" })
  const out = Object.values(r.metafile.outputs)[0]
  const sizes = Object.fromEntries(Object.entries(out.inputs).map(([k, v]) => [k.replace(/.*node_modules\//, ""), v.bytesInOutput]))
  return { gz: gzipSync(r.outputFiles[0].contents, { level: 9 }).length, min: r.outputFiles[0].contents.length, sizes }
}
const h = await go("handWritten"), o = await go("ours")
console.log("hand", h.gz, "ours", o.gz, "limit", Math.floor(h.gz * 1.5), "left", Math.floor(h.gz * 1.5) - o.gz)
if (process.argv[2] === "-v") {
  const d = Object.entries(o.sizes).map(([k, v]) => [k, v, v - (h.sizes[k] ?? 0)]).filter((x) => Math.abs(x[2]) > 80).sort((a, b) => b[2] - a[2])
  for (const x of d) console.log(x[2], x[1], x[0])
}
