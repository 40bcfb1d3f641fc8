import { assert, describe, it } from "@effect/vitest"
import { type Config, ConfigProvider, Duration, Effect, Redacted } from "effect"
import { TestClock } from "effect/testing"
import { jwtVerify } from "jose"
import { inspect } from "node:util"
import { vi } from "vitest"
import { SunshineError } from "@effect-sunco/core"
import * as Credentials from "../src/Credentials.ts"
import type { Authentication, Header } from "../src/internal/authentication.ts"

const basicHeader = (text: string) => `Basic ${Buffer.from(text, "utf8").toString("base64")}`

const text = ({ value }: Header) => Redacted.value(value)

const currentOf = (authentication: Authentication) => Effect.map(authentication.current, text)

const headerOf = (credentials: Credentials.Credentials) => Effect.flatMap(credentials.open, currentOf)

/** Tokens with the numbers 1, 2, 3. */
const numbered = () => {
  const counter = { asked: 0 }
  return { counter, token: Effect.sync(() => Redacted.make(`token-${++counter.asked}`)) }
}

describe("basic", () => {
  it.effect("is the key id and the secret in base64", () =>
    Effect.gen(function* () {
      const header = yield* headerOf(Credentials.basic({ keyId: "app_key", secret: Redacted.make("secret") }))
      assert.strictEqual(header, "Basic YXBwX2tleTpzZWNyZXQ=")
    }),
  )

  it.effect("encodes a secret beyond ASCII as UTF-8, and keeps its colons", () =>
    Effect.gen(function* () {
      const header = yield* headerOf(Credentials.basic({ keyId: "app_key", secret: Redacted.make("pä:ss:🔑") }))
      assert.strictEqual(header, basicHeader("app_key:pä:ss:🔑"))
    }),
  )
})

describe("bearer", () => {
  for (const token of ["a.b-c_d~e+f/g=", "undefined"]) {
    it.effect(`is a fixed token: ${token}`, () =>
      Effect.gen(function* () {
        assert.strictEqual(yield* headerOf(Credentials.bearer(Redacted.make(token))), `Bearer ${token}`)
      }),
    )
  }

  for (const options of [undefined, {}, { timeToLive: undefined }, { timeToLive: "Infinity" }] as const) {
    it.effect(`keeps the token for ever with ${inspect(options)}`, () =>
      Effect.gen(function* () {
        const { counter, token } = numbered()
        const authentication = yield* Credentials.bearer(token, options).open
        yield* authentication.current
        yield* TestClock.adjust("3650 days")
        yield* authentication.current
        assert.strictEqual(counter.asked, 1)
      }),
    )
  }

  it.effect("takes a bare number as milliseconds to live", () =>
    Effect.gen(function* () {
      const { counter, token } = numbered()
      const authentication = yield* Credentials.bearer(token, { timeToLive: 100 }).open
      yield* authentication.current
      yield* TestClock.adjust("99 millis")
      yield* authentication.current
      assert.strictEqual(counter.asked, 1)
      yield* TestClock.adjust("1 milli")
      yield* authentication.current
      assert.strictEqual(counter.asked, 2)
    }),
  )

  it.effect("gives each layer a token of its own", () =>
    Effect.gen(function* () {
      const credentials = Credentials.bearer(numbered().token)
      const headers = [yield* headerOf(credentials), yield* headerOf(credentials)]
      assert.deepStrictEqual(headers, ["Bearer token-1", "Bearer token-2"])
    }),
  )

  const refused: ReadonlyArray<readonly [string, Effect.Effect<Redacted.Redacted>, expected: string]> = [
    [
      "two lines",
      Effect.succeed(Redacted.make("hidden-secret\r\nx-other: header")),
      "a token of visible ASCII characters, without blanks or line ends",
    ],
    ["nothing", Effect.succeed(Redacted.make("")), "a token, a string that is not empty"],
    // @ts-expect-error the types refuse it, and so does the program
    ["a Redacted without a value", Effect.succeed(Redacted.make(undefined)), "a token, a string that is not empty"],
    // @ts-expect-error the types refuse it, and so does the program
    ["a plain string", Effect.succeed("hidden-secret"), "a token, made with Redacted.make"],
    // @ts-expect-error the types refuse it, and so does the program
    ["undefined", Effect.void, "a token, made with Redacted.make"],
    [
      "a Redacted that was wiped",
      Effect.sync(() => {
        const wiped = Redacted.make("hidden-secret")
        Redacted.wipeUnsafe(wiped)
        return wiped
      }),
      "a token, a string that is not empty",
    ],
  ]

  for (const [what, token, expected] of refused) {
    it.effect(`refuses ${what} from an Effect, and says what a token is`, () =>
      Effect.gen(function* () {
        const failure = yield* Effect.flip(headerOf(Credentials.bearer(token)))
        if (!(failure instanceof SunshineError.InvalidRequest)) return assert.fail("it is no InvalidRequest")
        assert.strictEqual(failure.expected, `Expected ${expected}`)
        assert.notInclude(inspect(failure), "hidden-secret")
      }),
    )
  }
})

describe("jwt", () => {
  const secret = "a-secret-of-the-key"
  const key = { keyId: "app_key", secret: Redacted.make(secret) }

  const verified = (header: string, at: number, by = secret) =>
    Effect.tryPromise(() =>
      jwtVerify(header.replace("Bearer ", ""), new TextEncoder().encode(by), {
        algorithms: ["HS256"],
        currentDate: new Date(at),
      }),
    )

  for (const scope of ["app", "account", "integration"] as const) {
    it.effect(`signs a token of scope ${scope} with HS256 and the key id, for an hour`, () =>
      Effect.gen(function* () {
        yield* TestClock.setTime(1_700_000_000_000)
        const header = yield* headerOf(Credentials.jwt({ ...key, scope }))
        const { payload, protectedHeader } = yield* verified(header, 1_700_000_000_000)
        assert.deepStrictEqual(protectedHeader, { alg: "HS256", typ: "JWT", kid: "app_key" })
        assert.deepStrictEqual(payload, { scope, iat: 1_700_000_000, exp: 1_700_003_600 })
      }),
    )
  }

  it.effect("signs with the bytes of a secret beyond ASCII", () =>
    Effect.gen(function* () {
      const other = "schlüssel-🔑"
      const header = yield* headerOf(Credentials.jwt({ ...key, secret: Redacted.make(other), scope: "app" }))
      assert.strictEqual((yield* verified(header, 0, other)).protectedHeader.kid, "app_key")
    }),
  )

  for (const [lifetime, seconds] of [
    [undefined, 3600],
    ["15 minutes", 900],
    [10_999, 10],
    ["30 days", 2_592_000],
  ] as const) {
    it.effect(`ends after ${seconds} s with a lifetime of ${lifetime}`, () =>
      Effect.gen(function* () {
        const { payload } = yield* verified(yield* headerOf(Credentials.jwt({ ...key, scope: "app", lifetime })), 0)
        assert.strictEqual(payload.exp, seconds)
      }),
    )
  }

  it.effect("keeps the token for nine tenths of its lifetime, and then signs another", () =>
    Effect.gen(function* () {
      const authentication = yield* Credentials.jwt({ ...key, scope: "app" }).open
      const first = yield* currentOf(authentication)
      yield* TestClock.adjust(54 * 60_000 - 1)
      assert.strictEqual(yield* currentOf(authentication), first)
      yield* TestClock.adjust("1 milli")
      const { payload } = yield* verified(yield* currentOf(authentication), 54 * 60_000)
      assert.deepStrictEqual([payload.iat, payload.exp], [54 * 60, 114 * 60])
    }),
  )

  for (const seconds of [10, 11, 19]) {
    it.effect(`never gives a token of ${seconds} s that has ended, wherever within a second it was signed`, () =>
      Effect.gen(function* () {
        const authentication = yield* Credentials.jwt({ ...key, scope: "app", lifetime: seconds * 1000 }).open
        yield* TestClock.setTime(999)
        for (let now = 999; now < seconds * 2500; now += 100) {
          // This fails when the token has ended by then.
          yield* verified(yield* currentOf(authentication), now)
          yield* TestClock.adjust("100 millis")
        }
      }),
    )
  }

  it.effect("that cannot be signed fails with the reason as cause", () =>
    Effect.gen(function* () {
      const refusal = new Error("no keys today")
      yield* Effect.acquireRelease(
        Effect.sync(() => vi.spyOn(crypto.subtle, "importKey").mockRejectedValue(refusal)),
        (spy) => Effect.sync(() => spy.mockRestore()),
      )
      const failure = yield* Effect.flip(headerOf(Credentials.jwt({ ...key, scope: "app" })))
      assert.include(inspect(failure), "no keys today")
      assert.notInclude(inspect(failure), secret)
    }),
  )
})

describe("options that cannot work", () => {
  const secret = Redacted.make("hidden-secret")
  const key = { keyId: "app_key", secret }

  const basicWith = (text: string) => Credentials.basic({ keyId: "app_key", secret: Redacted.make(text) })

  type Refused = readonly [what: string, credentials: Credentials.Credentials, option: string, reason?: string]

  const refused: ReadonlyArray<Refused> = [
    ["an empty key id", Credentials.basic({ keyId: "", secret }), "keyId"],
    ["a colon in the key id", Credentials.basic({ keyId: "app:key", secret }), "keyId"],
    ["a line end in the key id", Credentials.basic({ keyId: "app_key\r\n", secret }), "keyId", "line ends"],
    ["a blank before the key id", Credentials.basic({ keyId: " app_key", secret }), "keyId", "blanks"],
    ["a blank behind the key id", Credentials.basic({ keyId: "app_key\u00a0", secret }), "keyId", "blanks"],
    // @ts-expect-error the types refuse it, and so does the program
    ["no key id", Credentials.basic({ keyId: undefined, secret }), "keyId"],
    // @ts-expect-error the types refuse it, and so does the program
    ["a key id that is a Redacted", Credentials.basic({ keyId: Redacted.make("app_key"), secret }), "keyId"],
    ["an empty secret", Credentials.basic({ keyId: "app_key", secret: Redacted.make("") }), "secret", "not empty"],
    ["a line end behind the secret", basicWith("hidden-secret\n"), "secret", "line end"],
    ["a blank before the secret", basicWith(" hidden-secret"), "secret", "blanks"],
    ["a tab behind the secret", basicWith("hidden-secret\t"), "secret", "blanks"],
    // @ts-expect-error the types refuse it, and so does the program
    ["no secret", Credentials.basic({ keyId: "app_key", secret: undefined }), "secret", "Redacted"],
    // @ts-expect-error the types refuse it, and so does the program
    ["a plain secret", Credentials.basic({ keyId: "app_key", secret: "hidden-secret" }), "secret", "Redacted.make"],
    // @ts-expect-error the types refuse it, and so does the program
    ["a secret without a value", Credentials.basic({ keyId: "app_key", secret: Redacted.make(undefined) }), "secret"],
    // @ts-expect-error the types refuse it, and so does the program
    ["a secret that is a number", Credentials.basic({ keyId: "app_key", secret: Redacted.make(7) }), "secret"],
    ["an empty token", Credentials.bearer(Redacted.make("")), "token"],
    ["a token with a line end", Credentials.bearer(Redacted.make("hidden-secret\n")), "token", "line end"],
    ["a token with a blank behind it", Credentials.bearer(Redacted.make("hidden-secret ")), "token", "blanks"],
    ["a token with a space", Credentials.bearer(Redacted.make("Bearer hidden-secret")), "token", "blanks"],
    ["a token beyond ASCII", Credentials.bearer(Redacted.make("hidden-secret-é")), "token", "ASCII"],
    // @ts-expect-error the types refuse it, and so does the program
    ["no token", Credentials.bearer(undefined), "token", "Redacted"],
    // @ts-expect-error the types refuse it, and so does the program
    ["a plain token", Credentials.bearer("hidden-secret"), "token", "Redacted.make"],
    // @ts-expect-error the types refuse it, and so does the program
    ["a token without a value", Credentials.bearer(Redacted.make(undefined)), "token"],
    ["a time to live of 0", Credentials.bearer(Effect.succeed(secret), { timeToLive: 0 }), "timeToLive"],
    ["a negative time to live", Credentials.bearer(Effect.succeed(secret), { timeToLive: -1 }), "timeToLive"],
    ["a time to live that is no number", Credentials.bearer(Effect.succeed(secret), { timeToLive: NaN }), "timeToLive"],
    ["an empty key id of a JWT", Credentials.jwt({ keyId: "", secret, scope: "app" }), "keyId"],
    ["an empty secret of a JWT", Credentials.jwt({ ...key, secret: Redacted.make(""), scope: "app" }), "secret"],
    [
      "a line end behind the secret of a JWT",
      Credentials.jwt({ ...key, secret: Redacted.make("hidden-secret\n"), scope: "app" }),
      "secret",
    ],
    [
      "a scope that does not exist",
      // @ts-expect-error the types refuse it, and so does the program
      Credentials.jwt({ ...key, scope: "appUser" }),
      "scope",
    ],
    ...[
      0,
      "1 second",
      9999,
      "-1 hours",
      1e300,
      Infinity,
      Duration.sum(Duration.days(30), Duration.millis(1)),
      "1e3 seconds",
      NaN,
    ].map((lifetime): Refused => [
      `a lifetime of ${String(lifetime)}`,
      // @ts-expect-error the types refuse some of them, and the program all
      Credentials.jwt({ ...key, scope: "app", lifetime }),
      "lifetime",
      "from 10 seconds to 30 days",
    ]),
  ]

  for (const [what, credentials, option, reason = ""] of refused) {
    it.effect(`refuses ${what}, names ${option} and does not repeat the secret`, () =>
      Effect.gen(function* () {
        const error = yield* Effect.flip(credentials.open)
        assert.strictEqual(error._tag, "ConfigError")
        // What is allowed there is said in words.
        assert.match(error.message, new RegExp(`credentials\\.${option}: Expected [a-z]+ \\w+`))
        assert.include(error.message, reason)
        assert.notInclude(inspect(error), "hidden-secret")
      }),
    )
  }
})

describe("config", () => {
  const parse = <A>(config: Config.Config<A>, env: Record<string, string>) =>
    config.parse(ConfigProvider.fromEnvRecord(env))

  it.effect("makes basic credentials of a key id and a secret", () =>
    Effect.gen(function* () {
      const credentials = yield* parse(Credentials.config, { SUNCO_KEY_ID: "app_key", SUNCO_KEY_SECRET: "hidden" })
      assert.strictEqual(credentials.kind, "basic")
      assert.strictEqual(yield* headerOf(credentials), basicHeader("app_key:hidden"))
    }),
  )

  it.effect("makes bearer credentials of a token", () =>
    Effect.gen(function* () {
      const credentials = yield* parse(Credentials.config, { SUNCO_TOKEN: "hidden" })
      assert.strictEqual(credentials.kind, "bearer")
      assert.strictEqual(yield* headerOf(credentials), "Bearer hidden")
    }),
  )

  it.effect("reads the ConfigProvider of the program", () =>
    Effect.gen(function* () {
      const credentials = yield* Credentials.config
      assert.strictEqual(yield* headerOf(credentials), "Bearer hidden")
    }).pipe(
      Effect.provideService(
        ConfigProvider.ConfigProvider,
        ConfigProvider.fromUnknown({ SUNCO_TOKEN: "hidden", SUNCO_KEY_ID: "", SUNCO_KEY_SECRET: "" }),
      ),
    ),
  )

  const refused: ReadonlyArray<readonly [string, Record<string, string>, names: ReadonlyArray<string>]> = [
    ["nothing", {}, ["SUNCO_KEY_ID", "SUNCO_KEY_SECRET", "SUNCO_TOKEN"]],
    [
      "empty strings",
      { SUNCO_KEY_ID: "", SUNCO_KEY_SECRET: "", SUNCO_TOKEN: "" },
      ["SUNCO_KEY_ID", "SUNCO_KEY_SECRET", "SUNCO_TOKEN"],
    ],
    ["a key id alone", { SUNCO_KEY_ID: "app_key" }, ["SUNCO_KEY_SECRET: Expected the secret of"]],
    ["a key id with an empty secret", { SUNCO_KEY_ID: "app_key", SUNCO_KEY_SECRET: "" }, ["SUNCO_KEY_SECRET"]],
    ["a secret alone", { SUNCO_KEY_SECRET: "hidden" }, ["SUNCO_KEY_ID: Expected the id of"]],
    ["an empty key id with a secret", { SUNCO_KEY_ID: "", SUNCO_KEY_SECRET: "hidden" }, ["SUNCO_KEY_ID"]],
    [
      "both kinds",
      { SUNCO_KEY_ID: "app_key", SUNCO_KEY_SECRET: "hidden", SUNCO_TOKEN: "hidden" },
      ["SUNCO_TOKEN", "SUNCO_KEY_ID", "not both"],
    ],
    ["a token beside half a key", { SUNCO_KEY_ID: "app_key", SUNCO_TOKEN: "hidden" }, ["SUNCO_TOKEN", "not both"]],
  ]

  for (const [what, env, names] of refused) {
    it.effect(`refuses ${what}, and names what is missing or too much`, () =>
      Effect.gen(function* () {
        const error = yield* Effect.flip(parse(Credentials.config, env))
        assert.strictEqual(error._tag, "ConfigError")
        for (const name of names) assert.include(error.message, name)
        assert.notInclude(String(error), "hidden")
      }),
    )
  }
})

describe("configJwt", () => {
  const parse = (env: Record<string, string>) =>
    Credentials.configJwt({ scope: "integration", lifetime: "5 minutes" }).parse(ConfigProvider.fromEnvRecord(env))

  it.effect("signs with the key of the environment, and with the scope and lifetime of the options", () =>
    Effect.gen(function* () {
      const credentials = yield* parse({ SUNCO_KEY_ID: "int_key", SUNCO_KEY_SECRET: "hidden" })
      assert.strictEqual(credentials.kind, "jwt")
      const token = ((yield* headerOf(credentials)) ?? "").replace("Bearer ", "")
      const { payload, protectedHeader } = yield* Effect.promise(() =>
        jwtVerify(token, new TextEncoder().encode("hidden"), { currentDate: new Date(0) }),
      )
      assert.strictEqual(protectedHeader.kid, "int_key")
      assert.deepStrictEqual(payload, { scope: "integration", iat: 0, exp: 300 })
    }),
  )

  for (const [what, env, name] of [
    ["no key", {}, "SUNCO_KEY_ID"],
    ["a key id alone", { SUNCO_KEY_ID: "int_key" }, "SUNCO_KEY_SECRET"],
    ["a secret alone", { SUNCO_KEY_SECRET: "hidden" }, "SUNCO_KEY_ID"],
    ["an empty secret", { SUNCO_KEY_ID: "int_key", SUNCO_KEY_SECRET: "" }, "SUNCO_KEY_SECRET"],
  ] as const) {
    it.effect(`refuses ${what}, and names ${name}`, () =>
      Effect.gen(function* () {
        const error = yield* Effect.flip(parse(env))
        assert.strictEqual(error._tag, "ConfigError")
        assert.include(error.message, name)
        assert.notInclude(String(error), "hidden")
      }),
    )
  }
})

describe("what a credential shows of itself", () => {
  for (const credentials of [
    Credentials.basic({ keyId: "app_key", secret: Redacted.make("hidden-secret") }),
    Credentials.bearer(Redacted.make("hidden-secret")),
    Credentials.jwt({ keyId: "app_key", secret: Redacted.make("hidden-secret"), scope: "app" }),
  ]) {
    it.effect(`${credentials.kind}: no secret in its JSON`, () =>
      Effect.gen(function* () {
        assert.notInclude(JSON.stringify(credentials), "hidden-secret")
        const opened = yield* credentials.open
        assert.notInclude(JSON.stringify(yield* opened.current), "hidden-secret")
      }),
    )
  }
})
