import { Effect } from "effect"

/** Runs `once` so many times, in one fiber for each that runs at once, and adds up what it succeeds with. */
export const addUpFibers = Effect.fnUntraced(function* <E, R>(
  times: number,
  concurrency: number,
  once: Effect.Effect<number, E, R>,
) {
  let started = 0
  let sum = 0
  const work = Effect.gen(function* () {
    while (started < times) {
      started++
      const count = yield* once
      sum += count
    }
  })
  if (concurrency === 1) yield* work
  else
    yield* Effect.all(
      Array.from({ length: concurrency }, () => work),
      { concurrency, discard: true },
    )
  return sum
})
