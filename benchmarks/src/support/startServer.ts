/**
 * Starts the server in a process of its own.
 */
import { Schema } from "effect"
import { fork } from "node:child_process"
import { join } from "node:path"
import { messageOf } from "./messageOf.ts"

const Started = Schema.Struct({ origin: Schema.String, certificate: Schema.optionalKey(Schema.String) })

export interface Server {
  /** The base URL of an answer, such as `25` or `100-chunked`. */
  readonly baseUrl: (answer: string) => string
  /** What a client has to trust to reach the server over TLS. */
  readonly certificate: string | undefined
  readonly stop: () => void
}

export const startServer = async (protocol: "plain" | "tls" = "plain"): Promise<Server> => {
  const child = fork(join(import.meta.dirname, "server.ts"), [protocol], { execArgv: [] })
  const { certificate, origin } = Schema.decodeUnknownSync(Started)(await messageOf(child))
  return { baseUrl: (answer) => `${origin}/${answer}`, certificate, stop: () => child.disconnect() }
}
