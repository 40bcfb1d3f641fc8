/**
 * The packed `@effect-sunco/client` in workerd, the runtime of Cloudflare Workers: bundled, in a Worker that gets several
 * requests at once, while the API answers 429.
 */
import { readFileSync } from "node:fs"
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import { install, makeProject } from "./project.ts"
import { versionOf } from "./versions.ts"
import { root, run, tarballOf } from "./workspace.ts"

const miniflare = "miniflare@4.20260730.0"

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

const participant = { id: "membership", userId: "user" }

const answer = ({ method }: IncomingMessage, response: ServerResponse) => {
  const [status, body] =
    method === "POST"
      ? [201, { participant }]
      : [200, { participants: [participant], meta: { hasMore: false }, links: {} }]
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body))
}

/** An API that refuses so many requests, then carries out joins and lists one participant. */
const startApi = async () => {
  const api = { refusals: 0, requests: 0 }
  const server = createServer((request, response) => {
    api.requests++
    if (api.refusals-- > 0) response.writeHead(429, { "retry-after": "1" }).end()
    else answer(request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const address = server.address()
  const port = typeof address === "object" && address !== null ? address.port : 0
  return { api, baseUrl: `http://127.0.0.1:${port}`, stop: () => server.close() }
}

/** A project with the bundled Worker and miniflare. */
const makeWorker = (): string => {
  const project = makeProject("test/packed-client-workerd")
  install(project, "npm", [tarballOf(join(root, "packages/client")), miniflare, "esbuild@0.28.2"])
  const bundle = ["worker.mjs", "--bundle", "--format=esm", "--conditions=workerd", "--outfile=bundle.mjs"]
  run(join(project, "node_modules/.bin/esbuild"), [...bundle, "--target=es2022"], project)
  return project
}

/** Joins and lists in workerd, or throws. Returns the version of workerd. */
export const joinAndListInWorkerd = async (): Promise<string> => {
  const folder = makeWorker()
  const { api, baseUrl, stop } = await startApi()
  const Miniflare = await loadMiniflare(folder)
  const worker = new Miniflare({
    modules: true,
    script: readFileSync(join(folder, "bundle.mjs"), "utf8"),
    compatibilityDate: "2026-01-01",
    bindings: { SUNCO_BASE_URL: baseUrl, SUNCO_KEY_ID: "app_key", SUNCO_KEY_SECRET: "secret" },
  })

  /** Sends so many requests at once to the Worker, while the API refuses so many of its own. */
  const check = async (atOnce: number, refusals: number) => {
    Object.assign(api, { refusals, requests: 0 })
    const ask = async () => (await worker.dispatchFetch("http://worker/")).text()
    const answers = await Promise.all(Array.from({ length: atOnce }, ask))
    const wrong = answers.find((text) => text !== "joined as user, 1 participants")
    if (wrong !== undefined) throw new Error(`${atOnce} requests at once, ${refusals} refusals: ${wrong}`)
    const expected = 2 * atOnce + refusals
    if (api.requests !== expected) throw new Error(`the API got ${api.requests} requests, not ${expected}`)
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
  return versionOf(join(folder, "node_modules/workerd/package.json"))
}
