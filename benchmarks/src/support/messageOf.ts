import type { ChildProcess } from "node:child_process"

/** The next message of a child process; an error if it ends without one. */
export const messageOf = (child: ChildProcess): Promise<unknown> =>
  new Promise((resolve, reject) => {
    const onMessage = (message: unknown) => {
      child.off("exit", onExit)
      resolve(message)
    }
    const onExit = (code: number | null) => {
      child.off("message", onMessage)
      reject(new Error(`${child.spawnargs.slice(1).join(" ")} ended with ${code}, and without a message`))
    }
    child.once("message", onMessage)
    child.once("exit", onExit)
  })
