/**
 * How the examples read their environment, and how they say that they failed.
 */
import { assert, describe, it } from "@effect/vitest"
import { SunshineError } from "@effect-sunco/core"
import { ParticipantsHttp } from "@effect-sunco/http"
import { type Config, ConfigProvider, Effect } from "effect"
import { TestConsole } from "effect/testing"
import * as Environment from "../examples/src/support/Environment.ts"
import { reportFailure } from "../examples/src/support/reportFailure.ts"
import { wholeNumber } from "../examples/src/support/wholeNumber.ts"

const provide = (env: Record<string, string>) => Effect.provide(ConfigProvider.layer(ConfigProvider.fromEnv({ env })))

/** What `reportFailure` prints of a configuration that cannot be read. */
const reported = <A>(config: Config.Config<A>, env: Record<string, string>) =>
  Effect.gen(function* () {
    yield* config.pipe(reportFailure, Effect.exit, provide(env))
    return (yield* TestConsole.errorLines).map(String)
  })

describe("the environment of an example", () => {
  it.effect.each([
    "SUNCO_BASE_URL",
    "SUNCO_ALLOW_HTTP",
    "SUNCO_APP_ID",
    "SUNCO_CONVERSATION_ID",
    "SUNCO_USER_ID",
    "SUNCO_USER_IDS",
    "SUNCO_KEY_ID",
    "SUNCO_KEY_SECRET",
    "SUNCO_TOKEN",
  ])("starts no API of its own if %s is set, and leaves the other variables as they are", (name) =>
    Effect.gen(function* () {
      const read = Effect.all([Effect.option(Environment.conversation), Effect.option(Environment.userId)])
      const env = { [name]: "value" }
      const within = yield* read.pipe(Effect.provide(Environment.layer({ participants: 1 })), provide(env))
      assert.deepStrictEqual(within, yield* read.pipe(provide(env)))
      assert.deepStrictEqual(yield* TestConsole.logLines, [])
    }),
  )

  it.effect.each(["SUNCO_BASE_UR", "SUNCO_TOKENS", "SUNCO_KEY", "SUNCO_USER_ID_S"])("has no %s, and says so", (name) =>
    Effect.gen(function* () {
      const env = { [name]: "value", SUNCO_APP_ID: "app" }
      yield* Effect.void.pipe(
        Effect.provide(Environment.layer({ participants: 1 })),
        reportFailure,
        Effect.exit,
        provide(env),
      )
      const [line = ""] = (yield* TestConsole.errorLines).map(String)
      assert.include(line, `The environment is not right: ${name} is unknown: Expected one of SUNCO_BASE_URL, `)
      assert.deepStrictEqual(yield* TestConsole.logLines, [])
    }),
  )

  it.effect.each([
    ["SUNCO_APP_ID", Environment.conversation, {}],
    ["SUNCO_CONVERSATION_ID", Environment.conversation, { SUNCO_APP_ID: "app" }],
    ["SUNCO_USER_ID", Environment.userId, { SUNCO_APP_ID: "app", SUNCO_CONVERSATION_ID: "conversation" }],
    ["SUNCO_USER_IDS", Environment.userIds, { SUNCO_USER_ID: "user" }],
    ["SUNCO_USER_IDS", Environment.userIds, { SUNCO_USER_IDS: "" }],
  ] as const)("names the variable that is not set: %s", ([name, config, env]) =>
    Effect.gen(function* () {
      const [line = "", ...more] = yield* reported<unknown>(config, env)
      assert.include(line, `${name} is not set: `)
      assert.deepStrictEqual(more, [])
    }),
  )

  it.effect("has the users of a roster between commas, with or without blanks", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* Environment.userIds.pipe(provide({ SUNCO_USER_IDS: "a, b,c " })), ["a", "b", "c"])
    }),
  )

  it.effect("has no roster of nobody", () =>
    Effect.gen(function* () {
      assert.include((yield* reported(Environment.userIds, { SUNCO_USER_IDS: "," })).join(), "SUNCO_USER_IDS")
    }),
  )

  it.effect("names the other half of a key that is set by half, and shows no secret", () =>
    Effect.gen(function* () {
      const errors = (yield* reported(ParticipantsHttp.config, { SUNCO_KEY_SECRET: "a-secret-value" })).join()
      assert.include(errors, "SUNCO_KEY_ID")
      assert.notInclude(errors, "a-secret-value")
    }),
  )
})

describe("a whole number of the environment", () => {
  const setting = wholeNumber("PORT", { max: 65_535, otherwise: 4010 })

  it.effect.each([
    [{}, 4010],
    [{ PORT: "0" }, 0],
    [{ PORT: "65535" }, 65_535],
  ] as const)("in %j is read", ([env, expected]) =>
    Effect.gen(function* () {
      assert.strictEqual(yield* setting.pipe(provide(env)), expected)
    }),
  )

  it.effect.each(["-1", "1.5", "many", "65536"])("is refused where it is %s, and named", (value) =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* reported(setting, { PORT: value }), [
        `The environment is not right: PORT is "${value}": Expected a whole number from 0 to 65,535`,
      ])
    }),
  )
})

describe("an example that fails", () => {
  const errorsOf = (effect: Effect.Effect<never, SunshineError.NotFound>) =>
    Effect.gen(function* () {
      yield* Effect.exit(reportFailure(effect))
      return (yield* TestConsole.errorLines).join("\n")
    })

  it.effect("says the message of an error, without a stack", () =>
    Effect.gen(function* () {
      const error = new SunshineError.NotFound({ operation: "leave", errors: [] })
      assert.strictEqual(yield* errorsOf(Effect.fail(error)), error.message)
    }),
  )

  it.effect("shows a mistake of its own with the stack", () =>
    Effect.gen(function* () {
      assert.match(yield* errorsOf(Effect.die(new Error("a mistake"))), /a mistake\n +at /)
    }),
  )

  it.effect("says nothing when it is interrupted", () =>
    Effect.gen(function* () {
      assert.strictEqual(yield* errorsOf(Effect.interrupt), "")
    }),
  )
})
