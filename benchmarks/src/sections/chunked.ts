/**
 * CPU of a `list` whose answer comes in chunks and has no `content-length`, over one that has it.
 */
import * as Ours from "../clients/ours.ts"
import * as Undici from "../clients/undici.ts"
import { contender, costTable, nameOf } from "../support/contenders.ts"
import { interleave } from "../support/measure.ts"
import { atMost, type Section } from "../support/section.ts"
import { startServer } from "../support/startServer.ts"

const sizes = [25, 100]

export const run: Section = async (length) => {
  const server = await startServer()
  const pairs = await Promise.all(
    sizes.map(async (size) => {
      const whole = { baseUrl: server.baseUrl(`${size}`), size }
      const chunked = { baseUrl: server.baseUrl(`${size}-chunked`), size }
      const clients = [
        Undici.make(whole),
        { ...Undici.make(chunked), name: "undici, in chunks" },
        await Ours.make(whole),
        await Ours.make(chunked, "ours, in chunks"),
      ]
      return { size, clients }
    }),
  )
  const measured = await interleave(
    pairs.flatMap(({ clients, size }) => clients.map((client) => contender(client, size))),
    length === "full" ? { rounds: 25, times: 200, warmUp: 12 } : { rounds: 11, times: 150, warmUp: 12 },
  )
  await Promise.all(pairs.flatMap(({ clients }) => clients.map((client) => client.close())))
  server.stop()

  return {
    tables: pairs.map(({ clients, size }) =>
      costTable(
        `CPU of one list with a length and in chunks, ${size} participants a page`,
        measured,
        "cpu",
        clients.map((client) => nameOf(client, size)),
        [`undici (${size})`, `ours (${size})`],
      ),
    ),
    targets: sizes.map((size) =>
      atMost(
        `CPU in chunks over with a length, ${size} a page`,
        measured.ratio(`ours, in chunks (${size})`, `ours (${size})`, "cpu"),
        1.3,
        { isStable: true },
      ),
    ),
  }
}
