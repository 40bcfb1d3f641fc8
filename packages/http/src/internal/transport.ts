/**
 * No answer: what kind of failure it was, and whether the request can have reached the server.
 */
import * as Data from "effect/Data"
import type * as HttpClientError from "effect/http/HttpClientError"
import * as Predicate from "effect/Predicate"
import { SunshineError } from "@effect-sunco/core"

/** A token came that cannot be a header; it says what can. */
export class UnfitToken extends Data.TaggedError("UnfitToken")<{ readonly expected: string }> {}

/** System calls that fail before a connection stands. */
const connecting: ReadonlySet<string> = new Set(["connect", "getaddrinfo"])

/** Codes of a connection that could not be made, unless the system call says that it stood. Node.js, then Bun. */
const notConnected: ReadonlySet<string> = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EAI_FAIL",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "EADDRNOTAVAIL",
  "ConnectionRefused",
  "FailedToOpenSocket",
])

/** Codes that only appear before a request is processed, whatever the system call: no connection in time, no TLS. */
const notSecured: ReadonlySet<string> = new Set([
  "UND_ERR_CONNECT_TIMEOUT",
  "CERT_HAS_EXPIRED",
  "CERT_NOT_YET_VALID",
  "CERT_REVOKED",
  "CERT_UNTRUSTED",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  "ERR_TLS_CERT_ALTNAME_INVALID",
  "ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION",
  "ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE",
  "ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE",
  "ERR_SSL_UNSUPPORTED_PROTOCOL",
])

/**
 * Codes of bytes that are no TLS. They can come in a handshake, and in a connection that stands, after the request was
 * written: only where the HTTP client says that the handshake failed are they a request that was not sent.
 */
const unreadable: ReadonlySet<string> = new Set(["ERR_SSL_WRONG_VERSION_NUMBER", "ERR_SSL_PACKET_LENGTH_TOO_LONG"])

const isNotSent = ({ code, handshake, syscall }: SystemError): boolean =>
  notSecured.has(code) ||
  (handshake && unreadable.has(code)) ||
  (syscall === undefined ? notConnected.has(code) : connecting.has(syscall))

/** `node:https` reports a failed handshake as `EPROTO`; only the text that OpenSSL wrote says what it was. */
const codeOf = (code: string, message: unknown): string => {
  const reason =
    code === "EPROTO" && typeof message === "string" ? /:SSL routines:[^:]*:([^:]+):/.exec(message)?.[1] : undefined
  return reason === undefined ? code : `ERR_SSL_${reason.toUpperCase().replaceAll(" ", "_")}`
}

interface SystemError {
  readonly code: string
  readonly syscall: string | undefined
  /** Whether it is one of a handshake. */
  readonly handshake: boolean
}

/** The system error at the bottom of a chain of causes. An `AggregateError` stands for several tries to connect. */
const systemError = (error: unknown, depth = 0): SystemError | undefined => {
  if (!Predicate.isObject(error) || depth > 5) return undefined
  const below = "cause" in error ? systemError(error.cause, depth + 1) : undefined
  if (below !== undefined) return below
  if (!("code" in error) || typeof error.code !== "string") return undefined
  return {
    code: codeOf(error.code, "message" in error ? error.message : undefined),
    syscall: "syscall" in error && typeof error.syscall === "string" ? error.syscall : undefined,
    handshake: error.code === "EPROTO",
  }
}

/**
 * An HTTP parser keeps what it could not read in its error (`data`, `rawPacket`). A server may have sent the credential
 * back there, so the bytes are left out.
 */
const withoutReceivedBytes = (error: unknown, depth = 0): unknown => {
  if (!(error instanceof Error) || depth > 5) return error
  const cause = withoutReceivedBytes(error.cause, depth + 1)
  if (cause === error.cause && !("data" in error) && !("rawPacket" in error)) return error
  const copy = new Error(error.message, { cause })
  copy.name = error.name
  if (error.stack !== undefined) copy.stack = error.stack
  return copy
}

export const describe = (cause: unknown, fallback: string): string =>
  Predicate.isObject(cause) && "message" in cause && typeof cause.message === "string" && cause.message !== ""
    ? cause.message
    : fallback

/**
 * The domain error for a failed request. Its cause is what the HTTP client met, not the error of the HTTP client, which
 * holds the request and so the credential.
 */
export const fromHttpClientError = (
  operation: SunshineError.Operation,
  { reason }: HttpClientError.HttpClientError,
): SunshineError.SunshineError => {
  const cause = "cause" in reason ? reason.cause : undefined
  const system = systemError(cause)
  return new SunshineError.SunshineError({
    operation,
    reason: new SunshineError.Transport({
      description: describe(cause, ("description" in reason ? reason.description : undefined) ?? "the request failed"),
      sent:
        reason._tag !== "InvalidUrlError" &&
        reason._tag !== "EncodeError" &&
        !(system !== undefined && isNotSent(system)),
      code: system?.code,
    }),
    cause: withoutReceivedBytes(cause),
  })
}

/** The domain error for a credential that could not be had: nothing was sent. */
export const fromCredentialFailure = (
  operation: SunshineError.Operation,
  cause: unknown,
): SunshineError.SunshineError =>
  cause instanceof UnfitToken
    ? new SunshineError.SunshineError({
        operation,
        reason: new SunshineError.InvalidRequest({
          field: "credentials.token",
          expected: `Expected ${cause.expected}`,
        }),
      })
    : new SunshineError.SunshineError({
        operation,
        reason: new SunshineError.Transport({ description: "no credential could be had", sent: false }),
        cause,
      })
