/**
 * The local API as a program of its own, for scripts that try the packed packages against it.
 */
import { spawn } from "node:child_process"
import { createInterface } from "node:readline"
import { root } from "./workspace.ts"

/** Starts the local API on a free port, and returns the variables that lead to it. It ends with the script. */
export const startSandbox = async (): Promise<Record<string, string>> => {
  const child = spawn(process.execPath, ["examples/src/sandbox.ts"], {
    cwd: root,
    env: { ...process.env, PORT: "0" },
    stdio: ["ignore", "pipe", "inherit"],
  })
  process.on("exit", () => child.kill())
  const found: Record<string, string> = {}
  for await (const line of createInterface({ input: child.stdout })) {
    const [, name, value] = /^(?:.* )?(listens on|key id|secret) +(\S+)/.exec(line) ?? []
    if (name !== undefined && value !== undefined) found[name] = value
    const { "key id": keyId, "listens on": baseUrl, secret } = found
    if (baseUrl !== undefined && keyId !== undefined && secret !== undefined) {
      return { SUNCO_BASE_URL: baseUrl, SUNCO_KEY_ID: keyId, SUNCO_KEY_SECRET: secret }
    }
  }
  throw new Error("the local API did not say where it is")
}
