/**
 * `Participants` over HTTP. The caller provides the `HttpClient`: `NodeHttpClient.layerUndici` of
 * `@effect/platform-node`, `FetchHttpClient.layer` of `effect/http`, or any other.
 *
 * @since 0.1.0
 */
import * as Clock from "effect/Clock"
import * as Config from "effect/Config"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { flow, identity } from "effect/Function"
import * as HttpApiClient from "effect/http-api/HttpApiClient"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import type * as Headers from "effect/http/Headers"
import * as HttpClient from "effect/http/HttpClient"
import type * as HttpClientError from "effect/http/HttpClientError"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import type * as HttpClientResponse from "effect/http/HttpClientResponse"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as Record from "effect/Record"
import * as Result from "effect/Result"
import type * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import { Participants, ParticipantsApi, SunshineError } from "@effect-sunco/core"
import * as Credentials from "./Credentials.ts"
import * as Admission from "./internal/admission.ts"
import * as Answer from "./internal/answer.ts"
import * as Attempt from "./internal/attempt.ts"
import { authorize } from "./internal/authorize.ts"
import * as BaseUrl from "./internal/baseUrl.ts"
import { configError, invalid } from "./internal/configuration.ts"
import { checkHeaders, checkLimits } from "./internal/options.ts"
import { lookFor } from "./internal/look.ts"
import * as Policy from "./internal/policy.ts"
import * as Retry from "./internal/retry.ts"
import { fromHttpClientError } from "./internal/transport.ts"
import { version } from "./internal/version.ts"
import * as RetryPolicy from "./RetryPolicy.ts"

// ---------------------------------------------------------------------------
// Base URLs
// ---------------------------------------------------------------------------

/**
 * The API of legacy customers in the United States: the base URL if none is named.
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
 * The API of a Zendesk customer, by subdomain: `zendesk("acme")` is `https://acme.zendesk.com/sc`.
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
export const zendesk = (subdomain: string): string => `https://${encodeURIComponent(subdomain)}.zendesk.com/sc`

// ---------------------------------------------------------------------------
// Models
// ---------------------------------------------------------------------------

/**
 * What this layer may send at most. Each limit is optional; all attempts and looks count.
 *
 * - `rate`: requests per window, from Effect's `RateLimiter`. Its store decides who shares the budget: this process, or
 *   all that use the same Redis. `key` names the budget; the base URL if left out. A call whose deadline comes before the
 *   next token fails at once with the reason `RateLimited`, and takes none.
 * - `concurrency`: requests at once
 * - `circuitBreaker`: Effect's `CircuitBreaker`. Failures of the server (5xx, timeouts, no connection) open it; while it is
 *   open, calls fail with the reason `Transport`, which was not sent, and are not tried again.
 *
 * Whatever the limits: a 429 with `Retry-After` holds all callers of the layer until the latest time that any answer
 * named. They wait outside `concurrency`.
 *
 * @category models
 * @since 0.1.0
 */
export type Limits = Admission.Limits

/**
 * How to reach the API.
 *
 * - `credentials`: see `Credentials`
 * - `baseUrl`: {@link legacyUS} if left out; {@link legacyEU}, {@link zendesk}, or any other. https, or http to this
 *   machine.
 * - `headers`: sent with each request, such as the `X-Zendesk-Marketplace-*` headers of a marketplace app. They cannot
 *   replace the authorization.
 * - `retryPolicy`: what is tried again, when, and for how long; see `RetryPolicy`
 * - `limits`: see {@link Limits}; none if left out
 * - `propagateTraces`: whether to send trace headers to the API; false if left out
 * - `transformClient`: wraps the HTTP client under this layer, to observe or change requests. Errors with a status have
 *   to stay responses: a client that fails on them hides what the API said.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options {
  readonly credentials: Credentials.Credentials
  readonly baseUrl?: string | URL | undefined
  readonly headers?: Headers.Input | undefined
  readonly retryPolicy?: Partial<RetryPolicy.RetryPolicy> | undefined
  readonly limits?: Limits | undefined
  readonly propagateTraces?: boolean | undefined
  readonly transformClient?: ((client: HttpClient.HttpClient) => HttpClient.HttpClient) | undefined
}

// ---------------------------------------------------------------------------
// Constructors
// ---------------------------------------------------------------------------

/**
 * Makes the service. A wrong option is a `ConfigError` that names it, and nothing is sent.
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
export const make = Effect.fnUntraced(function* (
  options: Options,
): Effect.fn.Return<Participants.Participants["Service"], Config.ConfigError, HttpClient.HttpClient> {
  const baseUrl = yield* Effect.mapError(Effect.fromResult(BaseUrl.parse(options.baseUrl ?? legacyUS)), (expected) =>
    configError("baseUrl", expected),
  )
  const headers = yield* checkHeaders(options.headers)
  const admission = Admission.make(yield* checkLimits(options.limits ?? {}), baseUrl)
  const layerPolicy = Policy.merge(RetryPolicy.defaults, options.retryPolicy)
  yield* Effect.mapError(Effect.fromResult(Policy.check(layerPolicy)), ({ expected, field }) =>
    configError(field, expected),
  )
  const authorization = yield* authorize(options.credentials)
  const httpClient = yield* HttpClient.HttpClient
  const { participants: client } = yield* HttpApiClient.makeWith(ParticipantsApi.ParticipantsApi, {
    httpClient: httpClient.pipe(
      HttpClient.mapRequest(
        flow(
          HttpClientRequest.prependUrl(baseUrl),
          HttpClientRequest.acceptJson,
          HttpClientRequest.setHeader("user-agent", `effect-sunco/${version}`),
          HttpClientRequest.setHeaders(headers),
        ),
      ),
      options.transformClient ?? identity,
      // What is left of an answer ends with its attempt.
      HttpClient.withScope,
    ),
  }).pipe(Effect.provide(authorization.middleware))

  /** One request. */
  const attempt =
    <A, E>(operation: SunshineError.Operation, policy: Policy.Policy, send: Send, read: Read<A, E>) =>
    (state: Attempt.Attempt): Effect.Effect<A, E | SunshineError.SunshineError> =>
      Effect.flatMap(Clock.currentTimeMillis, (startedAt) =>
        send.pipe(
          // The request has been checked against narrower schemas than those of the contract.
          Effect.catchTag("SchemaError", Effect.die),
          Effect.mapError((error) => fromHttpClientError(operation, error)),
          Effect.tap(admission.hear),
          Effect.flatMap((response) =>
            Effect.flatMap(Clock.currentTimeMillis, (now) =>
              read(response, state, Duration.subtract(policy.attemptTimeout, Duration.millis(now - startedAt))),
            ),
          ),
          Effect.scoped,
          Attempt.withTimeout(operation, policy, state),
          Effect.provideService(Attempt.Attempt, state),
          Effect.provideService(HttpClient.TracerPropagationEnabled, options.propagateTraces ?? false),
          withoutRedirects,
        ),
      )

  /** One call: as many requests as its policy allows. */
  const call = <A, E extends SunshineError.BadRequest | SunshineError.NotFound>(
    operation: SunshineError.Operation,
    send: Send,
    read: Read<A, E>,
    verification?: Retry.Verification<A, E>,
  ): Effect.Effect<A, E | SunshineError.SunshineError> =>
    Effect.gen(function* () {
      const overrides = yield* RetryPolicy.Overrides
      const policy = yield* Effect.mapError(
        Effect.fromResult(Policy.check(Policy.merge(layerPolicy, overrides))),
        ({ expected, field }) =>
          new SunshineError.SunshineError({
            operation,
            reason: new SunshineError.InvalidRequest({ field, expected: `Expected ${expected}` }),
          }),
      )
      const once = attempt(operation, policy, send, read)
      return yield* Retry.run({
        operation,
        policy,
        attempt: (state, endsAt, look) =>
          authorization.renewing(
            state,
            admission.admit({
              operation,
              policy,
              endsAt,
              preparation: {
                run: Effect.tap(look.run, (shown) =>
                  Option.isSome(shown) ? Effect.void : authorization.prepare(operation, policy, state),
                ),
                holds: Effect.zipWith(look.holds, authorization.isReady(state), (one, other) => one && other),
              },
              request: once(state),
            }),
          ),
        verification,
      })
    })

  const service: Participants.Participants["Service"] = Participants.make({
    join: (request) => {
      const { appId, conversationId, ...body } = request
      return call(
        "join",
        client.join({ params: { appId, conversationId }, payload: present(body), responseMode }),
        Answer.join,
        {
          // A second join can make a second participant: it needs a roster that would have shown the first one.
          look: Effect.map(lookFor(service, request), ({ found, namesAll }) => ({
            shown: found,
            conclusive: namesAll,
          })),
          shownBy: Option.none,
        },
      )
    },
    leave: (request) => {
      const { appId, conversationId, ...body } = request
      return call(
        "leave",
        client.leave({ params: { appId, conversationId }, payload: present(body), responseMode }),
        Answer.leave,
        {
          // A second leave does no harm, so it is sent unless the roster shows for sure that the user is gone.
          look: Effect.map(lookFor(service, request), ({ found, namesAll }) => ({
            shown: Option.isNone(found) && namesAll ? Option.some(undefined) : Option.none(),
            conclusive: true,
          })),
          shownBy: (rejection) =>
            rejection._tag === "NotFound" && rejection.code === "not_found" ? Option.some(undefined) : Option.none(),
        },
      )
    },
    list: ({ appId, conversationId, page }) =>
      call(
        "list",
        client.list({
          params: { appId, conversationId },
          query: present({ "page[after]": page?.after, "page[before]": page?.before, "page[size]": page?.size }),
          responseMode,
        }),
        Answer.list,
      ),
  })
  return service
})

// ---------------------------------------------------------------------------
// Layers
// ---------------------------------------------------------------------------

/**
 * `Participants` over the `HttpClient` that the caller provides.
 *
 * **Example** (Against the real API, with undici)
 *
 * ```ts
 * import { Participants } from "@effect-sunco/core"
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
 * The options that {@link layerConfig} reads: `SUNCO_BASE_URL` ({@link legacyUS} if it is not set) and `Credentials.config`.
 *
 * @category config
 * @since 0.1.0
 */
export const config: Config.Config<Options> = Config.all({
  baseUrl: Config.String("SUNCO_BASE_URL").pipe(
    Config.withDefault(legacyUS),
    Config.flatMap((value) =>
      Result.match(BaseUrl.parse(value), {
        onFailure: (expected) => Config.fail(invalid("SUNCO_BASE_URL", expected)),
        onSuccess: Config.succeed,
      }),
    ),
  ),
  credentials: Credentials.config,
})

/**
 * {@link layer} with all options from `Config`: `SUNCO_BASE_URL`, and `SUNCO_KEY_ID` with `SUNCO_KEY_SECRET` or
 * `SUNCO_TOKEN`.
 *
 * For other options beside them, use {@link config}:
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

// ---------------------------------------------------------------------------
// Internals
// ---------------------------------------------------------------------------

const responseMode = "response-only"

type Send = Effect.Effect<
  HttpClientResponse.HttpClientResponse,
  HttpClientError.HttpClientError | Schema.SchemaError,
  Scope.Scope
>

/** Makes an answer the result of the operation, or its error. */
type Read<A, E> = (
  response: HttpClientResponse.HttpClientResponse,
  attempt: Attempt.Attempt,
  timeLeft: Duration.Duration,
) => Effect.Effect<A, E | SunshineError.SunshineError>

/** The fields that have a value: what is undefined is not sent. */
const present = <Fields extends Record<string, unknown>>(fields: Fields) =>
  Record.filter(fields, Predicate.isNotUndefined)

/** `fetch` would follow a redirect, and turn a POST into a GET. The other clients do not follow. */
const withoutRedirects = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.updateContext(effect, (context: Context.Context<R>) =>
    Context.add(context, FetchHttpClient.RequestInit, {
      ...Option.getOrUndefined(Context.getOption(context, FetchHttpClient.RequestInit)),
      redirect: "manual",
    }),
  )
