/**
 * `Participants` over the `HttpClient` of `@effect/platform` that the application provides.
 *
 * @since 0.1.0
 */
import type * as Headers from "@effect/platform/Headers"
import * as HttpClient from "@effect/platform/HttpClient"
import * as Config from "effect/Config"
import type * as ConfigError from "effect/ConfigError"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import type * as Runtime from "effect/Runtime"
import type { Credentials } from "./Credentials.ts"
import type * as Boundary from "./internal/engine/boundary.ts"
import { engine } from "./internal/engine/index.ts"
import { secret } from "./internal/plainErrors.ts"
import { withClient } from "./internal/httpClient.ts"
import {
  configErrorOf,
  millis,
  optionalSecret,
  plainHeaders,
  plainLimits,
  plainPolicy,
  unreadOption,
} from "./internal/options.ts"
import { serviceOf } from "./internal/service.ts"
import { fromTask, toTask } from "./internal/task.ts"
import type { Limits } from "./Limits.ts"
import { Participants } from "./Participants.ts"
import type * as RetryPolicy from "./RetryPolicy.ts"

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
  readonly credentials: Credentials
  /**
   * Where the API is: `https://api.smooch.io` if left out; `https://api.eu-1.smooch.io`, `https://acme.zendesk.com/sc`, or
   * any other URL of https, or of http to this machine.
   */
  readonly baseUrl?: string | URL | undefined
  /**
   * Whether `baseUrl` may be http to another host than this machine, as for a local API in a container; false if left out.
   * The credentials are then sent in the clear.
   */
  readonly allowHttp?: boolean | undefined
  /** Headers of each request; none if left out. */
  readonly headers?: Headers.Input | undefined
  /** What is retried, when, and for how long. */
  readonly retryPolicy?: RetryPolicy.Partial | undefined
  /** Limits that this layer keeps on its own; none if left out. */
  readonly limits?: Limits | undefined
  /** The largest body of an answer that is read, in bytes, after decompression; 10 MiB if left out. */
  readonly maxBodySize?: number | undefined
  /** Whether trace headers are sent to the API; false if left out. */
  readonly propagateTraces?: boolean | undefined
}

// ---------------------------------------------------------------------------
// Constructors
// ---------------------------------------------------------------------------

const credentialsOf = (credentials: Credentials, runtime: Runtime.Runtime<never>): Boundary.Credentials => {
  // The engine refuses a name that it does not know, and what is none of these.
  switch (credentials?.kind) {
    case "basic":
      return { ...credentials, secret: secret(credentials.secret) }
    case "fixedBearer": {
      const { timeToLive, token } = credentials
      return { ...credentials, token: secret(token), timeToLive: timeToLive && millis(timeToLive) }
    }
    case "bearer": {
      const { timeToLive, token } = credentials
      const plainToken = toTask(runtime)(Effect.map(token, secret))
      return { ...credentials, token: plainToken, timeToLive: timeToLive && millis(timeToLive) }
    }
    case "jwt": {
      const { lifetime } = credentials
      return { ...credentials, secret: secret(credentials.secret), lifetime: lifetime && millis(lifetime) }
    }
    default:
      return credentials
  }
}

const opened = (
  task: Boundary.Task<Boundary.Service<Boundary.HttpCaller>, Boundary.OptionError>,
  isMissing: (name: string) => boolean = () => false,
) =>
  Effect.flatMap(HttpClient.HttpClient, (httpClient) => {
    const client = HttpClient.withScope(httpClient)
    return Effect.mapBoth(fromTask(task), {
      onSuccess: (service) => serviceOf(service, (caller) => withClient(caller, client)),
      onFailure: (error) => configErrorOf(error, isMissing),
    })
  })

/**
 * Makes the service. A wrong option is a `ConfigError` that names it, and nothing is sent.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (
  options: Options,
): Effect.Effect<Participants["Type"], ConfigError.ConfigError, HttpClient.HttpClient> =>
  Effect.flatMap(Effect.runtime<never>(), (runtime) => {
    const { allowHttp, baseUrl, credentials, headers, limits, maxBodySize, propagateTraces, retryPolicy } =
      options ?? {}
    const plain = {
      baseUrl,
      allowHttp,
      headers: plainHeaders(headers),
      retryPolicy: retryPolicy && plainPolicy(retryPolicy),
      limits: plainLimits(limits ?? {}),
      maxBodySize,
      propagateTraces,
    }
    const unread = unreadOption({ ...options, credentials: undefined, headers: undefined }, { credentials, ...plain })
    return unread === undefined
      ? opened(engine.open(plain, credentialsOf(credentials, runtime)))
      : Effect.fail(configErrorOf(unread))
  })

// ---------------------------------------------------------------------------
// Layers
// ---------------------------------------------------------------------------

/**
 * `Participants` over the `HttpClient` that the application provides.
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = (options: Options): Layer.Layer<Participants, ConfigError.ConfigError, HttpClient.HttpClient> =>
  Layer.effect(Participants, make(options))

const environment: Config.Config<Boundary.Environment> = Config.all({
  baseUrl: Config.option(Config.string("SUNCO_BASE_URL")),
  allowHttp: Config.option(Config.string("SUNCO_ALLOW_HTTP")),
  keyId: Config.option(Config.string("SUNCO_KEY_ID")),
  keySecret: Config.option(Config.redacted("SUNCO_KEY_SECRET")),
  token: Config.option(Config.redacted("SUNCO_TOKEN")),
}).pipe(
  Config.map(({ allowHttp, baseUrl, keyId, keySecret, token }) => ({
    SUNCO_BASE_URL: Option.getOrUndefined(baseUrl),
    SUNCO_ALLOW_HTTP: Option.getOrUndefined(allowHttp),
    SUNCO_KEY_ID: Option.getOrUndefined(keyId),
    SUNCO_KEY_SECRET: optionalSecret(keySecret),
    SUNCO_TOKEN: optionalSecret(token),
  })),
)

/**
 * {@link layer} with all options from `Config`: `SUNCO_BASE_URL`, `SUNCO_ALLOW_HTTP`, and `SUNCO_KEY_ID` with `SUNCO_KEY_SECRET` or
 * `SUNCO_TOKEN`.
 *
 * @category layers
 * @since 0.1.0
 */
export const layerConfig: Layer.Layer<Participants, ConfigError.ConfigError, HttpClient.HttpClient> = Layer.effect(
  Participants,
  Effect.flatMap(environment, (values) => {
    const unset = new Set(Object.entries(values).flatMap(([name, value]) => (value === undefined ? [name] : [])))
    return opened(engine.openFrom(values), (name) => unset.has(name))
  }),
)
