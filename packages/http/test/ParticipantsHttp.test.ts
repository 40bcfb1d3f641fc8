import { Participants } from "@effect-sunco/core"
import { assert, describe, it } from "@effect/vitest"
import { ConfigProvider, Duration, Effect, Fiber, Redacted, Tracer } from "effect"
import { HttpClient, HttpClientRequest } from "effect/http"
import { TestClock } from "effect/testing"
import packageJson from "../package.json" with { type: "json" }
import * as Credentials from "../src/Credentials.ts"
import * as ParticipantsHttp from "../src/ParticipantsHttp.ts"
import * as Calls from "./support/Calls.ts"
import * as FakeApi from "./support/FakeApi.ts"

/** The one request of a list. */
const requestOf = Effect.fnUntraced(function* (options?: Partial<ParticipantsHttp.Options>) {
  const api = FakeApi.make(FakeApi.good)
  const service = yield* Calls.over(api.client, options)
  yield* Calls.list(service)
  const [seen, ...others] = api.requests
  assert.deepStrictEqual(others, [])
  return seen ?? (yield* Effect.die(new Error("nothing was sent")))
})

/** For callers without types. */
const withoutTypes: {
  make(options: unknown): ReturnType<typeof ParticipantsHttp.make>
  basic(key: unknown): Credentials.Credentials
  bearer(token: unknown, options: unknown): Credentials.Credentials
  jwt(options: unknown): Credentials.Credentials
} = { ...Credentials, make: ParticipantsHttp.make }

describe("baseUrl", () => {
  const path = "/v2/apps/app/conversations/conversation/participants"

  const allowed: ReadonlyArray<readonly [string, string | URL | undefined, string]> = [
    ["the legacy API of the United States by default", undefined, `https://api.smooch.io${path}`],
    ["legacyUS", ParticipantsHttp.legacyUS, `https://api.smooch.io${path}`],
    ["legacyEU", ParticipantsHttp.legacyEU, `https://api.eu-1.smooch.io${path}`],
    ["zendesk", ParticipantsHttp.zendesk("acme"), `https://acme.zendesk.com/sc${path}`],
    ["a URL object", new URL("https://gateway.test/sunco"), `https://gateway.test/sunco${path}`],
    ["slashes at the end", "https://gateway.test/sunco///", `https://gateway.test/sunco${path}`],
    ["a port", "https://gateway.test:8443", `https://gateway.test:8443${path}`],
    ["http to localhost", "http://localhost:4010", `http://localhost:4010${path}`],
    ["http to 127.0.0.1", "http://127.0.0.1:4010", `http://127.0.0.1:4010${path}`],
    ["http to another address of the loopback network", "http://127.10.20.30", `http://127.10.20.30${path}`],
    ["http to [::1]", "http://[::1]:4010", `http://[::1]:4010${path}`],
    ["a path before the /sc of Zendesk", "https://acme.zendesk.com/to/sc/", `https://acme.zendesk.com/to/sc${path}`],
    ["a host that ends like that of Zendesk", "https://acmezendesk.com", `https://acmezendesk.com${path}`],
  ]

  for (const [what, baseUrl, expected] of allowed) {
    it.effect(`allows ${what}`, () =>
      Effect.gen(function* () {
        const { url } = yield* requestOf({ baseUrl })
        assert.strictEqual(url.href, expected)
      }),
    )
  }

  const refused: ReadonlyArray<readonly [string, string, expected: string]> = [
    ["http to a remote host", "http://api.smooch.io", "https"],
    ["http to a host that begins like loopback", "http://127.0.0.1.example.test", "https"],
    ["http to a host that begins with localhost", "http://localhost.example.test", "https"],
    ["http to a host that ends like localhost", "http://notlocalhost", "https"],
    // A resolver can send this name elsewhere.
    ["http to a name below localhost", "http://api.localhost:4010", "https"],
    ["http to a private network", "http://192.168.0.1", "https"],
    ["http to all interfaces", "http://0.0.0.0:4010", "https"],
    ["another protocol", "ftp://api.smooch.io", "https"],
    ["another protocol to this machine", "ftp://localhost", "https"],
    ["a host without a scheme", "api.smooch.io", "the scheme is missing"],
    ["a host and a port without a scheme", "localhost:4078", "the scheme is missing"],
    ["an address and a port without a scheme", "127.0.0.1:4078", "the scheme is missing"],
    ["a scheme without a host", "https://", "an absolute URL"],
    ["an empty string", "", "it is empty"],
    ["a host name instead of a subdomain", ParticipantsHttp.zendesk("acme.zendesk.com"), "a subdomain alone"],
    ["an empty subdomain", ParticipantsHttp.zendesk(""), "a subdomain alone"],
    ["a URL instead of a subdomain", ParticipantsHttp.zendesk("https://acme.zendesk.com"), "a subdomain alone"],
    ["http to a remote host, and says what would allow it", "http://sunco:4010", "with the option allowHttp"],
    ["a user name", "https://user@api.smooch.io", "without credentials"],
    ["a password", "https://user:hidden-secret@api.smooch.io", "without credentials"],
    ["a password without a user", "https://:hidden-secret@api.smooch.io", "without credentials"],
    ["a query", "https://api.smooch.io?region=eu", "without a query"],
    ["a fragment", "https://api.smooch.io#top", "without a query or a fragment"],
    ["/v2 at its end", "https://api.smooch.io/v2", "without /v2"],
    ["/v2/ at its end", "https://acme.zendesk.com/sc/v2/", "without /v2"],
    ["a host of Zendesk without /sc", "https://acme.zendesk.com", "such as https://acme.zendesk.com/sc"],
    ["the host of Zendesk itself", "https://zendesk.com", "such as https://acme.zendesk.com/sc"],
    ["a host of Zendesk with a dot at its end", "https://acme.zendesk.com.", "such as https://acme.zendesk.com/sc"],
    ["a host of Zendesk with another path", "https://ACME.zendesk.com/api/", "such as https://acme.zendesk.com/sc"],
    ["a line end after it", "https://api.smooch.io\n", "without blanks, line ends"],
    ["a line end in it", "https://api.smo\r\noch.io", "without blanks, line ends"],
    ["a blank before it", " https://api.smooch.io", "without blanks, line ends"],
    ["a control character", "https://api.smooch.io/\u0000", "without blanks, line ends"],
  ]

  for (const [what, baseUrl, expected] of refused) {
    it.effect(`refuses ${what}`, () =>
      Effect.gen(function* () {
        const api = FakeApi.make(FakeApi.good)
        const error = yield* Effect.flip(Calls.over(api.client, { baseUrl }))
        assert.strictEqual(error._tag, "ConfigError")
        assert.include(error.message, "baseUrl: Expected ")
        assert.include(error.message, expected)
        assert.notInclude(String(error), "hidden-secret")
        assert.strictEqual(api.requests.length, 0)
      }),
    )
  }
})

describe("an option that does not exist, or is not made as it should be", () => {
  const credentials = Calls.basic
  const key = { keyId: "app_key", secret: Redacted.make("hidden-secret") }
  const rate = { limiter: { consume: () => Effect.void }, limit: 1, window: 1 }
  const verify = { attempts: 1, delay: 1 }
  const policy = "attempts, attemptTimeout, deadline, base, cap, maxRetryAfter, verify"
  const names =
    "credentials, baseUrl, allowHttp, headers, retryPolicy, limits, maxBodySize, propagateTraces, onEvent, logLevel, transformClient"
  const constructors = "a value made with Credentials.basic, bearer, jwt or config"
  const { basic, bearer, jwt } = withoutTypes

  const refused: ReadonlyArray<readonly [options: unknown, expected: string]> = [
    [undefined, `credentials: Expected ${constructors}`],
    ["https://api.smooch.io", `options: Expected an object with ${names}`],
    [{ credentials, retries: 3 }, `retries: Expected one of the names ${names}`],
    [{ credentials, constructor: 3 }, `constructor: Expected one of the names ${names}`],
    [{ credentials: {} }, `credentials: Expected ${constructors}`],
    [{ credentials: key }, `credentials: Expected ${constructors}`],
    [{ credentials: basic(undefined) }, "credentials: Expected an object with keyId, secret"],
    [{ credentials: jwt(undefined) }, "credentials: Expected an object with keyId, secret, scope, lifetime"],
    [{ credentials: basic({ ...key, password: "" }) }, "credentials.password: Expected one of the names keyId, secret"],
    [{ credentials: bearer(key.secret, { ttl: 1 }) }, "credentials.ttl: Expected one of the names timeToLive"],
    [
      { credentials: jwt({ ...key, scope: "app", expiresIn: 1 }) },
      "credentials.expiresIn: Expected one of the names keyId, secret, scope, lifetime",
    ],
    [{ credentials, baseUrl: null }, "baseUrl: Expected an absolute URL"],
    [{ credentials, retryPolicy: 4 }, `retryPolicy: Expected an object with ${policy}`],
    [{ credentials, retryPolicy: { deadlineMs: 4 } }, `retryPolicy.deadlineMs: Expected one of the names ${policy}`],
    [
      { credentials, retryPolicy: { verify: true } },
      "retryPolicy.verify: Expected an object with attempts and delay, or",
    ],
    [
      { credentials, retryPolicy: { verify: { ...verify, delayMs: 1 } } },
      "retryPolicy.verify.delayMs: Expected one of the names attempts, delay",
    ],
    [
      { credentials, limits: { maxConcurrency: 5 } },
      "limits.maxConcurrency: Expected one of the names rate, concurrency, circuitBreaker",
    ],
    [
      { credentials, limits: { rate: { ...rate, limiter: undefined } } },
      "limits.rate.limiter: Expected a value made with RateLimiter.make",
    ],
    [
      { credentials, limits: { rate: { ...rate, windowMs: 1 } } },
      "limits.rate.windowMs: Expected one of the names limiter, limit, window, algorithm, key",
    ],
    [
      { credentials, limits: { rate: { ...rate, algorithm: "leaky" } } },
      "limits.rate.algorithm: Expected one of fixed-window, token-bucket",
    ],
    [
      { credentials, limits: { circuitBreaker: {} } },
      "limits.circuitBreaker: Expected a value made with CircuitBreaker.make",
    ],
    [{ credentials, limits: { rate: false } }, "limits.rate: Expected an object with limiter, limit and window"],
    [{ credentials: bearer(key.secret, null) }, "credentials: Expected an object with timeToLive"],
    [{ credentials, headers: "Bearer the-secret" }, "headers: Expected an object, or pairs of name and value"],
    [{ credentials, allowHttp: "false" }, "allowHttp: Expected true or false"],
    [{ credentials, onEvent: "log" }, "onEvent: Expected a function"],
    [{ credentials, transformClient: {} }, "transformClient: Expected a function"],
  ]

  for (const [options, expected] of refused) {
    it.effect(`is a ConfigError: ${expected}`, () =>
      Effect.gen(function* () {
        const error = yield* Effect.flip(withoutTypes.make(options))
        assert.strictEqual(error._tag, "ConfigError")
        assert.include(error.message, `(${expected}`)
      }).pipe(Effect.provideService(HttpClient.HttpClient, FakeApi.make(FakeApi.good).client)),
    )
  }
})

describe("allowHttp", () => {
  it.effect("allows http to another host", () =>
    Effect.gen(function* () {
      const { url } = yield* requestOf({ baseUrl: "http://sunco:4010", allowHttp: true })
      assert.strictEqual(url.origin, "http://sunco:4010")
    }),
  )

  for (const baseUrl of ["ftp://sunco", "http://user:hidden-secret@sunco"]) {
    it.effect(`does not allow ${new URL(baseUrl).protocol}//${new URL(baseUrl).username}...`, () =>
      Effect.gen(function* () {
        const api = FakeApi.make(FakeApi.good)
        const error = yield* Effect.flip(Calls.over(api.client, { baseUrl, allowHttp: true }))
        assert.include(error.message, "baseUrl: Expected ")
        assert.notInclude(error.message, "hidden-secret")
      }),
    )
  }
})

describe("zendesk", () => {
  it.each([undefined, null, 7, ["acme"]])("gives no usable URL to a caller without types that gives it %s", (given) => {
    const url: unknown = Reflect.apply(ParticipantsHttp.zendesk, undefined, [given])
    assert.isFalse(URL.canParse(String(url)), String(url))
  })

  it("never makes a host below the host that it was given", () => {
    for (const given of ["acme.zendesk.com", "https://acme.zendesk.com", "acme.zendesk.com/sc"]) {
      assert.isFalse(URL.canParse(ParticipantsHttp.zendesk(given)), given)
      assert.notInclude(ParticipantsHttp.zendesk(given), "zendesk.com.zendesk.com")
    }
  })
})

describe("headers", () => {
  it.effect("are accept, the user agent and the authorization, and no others", () =>
    Effect.gen(function* () {
      const { request } = yield* requestOf()
      assert.deepStrictEqual(
        { ...request.headers },
        {
          accept: "application/json",
          "user-agent": `effect-sunco/${packageJson.version}`,
          authorization: "Basic YXBwX2tleTp0aGUtc2VjcmV0",
        },
      )
    }),
  )

  it.effect("are added to these, and can replace the user agent", () =>
    Effect.gen(function* () {
      const headers = [
        ["User-Agent", "acme/2"],
        ["X-Zendesk-Marketplace-Name", "Acme Bots"],
      ] as const
      const { request } = yield* requestOf({ headers })
      assert.strictEqual(request.headers["user-agent"], "acme/2")
      assert.strictEqual(request.headers["x-zendesk-marketplace-name"], "Acme Bots")
      assert.strictEqual(request.headers["accept"], "application/json")
    }),
  )

  const reserved = [
    "accept-encoding",
    "connection",
    "content-length",
    "expect",
    "host",
    "keep-alive",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
  ]

  const refused: ReadonlyArray<readonly [string, Record<string, string>, field: string]> = [
    ["an authorization", { authorization: "Bearer hidden-secret" }, "headers.authorization"],
    ["an authorization in capitals", { AUTHORIZATION: "Bearer hidden-secret" }, "headers.authorization"],
    ...reserved.map(
      (name) => [`${name}, which the HTTP client sets`, { [name]: "hidden-secret" }, `headers.${name}`] as const,
    ),
    ["a line end in a value", { "x-tenant": "acme\r\nx-other: hidden-secret" }, "headers.x-tenant"],
    ["a line feed in a value", { "x-tenant": "acme\nhidden-secret" }, "headers.x-tenant"],
    ["a value beyond Latin-1", { "x-tenant": "hidden-secret 🔑" }, "headers.x-tenant"],
    ["a line end in a name", { "x-tenant\r\nx-other": "acme" }, "headers"],
    ["a space in a name", { "x tenant": "acme" }, "headers"],
    ["an empty name", { "": "acme" }, "headers"],
  ]

  for (const [what, headers, field] of refused) {
    it.effect(`refuses ${what}, and names ${field}`, () =>
      Effect.gen(function* () {
        const api = FakeApi.make(FakeApi.good)
        const error = yield* Effect.flip(Calls.over(api.client, { headers }))
        assert.strictEqual(error._tag, "ConfigError")
        assert.include(error.message, `${field}: Expected `)
        assert.notInclude(String(error), "hidden-secret")
        assert.strictEqual(api.requests.length, 0)
      }),
    )
  }
})

describe("maxBodySize", () => {
  for (const maxBodySize of [0, -1, 1.5, NaN, Infinity]) {
    it.effect(`refuses ${maxBodySize}`, () =>
      Effect.gen(function* () {
        const error = yield* Effect.flip(Calls.over(FakeApi.make(FakeApi.good).client, { maxBodySize }))
        assert.strictEqual(error._tag, "ConfigError")
        assert.include(error.message, "maxBodySize: Expected a whole number, 1 or more")
      }),
    )
  }
})

describe("retryPolicy.attemptTimeout", () => {
  for (const [what, attemptTimeout, expected] of [
    ["15 seconds if left out", undefined, Duration.seconds(15)],
    ["what it is set to", "90 seconds", Duration.seconds(90)],
  ] as const) {
    it.effect(`is ${what}`, () =>
      Effect.gen(function* () {
        const api = FakeApi.make(() => Effect.never)
        const service = yield* Calls.over(api.client, { retryPolicy: { attemptTimeout } })
        const fiber = yield* Effect.forkChild(Effect.flip(Calls.list(service)))
        yield* TestClock.adjust(Duration.subtract(expected, Duration.millis(1)))
        assert.isUndefined(fiber.pollUnsafe())
        yield* TestClock.adjust("1 millis")
        const reason = Calls.expectReason(yield* Fiber.join(fiber), "TimedOut")
        assert.deepStrictEqual(reason.after, expected)
      }),
    )
  }
})

describe("zendesk", () => {
  it("keeps the host, whatever the subdomain", () => {
    assert.strictEqual(ParticipantsHttp.zendesk("acme"), "https://acme.zendesk.com/sc")
    assert.isFalse(URL.canParse(ParticipantsHttp.zendesk("evil.test/x")))
    assert.isFalse(URL.canParse(ParticipantsHttp.zendesk("user@evil.test#")))
    assert.isFalse(URL.canParse(ParticipantsHttp.zendesk("\ud800")))
  })
})

describe("propagateTraces", () => {
  const traced = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
    effect.pipe(
      Effect.withSpan("a span of the caller"),
      Effect.provideService(
        Tracer.Tracer,
        Tracer.make({ span: (options) => new Tracer.NativeSpan({ ...options, sampled: true }) }),
      ),
    )

  for (const [what, options] of [
    ["unless asked for", {}],
    ["when it is false", { propagateTraces: false }],
  ] as const) {
    it.effect(`sends no trace headers ${what}`, () =>
      Effect.gen(function* () {
        const { request } = yield* traced(requestOf(options))
        assert.deepStrictEqual(Object.keys(request.headers).toSorted(), ["accept", "authorization", "user-agent"])
      }),
    )
  }

  it.effect("sends trace headers when it is true", () =>
    Effect.gen(function* () {
      const { request } = yield* traced(requestOf({ propagateTraces: true }))
      assert.match(request.headers["traceparent"] ?? "", /^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/)
      assert.isDefined(request.headers["b3"])
    }),
  )
})

describe("transformClient", () => {
  it.effect("sees the request as it is sent", () =>
    Effect.gen(function* () {
      const seen: Array<HttpClientRequest.HttpClientRequest> = []
      const { request } = yield* requestOf({
        baseUrl: ParticipantsHttp.zendesk("acme"),
        headers: { "x-tenant": "acme" },
        transformClient: HttpClient.tapRequest((request) => Effect.sync(() => seen.push(request))),
      })
      assert.strictEqual(seen.length, 1)
      assert.strictEqual(seen[0]?.method, "GET")
      assert.strictEqual(
        seen[0]?.url,
        "https://acme.zendesk.com/sc/v2/apps/app/conversations/conversation/participants",
      )
      assert.deepStrictEqual({ ...seen[0]?.headers }, { ...request.headers })
      assert.strictEqual(seen[0]?.headers["authorization"], "Basic YXBwX2tleTp0aGUtc2VjcmV0")
    }),
  )

  it.effect("can change what is sent", () =>
    Effect.gen(function* () {
      const { request } = yield* requestOf({
        transformClient: HttpClient.mapRequest(HttpClientRequest.setHeader("x-request-id", "42")),
      })
      assert.strictEqual(request.headers["x-request-id"], "42")
    }),
  )

  it.effect("sees each request of a call, also the one after a 401", () =>
    Effect.gen(function* () {
      let seen = 0
      const api = FakeApi.make((request, index) =>
        index === 0 ? new Response("{}", { status: 401 }) : FakeApi.good(request),
      )
      const service = yield* Calls.over(api.client, {
        credentials: Credentials.bearer(Effect.succeed(Redacted.make("token"))),
        transformClient: HttpClient.tap(() => Effect.sync(() => seen++)),
      })
      yield* Calls.list(service)
      assert.strictEqual(seen, 2)
    }),
  )
})

describe("layer", () => {
  it.effect("gives the service over the HttpClient of the caller", () =>
    Effect.gen(function* () {
      const api = FakeApi.make(FakeApi.good)
      const joined = yield* Participants.Participants.use((service) =>
        service.join({ ...Calls.conversation, userId: "user" }),
      ).pipe(
        Effect.provide(ParticipantsHttp.layer({ credentials: Calls.basic })),
        Effect.provideService(HttpClient.HttpClient, api.client),
      )
      assert.strictEqual(joined.id, "participant")
      assert.strictEqual(api.requests.length, 1)
    }),
  )
})

describe("layerConfig", () => {
  const withEnv = Effect.fnUntraced(function* (env: Record<string, string>) {
    const api = FakeApi.make(FakeApi.good)
    yield* Participants.Participants.use(Calls.list).pipe(
      Effect.provide(ParticipantsHttp.layerConfig),
      Effect.provideService(HttpClient.HttpClient, api.client),
      Effect.provideService(ConfigProvider.ConfigProvider, ConfigProvider.fromEnvRecord(env)),
      Effect.onError(() => Effect.sync(() => assert.strictEqual(api.requests.length, 0))),
    )
    return api.requests[0]
  })

  it.effect("reads the base URL and the key", () =>
    Effect.gen(function* () {
      const seen = yield* withEnv({
        SUNCO_BASE_URL: "http://localhost:4010",
        SUNCO_KEY_ID: "app_key",
        SUNCO_KEY_SECRET: "the-secret",
      })
      assert.strictEqual(seen?.url.origin, "http://localhost:4010")
      assert.strictEqual(seen?.request.headers["authorization"], "Basic YXBwX2tleTp0aGUtc2VjcmV0")
    }),
  )

  it.effect("reads a token, and uses the default base URL if none is set", () =>
    Effect.gen(function* () {
      const seen = yield* withEnv({ SUNCO_TOKEN: "token" })
      assert.strictEqual(seen?.url.origin, "https://api.smooch.io")
      assert.strictEqual(seen?.request.headers["authorization"], "Bearer token")
    }),
  )

  for (const [what, env, name] of [
    ["no credentials", { SUNCO_BASE_URL: "http://localhost:4010" }, "SUNCO_KEY_ID"],
    ["half a key", { SUNCO_KEY_ID: "app_key" }, "SUNCO_KEY_SECRET"],
    ["http to a remote host", { SUNCO_BASE_URL: "http://api.smooch.io", SUNCO_TOKEN: "token" }, "SUNCO_BASE_URL"],
    ["no URL", { SUNCO_BASE_URL: "smooch", SUNCO_TOKEN: "token" }, "SUNCO_BASE_URL"],
  ] as const) {
    it.effect(`refuses ${what}, and names ${name}`, () =>
      Effect.gen(function* () {
        const error = yield* Effect.flip(withEnv(env))
        assert.strictEqual(error._tag, "ConfigError")
        assert.include(error.message, name)
      }),
    )
  }

  for (const [what, env, message] of [
    ["an empty base URL", { SUNCO_BASE_URL: "" }, /SUNCO_BASE_URL: Expected .*; it is empty/],
    ["a base URL of blanks", { SUNCO_BASE_URL: " " }, /SUNCO_BASE_URL: Expected .*; it is empty/],
    ["a base URL without a scheme", { SUNCO_BASE_URL: "localhost:4078" }, /SUNCO_BASE_URL: .*scheme is missing/],
    ["http to another host", { SUNCO_BASE_URL: "http://sunco:4010" }, /SUNCO_BASE_URL: .*with SUNCO_ALLOW_HTTP=true/],
    ["an unclear permission", { SUNCO_ALLOW_HTTP: "perhaps" }, /SUNCO_ALLOW_HTTP/],
  ] as const) {
    it.effect(`refuses ${what}, and says why`, () =>
      Effect.gen(function* () {
        const error = yield* Effect.flip(withEnv({ ...env, SUNCO_TOKEN: "token" }))
        assert.strictEqual(error._tag, "ConfigError")
        assert.match(error.message, message)
      }),
    )
  }

  it.effect("allows http to another host if SUNCO_ALLOW_HTTP is true", () =>
    Effect.gen(function* () {
      const seen = yield* withEnv({
        SUNCO_BASE_URL: "http://sunco:4010",
        SUNCO_ALLOW_HTTP: "true",
        SUNCO_TOKEN: "token",
      })
      assert.strictEqual(seen?.url.origin, "http://sunco:4010")
    }),
  )

  for (const [what, env, message] of [
    ["a secret", { SUNCO_KEY_ID: "app_key", SUNCO_KEY_SECRET: "hidden\n" }, /SUNCO_KEY_SECRET: .*without line ends/],
    ["a key id", { SUNCO_KEY_ID: "app_key\n", SUNCO_KEY_SECRET: "hidden" }, /SUNCO_KEY_ID: .*line ends/],
    ["a token", { SUNCO_TOKEN: "hidden\n" }, /SUNCO_TOKEN: .*without line ends/],
  ] as const) {
    it.effect(`refuses a line end behind ${what}, and names the variable`, () =>
      Effect.gen(function* () {
        const error = yield* Effect.flip(withEnv(env))
        assert.match(error.message, message)
        assert.notInclude(error.message, "hidden")
        assert.notInclude(error.message, "credentials.")
      }),
    )
  }
})

describe("config", () => {
  it.effect("gives options to add to", () =>
    Effect.gen(function* () {
      const options = yield* ParticipantsHttp.config.parse(ConfigProvider.fromEnvRecord({ SUNCO_TOKEN: "token" }))
      const { request } = yield* requestOf({ ...options, headers: { "x-tenant": "acme" } })
      assert.strictEqual(request.headers["authorization"], "Bearer token")
      assert.strictEqual(request.headers["x-tenant"], "acme")
    }),
  )
})
