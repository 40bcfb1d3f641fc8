import type { ChildProcess } from "node:child_process"

/** The first message of a child process; an error if it ends without one. */
export const messageOf = (child: ChildProcess): Promise<unknown> =>
  new Promise((resolve, reject) => {
    child.once("message", resolve)
    child.once("exit", (code) => reject(new Error(`${child.spawnargs.join(" ")} ended with ${code} and sent nothing`)))
  })
