/**
 * Makes the API reference and checks it: each export of each entry point has a page, no link is dead, and a browser shows
 * the pages. Where no browser is available, it says so and checks the rest.
 */
import { readFileSync } from "node:fs"
import { join } from "node:path"
import type { Browser } from "playwright-core"
import { apiPages, writeApiPages } from "./support/apiPages.ts"
import { startChromium } from "./support/chromium.ts"
import { fileOf, leadsIn, origin, readPages, targetsOf, textOf } from "./support/staticPages.ts"
import { root } from "./support/workspace.ts"

const { exports, problems } = await writeApiPages()
if (problems > 0) throw new Error(`typedoc reported ${problems} problems in doc comments`)

const pages = readPages(apiPages)
const titleOf = (html: string) => textOf(/<h1\b.*?<\/h1>/s.exec(html)?.[0] ?? "")
const pageByUrl = new Map(pages.map((page) => [page.url, page]))
const pageByTitle = new Map(pages.map((page) => [titleOf(page.html), page]))

/** The names that the page of a module lists with a page that has this name in its title. */
const namesOn = (specifier: string): ReadonlySet<string> => {
  const page = pageByTitle.get(`Module ${specifier}`)
  if (page === undefined) return new Set()
  const entries = [...page.html.matchAll(/<dt class="tsd-member-summary".*?<\/dt>/gs)].map(([entry]) => entry)
  const names = entries.flatMap((entry) => {
    const [name = ""] = textOf(entry).split(" ")
    const target = new URL(/href="([^"#]+)"/.exec(entry)?.[1] ?? "", page.url).href
    return titleOf(pageByUrl.get(target)?.html ?? "")
      .split(/\W/)
      .includes(name)
      ? [name]
      : []
  })
  return new Set(names)
}

const missing = [...exports].flatMap(([specifier, names]) => {
  const found = namesOn(specifier)
  return names.filter((name) => !found.has(name)).map((name) => `${name} of ${specifier}`)
})
if (missing.length > 0) throw new Error(`exports without a page: ${missing.join(", ")}`)
const exported = [...exports.values()].reduce((sum, names) => sum + names.length, 0)
console.log(`${exported} exports of ${exports.size} modules have a page`)

const leads = leadsIn(apiPages, pages)
const links = pages.flatMap((page) => targetsOf(page).map((target) => ({ from: page.url, target })))
const dead = links.filter(({ target }) => !leads(target))
if (dead.length > 0) throw new Error(dead.map(({ from, target }) => `dead link on ${from}: ${target}`).join("\n"))
console.log(`${links.length} links on ${pages.length} pages, none is dead`)

/** An export that has to be found by search, and the first sentence of its doc comment. */
const sought = "createClient"
const client = readFileSync(join(root, "packages/client/src/Client.ts"), "utf8")
const [, soughtDoc] = /\/\*\*\n \* ([^.\n]+\.).*\n(?: \*.*\n)*export const createClient\b/.exec(client) ?? []
if (soughtDoc === undefined) throw new Error(`${sought} has no doc comment that could be looked for`)

/** Shows the first page and that of each module, and finds an export by search. Returns what went wrong on the way. */
const showIn = async (browser: Browser): Promise<ReadonlyArray<string>> => {
  const errors: Array<string> = []
  const tab = await browser.newPage()
  tab.setDefaultTimeout(10_000)
  tab.on("console", (message) => message.type() === "error" && errors.push(`${tab.url()}: ${message.text()}`))
  tab.on("pageerror", (error) => errors.push(`${tab.url()}: ${error.message}`))
  await tab.route("**", (route) => {
    const path = fileOf(apiPages, route.request().url())
    return path === undefined ? route.fulfill({ status: 404 }) : route.fulfill({ path })
  })
  const seeTitle = (name: string) => tab.getByRole("heading", { level: 1, name, exact: true }).waitFor()

  await tab.goto(`${origin}/index.html`)
  await seeTitle("effect-sunco")
  // A script writes the list of all modules and exports: its links are not in the file.
  const list = tab.locator("nav.tsd-navigation a")
  await list.last().waitFor({ state: "attached" })
  const listed = await list.evaluateAll((links) => links.map((link) => link.getAttribute("href") ?? ""))
  const astray = listed.map((target) => new URL(target, tab.url()).href).filter((target) => !leads(target))
  errors.push(...astray.map((target) => `dead link in the list: ${target}`))

  for (const [specifier] of exports) {
    await tab.goto(pageByTitle.get(`Module ${specifier}`)?.url ?? origin)
    await seeTitle(`Module ${specifier}`)
  }

  await tab.locator("#tsd-search-trigger").click()
  await tab.locator("#tsd-search-input").fill(sought)
  await tab.locator("#tsd-search-results a").first().click()
  await seeTitle(`Function ${sought}`)
  await tab.getByText(soughtDoc).first().waitFor()
  return errors
}

const browser = await startChromium()
if (typeof browser === "string") {
  console.log(`no browser showed the pages: ${browser}`)
} else {
  const version = browser.version()
  const errors = await showIn(browser).finally(() => browser.close())
  if (errors.length > 0) throw new Error(`Chromium ${version}:\n${errors.join("\n")}`)
  console.log(`Chromium ${version} shows the pages of all modules, and finds ${sought}`)
}
