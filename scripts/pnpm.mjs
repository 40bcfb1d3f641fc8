/**
 * Runs pnpm in the version that `config.pnpm` of package.json names: `node scripts/pnpm.mjs check`.
 *
 * Needs Node.js 20 and npm, and nothing installed. It is JavaScript because Node.js 20 runs no TypeScript, and starts
 * npm without a shell because `cmd` and `sh` quote arguments in different ways.
 */
import { spawn } from "node:child_process"
import { existsSync, readFileSync } from "node:fs"
import { constants } from "node:os"
import { basename, dirname, join } from "node:path"
import { fileURLToPath } from "node:url"

/** @param {unknown} value @param {string} field @returns {unknown} */
const field = (value, field) =>
  typeof value === "object" && value !== null ? Object.entries(value).find(([name]) => name === field)?.[1] : undefined

const manifest = fileURLToPath(new URL("../package.json", import.meta.url))
const version = field(field(JSON.parse(readFileSync(manifest, "utf8")), "config"), "pnpm")
if (typeof version !== "string") throw new Error(`${manifest} has no config.pnpm with the version of pnpm`)

/** The npm that runs this script, or the one that came with this Node.js. */
const npm = () => {
  const running = process.env.npm_execpath ?? ""
  const beside = dirname(process.execPath)
  return [
    running,
    join(beside, "node_modules/npm/bin/npm-cli.js"),
    join(beside, "../lib/node_modules/npm/bin/npm-cli.js"),
  ].find((path) => basename(path) === "npm-cli.js" && existsSync(path))
}

const args = ["exec", "--yes", "--", `pnpm@${version}`, ...process.argv.slice(2)]
const cli = npm()
const child =
  cli === undefined
    ? spawn("npm", args, { stdio: "inherit" })
    : spawn(process.execPath, [cli, ...args], { stdio: "inherit" })

// A terminal sends Ctrl-C to all of its processes: this one waits for pnpm to end. Other processes send SIGTERM to this one.
process.on("SIGINT", () => {})
process.on("SIGTERM", () => child.kill("SIGTERM"))

child.on("error", (error) => {
  console.error(`Could not start npm, which runs pnpm: ${error.message}`)
  process.exitCode = 1
})
child.on("exit", (code, signal) => {
  process.exitCode = code ?? 128 + (signal === null ? 0 : constants.signals[signal])
})
