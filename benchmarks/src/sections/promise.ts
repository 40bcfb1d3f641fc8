/**
 * CPU of one `list` when each is run by an `Effect.runPromise` of its own. There is no target.
 */
import * as EffectClient from "../clients/effect.ts"
import * as Ours from "../clients/ours.ts"
import * as Undici from "../clients/undici.ts"
import { contender, costTable, nameOf } from "../support/contenders.ts"
import { interleave } from "../support/measure.ts"
import type { Section } from "../support/section.ts"
import { startServer } from "../support/startServer.ts"

export const run: Section = async (length) => {
  const server = await startServer()
  const options = { baseUrl: server.baseUrl("25"), size: 25 }
  const undici = Undici.make(options)
  const ours = await Ours.make(options)
  const clients = [
    undici,
    await EffectClient.make(options),
    await EffectClient.makeRunPromise(options),
    ours,
    await Ours.makeRunPromise(options),
  ]
  const measured = await interleave(
    clients.map((client) => contender(client, 25)),
    length === "full" ? { rounds: 25, times: 200, warmUp: 12 } : { rounds: 11, times: 150, warmUp: 12 },
  )
  await Promise.all(clients.map((client) => client.close()))
  server.stop()
  return {
    tables: [
      costTable("CPU of one list, in one fiber and by runPromise", measured, "cpu", measured.names, [
        nameOf(undici, 25),
        nameOf(ours, 25),
      ]),
    ],
    targets: [],
  }
}
