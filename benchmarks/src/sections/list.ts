/**
 * CPU of one `list`, over loopback, one after the other, connections kept alive.
 */
import * as EffectClient from "../clients/effect.ts"
import * as Fetch from "../clients/fetch.ts"
import * as Ours from "../clients/ours.ts"
import * as Undici from "../clients/undici.ts"
import * as Vendor from "../clients/vendor.ts"
import { contender, costTable, nameOf } from "../support/contenders.ts"
import { interleave } from "../support/measure.ts"
import { atMost, type Section } from "../support/section.ts"
import { startServer } from "../support/startServer.ts"

export const run: Section = async (length) => {
  const server = await startServer()
  const small = { baseUrl: server.baseUrl("25"), size: 25 }
  const large = { baseUrl: server.baseUrl("100"), size: 100 }
  const [undici, effect, ours] = [Undici.make(small), await EffectClient.make(small), await Ours.make(small)]
  const [vendor, vendorKeepAlive] = [Vendor.make(small), Vendor.makeKeepAlive(small)]
  const clients = [undici, Fetch.make(small), effect, vendor, vendorKeepAlive, ours]
  const largeClients = [Undici.make(large), Fetch.make(large), await EffectClient.make(large), await Ours.make(large)]

  const measured = await interleave(
    [...clients.map((client) => contender(client, 25)), ...largeClients.map((client) => contender(client, 100))],
    length === "full" ? { rounds: 25, times: 200, warmUp: 12 } : { rounds: 11, times: 150, warmUp: 12 },
  )
  await Promise.all([...clients, ...largeClients].map((client) => client.close()))
  server.stop()

  const over = (name: string, other: string) => measured.ratio(name, other, "cpu")
  const [undici25, undici100] = [nameOf(undici, 25), nameOf(undici, 100)]
  const [ours25, ours100] = [nameOf(ours, 25), nameOf(ours, 100)]
  return {
    tables: [
      costTable(
        "CPU of one list, 25 participants a page",
        measured,
        "cpu",
        clients.map((client) => nameOf(client, 25)),
        [undici25, ours25],
      ),
      costTable(
        "CPU of one list, 100 participants a page",
        measured,
        "cpu",
        largeClients.map((client) => nameOf(client, 100)),
        [undici100, ours100],
      ),
    ],
    targets: [
      atMost("CPU over undici, 25 a page", over(ours25, undici25), 2.3, { isStable: true }),
      atMost("CPU over undici, 100 a page", over(ours100, undici100), 2.1, { isStable: true }),
      atMost("CPU over a plain Effect HttpClient, 25 a page", over(ours25, nameOf(effect, 25)), 1.5, {
        isStable: true,
      }),
      atMost("CPU over a plain Effect HttpClient, 100 a page", over(ours100, nameOf(effect, 100)), 1.5, {
        isStable: true,
      }),
      atMost("CPU over the vendor's client as shipped, 25 a page", over(ours25, nameOf(vendor, 25)), 1, {
        isStable: true,
      }),
      atMost(
        "CPU per participant, 100 a page, over the vendor's client with keep-alive, 25 a page",
        (over(ours100, nameOf(vendorKeepAlive, 25)) * 25) / 100,
        0.8,
        { isStable: true },
      ),
    ],
  }
}
