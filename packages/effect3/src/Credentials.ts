/**
 * How to authenticate with Sunshine Conversations: an API key (basic), a token (bearer), or a JWT signed with an API key.
 *
 * @see https://developer.zendesk.com/documentation/conversations/getting-started/api-authentication/
 * @since 0.1.0
 */
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Redacted from "effect/Redacted"

/**
 * An API key.
 *
 * @category models
 * @since 0.1.0
 */
export interface ApiKey {
  /** The id of the key. */
  readonly keyId: string
  /** The secret of the key. */
  readonly secret: Redacted.Redacted
}

/**
 * The scope a JWT claims.
 *
 * @category models
 * @since 0.1.0
 */
export type Scope = "app" | "account" | "integration"

/**
 * A way to authenticate. It is validated when the layer that uses it is built.
 *
 * @category models
 * @since 0.1.0
 */
export type Credentials =
  | ({
      /** Made by {@link basic}. */
      readonly kind: "basic"
    } & ApiKey)
  | {
      /** Made by {@link bearer} from a token. */
      readonly kind: "fixedBearer"
      /** The token of each request. */
      readonly token: Redacted.Redacted
      /** Has no effect: a fixed token is kept for ever. A bare number is milliseconds. */
      readonly timeToLive?: Duration.DurationInput | undefined
    }
  | {
      /** Made by {@link bearer} from an effect that yields tokens. */
      readonly kind: "bearer"
      /** Yields a token. */
      readonly token: Effect.Effect<Redacted.Redacted, unknown>
      /** How long a token is kept; until the API refuses it if undefined. A bare number is milliseconds. */
      readonly timeToLive?: Duration.DurationInput | undefined
    }
  | ({
      /** Made by {@link jwt}. */
      readonly kind: "jwt"
      /** The scope that the token claims. */
      readonly scope: Scope
      /** How long a token is valid: 10 seconds to 30 days, 1 hour by default. A bare number is milliseconds. */
      readonly lifetime?: Duration.DurationInput | undefined
    } & ApiKey)

/**
 * Authenticates each request with an API key (HTTP basic authentication).
 *
 * @category constructors
 * @since 0.1.0
 */
export const basic = (key: ApiKey): Credentials => ({ kind: "basic", ...key })

/**
 * Authenticates each request with a token: a fixed one, or an Effect that yields one. The Effect runs when the first
 * request needs a token, once for all callers that wait. It runs again when the token has expired, and when the API
 * answers 401, once per request. A run fails after a minute.
 *
 * @category constructors
 * @since 0.1.0
 */
export const bearer = (
  token: Redacted.Redacted | Effect.Effect<Redacted.Redacted, unknown>,
  options?: {
    /** How long a token from an Effect is kept: more than zero. If left out, until the API refuses it. A bare number is milliseconds. */
    readonly timeToLive?: Duration.DurationInput | undefined
  },
): Credentials =>
  Effect.isEffect(token) ? { ...options, kind: "bearer", token } : { ...options, kind: "fixedBearer", token }

/**
 * Authenticates each request with a JWT, signed (HS256) with an API key, and renewed before it ends.
 *
 * @category constructors
 * @since 0.1.0
 */
export const jwt = (
  options: ApiKey & {
    /** The scope that the token claims. */
    readonly scope: Scope
    /** How long a token is valid: from 10 seconds to 30 days. 1 hour if left out. A bare number is milliseconds. */
    readonly lifetime?: Duration.DurationInput | undefined
  },
): Credentials => ({ kind: "jwt", ...options })
