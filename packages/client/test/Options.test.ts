/**
 * Options are checked when a client or its credentials are made. JavaScript has no compiler: names and types count too.
 */
import { assert, describe, it } from "vitest"
import { createClient, Credentials, InvalidOption } from "../src/index.ts"

const secret = "s3cr3t-s3cr3t-s3cr3t"
const keyId = "app_key"
const credentials = Credentials.basic({ keyId, secret })

/** What a function throws when JavaScript calls it. */
const thrownBy = (call: Function, ...args: ReadonlyArray<unknown>): InvalidOption => {
  try {
    Reflect.apply(call, undefined, args)
  } catch (error) {
    assert.instanceOf(error, InvalidOption)
    assert.strictEqual(error.code, "invalid_option")
    assert.notInclude(error.message, secret)
    assert.notInclude(JSON.stringify(error), secret)
    return error
  }
  return assert.fail("nothing was thrown")
}

describe("createClient names the option that cannot be", () => {
  it.each<[string, unknown]>([
    ["options", undefined],
    ["options", "https://api.smooch.io"],
    ["credentials", {}],
    ["credentials", { credentials: { keyId, secret } }],
    ["retries", { credentials, retries: 3 }],
    ["baseUrl", { credentials, baseUrl: 4010 }],
    ["baseUrl", { credentials, baseUrl: "localhost:4010" }],
    ["baseUrl", { credentials, baseUrl: "http://api.example.com" }],
    ["fetch", { credentials, fetch: {} }],
    ["onEvent", { credentials, onEvent: "log" }],
    ["allowHttp", { credentials, allowHttp: "yes" }],
    ["headers", { credentials, headers: [["name", "value"]] }],
    ["headers.x-name", { credentials, headers: { "x-name": 1 } }],
    ["retryPolicy", { credentials, retryPolicy: 4 }],
    ["retryPolicy.deadline", { credentials, retryPolicy: { deadline: 1000 } }],
    ["retryPolicy.deadlineMs", { credentials, retryPolicy: { deadlineMs: "1000" } }],
    ["retryPolicy.deadlineMs", { credentials, retryPolicy: { deadlineMs: -1 } }],
    ["retryPolicy.attempts", { credentials, retryPolicy: { attempts: "4" } }],
    ["retryPolicy.attempts", { credentials, retryPolicy: { attempts: 0 } }],
    ["retryPolicy.verify", { credentials, retryPolicy: { verify: true } }],
    ["retryPolicy.verify.delayMs", { credentials, retryPolicy: { verify: { attempts: 3 } } }],
    ["limits.concurrency", { credentials, limits: { concurrency: 0 } }],
    ["limits.rate.windowMs", { credentials, limits: { rate: { limit: 5 } } }],
    ["limits.rate.algorithm", { credentials, limits: { rate: { limit: 5, windowMs: 1000, algorithm: "leaky" } } }],
    [
      "limits.circuitBreaker.openMs",
      { credentials, limits: { circuitBreaker: { consecutiveFailures: 5, openMs: 0 } } },
    ],
  ])("%s", (option, options) => {
    assert.strictEqual(thrownBy(createClient, options).option, option)
  })
})

describe("credentials name the option that cannot be, and repeat no secret", () => {
  it.each<[string, Function, ReadonlyArray<unknown>]>([
    ["credentials.secret", Credentials.basic, [{ keyId }]],
    ["credentials.keyId", Credentials.basic, [{ keyId: 7, secret }]],
    ["credentials.password", Credentials.basic, [{ keyId, secret, password: secret }]],
    ["credentials.token", Credentials.bearer, [{ token: secret }]],
    ["credentials.timeToLive", Credentials.bearer, [secret, { timeToLive: 1 }]],
    ["credentials.scope", Credentials.jwt, [{ keyId, secret, scope: "all" }]],
    ["credentials.lifetimeMs", Credentials.jwt, [{ keyId, secret, scope: "app", lifetimeMs: "1h" }]],
    ["env", Credentials.fromEnv, [null]],
  ])("%s", (option, make, args) => {
    assert.strictEqual(thrownBy(make, ...args).option, option)
  })

  it("of an environment name the variable that is missing", () => {
    assert.include(thrownBy(Credentials.fromEnv, { SUNCO_KEY_ID: keyId }).message, "SUNCO_KEY_SECRET")
    assert.include(thrownBy(Credentials.fromEnv, {}).message, "SUNCO_TOKEN")
  })
})

describe("the error says what is allowed", () => {
  it.each<[string, Function, ReadonlyArray<unknown>]>([
    ["retries: Expected one of the names credentials, baseUrl,", createClient, [{ credentials, retries: 3 }]],
    ["credentials: Expected credentials made with Credentials.basic, bearer, jwt or fromEnv", createClient, [{}]],
    [
      "retryPolicy.deadlineMs: Expected a number of milliseconds",
      createClient,
      [{ credentials, retryPolicy: { deadlineMs: "1 second" } }],
    ],
    [
      "retryPolicy.deadlineMs: Expected a number of milliseconds, more than zero",
      createClient,
      [{ credentials, retryPolicy: { deadlineMs: 0 } }],
    ],
    [
      "retryPolicy.verify: Expected an object with attempts and delayMs, or false",
      createClient,
      [{ credentials, retryPolicy: { verify: null } }],
    ],
    [
      "limits.rate.windowMs: Expected a number of milliseconds",
      createClient,
      [{ credentials, limits: { rate: { limit: 5 } } }],
    ],
    ["credentials.secret: Expected a string", Credentials.basic, [{ keyId }]],
    [
      "credentials.token: Expected a token, a string that is not empty",
      createClient,
      [{ credentials: Credentials.bearer("") }],
    ],
  ])("%s", (message, call, args) => {
    const given = thrownBy(call, ...args).message
    assert.isTrue(given.startsWith(message), given)
  })
})

it("an option that is undefined counts as left out", () => {
  assert.doesNotThrow(() => createClient({ credentials, baseUrl: undefined, retryPolicy: { attempts: undefined } }))
})
