import { assert, describe, it } from "@effect/vitest"
import { Data, Deferred, Effect, Fiber, Redacted } from "effect"
import { TestClock } from "effect/testing"
import { decodeJwt } from "jose"
import * as Credentials from "../src/Credentials.ts"
import * as Calls from "./support/Calls.ts"
import * as FakeApi from "./support/FakeApi.ts"
import * as Api from "./support/retry.ts"

const unauthorized = () => Response.json({ errors: [{ code: "unauthorized", title: "no" }] }, { status: 401 })

const all = <A, E>(count: number, effect: Effect.Effect<A, E>) =>
  Effect.all(
    Array.from({ length: count }, () => effect),
    { concurrency: "unbounded" },
  )

class VaultSealed extends Data.TaggedError("VaultSealed")<{ readonly vault: string }> {}

describe("a 401 to a credential that cannot be renewed", () => {
  for (const [what, credentials] of [
    ["an API key", Calls.basic],
    ["a fixed token", Credentials.bearer(Redacted.make("token"))],
  ] as const) {
    it.effect(`is final: ${what}`, () =>
      Effect.gen(function* () {
        const api = FakeApi.make(unauthorized)
        const service = yield* Calls.over(api.client, { credentials, retryPolicy: { attempts: 4 } })
        Calls.expectReason(yield* Effect.flip(Calls.join(service)), "Unauthorized")
        assert.strictEqual(api.requests.length, 1)
      }),
    )
  }
})

describe("a source of tokens", () => {
  const failure = new VaultSealed({ vault: "main" })
  const defect = new TypeError("a bug in the source")

  const sources: ReadonlyArray<
    readonly [what: string, token: Effect.Effect<Redacted.Redacted, VaultSealed>, cause: unknown]
  > = [
    ["fails", Effect.fail(failure), failure],
    ["dies", Effect.die(defect), defect],
  ]
  for (const [what, token, cause] of sources) {
    it.effect(`that ${what} is a Transport that was not sent, with the cause`, () =>
      Effect.gen(function* () {
        const api = FakeApi.make(FakeApi.good)
        const service = yield* Calls.over(api.client, { credentials: Credentials.bearer(token) })
        const error = yield* Effect.flip(Calls.join(service))
        assert.isFalse(Calls.expectReason(error, "Transport").sent)
        assert.strictEqual(error.cause, cause)
        assert.strictEqual(api.requests.length, 0)
      }),
    )
  }

  it.effect("that does not end is given the time of an attempt, in which nothing was sent", () =>
    Effect.gen(function* () {
      const api = FakeApi.make(FakeApi.good)
      const service = yield* Calls.over(api.client, {
        credentials: Credentials.bearer(Effect.never),
        retryPolicy: { attemptTimeout: "5 seconds" },
      })
      const fiber = yield* Effect.forkChild(Effect.flip(Calls.join(service)))
      yield* TestClock.adjust("5 seconds")
      const reason = Calls.expectReason(yield* Fiber.join(fiber), "TimedOut")
      assert.isFalse(reason.sent)
      assert.strictEqual(api.requests.length, 0)
    }),
  )

  it.effect("that gives what no header can carry is an InvalidRequest, and nothing is sent", () =>
    Effect.gen(function* () {
      const api = FakeApi.make(FakeApi.good)
      const token = Effect.succeed(Redacted.make("hidden-secret\r\nx-other: header"))
      const service = yield* Calls.over(api.client, { credentials: Credentials.bearer(token) })
      const error = yield* Effect.flip(Calls.list(service))
      assert.strictEqual(Calls.expectReason(error, "InvalidRequest").field, "credentials.token")
      assert.notInclude(String(error), "hidden-secret")
      assert.strictEqual(api.requests.length, 0)
    }),
  )

  Api.it.effect("that gives such a token after an ambiguous join leaves its outcome unknown", () =>
    Effect.gen(function* () {
      let asked = 0
      const token = Effect.sync(() => Redacted.make(++asked === 1 ? "token" : "no token"))
      const api = Api.scripted({ join: [Api.status(500)], list: [Effect.delay(Api.roster(), "2 seconds")] })
      const service = yield* Api.over(api, {
        credentials: Credentials.bearer(token, { timeToLive: "1 second" }),
        retryPolicy: { ...Api.withoutBackoff, verify: { attempts: 1, delay: "500 millis" } },
      })
      const { error } = yield* Api.failure(Api.join(service))
      assert.strictEqual(Api.summary(error), "OutcomeUnknown (ServerError)")
      assert.deepStrictEqual(Api.operations(api), ["join", "list"])
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
    it.effect(`renews it once, sends the ${operation} again, and keeps the new one`, () =>
      Effect.gen(function* () {
        const { asked, credentials } = numbered()
        const api = FakeApi.make((request, index) => (index === 0 ? unauthorized() : FakeApi.good(request)))
        const service = yield* Calls.over(api.client, { credentials })
        yield* call(service)
        yield* call(service)
        assert.strictEqual(asked(), 2)
        assert.deepStrictEqual(api.authorizations(), ["Bearer token-1", "Bearer token-2", "Bearer token-2"])
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

  it.effect("renews it once for 30 callers that are refused at once", () =>
    Effect.gen(function* () {
      const { asked, credentials } = numbered()
      const allArrived = yield* Deferred.make<void>()
      let arrived = 0
      const api = FakeApi.make((request) => {
        if (request.request.headers["authorization"] !== "Bearer token-1") return FakeApi.good(request)
        if (++arrived === 30) Deferred.doneUnsafe(allArrived, Effect.void)
        return Effect.as(Deferred.await(allArrived), unauthorized())
      })
      const service = yield* Calls.over(api.client, { credentials })
      yield* all(30, Calls.list(service))
      assert.strictEqual(asked(), 2)
      assert.strictEqual(api.requests.length, 60)
    }),
  )

  it.effect("uses the token that another call has renewed in the meantime", () =>
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

  it.effect("is a Transport that was not sent when the renewal fails, with the cause", () =>
    Effect.gen(function* () {
      const failure = new VaultSealed({ vault: "main" })
      let asked = 0
      const token = Effect.suspend(() =>
        ++asked === 1 ? Effect.succeed(Redacted.make("token-1")) : Effect.fail(failure),
      )
      const api = FakeApi.make(unauthorized)
      const service = yield* Calls.over(api.client, { credentials: Credentials.bearer(token) })
      const error = yield* Effect.flip(Calls.join(service))
      assert.isFalse(Calls.expectReason(error, "Transport").sent)
      assert.strictEqual(error.cause, failure)
      assert.strictEqual(api.requests.length, 1)
    }),
  )

  it.effect("signs a new JWT after a 401", () =>
    Effect.gen(function* () {
      const api = FakeApi.make((request, index) => (index === 1 ? unauthorized() : FakeApi.good(request)))
      const service = yield* Calls.over(api.client, {
        credentials: Credentials.jwt({ keyId: "app_key", secret: Redacted.make("secret"), scope: "app" }),
      })
      yield* Calls.list(service)
      yield* TestClock.adjust("1 minute")
      yield* Calls.list(service)
      const [first, second, third] = api.authorizations()
      assert.strictEqual(api.requests.length, 3)
      assert.strictEqual(first, second)
      const { iat } = decodeJwt((third ?? "").replace("Bearer ", ""))
      assert.strictEqual(iat, 60)
    }),
  )
})
