/**
 * Pages in a folder, read as the HTML that TypeDoc writes.
 */
import { globSync, readFileSync, statSync } from "node:fs"
import { join } from "node:path"

/** Stands for the folder in addresses. */
export const origin = "http://pages.invalid"

export interface Page {
  /** Its address, such as `http://pages.invalid/index.html`. */
  readonly url: string
  readonly html: string
}

export const readPages = (folder: string): ReadonlyArray<Page> =>
  globSync("**/*.html", { cwd: folder })
    .toSorted()
    .map((path) => ({
      url: new URL(path.replaceAll("\\", "/"), `${origin}/`).href,
      html: readFileSync(join(folder, path), "utf8"),
    }))

/** The file that a host of the folder would serve for an address. */
export const fileOf = (folder: string, url: string): string | undefined => {
  const file = join(folder, decodeURIComponent(new URL(url).pathname))
  return statSync(file, { throwIfNoEntry: false })?.isFile() === true ? file : undefined
}

/** Where the links, scripts and styles of a page lead, without what leaves the folder. */
export const targetsOf = ({ html, url }: Page): ReadonlyArray<string> =>
  [...html.matchAll(/\s(?:href|src)="([^"]*)"/g)]
    .map(([, target = ""]) => new URL(target.replaceAll("&amp;", "&"), url).href)
    .filter((target) => target.startsWith(`${origin}/`))

/** Whether an address names a file of the folder, and an anchor that is on that page. */
export const leadsIn = (folder: string, pages: ReadonlyArray<Page>) => {
  const anchors = new Map(
    pages.map(({ html, url }) => [url, new Set([...html.matchAll(/\sid="([^"]*)"/g)].map(([, id]) => id))]),
  )
  return (target: string): boolean => {
    const { hash, origin, pathname } = new URL(target)
    const known = anchors.get(`${origin}${pathname}`)
    const anchor = decodeURIComponent(hash.slice(1))
    return fileOf(folder, target) !== undefined && (known === undefined || anchor === "" || known.has(anchor))
  }
}

/** The text of a piece of HTML. */
export const textOf = (html: string): string =>
  html
    .replaceAll("<wbr/>", "")
    .replaceAll(/<[^>]*>/g, " ")
    .replaceAll(/\s+/g, " ")
    .trim()
