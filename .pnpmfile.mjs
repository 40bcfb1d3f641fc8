/**
 * Gives each package that is packed or published the addresses of this repository, from its remote `origin`. Without such a
 * remote they are left out.
 */
import { spawnSync } from "node:child_process"
import { relative, sep } from "node:path"

/** The address of the remote as a browser takes it; undefined for a folder, or for a port of ssh. */
const browserUrl = () => {
  const git = spawnSync("git", ["config", "--get", "remote.origin.url"], { cwd: import.meta.dirname, encoding: "utf8" })
  // Git is not needed to pack. What stands before an `@` can be a secret, and is left out.
  const [, host, path] =
    /^(?:(?:https|ssh):\/\/)?(?:[^/@]*@)?([\w-]+(?:\.[\w-]+)+)[:/](?!\d+\/)([^:]+?)(?:\.git)?$/.exec(
      (git.stdout ?? "").trim(),
    ) ?? []
  return host === undefined ? undefined : `https://${host}/${path}`
}

/** @param {Record<string, unknown>} manifest @param {string} folder */
const beforePacking = (manifest, folder) => {
  const url = browserUrl()
  if (url === undefined) return manifest
  const directory = relative(import.meta.dirname, folder).replaceAll(sep, "/")
  return {
    ...manifest,
    repository: { type: "git", url: `git+${url}.git`, directory },
    homepage: `${url}/tree/main/${directory}#readme`,
    bugs: `${url}/issues`,
  }
}

export const hooks = { beforePacking }
