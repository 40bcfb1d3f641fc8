/**
 * Makes many calls under faults over real sockets, prints what is left of them, and ends with 1 if something has leaked.
 *
 *     node --expose-gc scripts/soak.ts           # 50,000 calls
 *     node --expose-gc scripts/soak.ts 1000
 */
import { NodeRuntime } from "@effect/platform-node"
import { Console, Data, Effect } from "effect"
import { describe, leaks, soak } from "../test/support/soak.ts"

class UsageError extends Data.TaggedError("UsageError")<{ readonly message: string }> {}

class Leak extends Data.TaggedError("Leak")<{ readonly message: string }> {}

const program = Effect.gen(function* () {
  const calls = Number(process.argv[2] ?? 50_000)
  if (!Number.isInteger(calls) || calls < 1) {
    return yield* new UsageError({ message: "the number of calls is a whole number, 1 or more" })
  }
  const figures = yield* soak(calls)
  for (const [name, value] of describe(figures)) yield* Console.log(`${name.padEnd(12)} ${value}`)
  const found = leaks(figures)
  if (found.length > 0) return yield* new Leak({ message: found.join("\n") })
  yield* Console.log("No leak")
})

program.pipe(
  Effect.tapError(({ message }) => Console.error(message)),
  NodeRuntime.runMain({ disableErrorReporting: true }),
)
