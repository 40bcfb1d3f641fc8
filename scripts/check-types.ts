/**
 * Type-checks the workspace. No shell has to fill in the path of the checker, so it works in each of them.
 */
import { run } from "./support/workspace.ts"

const checker = run("effect-tsgo", ["get-exe-path"])
console.log(run(checker, ["-b", ...process.argv.slice(2)]))
