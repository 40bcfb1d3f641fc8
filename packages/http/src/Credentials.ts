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
import * as Result from "effect/Result"
import { SunshineError } from "@effect-sunco/core"
import * as Authentication from "./internal/authentication.ts"
import { check, type Checked, fields, invalid, millis, oneOf, orConfigError } from "./internal/checks.ts"

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
  /** Which constructor made it. */
  readonly kind: "basic" | "bearer" | "jwt"
  /** Validates the options, and returns the source of headers. Each layer runs it, and so has a source of its own. */
  readonly open: Effect.Effect<Authentication.Authentication, Config.ConfigError>
}

/**
 * An API key.
 *
 * @category models
 * @since 0.1.0
 */
export interface ApiKey {
  /** The id of the key. It begins with `app_`, `act_`, `svc_` or `int_`, for the scope that the key has. */
  readonly keyId: string
  /** The secret of the key. */
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
  open: Effect.map(
    checked(() => fields(key, apiKeyFields(key))),
    ({ keyId, secret }) => Authentication.fixed(header("Basic", Base64.encode(`${keyId}:${Redacted.value(secret)}`))),
  ),
})

/**
 * Authenticates each request with a token: a JWT you signed yourself, or an OAuth token of scope `integration`.
 *
 * The token is a fixed one, or an Effect that yields one. The Effect runs when the first request needs a token, once for
 * all callers that wait, in a fiber of its own. It runs again when the token has expired, and when the API answers 401,
 * once per request. If it fails, dies or is interrupted, all who waited for it fail with the reason `Transport`, nothing
 * is sent, and the failure is the `cause`; the next request runs it again. It is interrupted when no caller waits for it,
 * and fails after a minute.
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
  options: {
    /**
     * How long a token from an Effect is kept, counted from the moment it was asked for: more than zero. A bare number is
     * milliseconds. If left out, it is kept until the API refuses it. A fixed token is kept for ever.
     */
    readonly timeToLive?: Duration.Input | undefined
  } = {},
): Credentials => ({
  kind: "bearer",
  open: Effect.gen(function* () {
    const { timeToLive } = yield* checked(() =>
      fields(options, { timeToLive: millis(options?.timeToLive ?? Duration.infinity, "more than zero") }),
    )
    if (Effect.isEffect(token)) {
      return yield* Authentication.kept(
        Effect.flatMap(token, (token) =>
          Effect.fromResult(
            Result.mapBoth(checkToken(token), {
              onFailure: ({ expected }) =>
                new SunshineError.InvalidRequest({ field: "credentials.token", expected: `Expected ${expected}` }),
              onSuccess: bearerHeader,
            }),
          ),
        ),
        Duration.millis(timeToLive),
      )
    }
    const valid = yield* checked(() => fields({ token }, { token: checkToken(token) }))
    return Authentication.fixed(bearerHeader(valid.token))
  }),
})

/**
 * Authenticates each request with a JWT, signed (HS256) with an API key.
 *
 * The token carries the key id in its header (`kid`) and the claims `scope`, `iat` and `exp`. It is signed when the first
 * request needs it, once for all callers that wait, and kept for nine tenths of its `lifetime`. When the API answers 401,
 * another one is signed, once per request.
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
    /** The scope that the token claims. */
    readonly scope: Scope
    /**
     * How long a token is valid, in whole seconds (a fraction is dropped): from 10 seconds to 30 days. A bare number is
     * milliseconds. 1 hour if left out.
     */
    readonly lifetime?: Duration.Input | undefined
  },
): Credentials => ({
  kind: "jwt",
  open: Effect.flatMap(
    checked(() =>
      fields(options, {
        ...apiKeyFields(options),
        scope: oneOf("app", "account", "integration")(options?.scope),
        lifetime: checkLifetime(options?.lifetime ?? Duration.hours(1)),
      }),
    ),
    ({ lifetime, scope, ...key }) => {
      const seconds = Math.floor(lifetime / 1000)
      // The claims are whole seconds, so a token can end a second early; a tenth of the shortest lifetime is as much.
      return Authentication.kept(sign(key, scope, seconds), Duration.seconds(seconds * 0.9))
    },
  ),
})

// ---------------------------------------------------------------------------
// Config
// ---------------------------------------------------------------------------

const ofVariable = <A>(checked: Checked<A>, variable: string) => orConfigError(checked, () => variable)

const given = Config.all({
  keyId: Config.option(Config.String("SUNCO_KEY_ID")),
  secret: Config.option(Config.Redacted("SUNCO_KEY_SECRET")),
  token: Config.option(Config.Redacted("SUNCO_TOKEN")),
})

const apiKey = (key: {
  readonly keyId: Option.Option<string>
  readonly secret: Option.Option<Redacted.Redacted>
}): Config.Config<ApiKey> => {
  if (Option.isNone(key.keyId))
    return ofVariable(invalid("the id of an API key, whose secret is in SUNCO_KEY_SECRET"), "SUNCO_KEY_ID")
  if (Option.isNone(key.secret))
    return ofVariable(invalid("the secret of the API key SUNCO_KEY_ID"), "SUNCO_KEY_SECRET")
  const { keyId, secret } = apiKeyFields({ keyId: key.keyId.value, secret: key.secret.value })
  return Config.all({ keyId: ofVariable(keyId, "SUNCO_KEY_ID"), secret: ofVariable(secret, "SUNCO_KEY_SECRET") })
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
      ? Config.map(ofVariable(checkToken(token.value), "SUNCO_TOKEN"), (token) => bearer(token))
      : ofVariable(invalid("either a token, or SUNCO_KEY_ID with SUNCO_KEY_SECRET, not both"), "SUNCO_TOKEN")
  }
  return Option.isNone(keyId) && Option.isNone(secret)
    ? ofVariable(invalid("SUNCO_KEY_ID with SUNCO_KEY_SECRET, or SUNCO_TOKEN; none of them is set"), "SUNCO_KEY_ID")
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
  /** The scope that the token claims. */
  readonly scope: Scope
  /**
   * How long a token is valid, as in {@link jwt}: from 10 seconds to 30 days, 1 hour if left out. A bare number is
   * milliseconds.
   */
  readonly lifetime?: Duration.Input | undefined
}): Config.Config<Credentials> =>
  Config.flatMap(given, (key) => Config.map(apiKey(key), (apiKey) => jwt({ ...options, ...apiKey })))

// ---------------------------------------------------------------------------
// Internals
// ---------------------------------------------------------------------------

/** With a lifetime below 10 seconds (in milliseconds), nine tenths of it can be longer than what is left of it. */
const shortest = 10_000
const longest = Duration.toMillis(Duration.days(30))

const checkLifetime = (input: Duration.Input): Checked<number> => {
  const lifetime = Result.getOrElse(millis(input, "more than zero"), () => 0)
  return check(lifetime >= shortest && lifetime <= longest, lifetime, "a duration from 10 seconds to 30 days")
}

const header = (scheme: "Basic" | "Bearer", value: string) =>
  Redacted.make(`${scheme} ${value}`, { label: "authorization" })

const bearerHeader = (token: Redacted.Redacted) => header("Bearer", Redacted.value(token))

/**
 * A program in JavaScript can give anything, and a wiped `Redacted` has no value. Blanks are not trimmed in silence: they may
 * be a mistake, and may not.
 */
const checkSecret = (secret: Redacted.Redacted | undefined, what: string): Checked<Redacted.Redacted> => {
  if (!Redacted.isRedacted(secret)) return invalid(`${what}, made with Redacted.make`)
  const text: unknown = Result.getOrUndefined(Result.try(() => Redacted.value(secret)))
  if (typeof text !== "string" || text === "") return invalid(`${what}, a string that is not empty`)
  if (/[\r\n]$/.test(text)) return invalid(`${what}, without line ends: there is one at its end`)
  return check(text.trim() === text, secret, `${what}, without blanks around it`)
}

const checkToken = (token: Redacted.Redacted): Checked<Redacted.Redacted> =>
  Result.flatMap(checkSecret(token, "a token"), (token) =>
    check(
      /^[\x21-\x7e]+$/.test(Redacted.value(token)),
      token,
      "a token of visible ASCII characters, without blanks or line ends",
    ),
  )

const checkKeyId = (keyId: unknown): Checked<string> => {
  const what = "the id of an API key"
  if (typeof keyId !== "string" || keyId === "") return invalid(`${what}, a string that is not empty`)
  if (keyId.trim() !== keyId) return invalid(`${what}, without blanks or line ends around it`)
  // The first colon of a basic credential separates the id from the secret.
  return check(/^[^:\p{Cc}]+$/u.test(keyId), keyId, `${what}, without a colon or line ends`)
}

const apiKeyFields = (key: ApiKey | undefined) => ({
  keyId: checkKeyId(key?.keyId),
  secret: checkSecret(key?.secret, "the secret of the API key"),
})

const checked = <A>(checked: () => Checked<A>) =>
  Effect.suspend(() => orConfigError(checked(), (path) => `credentials${path}`))

const sign = ({ keyId, secret }: ApiKey, scope: Scope, lifetimeSeconds: number) =>
  Effect.gen(function* () {
    const issuedAt = Math.floor((yield* Clock.currentTimeMillis) / 1000)
    const token = yield* Effect.tryPromise(async () => {
      // Only programs that sign load it.
      const { SignJWT } = await import("jose/jwt/sign")
      return new SignJWT({ scope })
        .setProtectedHeader({ alg: "HS256", typ: "JWT", kid: keyId })
        .setIssuedAt(issuedAt)
        .setExpirationTime(issuedAt + lifetimeSeconds)
        .sign(new TextEncoder().encode(Redacted.value(secret)))
    })
    return header("Bearer", token)
  })
