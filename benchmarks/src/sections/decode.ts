/**
 * Decoding a page of 100 from its text, over `JSON.parse` of the same text.
 */
import { Page } from "@effect-sunco/core"
import { Effect, Schema } from "effect"
import { countOf } from "../clients/client.ts"
import { page } from "../support/body.ts"
import { measure } from "../support/cost.ts"
import { costTable } from "../support/costTable.ts"
import { type Contender, interleave } from "../support/rounds.ts"
import { atMost, type Section } from "../support/section.ts"

const size = 100
const text = page(size)

const parse = (): unknown => JSON.parse(text)

const decodeSync = Schema.decodeUnknownSync(Page.ParticipantPage)
const decodeEffect = Schema.decodeUnknownEffect(Page.ParticipantPage)

const contender = (name: string, run: (times: number) => Promise<number> | number): Contender => ({
  name,
  measure: (times) => measure({ run, yields: size }, times),
})

const sync = (name: string, once: () => number): Contender =>
  contender(name, (times) => {
    let sum = 0
    for (let time = 0; time < times; time++) sum += once()
    return sum
  })

const contenders: ReadonlyArray<Contender> = [
  sync("JSON.parse", () => countOf(parse())),
  sync("decodeUnknownSync", () => decodeSync(parse()).participants.length),
  contender("decodeUnknownEffect", (times) =>
    Effect.gen(function* () {
      let sum = 0
      for (let time = 0; time < times; time++) sum += (yield* decodeEffect(parse())).participants.length
      return sum
    }).pipe(Effect.runPromise),
  ),
]

export const run: Section = async (length) => {
  const measured = await interleave(
    contenders,
    length === "full" ? { rounds: 15, times: 1000, warmUp: 2 } : { rounds: 9, times: 500, warmUp: 2 },
  )
  const target = (name: string) =>
    atMost(`CPU of JSON.parse and ${name} over JSON.parse`, measured.ratio(name, "JSON.parse", "cpu"), 3, {
      margin: 0.3,
    })
  return {
    tables: [costTable(`A page of ${size} from its text`, measured, "cpu", measured.names, ["JSON.parse"])],
    targets: [target("decodeUnknownSync"), target("decodeUnknownEffect")],
  }
}
