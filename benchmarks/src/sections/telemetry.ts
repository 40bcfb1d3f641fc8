/**
 * What spans, metrics and events add to one `list` when nobody exports them, over an HTTP client without a socket.
 */
import { costTable } from "../support/costTable.ts"
import { interleave, listEffort } from "../support/rounds.ts"
import { atMost, type Section } from "../support/section.ts"
import { withClients } from "../support/startClients.ts"

const observed = "list"
const bare = "list without telemetry"

/** No request reaches it. */
const noServer = { baseUrl: () => "https://api.smooch.io", certificate: undefined, stop: () => {} }

export const run: Section = async (length) => {
  const measured = await withClients(
    noServer,
    [
      { client: "stub", size: 1, name: observed },
      { client: "stub, without telemetry", size: 1, name: bare },
    ],
    (contenders) =>
      interleave(
        contenders,
        length === "full"
          ? { rounds: 31, times: 2000, warmUp: listEffort.full.warmUp }
          : { rounds: 21, times: 2000, warmUp: 8 },
      ),
  )
  const cost = measured.median(observed, "cpu") - measured.median(bare, "cpu")
  return {
    tables: [costTable("One list without a socket", measured, "cpu", measured.names, [bare])],
    targets: [
      // A slow or busy machine takes longer for both, so the check judges their ratio.
      atMost("CPU of spans, metrics and events", cost, 10, { unit: "µs" }),
      atMost("CPU of a list over one without telemetry", measured.ratio(observed, bare, "cpu"), 1.4, { margin: 0.06 }),
    ],
  }
}
