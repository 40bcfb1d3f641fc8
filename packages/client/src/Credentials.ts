/**
 * How to authenticate: an API key (basic), a token (bearer), or a JWT that the client signs with an API key.
 *
 * @see https://developer.zendesk.com/documentation/conversations/getting-started/api-authentication/
 */
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { Credentials as Http } from "@effect-sunco/http"
import { check, fields, millis, oneOf, string } from "./internal/checks.ts"
import { runSetup, seal } from "./internal/setup.ts"

/** A way to authenticate. It holds its secret where no log, `inspect` or JSON finds it. */
export interface Credentials {
  /** Which constructor made it. */
  readonly kind: "basic" | "bearer" | "jwt"
}

/** An API key. */
export interface ApiKey {
  /** The id of the key. It begins with `app_`, `act_`, `svc_` or `int_`. */
  readonly keyId: string
  /** The secret of the key. */
  readonly secret: string
}

/** Returns a token. It should end its work when the signal aborts: then nobody waits for the token any more. */
export type TokenSource = (options: { readonly signal: AbortSignal }) => string | Promise<string>

/** How long a token is kept. */
export interface BearerOptions {
  /** How long a token of a function is kept, in milliseconds; until the API refuses it if left out. */
  readonly timeToLiveMs?: number | undefined
}

/** What a JWT is signed with, and what it claims. */
export interface JwtOptions extends ApiKey {
  /** The scope that the token claims. */
  readonly scope: "app" | "account" | "integration"
  /** How long a token is valid, in milliseconds: 10 seconds to 30 days; 1 hour if left out. */
  readonly lifetimeMs?: number | undefined
}

const apiKey = { keyId: string, secret: string }
const checkApiKey = fields(apiKey)
const checkBearer = fields({}, { timeToLiveMs: millis })
const checkJwt = fields({ ...apiKey, scope: oneOf("app", "account", "integration") }, { lifetimeMs: millis })
const checkSource = check("a string, or a function that returns one", (value) => typeof value === "function")
const checkEnv = check("an object, such as process.env", (value) => typeof value === "object" && value !== null)

/** Makes credentials. */
export const Credentials = {
  /** Authenticates each request with an API key (HTTP basic authentication). */
  basic: (key: ApiKey): Credentials => {
    checkApiKey(key, "credentials")
    return seal(Http.basic({ keyId: key.keyId, secret: Redacted.make(key.secret) }))
  },

  /**
   * Authenticates each request with a token: a fixed one, or one from a function. The function is called when the first
   * request needs a token, once for all calls that wait, and again when the token has expired or the API answers 401. If
   * it fails, the calls that waited reject with the reason `Transport`, and the failure is their `cause`. It fails
   * after a minute, too.
   */
  bearer: (token: string | TokenSource, options: BearerOptions = {}): Credentials => {
    checkBearer(options, "credentials")
    const timeToLive = options.timeToLiveMs
    if (typeof token === "string") return seal(Http.bearer(Redacted.make(token), { timeToLive }))
    checkSource(token, "credentials.token")
    // What the function rejects with becomes the cause of the calls that waited, as it is.
    const fromSource = Effect.promise(async (signal) => Redacted.make(await token({ signal })))
    return seal(Http.bearer(fromSource, { timeToLive }))
  },

  /** Authenticates each request with a JWT, signed (HS256) with an API key. It is kept, and renewed before it ends. */
  jwt: (options: JwtOptions): Credentials => {
    checkJwt(options, "credentials")
    const { keyId, lifetimeMs: lifetime, scope, secret } = options
    return seal(Http.jwt({ keyId, secret: Redacted.make(secret), scope, lifetime }))
  },

  /**
   * The credentials of an environment, such as `process.env`: `basic` from `SUNCO_KEY_ID` and `SUNCO_KEY_SECRET`, or
   * `bearer` from `SUNCO_TOKEN`. It does not read `SUNCO_BASE_URL`: give that as the option `baseUrl`.
   */
  fromEnv: (env: Readonly<Record<string, string | undefined>>): Credentials => {
    checkEnv(env, "env")
    const given = Object.entries(env).filter((variable): variable is [string, string] => variable[1] !== undefined)
    const provider = ConfigProvider.fromEnv({ env: Object.fromEntries(given) })
    return seal(runSetup(Effect.provideService(Http.config, ConfigProvider.ConfigProvider, provider)))
  },
} as const
