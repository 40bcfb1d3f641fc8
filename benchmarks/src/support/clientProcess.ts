/**
 * One client in a process of its own: what the compiler learns from the others, and garbage of theirs, do not count.
 */
import { Schema } from "effect"
import { setDefaultCACertificates } from "node:tls"
import { clients } from "../clients/index.ts"
import { measure } from "./cost.ts"
import { Job, Start } from "./jobs.ts"

process.once("disconnect", () => process.exit())

process.once("message", async (message) => {
  const { baseUrl, certificate, client: name, size } = Schema.decodeUnknownSync(Start)(message)
  // Trusted by the whole process, so that each client is measured as it comes.
  if (certificate !== undefined) setDefaultCACertificates([certificate])
  const load = clients[name]
  if (load === undefined) throw new Error(`there is no client ${name}`)
  const { list } = await load({ baseUrl, size })
  process.on("message", async (message) => {
    const { concurrency, times } = Schema.decodeUnknownSync(Job)(message)
    process.send?.(await measure({ run: (times) => list(times, concurrency), yields: size }, times))
  })
  process.send?.("ready")
})
