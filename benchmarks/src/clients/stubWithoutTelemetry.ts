/**
 * The same without spans, metrics and events. The library cannot turn them off, so the modules that make them are replaced
 * when they are loaded.
 */
import { registerHooks } from "node:module"
import type { Client, Options } from "./client.ts"

const span = "{ attribute() {}, sampled: false }"

/** What the library imports of each, and what a list that succeeds at once calls. */
const replacements = new Map([
  [
    "/core/src/internal/operationSpan.ts",
    `import { withFiber } from "effect/Effect"
     export const within = (name, use) => withFiber((fiber) => use(${span}, fiber))`,
  ],
  [
    "/http/src/internal/observe.ts",
    `export const call = (call, run) => run
     export const request = (call, target, use) => use(${span}, () => {})`,
  ],
])

export const make = async (options: Options): Promise<Client> => {
  const missing = new Set(replacements.keys())
  registerHooks({
    load: (url, context, nextLoad) => {
      for (const [path, source] of replacements) {
        if (!url.endsWith(path)) continue
        missing.delete(path)
        return { format: "module", shortCircuit: true, source }
      }
      return nextLoad(url, context)
    },
  })
  const { make } = await import("./stub.ts")
  if (missing.size > 0) throw new Error(`not loaded, so not replaced: ${[...missing].join(", ")}`)
  return make(options)
}
