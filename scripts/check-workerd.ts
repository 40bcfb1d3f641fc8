/**
 * Runs the packed `@effect-sunco/client` in workerd, the runtime of Cloudflare Workers: bundled, in a Worker that gets
 * several requests at once, while the API answers 429.
 */
import { readFileSync } from "node:fs"
import { createServer } from "node:http"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import { install, makeProject } from "./support/project.ts"
import { root, run, tarballOf } from "./support/workspace.ts"

/** What of miniflare is used here. It is installed in the folder of the check alone. */
interface Miniflare {
  readonly dispatchFetch: (url: string) => Promise<{ readonly text: () => Promise<string> }>
  readonly dispose: () => Promise<void>
}

const isConstructor = (value: unknown): value is new (options: object) => Miniflare => typeof value === "function"

const loadMiniflare = async (folder: string) => {
  const loaded: unknown = await import(pathToFileURL(join(folder, "node_modules/miniflare/dist/src/index.js")).href)
  if (typeof loaded === "object" && loaded !== null && "Miniflare" in loaded && isConstructor(loaded.Miniflare)) {
    return loaded.Miniflare
  }
  throw new Error("miniflare exports no Miniflare")
}

/** An API that refuses so many requests, then lists one participant. */
const startApi = async () => {
  const api = { refusals: 0, requests: 0 }
  const page = JSON.stringify({ participants: [{ id: "membership", userId: "user" }], meta: { hasMore: false } })
  const server = createServer((_, response) => {
    api.requests++
    if (api.refusals-- > 0) response.writeHead(429, { "retry-after": "1" }).end()
    else response.writeHead(200, { "content-type": "application/json" }).end(page)
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const address = server.address()
  const port = typeof address === "object" && address !== null ? address.port : 0
  return { api, baseUrl: `http://127.0.0.1:${port}`, stop: () => server.close() }
}

const folder = makeProject("test/packed-client-workerd")
install(folder, "npm", [tarballOf(join(root, "packages/client")), "miniflare@4", "esbuild@0.28.2"])
const bundle = ["worker.mjs", "--bundle", "--format=esm", "--conditions=workerd", "--outfile=bundle.mjs"]
run(join(folder, "node_modules/.bin/esbuild"), [...bundle, "--target=es2022"], folder)

const { api, baseUrl, stop } = await startApi()
const Miniflare = await loadMiniflare(folder)
const worker = new Miniflare({
  modules: true,
  script: readFileSync(join(folder, "bundle.mjs"), "utf8"),
  compatibilityDate: "2026-01-01",
  bindings: { SUNCO_BASE_URL: baseUrl, SUNCO_KEY_ID: "app_key", SUNCO_KEY_SECRET: "secret" },
})

/** Sends so many requests at once, of which so many meet a 429 first. */
const check = async (atOnce: number, refusals: number) => {
  Object.assign(api, { refusals, requests: 0 })
  const ask = async () => (await worker.dispatchFetch("http://worker/")).text()
  const answers = await Promise.all(Array.from({ length: atOnce }, ask))
  const wrong = answers.find((answer) => answer !== "1 participants")
  if (wrong !== undefined) throw new Error(`${atOnce} requests at once, ${refusals} refusals: ${wrong}`)
  if (api.requests !== atOnce + refusals) throw new Error(`the API got ${api.requests} requests`)
  console.log(`workerd: ${atOnce} at once, ${refusals} refused at first: all answered`)
}

try {
  await check(1, 0)
  await check(1, 1)
  await check(2, 1)
  await check(5, 5)
} finally {
  await worker.dispose()
  stop()
}
