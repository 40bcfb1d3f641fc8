/**
 * Makes many calls under faults over real sockets, prints what became of them, and ends with 1 if a join was
 * written twice, or if something has leaked, broken, or shown a credential.
 *
 *     node --expose-gc scripts/soak.ts           # 100,000 calls
 *     node --expose-gc scripts/soak.ts 1000
 */
import { NodeRuntime } from "@effect/platform-node"
import { Console, Data, Effect } from "effect"
import { describe, problems, soak } from "../test/support/soak.ts"

class UsageError extends Data.TaggedError("UsageError")<{ readonly message: string }> {}

class Problem extends Data.TaggedError("Problem")<{ readonly message: string }> {}

const program = Effect.gen(function* () {
  const calls = Number(process.argv[2] ?? 100_000)
  if (!Number.isInteger(calls) || calls < 1) {
    return yield* new UsageError({ message: "the number of calls is a whole number, 1 or more" })
  }
  const figures = yield* soak(calls)
  for (const [name, value] of describe(figures)) yield* Console.log(`${name.padEnd(12)} ${value}`)
  const found = problems(figures)
  if (found.length > 0) return yield* new Problem({ message: found.join("\n") })
  yield* Console.log("No double write, no leak, no defect, no credential shown")
})

program.pipe(
  Effect.tapError(({ message }) => Console.error(message)),
  NodeRuntime.runMain({ disableErrorReporting: true }),
)
