/**
 * Runs the suite of behaviours over real sockets in the runtime that runs this file, once with each HTTP client, and
 * prints which statements do not hold. `scripts/check-runtimes.ts` runs it in several runtimes.
 */
import { NodeHttpClient } from "@effect/platform-node"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import { overSocketsWith } from "./doors.ts"
import { behaviours } from "./participantsSuite.ts"

const clients = {
  fetch: FetchHttpClient.layer,
  "node:http": NodeHttpClient.layerNodeHttp,
  undici: NodeHttpClient.layerUndici,
}

const broken = (client: keyof typeof clients) =>
  // Side by side: where a client does not work, each behaviour waits for the retries of its calls.
  Effect.forEach(
    behaviours,
    ({ check, seed, statement }) =>
      Effect.map(Effect.exit(Effect.provide(check, overSocketsWith(clients[client])(seed))), (exit) =>
        Exit.isSuccess(exit) ? [] : [statement],
      ),
    { concurrency: 10 },
  ).pipe(Effect.map((statements) => statements.flat()))

const program = Effect.gen(function* () {
  const { bun, deno, node } = process.versions
  return {
    version: bun ?? deno ?? node,
    statements: behaviours.length,
    broken: {
      fetch: yield* broken("fetch"),
      "node:http": yield* broken("node:http"),
      undici: yield* broken("undici"),
    },
  }
})

console.log(JSON.stringify(await Effect.runPromise(program)))
// Deno does not end by itself while it keeps a connection open: see `localServer.ts`.
process.exit(0)
