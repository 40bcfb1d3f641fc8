/**
 * Starts clients as contenders, each in a process of its own.
 */
import { Schema } from "effect"
import { fork } from "node:child_process"
import { join } from "node:path"
import { Cost } from "./cost.ts"
import type { Job, Start } from "./jobs.ts"
import { messageOf } from "./messageOf.ts"
import type { Contender } from "./rounds.ts"
import type { Server } from "./startServer.ts"

export interface Entry {
  /** One of `clients`. */
  readonly client: string
  readonly size: number
  /** The answer of the server, if it is not the page of that size. */
  readonly answer?: string
  /** How it is shown, if not by its client and size. */
  readonly name?: string
}

export const nameOf = ({ client, name, size }: Entry): string => name ?? `${client} (${size})`

/** Runs `use` with a contender for each entry, and ends their processes. */
export const withClients = async <A>(
  server: Server,
  entries: ReadonlyArray<Entry>,
  use: (contenders: ReadonlyArray<Contender>) => Promise<A>,
  concurrency = 1,
): Promise<A> => {
  const started = await Promise.all(entries.map((entry) => start(server, entry, concurrency)))
  try {
    return await use(started.map(({ contender }) => contender))
  } finally {
    for (const { stop } of started) stop()
  }
}

const start = async (server: Server, entry: Entry, concurrency: number) => {
  const child = fork(join(import.meta.dirname, "clientProcess.ts"), { execArgv: [] })
  const config: Start = {
    client: entry.client,
    baseUrl: server.baseUrl(entry.answer ?? `${entry.size}`),
    size: entry.size,
    ...(server.certificate === undefined ? {} : { certificate: server.certificate }),
  }
  const ready = messageOf(child)
  child.send(config)
  await ready
  const contender: Contender = {
    name: nameOf(entry),
    measure: async (times) => {
      const job: Job = { times, concurrency }
      const cost = messageOf(child)
      child.send(job)
      return Schema.decodeUnknownSync(Cost)(await cost)
    },
  }
  return { contender, stop: () => child.disconnect() }
}
