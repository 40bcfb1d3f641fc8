/**
 * Writes the API reference to `.api`; `.api/index.html` is its first page. Fails if a doc comment has a problem.
 */
import { writeApiPages } from "./support/apiPages.ts"

const { exports, problems } = await writeApiPages()
console.log(`${exports.size} modules`)
if (problems > 0) process.exitCode = 1
