/**
 * Where an example runs. If the environment names an API (any variable `SUNCO_*`), there. Otherwise a local API is
 * started on a free port of this machine, and the program reads its address, ids and key as if the environment named
 * them. A program that is copied leaves the layer out, and is none the wiser.
 */
import { NodeHttpServer } from "@effect/platform-node"
import { LocalApi, Sandbox } from "@effect-sunco/testing"
import { Config, ConfigProvider, Console, Effect, Layer, Option, Schema } from "effect"
import { HttpServer } from "effect/http"
import { createServer } from "node:http"

const names = [
  "SUNCO_BASE_URL",
  "SUNCO_ALLOW_HTTP",
  "SUNCO_APP_ID",
  "SUNCO_CONVERSATION_ID",
  "SUNCO_USER_ID",
  "SUNCO_USER_IDS",
  "SUNCO_KEY_ID",
  "SUNCO_KEY_SECRET",
  "SUNCO_TOKEN",
] as const

/** The names of the variables that are set, and begin with these parts. */
const namesFrom = (parts: ReadonlyArray<string>): Effect.Effect<ReadonlyArray<string>, ConfigProvider.SourceError> =>
  Effect.gen(function* () {
    const node = yield* (yield* ConfigProvider.ConfigProvider).load(parts)
    const longer = node?._tag === "Record" ? [...node.keys].map((part) => namesFrom([...parts, part])) : []
    return [...(node?.value === undefined ? [] : [parts.join("_")]), ...(yield* Effect.all(longer)).flat()]
  })

/** Whether the environment names an API. A variable that no example reads is a mistake. */
const namesAnApi = Effect.gen(function* () {
  const set = yield* namesFrom(["SUNCO"])
  const unknown = set.find((name) => !names.some((known) => known === name))
  if (unknown === undefined) return set.length > 0
  return yield* new ConfigProvider.SourceError({
    message: `${unknown} is unknown: Expected one of ${names.join(", ")}`,
  })
}).pipe(Effect.mapError((error) => new Config.ConfigError(error)))

/** `Config.String`, with an error that a person can act on. */
const required = (name: (typeof names)[number], meaning: string) =>
  Config.flatMap(Config.option(Config.String(name)), (value) =>
    Option.isSome(value)
      ? Config.succeed(value.value)
      : Config.fail(new ConfigProvider.SourceError({ message: `${name} is not set: ${meaning}` })),
  )

/** The conversation that the examples work on. */
export const conversation = Config.all({
  appId: required("SUNCO_APP_ID", "the id of the app"),
  conversationId: required("SUNCO_CONVERSATION_ID", "the id of a conversation of type sdkGroup"),
})

/** The user whom the examples let join and leave. */
export const userId = required("SUNCO_USER_ID", "the id of a user who may join the conversation and leave it")

/** The users who should be in the conversation, and nobody else. None is a mistake: everybody would have to leave. */
export const userIds = Config.flatMap(
  required("SUNCO_USER_IDS", "the ids of the users who should be in the conversation, with commas between them"),
  () => Config.Array(Schema.Trim.check(Schema.isNonEmpty()), "SUNCO_USER_IDS"),
)

/** The environment of an example; `participants` have joined the conversation of the local API. */
export const layer = (options: { readonly participants: number }) =>
  Layer.unwrap(Effect.map(namesAnApi, (named) => (named ? Layer.empty : layerLocal(options))))

const layerLocal = ({ participants }: { readonly participants: number }) => {
  const seed = Sandbox.demoSeed({ members: participants, users: 3 })
  const users = seed.apps.flatMap((app) => app.users ?? [])
  return ConfigProvider.layer(
    Effect.gen(function* () {
      const baseUrl = HttpServer.formatAddress((yield* HttpServer.HttpServer).address)
      yield* Console.log(
        `No SUNCO_* variable is set, so a local API stands in: ${baseUrl}, ${participants.toLocaleString("en")} participants.\n`,
      )
      const { appId, conversationId, keyId, secret, userId } = Sandbox.demo
      return ConfigProvider.fromEnv({
        env: {
          SUNCO_BASE_URL: baseUrl,
          SUNCO_APP_ID: appId,
          SUNCO_CONVERSATION_ID: conversationId,
          SUNCO_USER_ID: userId,
          // The three who have not joined, and all others but two.
          SUNCO_USER_IDS: users
            .slice(0, -2)
            .map(({ id }) => id)
            .join(","),
          SUNCO_KEY_ID: keyId,
          SUNCO_KEY_SECRET: secret,
        },
      })
    }),
  ).pipe(
    Layer.provide(LocalApi.layerServer(seed)),
    Layer.provide(NodeHttpServer.layer(createServer, { host: "127.0.0.1", port: 0 })),
    // An example can do nothing about a machine without a free port.
    Layer.orDie,
  )
}
