/**
 * Memory of a stream of 1,000,000 participants, of whom nobody is kept.
 */
import { Page, Paginator, Participant, Participants } from "@effect-sunco/core"
import { Effect, Option, Stream } from "effect"
import { conversation } from "../support/body.ts"
import { atMost, type Section } from "../support/section.ts"

const total = 1_000_000
const first = 100_000
const pageSize = 100

const hex = (value: number) => value.toString(16).padStart(24, "0")

/** A conversation that is made up page by page: each id and each cursor is new. */
const endless = Participants.make({
  join: () => Effect.die("nobody joins"),
  leave: () => Effect.die("nobody leaves"),
  list: ({ page }) =>
    Effect.sync(() => {
      const begin = page?.after === undefined ? 0 : Number.parseInt(page.after, 16) + 1
      const participants = Array.from(
        { length: pageSize },
        (_, index) => new Participant.Participant({ id: hex(begin + index), userId: hex(total + begin + index) }),
      )
      const hasMore = begin + pageSize < total
      return new Page.ParticipantPage({
        participants,
        meta: new Page.PageMeta({
          hasMore,
          afterCursor: hasMore ? Option.some(hex(begin + pageSize - 1)) : Option.none(),
        }),
      })
    }),
})

const heap = (): number => {
  if (globalThis.gc === undefined) throw new Error("memory can be measured with --expose-gc only")
  // The second one collects what finalizers of the first let go of.
  for (let round = 0; round < 2; round++) globalThis.gc()
  return process.memoryUsage().heapUsed
}

export const run: Section = async () => {
  let count = 0
  let [early, late] = [Number.NaN, Number.NaN]
  const startedAt = performance.now()
  await Paginator.stream({ ...conversation, pageSize }).pipe(
    Stream.runForEach(() =>
      Effect.sync(() => {
        count++
        // Both while the stream is open: what it remembers counts.
        if (count === first) early = heap()
        if (count === total) late = heap()
      }),
    ),
    Effect.provideService(Participants.Participants, endless),
    Effect.runPromise,
  )
  const seconds = (performance.now() - startedAt) / 1000
  if (count !== total) throw new Error(`the stream gives ${count} participants, not ${total}`)
  const megabytes = (bytes: number) => bytes / 1_000_000
  return {
    tables: [
      {
        title: `Heap of a stream of ${total.toLocaleString("en")} participants, ${pageSize} a page`,
        columns: ["after", "heap"],
        rows: [
          [first.toLocaleString("en"), `${megabytes(early).toFixed(1)} MB`],
          [total.toLocaleString("en"), `${megabytes(late).toFixed(1)} MB`],
          ["in all", `${seconds.toFixed(1)} s`],
        ],
      },
    ],
    targets: [
      atMost(`heap that is added after the first ${first.toLocaleString("en")}`, megabytes(late - early), 5, {
        margin: 1,
        unit: "MB",
      }),
    ],
  }
}
