/**
 * `Participants` over HTTP. The caller provides the `HttpClient`: `NodeHttpClient.layerUndici` of
 * `@effect/platform-node`, `FetchHttpClient.layer` of `effect/http`, or any other.
 *
 * @since 0.1.0
 */
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import type * as Headers from "effect/http/Headers"
import * as HttpClient from "effect/http/HttpClient"
import * as Layer from "effect/Layer"
import type * as LogLevel from "effect/LogLevel"
import * as Option from "effect/Option"
import * as Record from "effect/Record"
import * as Schema from "effect/Schema"
import { type Page, Participants } from "@effect-sunco/core"
import * as Credentials from "./Credentials.ts"
import type * as Events from "./Events.ts"
import * as Call from "./internal/call.ts"
import * as Circuit from "./internal/circuit.ts"
import * as Client from "./internal/client.ts"
import { orConfigError } from "./internal/checks.ts"
import * as Exchange from "./internal/exchange.ts"
import * as Gate from "./internal/gate.ts"
import * as Observe from "./internal/observe.ts"
import { checkBaseUrl, checkOptions, notASubdomain } from "./internal/options.ts"
import * as Rate from "./internal/rate.ts"
import * as Request from "./internal/request.ts"
import * as Retry from "./internal/retry.ts"
import * as Telemetry from "./internal/telemetry.ts"
import * as Verification from "./internal/verification.ts"
import type { Limits } from "./Limits.ts"
import * as RetryPolicy from "./RetryPolicy.ts"

// ---------------------------------------------------------------------------
// Base URLs
// ---------------------------------------------------------------------------

/**
 * The API of legacy customers in the United States. It is the default base URL.
 *
 * @category constants
 * @since 0.1.0
 */
export const legacyUS = "https://api.smooch.io"

/**
 * The API of legacy customers in the European Union.
 *
 * @category constants
 * @since 0.1.0
 */
export const legacyEU = "https://api.eu-1.smooch.io"

/**
 * The API of a Zendesk customer, by subdomain: `zendesk("acme")` is `https://acme.zendesk.com/sc`. With anything but a
 * subdomain, such as a host name, the layer fails with a `ConfigError` when it is built.
 *
 * **Example** (The base URL of a subdomain)
 *
 * ```ts
 * import { ParticipantsHttp } from "@effect-sunco/http"
 * import * as assert from "node:assert"
 *
 * assert.equal(ParticipantsHttp.zendesk("acme"), "https://acme.zendesk.com/sc")
 * ```
 *
 * @category constants
 * @since 0.1.0
 */
export const zendesk = (subdomain: string): string =>
  `${typeof subdomain === "string" && /^[a-z0-9-]+$/i.test(subdomain) ? `https://${subdomain}` : notASubdomain}.zendesk.com/sc`

// ---------------------------------------------------------------------------
// Models
// ---------------------------------------------------------------------------

/**
 * How to reach the API. Only `credentials` is required.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options {
  /** How requests authenticate; see `Credentials`. */
  readonly credentials: Credentials.Credentials
  /**
   * The base URL of the API: {@link legacyUS} (`https://api.smooch.io`) if left out; {@link legacyEU}, {@link zendesk},
   * or any other https URL, or an http URL of this machine. A host of `zendesk.com` needs `/sc` at the end. The layer
   * logs its base URL at level debug, and errors of calls have it (`baseUrl`).
   */
  readonly baseUrl?: string | URL | undefined
  /**
   * Whether `baseUrl` may be an http URL of another host than this machine, such as a local API in a container; false
   * if left out. The credentials are then sent unencrypted.
   */
  readonly allowHttp?: boolean | undefined
  /**
   * Headers of each request, such as the `X-Zendesk-Marketplace-*` headers of a marketplace app; none if left out. They
   * can replace `accept` and `user-agent`, but not the authorization, or headers that the HTTP client sets.
   */
  readonly headers?: Headers.Input | undefined
  /** What is retried, when, and for how long; `RetryPolicy.defaults` for each field that is left out. */
  readonly retryPolicy?: RetryPolicy.Partial | undefined
  /** Limits that this layer applies to its requests; none if left out. */
  readonly limits?: Limits | undefined
  /** The largest body that is read, in bytes, after decompression; 10 MiB if left out. */
  readonly maxBodySize?: number | undefined
  /** Whether trace headers are sent to the API; false if left out. */
  readonly propagateTraces?: boolean | undefined
  /**
   * Receives what happens inside calls, as it happens; see `Events`. It runs within the call, so it must return
   * quickly, and is not awaited. What it throws, or rejects with, is logged as an error, and does not fail the call.
   */
  readonly onEvent?: ((event: Events.Event) => void) | undefined
  /** The level of the log lines of calls; `Debug` if left out, which Effect does not print by default. */
  readonly logLevel?: LogLevel.Severity | undefined
  /**
   * Wraps the HTTP client that this layer uses, to observe or change requests; none if left out. It must not turn an
   * answer with an error status into a failure, because the layer reads the status and the body.
   */
  readonly transformClient?: ((client: HttpClient.HttpClient) => HttpClient.HttpClient) | undefined
}

// ---------------------------------------------------------------------------
// Constructors
// ---------------------------------------------------------------------------

/**
 * Makes the service. Fails with a `ConfigError` that names the option if an option is invalid.
 *
 * **Example** (Two accounts in one program)
 *
 * ```ts
 * import { Credentials, ParticipantsHttp } from "@effect-sunco/http"
 * import { LocalApi, Sandbox } from "@effect-sunco/testing"
 * import { Effect, Redacted } from "effect"
 * import * as assert from "node:assert"
 *
 * const { appId, conversationId, keyId, secret } = Sandbox.demo
 * const credentials = Credentials.basic({ keyId, secret: Redacted.make(secret) })
 *
 * const program = Effect.gen(function* () {
 *   const us = yield* ParticipantsHttp.make({ credentials, baseUrl: ParticipantsHttp.legacyUS })
 *   const eu = yield* ParticipantsHttp.make({ credentials, baseUrl: ParticipantsHttp.legacyEU })
 *   return yield* Effect.all([us.list({ appId, conversationId }), eu.list({ appId, conversationId })])
 * })
 *
 * const pages = await Effect.runPromise(program.pipe(Effect.provide(LocalApi.layerHttpClient())))
 * assert.deepEqual(
 *   pages.map(({ participants }) => participants.length),
 *   [25, 25],
 * )
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const make: (
  options: Options,
) => Effect.Effect<Participants.Participants["Service"], Config.ConfigError, HttpClient.HttpClient> = Effect.fnUntraced(
  function* (options) {
    const { baseUrl, credentials, headers, limits, maxBodySize, propagateTraces, retryPolicy, ...checked } =
      yield* checkOptions(options ?? {}, { baseUrl: legacyUS, retryPolicy: RetryPolicy.defaults })
    const httpClient = yield* HttpClient.HttpClient
    const engine = {
      authentication: yield* credentials.open,
      gate: Gate.make(limits.concurrency, limits.rate && Rate.make(limits.rate, baseUrl)),
      circuit: Circuit.make(limits.circuitBreaker, baseUrl),
      send: Request.make(Client.make(httpClient, checked.transformClient), { maxBodySize, propagateTraces }),
    }
    const destination = { baseUrl, credentials: credentials.kind }
    yield* Effect.logDebug("Participants over HTTP", destination)
    const exchange = Exchange.make(baseUrl, headers)
    const start = Call.start(destination, Telemetry.make(checked), retryPolicy)
    const listOf = (call: Call.Call) => (request: Page.ListRequest) => Retry.run(engine, call, exchange.list(request))
    const readWithin = (call: Call.Call) => (request: Page.ListRequest) =>
      Effect.withFiber((fiber) => listOf(call.read(fiber))(request))

    return Participants.make({
      join: (request) =>
        start("join", request, (call) => {
          const verification = Verification.ofJoin(readWithin(call), request)
          return Observe.call(call, Retry.run(engine, call, exchange.join(request), verification))
        }),
      leave: (request) =>
        start("leave", request, (call) => {
          const verification = Verification.ofLeave(readWithin(call), request)
          return Observe.call(call, Retry.run(engine, call, exchange.leave(request), verification))
        }),
      list: (request) => start("list", request, (call) => Observe.call(call, listOf(call)(request))),
    })
  },
)

// ---------------------------------------------------------------------------
// Layers
// ---------------------------------------------------------------------------

/**
 * `Participants` over the `HttpClient` that the caller provides.
 *
 * **Example** (Against the real API, with undici)
 *
 * ```ts
 * import { type Page, Participants } from "@effect-sunco/core"
 * import { Credentials, ParticipantsHttp } from "@effect-sunco/http"
 * import { NodeHttpClient } from "@effect/platform-node"
 * import { Effect, Layer, Redacted } from "effect"
 *
 * const ParticipantsLive = ParticipantsHttp.layer({
 *   baseUrl: ParticipantsHttp.zendesk("acme"),
 *   credentials: Credentials.basic({ keyId: "app_sandbox", secret: Redacted.make("sandbox-secret") }),
 * }).pipe(Layer.provide(NodeHttpClient.layerUndici))
 *
 * const program = Effect.gen(function* () {
 *   const participants = yield* Participants.Participants
 *   return yield* participants.list({ appId: "app", conversationId: "conversation" })
 * }).pipe(Effect.provide(ParticipantsLive))
 * ```
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = (
  options: Options,
): Layer.Layer<Participants.Participants, Config.ConfigError, HttpClient.HttpClient> =>
  Layer.effect(Participants.Participants, make(options))

/**
 * `SUNCO_BASE_URL`; `""` if it is set and empty. A `ConfigProvider` of environment variables treats an empty variable
 * as not set. But it still lists `SUNCO_BASE` as a record, which is then empty, unless another variable is in it.
 */
const baseUrlVariable = Config.map(
  Config.all({
    baseUrl: Config.option(Config.String("SUNCO_BASE_URL")),
    beginning: Config.option(
      Config.schema(Schema.Record(Schema.String, Schema.UndefinedOr(Schema.String)), ["SUNCO", "BASE"]),
    ),
  }),
  ({ baseUrl, beginning }) =>
    Option.getOrElse(baseUrl, () => (Option.exists(beginning, Record.isEmptyReadonlyRecord) ? "" : legacyUS)),
)

/**
 * The options that {@link layerConfig} reads: `SUNCO_BASE_URL` (`https://api.smooch.io` if it is not set; invalid if it
 * is empty), `SUNCO_ALLOW_HTTP` (`true` allows http to another host than this machine) and `Credentials.config`.
 *
 * An empty `SUNCO_BASE_URL` counts as not set if another variable that begins with `SUNCO_BASE_` has a value.
 *
 * @category config
 * @since 0.1.0
 */
export const config: Config.Config<Options> = Config.flatMap(
  Config.all({
    baseUrl: baseUrlVariable,
    allowHttp: Config.withDefault(Config.Boolean("SUNCO_ALLOW_HTTP"), false),
    credentials: Credentials.config,
  }),
  (options) => {
    const baseUrl = checkBaseUrl(options.baseUrl, options.allowHttp, "SUNCO_ALLOW_HTTP=true")
    return Config.map(
      orConfigError(baseUrl, () => "SUNCO_BASE_URL"),
      (baseUrl) => ({ ...options, baseUrl }),
    )
  },
)

/**
 * {@link layer} with all options from `Config`: `SUNCO_BASE_URL` (`https://api.smooch.io` if it is not set),
 * `SUNCO_ALLOW_HTTP`, and `SUNCO_KEY_ID` with `SUNCO_KEY_SECRET` or `SUNCO_TOKEN`.
 *
 * To set other options as well, use {@link config}:
 *
 * ```ts
 * import { ParticipantsHttp } from "@effect-sunco/http"
 * import { Effect, Layer } from "effect"
 *
 * const ParticipantsLive = Layer.unwrap(
 *   Effect.map(ParticipantsHttp.config, (options) =>
 *     ParticipantsHttp.layer({ ...options, headers: { "x-zendesk-marketplace-name": "acme" } }),
 *   ),
 * )
 * ```
 *
 * @category layers
 * @since 0.1.0
 */
export const layerConfig: Layer.Layer<Participants.Participants, Config.ConfigError, HttpClient.HttpClient> =
  Layer.unwrap(Effect.map(config, layer))
