import { assert, describe, it } from "@effect/vitest"
import { Config, ConfigProvider, Data, Deferred, Effect, Exit, Fiber, Redacted } from "effect"
import { TestClock } from "effect/testing"
import { decodeProtectedHeader, jwtVerify } from "jose"
import { vi } from "vitest"
import * as Credentials from "../src/Credentials.ts"
import * as Calls from "./support/Calls.ts"
import * as FakeApi from "./support/FakeApi.ts"
import * as Api from "./support/retry.ts"

const basicHeader = (text: string) => `Basic ${Buffer.from(text, "utf8").toString("base64")}`

const unauthorized = () => Response.json({ errors: [{ code: "unauthorized", title: "no" }] }, { status: 401 })

/** The authorization header of one list. */
const headerOf = Effect.fnUntraced(function* (credentials: Credentials.Credentials) {
  const api = FakeApi.make(FakeApi.good)
  const service = yield* Calls.over(api.client, { credentials })
  yield* Calls.list(service)
  return api.authorizations()[0]
})

const all = <A, E>(count: number, effect: Effect.Effect<A, E>) =>
  Effect.all(
    Array.from({ length: count }, () => effect),
    { concurrency: "unbounded" },
  )

/** A token that takes a second to get. It counts how often it was asked for, and is another one each time. */
const slowTokens = () => {
  const counter = { asked: 0, given: 0 }
  return {
    counter,
    token: Effect.suspend(() => {
      counter.asked++
      return Effect.as(Effect.sleep("1 second"), undefined)
    }).pipe(Effect.map(() => Redacted.make(`token-${++counter.given}`))),
  }
}

class VaultSealed extends Data.TaggedError("VaultSealed")<{ readonly vault: string }> {}

describe("basic", () => {
  it.effect("sends the key id and the secret in base64", () =>
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

  it.effect("does not try again after a 401, since there is no other credential", () =>
    Effect.gen(function* () {
      const api = FakeApi.make(unauthorized)
      const service = yield* Calls.over(api.client)
      const error = yield* Effect.flip(Calls.list(service))
      const reason = Calls.expectReason(error, "Unauthorized")
      assert.deepStrictEqual(
        reason.errors.map(({ code }) => code),
        ["unauthorized"],
      )
      assert.strictEqual(api.requests.length, 1)
    }),
  )
})

describe("bearer", () => {
  it.effect("sends a fixed token", () =>
    Effect.gen(function* () {
      assert.strictEqual(yield* headerOf(Credentials.bearer(Redacted.make("a.b-c_d~e+f/g="))), "Bearer a.b-c_d~e+f/g=")
    }),
  )

  it.effect("does not try again after a 401 to a fixed token", () =>
    Effect.gen(function* () {
      const api = FakeApi.make(unauthorized)
      const service = yield* Calls.over(api.client, { credentials: Credentials.bearer(Redacted.make("token")) })
      const error = yield* Effect.flip(Calls.join(service))
      Calls.expectReason(error, "Unauthorized")
      assert.strictEqual(api.requests.length, 1)
    }),
  )

  it.effect("asks for no token before the first request", () =>
    Effect.gen(function* () {
      const { counter, token } = slowTokens()
      yield* Calls.over(FakeApi.make(FakeApi.good).client, { credentials: Credentials.bearer(token) })
      assert.strictEqual(counter.asked, 0)
    }),
  )

  it.effect("asks for one token for 50 callers that wait at once", () =>
    Effect.gen(function* () {
      const { counter, token } = slowTokens()
      const api = FakeApi.make(FakeApi.good)
      const service = yield* Calls.over(api.client, { credentials: Credentials.bearer(token) })
      const fiber = yield* Effect.forkChild(all(50, Calls.list(service)))
      yield* TestClock.adjust("1 second")
      yield* Fiber.join(fiber)
      assert.strictEqual(counter.asked, 1)
      assert.strictEqual(api.requests.length, 50)
      assert.deepStrictEqual(new Set(api.authorizations()), new Set(["Bearer token-1"]))
    }),
  )

  it.effect("gives a failure to all 50 callers that wait for it, and asks again for the next", () =>
    Effect.gen(function* () {
      let asked = 0
      const token = Effect.suspend(() => {
        asked++
        return Effect.delay(Effect.fail("the vault is closed"), "1 second")
      })
      const service = yield* Calls.over(FakeApi.make(FakeApi.good).client, { credentials: Credentials.bearer(token) })
      const crowd = yield* Effect.forkChild(
        Effect.all(
          Array.from({ length: 50 }, () => Effect.flip(Calls.list(service))),
          { concurrency: "unbounded" },
        ),
      )
      yield* TestClock.adjust("1 second")
      const errors = yield* Fiber.join(crowd)
      assert.deepStrictEqual(new Set(errors.map(({ cause }) => cause)), new Set(["the vault is closed"]))
      assert.strictEqual(asked, 1)
      const next = yield* Effect.forkChild(Effect.flip(Calls.list(service)))
      yield* TestClock.adjust("1 second")
      yield* Fiber.join(next)
      assert.strictEqual(asked, 2)
    }),
  )

  it.effect("calls a failing Config what it is: no credential could be had", () =>
    Effect.gen(function* () {
      const service = yield* Calls.over(FakeApi.make(FakeApi.good).client, {
        credentials: Credentials.bearer(Config.Redacted("NO_SUCH_TOKEN")),
      })
      const error = yield* Effect.flip(Calls.list(service))
      assert.isFalse(Calls.expectReason(error, "Transport").sent)
      assert.instanceOf(error.cause, Config.ConfigError)
    }).pipe(Effect.provide(ConfigProvider.layer(ConfigProvider.fromUnknown({})))),
  )

  it.effect("refuses a time to live that is none", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(
        Calls.over(FakeApi.make(FakeApi.good).client, {
          credentials: Credentials.bearer(Effect.succeed(Redacted.make("token")), { timeToLive: 0 }),
        }),
      )
      assert.include(error.message, "credentials.timeToLive")
    }),
  )

  it.effect("keeps the token for ever when no time to live is named", () =>
    Effect.gen(function* () {
      const { counter, token } = slowTokens()
      const service = yield* Calls.over(FakeApi.make(FakeApi.good).client, { credentials: Credentials.bearer(token) })
      const fiber = yield* Effect.forkChild(Calls.list(service))
      yield* TestClock.adjust("1 second")
      yield* Fiber.join(fiber)
      yield* TestClock.adjust("3650 days")
      yield* Calls.list(service)
      assert.strictEqual(counter.asked, 1)
    }),
  )

  it.effect("keeps the token for its time to live, counted from when it was asked for, and not longer", () =>
    Effect.gen(function* () {
      const { counter, token } = slowTokens()
      const api = FakeApi.make(FakeApi.good)
      const credentials = Credentials.bearer(token, { timeToLive: "10 minutes" })
      const service = yield* Calls.over(api.client, { credentials })
      const first = yield* Effect.forkChild(Calls.list(service))
      yield* TestClock.adjust("1 second")
      yield* Fiber.join(first)
      yield* TestClock.adjust("9 minutes")
      yield* TestClock.adjust("58 seconds")
      yield* Calls.list(service)
      assert.strictEqual(counter.asked, 1)
      yield* TestClock.adjust("1 second")
      const renewing = yield* Effect.forkChild(Calls.list(service))
      yield* TestClock.adjust("1 second")
      yield* Fiber.join(renewing)
      assert.deepStrictEqual(api.authorizations(), ["Bearer token-1", "Bearer token-1", "Bearer token-2"])
    }),
  )

  it.effect("fails with Transport, sends nothing and keeps the failure as cause when there is no token", () =>
    Effect.gen(function* () {
      const api = FakeApi.make(FakeApi.good)
      const failure = new VaultSealed({ vault: "main" })
      const service = yield* Calls.over(api.client, { credentials: Credentials.bearer(Effect.fail(failure)) })
      const error = yield* Effect.flip(Calls.join(service))
      const reason = Calls.expectReason(error, "Transport")
      assert.strictEqual(reason.sent, false)
      assert.strictEqual(reason.outcome, "not processed")
      assert.strictEqual(error.cause, failure)
      assert.strictEqual(api.requests.length, 0)
    }),
  )

  it.effect("asks again after a failure", () =>
    Effect.gen(function* () {
      let asked = 0
      const token = Effect.suspend(() =>
        ++asked === 1 ? Effect.fail(new VaultSealed({ vault: "main" })) : Effect.succeed(Redacted.make("token")),
      )
      const service = yield* Calls.over(FakeApi.make(FakeApi.good).client, { credentials: Credentials.bearer(token) })
      Calls.expectReason(yield* Effect.flip(Calls.list(service)), "Transport")
      yield* Calls.list(service)
      yield* Calls.list(service)
      assert.strictEqual(asked, 2)
    }),
  )

  it.effect("serves those who wait when the caller who asked for the token is interrupted", () =>
    Effect.gen(function* () {
      const { counter, token } = slowTokens()
      const api = FakeApi.make(FakeApi.good)
      const service = yield* Calls.over(api.client, { credentials: Credentials.bearer(token) })
      const first = yield* Effect.forkChild(Calls.list(service))
      yield* TestClock.adjust("500 millis")
      const others = yield* Effect.forkChild(all(10, Calls.list(service)))
      yield* TestClock.adjust("100 millis")
      yield* Fiber.interrupt(first)
      yield* TestClock.adjust("1 second")
      yield* Fiber.join(others)
      assert.strictEqual(counter.asked, 2)
      assert.deepStrictEqual(
        api.authorizations(),
        Array.from({ length: 10 }, () => "Bearer token-1"),
      )
    }),
  )

  it.effect("lets a caller who waits for a token of somebody else be interrupted", () =>
    Effect.gen(function* () {
      const { counter, token } = slowTokens()
      const api = FakeApi.make(FakeApi.good)
      const service = yield* Calls.over(api.client, { credentials: Credentials.bearer(token) })
      const first = yield* Effect.forkChild(Calls.list(service))
      const waiting = yield* Effect.forkChild(Calls.list(service))
      yield* TestClock.adjust("500 millis")
      yield* Fiber.interrupt(waiting)
      yield* TestClock.adjust("500 millis")
      yield* Fiber.join(first)
      assert.strictEqual(counter.asked, 1)
      assert.strictEqual(api.requests.length, 1)
    }),
  )

  it.effect("gives each layer a token of its own", () =>
    Effect.gen(function* () {
      let asked = 0
      const credentials = Credentials.bearer(Effect.sync(() => Redacted.make(`token-${++asked}`)))
      const first = yield* headerOf(credentials)
      const second = yield* headerOf(credentials)
      assert.deepStrictEqual([first, second], ["Bearer token-1", "Bearer token-2"])
    }),
  )

  it.effect("counts the time for a token as time of the attempt, in which nothing was sent", () =>
    Effect.gen(function* () {
      const api = FakeApi.make(FakeApi.good)
      const service = yield* Calls.over(api.client, {
        credentials: Credentials.bearer(Effect.never),
        retryPolicy: { attemptTimeout: "5 seconds" },
      })
      const fiber = yield* Effect.forkChild(Effect.flip(Calls.join(service)))
      yield* TestClock.adjust("5 seconds")
      const reason = Calls.expectReason(yield* Fiber.join(fiber), "TimedOut")
      assert.strictEqual(reason.sent, false)
      assert.strictEqual(reason.outcome, "not processed")
      assert.strictEqual(api.requests.length, 0)
    }),
  )
})

describe("a 401 to a credential that can be renewed", () => {
  const numbered = () => {
    let asked = 0
    return {
      asked: () => asked,
      credentials: Credentials.bearer(Effect.sync(() => Redacted.make(`token-${++asked}`))),
    }
  }

  for (const [operation, call] of Calls.calls) {
    it.effect(`renews it once and sends the ${operation} again`, () =>
      Effect.gen(function* () {
        const { asked, credentials } = numbered()
        const api = FakeApi.make((request, index) => (index === 0 ? unauthorized() : FakeApi.good(request)))
        const service = yield* Calls.over(api.client, { credentials })
        yield* call(service)
        assert.strictEqual(asked(), 2)
        assert.deepStrictEqual(api.authorizations(), ["Bearer token-1", "Bearer token-2"])
        const [first, second] = api.requests
        assert.strictEqual(first?.request.method, second?.request.method)
        assert.strictEqual(first?.url.href, second?.url.href)
        assert.deepStrictEqual(first?.request.body.toJSON(), second?.request.body.toJSON())
      }),
    )

    it.effect(`is Unauthorized when the ${operation} is refused a second time`, () =>
      Effect.gen(function* () {
        const { asked, credentials } = numbered()
        const api = FakeApi.make(unauthorized)
        const service = yield* Calls.over(api.client, { credentials })
        const error = yield* Effect.flip(call(service))
        const reason = Calls.expectReason(error, "Unauthorized")
        assert.strictEqual(reason.outcome, "rejected")
        assert.strictEqual(asked(), 2)
        assert.strictEqual(api.requests.length, 2)
      }),
    )
  }

  it.effect("renews it once for 50 callers that are refused at once", () =>
    Effect.gen(function* () {
      const { asked, credentials } = numbered()
      const allArrived = yield* Deferred.make<void>()
      let arrived = 0
      const api = FakeApi.make((request) => {
        if (request.request.headers["authorization"] !== "Bearer token-1") return FakeApi.good(request)
        if (++arrived === 50) Deferred.doneUnsafe(allArrived, Effect.void)
        return Effect.as(Deferred.await(allArrived), unauthorized())
      })
      const service = yield* Calls.over(api.client, { credentials })
      yield* all(50, Calls.list(service))
      assert.strictEqual(asked(), 2)
      assert.strictEqual(api.requests.length, 100)
    }),
  )

  it.effect("takes the token that somebody else has renewed in the meantime", () =>
    Effect.gen(function* () {
      const { asked, credentials } = numbered()
      const late = yield* Deferred.make<void>()
      const api = FakeApi.make((request, index) => {
        if (index === 0) return Effect.as(Deferred.await(late), unauthorized())
        return request.request.headers["authorization"] === "Bearer token-1" ? unauthorized() : FakeApi.good(request)
      })
      const service = yield* Calls.over(api.client, { credentials })
      const slow = yield* Effect.forkChild(Calls.list(service), { startImmediately: true })
      yield* Calls.list(service)
      yield* Deferred.succeed(late, undefined)
      yield* Fiber.join(slow)
      assert.strictEqual(asked(), 2)
      assert.strictEqual(api.requests.length, 4)
    }),
  )

  it.effect("waits with others for a renewal that has begun", () =>
    Effect.gen(function* () {
      let asked = 0
      const slow = yield* Deferred.make<void>()
      const token = Effect.suspend(() => {
        const made = Redacted.make(`token-${++asked}`)
        return asked === 1 ? Effect.succeed(made) : Effect.as(Deferred.await(slow), made)
      })
      const authorization = yield* Credentials.bearer(token).open
      const used = yield* authorization.current
      assert.isTrue(authorization.forget(used))
      const first = yield* Effect.forkChild(authorization.current, { startImmediately: true })
      assert.isTrue(authorization.forget(used))
      const second = yield* Effect.forkChild(authorization.current, { startImmediately: true })
      yield* Deferred.succeed(slow, undefined)
      const headers = [yield* Fiber.join(first), yield* Fiber.join(second)]
      assert.deepStrictEqual(
        headers.map(({ value }) => Redacted.value(value)),
        ["Bearer token-2", "Bearer token-2"],
      )
      assert.strictEqual(asked, 2)
    }),
  )

  it.effect("keeps the renewed token for the next call", () =>
    Effect.gen(function* () {
      const { asked, credentials } = numbered()
      const api = FakeApi.make((request, index) => (index === 0 ? unauthorized() : FakeApi.good(request)))
      const service = yield* Calls.over(api.client, { credentials })
      yield* Calls.list(service)
      yield* Calls.list(service)
      assert.strictEqual(asked(), 2)
      assert.strictEqual(api.requests.length, 3)
    }),
  )

  it.effect("is Transport with the failure as cause when the renewal fails", () =>
    Effect.gen(function* () {
      const failure = new VaultSealed({ vault: "main" })
      let asked = 0
      const token = Effect.suspend(() =>
        ++asked === 1 ? Effect.succeed(Redacted.make("token-1")) : Effect.fail(failure),
      )
      const api = FakeApi.make(unauthorized)
      const service = yield* Calls.over(api.client, { credentials: Credentials.bearer(token) })
      const error = yield* Effect.flip(Calls.join(service))
      const reason = Calls.expectReason(error, "Transport")
      assert.deepStrictEqual([reason.outcome, reason.description], ["not processed", "no credential could be had"])
      assert.strictEqual(error.cause, failure)
      assert.strictEqual(api.requests.length, 1)
    }),
  )
})

describe("a token that cannot be sent", () => {
  Api.it.effect("is no reason for which the attempts of a join that may have happened failed", () =>
    Effect.gen(function* () {
      let asked = 0
      const token = Effect.sync(() => Redacted.make(++asked === 1 ? "token" : "no token"))
      const api = Api.scripted({ join: [Api.status(500)], list: [Effect.delay(Api.roster(), "2 seconds")] })
      const service = yield* Api.over(api, {
        credentials: Credentials.bearer(token, { timeToLive: "1 second" }),
        retryPolicy: { ...Api.withoutBackoff, looks: 1 },
      })
      const { error } = yield* Api.failure(Api.join(service))
      assert.strictEqual(Api.summary(error), "OutcomeUnknown (ServerError)")
      assert.deepStrictEqual(Api.operations(api), ["join", "list"])
    }),
  )
})

describe("jwt", () => {
  const secret = "a-secret-of-the-key"
  const key = { keyId: "app_key", secret: Redacted.make(secret) }

  const verified = (header: string | undefined, at: number) =>
    Effect.promise(() =>
      jwtVerify((header ?? "").replace("Bearer ", ""), new TextEncoder().encode(secret), {
        algorithms: ["HS256"],
        currentDate: new Date(at),
      }),
    )

  for (const scope of ["app", "account", "integration"] as const) {
    it.effect(`signs a token of scope ${scope} with HS256 and the key id`, () =>
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
      const header = yield* headerOf(
        Credentials.jwt({ keyId: "app_key", secret: Redacted.make("schlüssel-🔑"), scope: "app" }),
      )
      const token = (header ?? "").replace("Bearer ", "")
      assert.strictEqual(decodeProtectedHeader(token).kid, "app_key")
      yield* Effect.promise(() =>
        jwtVerify(token, new TextEncoder().encode("schlüssel-🔑"), { currentDate: new Date(0) }),
      )
    }),
  )

  it.effect("ends after the lifetime that is asked for", () =>
    Effect.gen(function* () {
      const header = yield* headerOf(Credentials.jwt({ ...key, scope: "app", lifetime: "15 minutes" }))
      const { payload } = yield* verified(header, 0)
      assert.strictEqual(payload.exp, 900)
    }),
  )

  it.effect("does not verify with another secret", () =>
    Effect.gen(function* () {
      const header = yield* headerOf(
        Credentials.jwt({ keyId: "app_key", secret: Redacted.make("another"), scope: "app" }),
      )
      const exit = yield* Effect.exit(verified(header, 0))
      assert.isTrue(Exit.isFailure(exit))
    }),
  )

  it.effect("signs once for 50 callers that wait at once", () =>
    Effect.gen(function* () {
      const sign = yield* Effect.acquireRelease(
        Effect.sync(() => vi.spyOn(crypto.subtle, "sign")),
        (spy) => Effect.sync(() => spy.mockRestore()),
      )
      const api = FakeApi.make(FakeApi.good)
      const service = yield* Calls.over(api.client, { credentials: Credentials.jwt({ ...key, scope: "app" }) })
      yield* all(50, Calls.list(service))
      assert.strictEqual(sign.mock.calls.length, 1)
      assert.strictEqual(api.requests.length, 50)
      assert.strictEqual(new Set(api.authorizations()).size, 1)
    }),
  )

  it.effect("keeps the token for nine tenths of its lifetime, and then signs another", () =>
    Effect.gen(function* () {
      const api = FakeApi.make(FakeApi.good)
      const service = yield* Calls.over(api.client, { credentials: Credentials.jwt({ ...key, scope: "app" }) })
      yield* Calls.list(service)
      yield* TestClock.setTime(54 * 60_000 - 1)
      yield* Calls.list(service)
      yield* TestClock.setTime(54 * 60_000)
      yield* Calls.list(service)
      const [first, second, third] = api.authorizations()
      assert.strictEqual(first, second)
      const { payload } = yield* verified(third, 54 * 60_000)
      assert.strictEqual(payload.iat, 54 * 60)
      assert.strictEqual(payload.exp, 114 * 60)
    }),
  )

  for (const seconds of [1, 2, 5, 10]) {
    it.effect(`never sends a token of ${seconds} s that has ended, wherever within a second it was signed`, () =>
      Effect.gen(function* () {
        const api = FakeApi.make(FakeApi.good)
        const service = yield* Calls.over(api.client, {
          credentials: Credentials.jwt({ ...key, scope: "app", lifetime: seconds * 1000 }),
        })
        for (let now = 999; now < seconds * 2500; now += 100) {
          yield* TestClock.setTime(now)
          yield* Calls.list(service)
          // This fails when the token has ended by then.
          yield* verified(api.authorizations().at(-1), now)
        }
      }),
    )
  }

  it.effect("signs another token after a 401, and tries once more", () =>
    Effect.gen(function* () {
      const api = FakeApi.make((request, index) => (index === 1 ? unauthorized() : FakeApi.good(request)))
      const service = yield* Calls.over(api.client, { credentials: Credentials.jwt({ ...key, scope: "app" }) })
      yield* Calls.list(service)
      yield* TestClock.adjust("1 minute")
      yield* Calls.list(service)
      const [first, second, third] = api.authorizations()
      assert.strictEqual(api.requests.length, 3)
      assert.strictEqual(first, second)
      const { payload } = yield* verified(third, 60_000)
      assert.strictEqual(payload.iat, 60)
    }),
  )
})

describe("options that cannot work", () => {
  const secret = Redacted.make("hidden-secret")
  const key = { keyId: "app_key", secret }

  const refused: ReadonlyArray<readonly [string, Credentials.Credentials, field: string]> = [
    ["an empty key id", Credentials.basic({ keyId: "", secret }), "credentials.keyId"],
    ["a colon in the key id", Credentials.basic({ keyId: "app:key", secret }), "credentials.keyId"],
    ["a line end in the key id", Credentials.basic({ keyId: "app_key\r\n", secret }), "credentials.keyId"],
    ["an empty secret", Credentials.basic({ keyId: "app_key", secret: Redacted.make("") }), "credentials.secret"],
    ["an empty token", Credentials.bearer(Redacted.make("")), "credentials.token"],
    ["a token with a line end", Credentials.bearer(Redacted.make("hidden-secret\n")), "credentials.token"],
    ["a token with a space", Credentials.bearer(Redacted.make("Bearer hidden-secret")), "credentials.token"],
    ["a token beyond ASCII", Credentials.bearer(Redacted.make("hidden-secret-é")), "credentials.token"],
    ["an empty key id of a JWT", Credentials.jwt({ keyId: "", secret, scope: "app" }), "credentials.keyId"],
    ["a colon in the key id of a JWT", Credentials.jwt({ keyId: "a:b", secret, scope: "app" }), "credentials.keyId"],
    [
      "an empty secret of a JWT",
      Credentials.jwt({ keyId: "app_key", secret: Redacted.make(""), scope: "app" }),
      "credentials.secret",
    ],
    [
      "a scope that does not exist",
      // @ts-expect-error the types refuse it, and so does the program
      Credentials.jwt({ ...key, scope: "appUser" }),
      "credentials.scope",
    ],
    ["a lifetime of 0", Credentials.jwt({ ...key, scope: "app", lifetime: 0 }), "credentials.lifetime"],
    ["a lifetime below a second", Credentials.jwt({ ...key, scope: "app", lifetime: 999 }), "credentials.lifetime"],
    ["a negative lifetime", Credentials.jwt({ ...key, scope: "app", lifetime: "-1 hours" }), "credentials.lifetime"],
    ["an endless lifetime", Credentials.jwt({ ...key, scope: "app", lifetime: Infinity }), "credentials.lifetime"],
    [
      "a lifetime that is no duration",
      Credentials.jwt({ ...key, scope: "app", lifetime: "1e3 seconds" }),
      "credentials.lifetime",
    ],
    ["a lifetime that is no number", Credentials.jwt({ ...key, scope: "app", lifetime: NaN }), "credentials.lifetime"],
  ]

  for (const [what, credentials, field] of refused) {
    it.effect(`refuses ${what}, names ${field} and does not repeat the secret`, () =>
      Effect.gen(function* () {
        const api = FakeApi.make(FakeApi.good)
        const error = yield* Effect.flip(Calls.over(api.client, { credentials }))
        assert.strictEqual(error._tag, "ConfigError")
        // What is allowed there is said in words.
        assert.include(error.message, `${field}: Expected `)
        assert.match(error.message, /: Expected [a-z]+ \w+/)
        assert.notInclude(String(error), "hidden-secret")
        assert.strictEqual(api.requests.length, 0)
      }),
    )
  }

  it.effect("refuses a bad token from an Effect when it comes, and sends nothing", () =>
    Effect.gen(function* () {
      const api = FakeApi.make(FakeApi.good)
      const token = Effect.succeed(Redacted.make("hidden-secret\r\nx-other: header"))
      const service = yield* Calls.over(api.client, { credentials: Credentials.bearer(token) })
      const error = yield* Effect.flip(Calls.list(service))
      const reason = Calls.expectReason(error, "InvalidRequest")
      assert.strictEqual(reason.field, "credentials.token")
      assert.strictEqual(reason.expected, "Expected a token of visible ASCII characters, without spaces or line ends")
      assert.notInclude(String(error), "hidden-secret")
      assert.strictEqual(api.requests.length, 0)
    }),
  )
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
