/**
 * Runs the modules that its arguments name, one after the other in this process, and reports on each to its parent.
 *
 * A module ends when the event loop is empty. Only then the next one starts, so that an error which comes late still
 * belongs to the module that caused it.
 */
import { inspect } from "node:util"
import type { Report } from "./snippetRuns.ts"

const modules = process.argv.slice(2)

let errors: Array<string> = []
let settled = true

/** What one module could leave for the next. Effect keeps the fiber that runs in a global of its own. */
const shared = () => [
  ...Object.keys(globalThis).filter((name) => !name.startsWith("~effect/")),
  ...Object.entries(process.env).map(([name, value]) => `${name}=${value}`),
]
let before = shared()

const report = (): Report => {
  if (!settled) errors.push("it waits for something that never comes")
  if (process.exitCode !== undefined) errors.push(`it sets the exit code ${process.exitCode}`)
  const left = shared().filter((name) => !before.includes(name))
  if (left.length > 0) errors.push(`it leaves behind: ${left.join(", ")}`)
  return { failure: errors.join("\n") }
}

const start = (module: string) => {
  errors = []
  settled = false
  before = shared()
  process.exitCode = undefined
  import(module)
    .catch((error: unknown) => errors.push(inspect(error)))
    .finally(() => {
      settled = true
    })
}

// An unhandled rejection is an uncaught exception.
process.on("uncaughtException", (error) => errors.push(inspect(error)))

const next = () => {
  const module = modules.shift()
  // The immediate keeps the loop from being empty until the module has begun.
  if (module !== undefined) setImmediate(start, module)
  return module !== undefined
}

let running = next()
process.on("beforeExit", () => {
  if (!running) return
  process.send?.(report())
  process.exitCode = undefined
  running = next()
})
