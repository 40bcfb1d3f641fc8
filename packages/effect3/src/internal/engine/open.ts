/**
 * Opens the service over HTTP: the options of the application as those of `http`.
 */
import type * as Config from "effect4/Config"
import * as ConfigProvider from "effect4/ConfigProvider"
import * as Effect from "effect4/Effect"
import * as HttpClient from "effect4/http/HttpClient"
import * as RateLimiter from "effect4/persistence/RateLimiter"
import type { Participants } from "@effect-sunco/core"
import { Credentials, type Limits, ParticipantsHttp } from "@effect-sunco/http"
import type * as Boundary from "./boundary.ts"
import { runOverHttp } from "./caller.ts"
import { redacted } from "./errors.ts"
import { callersHttpClient } from "./httpClient.ts"
import { serviceOf } from "./service.ts"
import { fromTask, run } from "./task.ts"

const credentialsOf = (credentials: Boundary.Credentials): Credentials.Credentials => {
  switch (credentials?.kind) {
    case "basic": {
      const { kind: _, ...key } = credentials
      return Credentials.basic({ ...key, secret: redacted(key.secret) })
    }
    case "fixedBearer": {
      const { kind: _, token, ...options } = credentials
      return Credentials.bearer(redacted(token), options)
    }
    case "bearer": {
      const { kind: _, token, ...options } = credentials
      return Credentials.bearer(
        Effect.map(fromTask(token), (secret) => redacted(secret)),
        options,
      )
    }
    case "jwt": {
      const { kind: _, ...options } = credentials
      return Credentials.jwt({ ...options, secret: redacted(options.secret) })
    }
    default:
      return credentials
  }
}

const optionError = ({ cause }: Config.ConfigError): Boundary.OptionError => ({ message: cause.message })

const make = (
  options: ParticipantsHttp.Options,
): Effect.Effect<Participants.Participants["Service"], Boundary.OptionError> =>
  ParticipantsHttp.make(options).pipe(
    Effect.provideService(HttpClient.HttpClient, callersHttpClient),
    Effect.mapError(optionError),
  )

/** Counts the requests of this layer. */
const rateOf = ({ algorithm, limit, window }: Boundary.Rate): Effect.Effect<Limits.Rate> =>
  Effect.map(RateLimiter.make, (limiter) => ({ limiter, limit, window, algorithm })).pipe(
    Effect.provide(RateLimiter.layerStoreMemory),
  )

const limitsOf = (limits: Boundary.Limits): Effect.Effect<Limits.Limits> => {
  const { concurrency, rate } = limits
  if (rate !== undefined) return Effect.map(rateOf(rate), (rate) => ({ concurrency, rate }))
  // What is no object is refused as it is.
  return Effect.succeed(typeof limits === "object" ? { concurrency } : limits)
}

export const open: Boundary.Engine["open"] = ({ limits, ...options }, credentials) =>
  run(
    limitsOf(limits).pipe(
      Effect.flatMap((limits) => make({ ...options, limits, credentials: credentialsOf(credentials) })),
      Effect.map((participants) => serviceOf(participants, runOverHttp)),
    ),
  )

export const openFrom: Boundary.Engine["openFrom"] = (environment) => {
  const { SUNCO_ALLOW_HTTP, SUNCO_BASE_URL, SUNCO_KEY_ID, SUNCO_KEY_SECRET, SUNCO_TOKEN } = environment
  const env = {
    ...(SUNCO_BASE_URL === undefined ? {} : { SUNCO_BASE_URL }),
    ...(SUNCO_ALLOW_HTTP === undefined ? {} : { SUNCO_ALLOW_HTTP }),
    ...(SUNCO_KEY_ID === undefined ? {} : { SUNCO_KEY_ID }),
    ...(SUNCO_KEY_SECRET === undefined ? {} : { SUNCO_KEY_SECRET: SUNCO_KEY_SECRET.reveal() }),
    ...(SUNCO_TOKEN === undefined ? {} : { SUNCO_TOKEN: SUNCO_TOKEN.reveal() }),
  }
  return run(
    ParticipantsHttp.config.pipe(
      Effect.provideService(ConfigProvider.ConfigProvider, ConfigProvider.fromEnv({ env })),
      Effect.mapError(optionError),
      Effect.flatMap(make),
      Effect.map((participants) => serviceOf(participants, runOverHttp)),
    ),
  )
}
