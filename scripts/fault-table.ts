/**
 * The tables of `docs/failures.md`, from the data that the test runs: printed, or written into the document with
 * `--write`.
 */
import { readFileSync, writeFileSync } from "node:fs"
import { documentPath, tables, withTables } from "../test/support/faultsDocument.ts"

if (process.argv.includes("--write")) {
  writeFileSync(documentPath, withTables(readFileSync(documentPath, "utf8")))
} else {
  console.log(tables())
}
