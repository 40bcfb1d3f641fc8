/**
 * Which requests to the sandbox fail on purpose: what SANDBOX_FAULTS and SANDBOX_LIMIT say.
 */
import { Faults } from "@effect-sunco/testing"
import { Clock, Config, ConfigProvider, Effect, Schema, String } from "effect"
import { wholeNumber } from "./wholeNumber.ts"

/** Faults by name. A reset and a hang strike after a write has taken effect. */
const named = new Map<string, Faults.Fault | undefined>([
  ["none", undefined],
  ...Faults.all.flatMap((fault) =>
    fault._tag === "Status" ? [] : [[String.uncapitalize(fault._tag), fault] as const],
  ),
])

const names = [...named.keys()].join(", ")

for (let status = 300; status < 600; status++) named.set(`${status}`, Faults.status(status))

const turns = Config.flatMap(
  Config.Array(Schema.Trim, "SANDBOX_FAULTS").pipe(Config.withDefault(["none"])),
  (turns) => {
    const unknown = turns.find((name) => !named.has(name))
    if (unknown === undefined) return Config.succeed(turns)
    const message = `SANDBOX_FAULTS has "${unknown}": Expected a status from 300 to 599, or one of ${names}`
    return Config.fail(new ConfigProvider.SourceError({ message }))
  },
)

const limit = wholeNumber("SANDBOX_LIMIT", { min: 1, max: 1_000_000, otherwise: Number.POSITIVE_INFINITY })

/**
 * The requests of each operation meet the faults in turn. A request beyond the limit of its second is 429. `notes` says
 * what of it is set.
 */
export const sandboxFaults = Config.map(Config.all({ turns, limit }), ({ limit, turns }) => {
  const beyond = Faults.status(429, { retryAfter: 1, title: `More than ${limit} requests in a second: SANDBOX_LIMIT` })
  let second = 0
  let count = 0
  const faults: Faults.Plan = {
    next: (_, number) =>
      Effect.map(Clock.currentTimeMillis, (now) => {
        const current = Math.floor(now / 1000)
        count = current === second ? count + 1 : 1
        second = current
        return count > limit ? beyond : named.get(turns[(number - 1) % turns.length] ?? "none")
      }),
  }
  const notes = [
    ...(turns.every((name) => name === "none")
      ? []
      : [`  faults        ${turns.join(", ")}: in turn, at each operation`]),
    ...(limit === Number.POSITIVE_INFINITY ? [] : [`  limit         ${limit.toLocaleString("en")} requests a second`]),
  ]
  return { faults, notes }
})
