/**
 * How to authenticate with Sunshine Conversations: an API key (basic), a token (bearer), or a JWT signed with an API key.
 *
 * A secret is `Redacted` from here to the header of the request.
 *
 * @see https://developer.zendesk.com/documentation/conversations/getting-started/api-authentication/
 * @since 0.1.0
 */
import * as Clock from "effect/Clock"
import * as Config from "effect/Config"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Base64 from "effect/encoding/Base64"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import { SignJWT } from "jose"
import * as Authorization from "./internal/authorization.ts"
import { configError, invalid } from "./internal/configuration.ts"
import { UnfitToken } from "./internal/transport.ts"

// ---------------------------------------------------------------------------
// Models
// ---------------------------------------------------------------------------

/**
 * A way to authenticate. Make one with {@link basic}, {@link bearer}, {@link jwt} or {@link config}; it is checked when
 * the layer that uses it is built.
 *
 * @category models
 * @since 0.1.0
 */
export interface Credentials {
  readonly kind: "basic" | "bearer" | "jwt"
  /** Checks the options and gives the source of headers; each layer has its own. */
  readonly open: Effect.Effect<Authorization.Authorization<unknown>, Config.ConfigError>
}

/**
 * An API key: `keyId` begins with `app_`, `act_`, `svc_` or `int_`, for the scope it has.
 *
 * @category models
 * @since 0.1.0
 */
export interface ApiKey {
  readonly keyId: string
  readonly secret: Redacted.Redacted
}

/**
 * The scope a JWT claims. All three can call the participants operations.
 *
 * @category models
 * @since 0.1.0
 */
export type Scope = "app" | "account" | "integration"

// ---------------------------------------------------------------------------
// Constructors
// ---------------------------------------------------------------------------

/**
 * Authenticates each request with an API key (HTTP basic authentication).
 *
 * **Example**
 *
 * ```ts
 * import { Credentials } from "@effect-sunco/http"
 * import { Redacted } from "effect"
 * import * as assert from "node:assert"
 *
 * const credentials = Credentials.basic({ keyId: "app_sandbox", secret: Redacted.make("sandbox-secret") })
 *
 * assert.equal(JSON.stringify(credentials).includes("sandbox-secret"), false)
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const basic = (key: ApiKey): Credentials => ({
  kind: "basic",
  open: Effect.map(checkApiKey(key), () =>
    Authorization.fixed(header("Basic", Base64.encode(`${key.keyId}:${Redacted.value(key.secret)}`))),
  ),
})

/**
 * Authenticates each request with a token: a JWT you signed yourself, or an OAuth token of scope `integration`.
 *
 * The token is a fixed one, or an Effect that yields one. The Effect runs when the first request needs a token, once for
 * all callers that wait; the token is kept for `timeToLive` (for ever if left out), and asked for again when the API
 * answers 401, once per request. If the Effect fails, the call fails with the reason `Transport`, nothing is sent, and
 * the failure is its `cause`.
 *
 * **Example** (A token from elsewhere)
 *
 * ```ts
 * import { Credentials } from "@effect-sunco/http"
 * import { Effect, Redacted } from "effect"
 *
 * const fromVault = Effect.succeed(Redacted.make("a-token"))
 *
 * const credentials = Credentials.bearer(fromVault, { timeToLive: "10 minutes" })
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const bearer = (
  token: Redacted.Redacted | Effect.Effect<Redacted.Redacted, unknown>,
  options?: { readonly timeToLive?: Duration.Input },
): Credentials => ({
  kind: "bearer",
  open: Effect.gen(function* () {
    if (Redacted.isRedacted(token)) {
      if (!isToken(token)) return yield* Effect.fail(configError("credentials.token", fitToken))
      return Authorization.fixed(header("Bearer", Redacted.value(token)))
    }
    const timeToLive = Option.getOrUndefined(Duration.fromInput(options?.timeToLive ?? Duration.infinity))
    if (timeToLive === undefined || !Duration.isGreaterThan(timeToLive, Duration.zero)) {
      return yield* Effect.fail(configError("credentials.timeToLive", "a duration of more than zero"))
    }
    return yield* Authorization.kept(
      token.pipe(
        Effect.filterOrFail(isToken, () => new UnfitToken({ expected: fitToken })),
        Effect.map((value) => header("Bearer", Redacted.value(value))),
      ),
      timeToLive,
    )
  }),
})

/**
 * Authenticates each request with a JWT, signed (HS256) with an API key.
 *
 * The token carries the key id in its header (`kid`) and the claims `scope`, `iat` and `exp`. It is signed when the first
 * request needs it, once for all callers that wait, and kept for nine tenths of its `lifetime` (1 hour if left out). When
 * the API answers 401, another one is signed, once per request.
 *
 * **Example**
 *
 * ```ts
 * import { Credentials } from "@effect-sunco/http"
 * import { Redacted } from "effect"
 *
 * const credentials = Credentials.jwt({
 *   keyId: "app_sandbox",
 *   secret: Redacted.make("sandbox-secret"),
 *   scope: "app",
 *   lifetime: "15 minutes",
 * })
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const jwt = (
  options: ApiKey & {
    readonly scope: Scope
    readonly lifetime?: Duration.Input
  },
): Credentials => ({
  kind: "jwt",
  open: Effect.gen(function* () {
    yield* checkApiKey(options)
    if (!scopes.includes(options.scope)) {
      return yield* Effect.fail(configError("credentials.scope", `one of ${scopes.join(", ")}`))
    }
    const lifetime = Option.getOrUndefined(Duration.fromInput(options.lifetime ?? Duration.hours(1)))
    if (lifetime === undefined || !Duration.isFinite(lifetime) || Duration.toSeconds(lifetime) < 1) {
      return yield* Effect.fail(configError("credentials.lifetime", "a duration of at least one second"))
    }
    const seconds = Math.floor(Duration.toSeconds(lifetime))
    // The claims are whole seconds, so a token can end a second before its lifetime has passed.
    const kept = Duration.seconds(Math.min(seconds * 0.9, seconds - 1))
    return yield* Authorization.kept(sign(options, options.scope, seconds), kept)
  }),
})

// ---------------------------------------------------------------------------
// Config
// ---------------------------------------------------------------------------

const given = Config.all({
  keyId: Config.option(Config.String("SUNCO_KEY_ID")),
  secret: Config.option(Config.Redacted("SUNCO_KEY_SECRET")),
  token: Config.option(Config.Redacted("SUNCO_TOKEN")),
})

const apiKey = (key: {
  readonly keyId: Option.Option<string>
  readonly secret: Option.Option<Redacted.Redacted>
}): Config.Config<ApiKey> => {
  if (Option.isNone(key.keyId)) return Config.fail(invalid("SUNCO_KEY_ID", "the id of the API key of SUNCO_KEY_SECRET"))
  if (Option.isNone(key.secret))
    return Config.fail(invalid("SUNCO_KEY_SECRET", "the secret of the API key SUNCO_KEY_ID"))
  return Config.succeed({ keyId: key.keyId.value, secret: key.secret.value })
}

/**
 * Credentials from the environment: {@link basic} from `SUNCO_KEY_ID` and `SUNCO_KEY_SECRET`, or {@link bearer} from
 * `SUNCO_TOKEN`. None of them, half a key, or both kinds at once is a `ConfigError` that names the variable.
 *
 * **Example** (A key from the environment)
 *
 * ```ts
 * import { Credentials } from "@effect-sunco/http"
 * import { ConfigProvider, Effect } from "effect"
 * import * as assert from "node:assert"
 *
 * const environment = ConfigProvider.fromEnv({
 *   env: { SUNCO_KEY_ID: "app_sandbox", SUNCO_KEY_SECRET: "sandbox-secret" },
 * })
 *
 * const credentials = await Effect.runPromise(
 *   Effect.provideService(Credentials.config, ConfigProvider.ConfigProvider, environment),
 * )
 * assert.equal(credentials.kind, "basic")
 * ```
 *
 * @category config
 * @since 0.1.0
 */
export const config: Config.Config<Credentials> = Config.flatMap(given, ({ keyId, secret, token }) => {
  if (Option.isSome(token)) {
    return Option.isNone(keyId) && Option.isNone(secret)
      ? Config.succeed(bearer(token.value))
      : Config.fail(invalid("SUNCO_TOKEN", "either a token, or SUNCO_KEY_ID with SUNCO_KEY_SECRET, not both"))
  }
  return Option.isNone(keyId) && Option.isNone(secret)
    ? Config.fail(invalid("SUNCO_KEY_ID", "SUNCO_KEY_ID with SUNCO_KEY_SECRET, or SUNCO_TOKEN; none of them is set"))
    : Config.map(apiKey({ keyId, secret }), basic)
})

/**
 * {@link jwt} credentials with the key from the environment: `SUNCO_KEY_ID` and `SUNCO_KEY_SECRET`.
 *
 * **Example** (The layer with a key from the environment that signs)
 *
 * ```ts
 * import { Credentials, ParticipantsHttp } from "@effect-sunco/http"
 * import { Effect, Layer } from "effect"
 *
 * const ParticipantsLive = Layer.unwrap(
 *   Effect.map(Credentials.configJwt({ scope: "app", lifetime: "15 minutes" }), (credentials) =>
 *     ParticipantsHttp.layer({ credentials }),
 *   ),
 * )
 * ```
 *
 * @category config
 * @since 0.1.0
 */
export const configJwt = (options: {
  readonly scope: Scope
  readonly lifetime?: Duration.Input
}): Config.Config<Credentials> =>
  Config.flatMap(given, (key) => Config.map(apiKey(key), (apiKey) => jwt({ ...options, ...apiKey })))

// ---------------------------------------------------------------------------
// Internals
// ---------------------------------------------------------------------------

const scopes: ReadonlyArray<Scope> = ["app", "account", "integration"]

const header = (scheme: "Basic" | "Bearer", value: string) =>
  Redacted.make(`${scheme} ${value}`, { label: "authorization" })

const checkApiKey = ({ keyId, secret }: ApiKey) => {
  // The first colon of a basic credential separates the id from the secret.
  if (!/^[^:\p{Cc}]+$/u.test(keyId)) {
    return Effect.fail(configError("credentials.keyId", "the id of an API key, without a colon"))
  }
  return Redacted.value(secret) === ""
    ? Effect.fail(configError("credentials.secret", "the secret of the API key, not an empty string"))
    : Effect.void
}

const fitToken = "a token of visible ASCII characters, without spaces or line ends"

const isToken = (token: Redacted.Redacted) => /^[\x21-\x7e]+$/.test(Redacted.value(token))

const sign = ({ keyId, secret }: ApiKey, scope: Scope, lifetimeSeconds: number) =>
  Effect.gen(function* () {
    const issuedAt = Math.floor((yield* Clock.currentTimeMillis) / 1000)
    const token = yield* Effect.tryPromise(() =>
      new SignJWT({ scope })
        .setProtectedHeader({ alg: "HS256", typ: "JWT", kid: keyId })
        .setIssuedAt(issuedAt)
        .setExpirationTime(issuedAt + lifetimeSeconds)
        .sign(new TextEncoder().encode(Redacted.value(secret))),
    )
    return header("Bearer", token)
  })
