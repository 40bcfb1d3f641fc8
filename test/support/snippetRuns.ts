/**
 * Runs snippets in one process, and says of each whether it failed.
 */
import { fork } from "node:child_process"
import { fileURLToPath } from "node:url"
import { root } from "./snippets.ts"

/** What the process says of a module that has ended. `failure` is empty if it did not fail. */
export interface Report {
  readonly failure: string
}

const isReport = (message: unknown): message is Report =>
  typeof message === "object" && message !== null && "failure" in message && typeof message.failure === "string"

const runner = fileURLToPath(new URL("snippetRunner.ts", import.meta.url))

/** A snippet sees no settings of the machine. */
const environment = () => Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("SUNCO_")))

/** The failures of the modules up to the first one that ends the process, or has to be ended. */
const failuresUntilExit = (modules: ReadonlyArray<string>, timeout: number) =>
  new Promise<ReadonlyArray<string>>((done, fail) => {
    const failures: Array<string> = []
    let output = ""
    let overdue = false
    const child = fork(runner, modules, { cwd: root, env: environment(), stdio: ["ignore", "pipe", "pipe", "ipc"] })
    const end = () => {
      overdue = true
      child.kill("SIGKILL")
    }
    let timer = setTimeout(end, timeout)

    for (const stream of [child.stdout, child.stderr]) {
      stream?.on("data", (chunk) => {
        output += String(chunk)
      })
    }
    child.on("message", (message) => {
      if (!isReport(message)) return
      clearTimeout(timer)
      timer = setTimeout(end, timeout)
      failures.push(message.failure)
    })
    child.on("error", fail)
    child.on("close", (code, signal) => {
      clearTimeout(timer)
      if (failures.length < modules.length) {
        failures.push(
          overdue ? `it did not end in ${timeout} ms` : `it ended the process with ${signal ?? code}\n${output}`,
        )
      }
      done(failures)
    })
  })

/** The failure of each module, by its name; a module that ends the process does not keep the others from running. */
export const runModules = async (
  modules: ReadonlyArray<string>,
  { timeout = 30_000 }: { readonly timeout?: number } = {},
): Promise<ReadonlyMap<string, string>> => {
  const failures: Array<string> = []
  while (failures.length < modules.length) {
    failures.push(...(await failuresUntilExit(modules.slice(failures.length), timeout)))
  }
  return new Map(modules.map((module, index) => [module, failures[index] ?? "it did not run"]))
}
