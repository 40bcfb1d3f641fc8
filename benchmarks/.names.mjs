import { build } from "esbuild"
import { readFile } from "node:fs/promises"
import { builtFolder } from "./src/support/builtPackages.ts"
const go = async (source) => {
  const r = await build({ stdin: { contents: await readFile(`benchmarks/src/programs/${source}.ts`, "utf8"), loader: "ts", resolveDir: builtFolder, sourcefile: `${source}.ts` }, bundle: true, minifySyntax: true, minifyWhitespace: false, format: "esm", platform: "node", target: "es2023", write: false, outfile: "x.mjs" })
  const text = r.outputFiles[0].text
  const m = new Map()
  let file = ""
  const stmts = text.split(/\n(?=(?:var|function|const|let|class|\/\/) ?)/)
  for (const st of stmts) {
    if (st.startsWith("// ")) { file = st.split("\n")[0].replace(/.*node_modules\//, ""); }
    const n = /^(?:var|function|let|const|class)\s+(\w+)/.exec(st)?.[1]
    if (n) m.set(file + " " + n, st.length)
  }
  return m
}
const h = await go("handWritten"), o = await go("ours")
const hn = new Set([...h.keys()].map((k) => k.replace(/\d+$/, "")))
const out = [...o].filter(([k]) => k.includes("effect/dist") && !hn.has(k.replace(/\d+$/, ""))).sort((a, b) => b[1] - a[1])
for (const [k, v] of out.slice(0, 90)) console.log(v, k)
