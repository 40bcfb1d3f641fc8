/**
 * Runs the local API until it is stopped.
 *
 *     pnpm sandbox
 *
 * PORT is the port on 127.0.0.1 (4010 if it is not set; 0 picks a free one). SANDBOX_CONVERSATIONS is the number of
 * conversations (1 if it is not set), SANDBOX_PARTICIPANTS how many have joined each of them (250), and SANDBOX_USERS how
 * many users have not joined (1).
 *
 * SANDBOX_FAULTS names the faults that the requests of each operation meet in turn, over and over: "none,none,503,reset"
 * fails the third and the fourth of four. SANDBOX_LIMIT is how many requests are answered in a second; the next ones are
 * 429. Without them no request fails.
 */
import { NodeHttpServer, NodeRuntime } from "@effect/platform-node"
import { LocalApi, Sandbox } from "@effect-sunco/testing"
import { Cause, Config, ConfigProvider, Console, Effect, Exit, Layer, Runtime } from "effect"
import { HttpServer } from "effect/http"
import { createServer } from "node:http"
import { reportFailure } from "./support/reportFailure.ts"
import { sandboxFaults } from "./support/sandboxFaults.ts"
import { wholeNumber } from "./support/wholeNumber.ts"

const settings = Config.all({
  port: wholeNumber("PORT", { max: 65_535, otherwise: 4010 }),
  conversations: wholeNumber("SANDBOX_CONVERSATIONS", { min: 1, max: 1_000, otherwise: 1 }),
  members: wholeNumber("SANDBOX_PARTICIPANTS", { max: 1_000_000, otherwise: 250 }),
  users: wholeNumber("SANDBOX_USERS", { min: 1, max: 1_000, otherwise: 1 }),
  failing: sandboxFaults,
})

const announce = Effect.fnUntraced(function* (
  members: number,
  { conversationIds, userIds }: Sandbox.DemoSeed,
  notes: ReadonlyArray<string>,
) {
  const baseUrl = HttpServer.formatAddress((yield* HttpServer.HttpServer).address)
  const { appId, conversationId, keyId, secret } = Sandbox.demo
  yield* Console.log(`The local API listens on ${baseUrl} until it is stopped (Ctrl-C).

  app           ${appId}
${conversationIds.map((id) => `  conversation  ${id}  sdkGroup, ${members.toLocaleString("en")} participants`).join("\n")}
${userIds.map((id) => `  user          ${id}  has not joined`).join("\n")}
  key id        ${keyId}
  secret        ${secret}
${notes.map((note) => `${note}\n`).join("")}
Try it:
  curl -g -u ${keyId}:${secret} '${baseUrl}/v2/apps/${appId}/conversations/${conversationId}/participants?page[size]=2'`)
})

const SandboxLive = Layer.unwrap(
  Effect.map(settings, ({ failing: { faults, notes }, port, ...options }) => {
    const seed = Sandbox.demoSeed({ ...options, faults })
    return Layer.effectDiscard(announce(options.members, seed, notes)).pipe(
      Layer.provide(LocalApi.layerServer(seed)),
      Layer.provide(NodeHttpServer.layer(createServer, { host: "127.0.0.1", port })),
      Layer.catchTag("ServeError", ({ cause }) => {
        const message = `PORT is ${port}: ${String(cause)}; set PORT to another port, or to 0 for a free one`
        return Layer.effectDiscard(Effect.fail(new Config.ConfigError(new ConfigProvider.SourceError({ message }))))
      }),
    )
  }),
)

Layer.launch(SandboxLive).pipe(
  reportFailure,
  NodeRuntime.runMain({
    disableErrorReporting: true,
    // A sandbox that is stopped has done its work.
    teardown: (exit, onExit) =>
      Exit.isFailure(exit) && Cause.hasInterruptsOnly(exit.cause) ? onExit(0) : Runtime.defaultTeardown(exit, onExit),
  }),
)
