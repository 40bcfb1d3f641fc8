/**
 * Runs one section in this process, and sends what it finds to the parent: `node runSection.ts <name> <full | check>`.
 */
import { sections } from "../sections/index.ts"

const [name = "", length] = process.argv.slice(2)
const load = sections[name]
if (load === undefined) throw new Error(`there is no section ${name}`)
const section = await load()
const findings = await section.run(length === "check" ? "check" : "full")
process.send?.(findings, () => process.exit())
