/**
 * A real browser for a check.
 */
import { spawnSync } from "node:child_process"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import { type Browser, chromium } from "playwright-core"

/** A package of the registry that holds a headless Chromium for Linux on x64. */
const packaged = "@sparticuz/chromium@153.0.0"

const firstLine = (text: string) => text.trim().split("\n")[0] ?? ""

const isUnpacker = (value: unknown): value is { readonly executablePath: () => Promise<string> } =>
  typeof value === "function" && "executablePath" in value && typeof value.executablePath === "function"

/** Installs the package, and returns the path of its browser. */
const install = async (): Promise<string> => {
  const folder = mkdtempSync(join(tmpdir(), "sunco-chromium-"))
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }))
  writeFileSync(join(folder, "package.json"), JSON.stringify({ private: true }))
  const { status, stderr } = spawnSync("npm", ["install", "--no-audit", "--no-fund", "--ignore-scripts", packaged], {
    cwd: folder,
    encoding: "utf8",
  })
  if (status !== 0) throw new Error(`npm could not install ${packaged}: ${stderr}`)
  const module: unknown = await import(
    pathToFileURL(join(folder, "node_modules/@sparticuz/chromium/build/index.js")).href
  )
  if (typeof module !== "object" || module === null || !("default" in module) || !isUnpacker(module.default)) {
    throw new Error(`${packaged} does not export what is used of it`)
  }
  // It unpacks the browser to the folder for temporary files.
  process.env["TMPDIR"] = folder
  return module.default.executablePath()
}

/** Starts a headless Chromium, or the Chrome of the machine where no package has one. Returns why, if it cannot. */
export const startChromium = async (): Promise<Browser | string> => {
  try {
    return process.platform === "linux" && process.arch === "x64"
      ? await chromium.launch({ executablePath: await install() })
      : await chromium.launch({ channel: "chrome" })
  } catch (error) {
    return firstLine(String(error))
  }
}
