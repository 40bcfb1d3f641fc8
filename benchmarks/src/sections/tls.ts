/**
 * Lists a second over TLS, 16 at once.
 */
import { setDefaultCACertificates } from "node:tls"
import * as EffectClient from "../clients/effect.ts"
import * as Ours from "../clients/ours.ts"
import * as Undici from "../clients/undici.ts"
import * as Vendor from "../clients/vendor.ts"
import { contender, nameOf, times } from "../support/contenders.ts"
import { interleave } from "../support/measure.ts"
import { atLeast, type Section } from "../support/section.ts"
import { startServer } from "../support/startServer.ts"

const concurrency = 16

export const run: Section = async (length) => {
  const server = await startServer("tls")
  // Trusted by this process, so that each client can be measured as it comes.
  setDefaultCACertificates(server.certificate === undefined ? [] : [server.certificate])
  const small = { baseUrl: server.baseUrl("25"), size: 25 }
  const large = { baseUrl: server.baseUrl("100"), size: 100 }
  const [vendor, vendorKeepAlive] = [Vendor.make(small), Vendor.makeKeepAlive(small)]
  const [ours, oursLarge] = [await Ours.make(small), await Ours.make(large)]
  const clients = [Undici.make(small), await EffectClient.make(small), vendor, vendorKeepAlive, ours]

  const measured = await interleave(
    [
      ...clients.map((client) => contender(client, 25, concurrency)),
      contender(Undici.make(large), 100, concurrency),
      contender(oursLarge, 100, concurrency),
    ],
    length === "full" ? { rounds: 11, times: 480, warmUp: 2 } : { rounds: 5, times: 320, warmUp: 2 },
  )
  await Promise.all([...clients, oursLarge].map((client) => client.close()))
  server.stop()

  const faster = (name: string, than: string) => measured.ratio(than, name, "wall")
  const vendorName = nameOf(vendor, 25)
  const keepAliveName = nameOf(vendorKeepAlive, 25)
  const moreParticipants = (name: string) => (faster(name, keepAliveName) * (name.endsWith("(100)") ? 100 : 25)) / 25
  return {
    tables: [
      {
        title: `Lists over TLS, ${concurrency} at once`,
        columns: ["", "a second", `rate over ${vendorName}`, `participants a second over ${keepAliveName}`],
        rows: measured.names.map((name) => [
          name,
          (1_000_000 / measured.median(name, "wall")).toFixed(0),
          times(faster(name, vendorName)),
          times(moreParticipants(name)),
        ]),
      },
    ],
    targets: [
      atLeast("calls a second over the vendor's client as shipped", faster(nameOf(ours, 25), vendorName), 2.5, {
        isStable: false,
      }),
      atLeast(
        "participants a second, 100 a page, over the vendor's client with keep-alive, 25 a page",
        moreParticipants(nameOf(oursLarge, 100)),
        1.5,
        { isStable: false },
      ),
    ],
  }
}
