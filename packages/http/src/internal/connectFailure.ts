/**
 * Whether a system error shows that a request was never sent, that it may have been sent, or neither.
 *
 * A code means "never sent" only if it cannot occur after the request was written.
 */
import * as Predicate from "effect/Predicate"

export interface Evidence {
  readonly code: string | undefined
  /** Whether the request may have been sent; `undefined` if the error does not say. */
  readonly sent: boolean | undefined
}

/** System calls that precede an established connection; those of `node:dns` begin with `query`. */
const isConnecting = (syscall: string) =>
  syscall === "connect" || syscall === "getaddrinfo" || syscall.startsWith("query")

/**
 * Codes of a connection that could not be made, unless the system call shows that it was established. Node.js, then
 * Bun.
 */
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

/** Codes that occur only before a request is written: no connection in time, a closed client, an invalid request. */
const neverSent: ReadonlySet<string> = new Set([
  "UND_ERR_CONNECT_TIMEOUT",
  "ERR_SOCKET_CONNECTION_TIMEOUT",
  // Only `dispatch` fails with it. UND_ERR_DESTROYED does not belong here: requests in flight fail with it, too.
  "UND_ERR_CLOSED",
  "UND_ERR_INVALID_ARG",
])

/**
 * The certificate of the server was refused. Node.js verifies it before it writes. These are all codes that it uses.
 */
const certificate =
  /^(?:CERT_|CRL_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|ERR_TLS_CERT_)|^(?:HOSTNAME_MISMATCH|INVALID_CA|INVALID_PURPOSE|PATH_LENGTH_EXCEEDED)$/

/**
 * Alerts with which a server answers the first message of a handshake. Alerts about the certificate of the client do
 * not belong here: in TLS 1.3 they can come after the client has written.
 */
const handshakeAlerts: ReadonlySet<string> = new Set([
  "ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE",
  "ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE",
  "ERR_SSL_TLSV1_ALERT_INAPPROPRIATE_FALLBACK",
  "ERR_SSL_TLSV1_ALERT_INSUFFICIENT_SECURITY",
  "ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL",
  "ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION",
  "ERR_SSL_TLSV1_UNRECOGNIZED_NAME",
  "ERR_SSL_UNSUPPORTED_PROTOCOL",
])

/**
 * Codes of bytes that are not TLS. They can occur during a handshake, and also on an established connection, after the
 * request was written. They mean that the request was not sent only if the HTTP client says that the handshake failed.
 */
export const unreadable: ReadonlySet<string> = new Set([
  "ERR_SSL_WRONG_VERSION_NUMBER",
  "ERR_SSL_PACKET_LENGTH_TOO_LONG",
])

/** Codes that occur on an established connection, whatever their cause. */
const inFlight: ReadonlySet<string> = new Set([
  "ECONNRESET",
  "EPIPE",
  "UND_ERR_BODY_TIMEOUT",
  "UND_ERR_DESTROYED",
  "UND_ERR_HEADERS_TIMEOUT",
  "UND_ERR_SOCKET",
])

/** The message of `node:tls` for a connection that ended during its handshake. Its code is that of any reset. */
const endedInHandshake = "Client network socket disconnected before secure TLS connection was established"

/** The message of `fetch` for a port that it refuses to connect to. The error has no code. */
const blockedPort = "bad port"

/** `node:https` reports a failed handshake as `EPROTO`; only the text of OpenSSL says which failure it was. */
const codeOf = (code: string, message: string): string => {
  const reason = code === "EPROTO" ? /:SSL routines:[^:]*:([^:]+):/.exec(message)?.[1] : undefined
  return reason === undefined ? code : `ERR_SSL_${reason.toUpperCase().replaceAll(" ", "_")}`
}

/** A property of an error, if it is a text. */
export const textOf = (
  error: object,
  property: "code" | "message" | "name" | "stack" | "syscall",
): string | undefined =>
  Predicate.hasProperty(error, property) && typeof error[property] === "string" ? error[property] : undefined

const sentOf = (code: string, message: string, syscall: string | undefined): boolean | undefined => {
  const name = codeOf(code, message)
  if (neverSent.has(name) || certificate.test(name) || handshakeAlerts.has(name)) return false
  if (code === "EPROTO" && unreadable.has(name)) return false
  if (message === endedInHandshake) return false
  if (syscall !== undefined) return !isConnecting(syscall)
  if (notConnected.has(code)) return false
  return inFlight.has(code) ? true : undefined
}

const nothing: Evidence = { code: undefined, sent: undefined }

/** Several addresses were tried. The request was not sent if no connection to any of them could be made. */
const evidenceOfAll = (code: string | undefined, errors: ReadonlyArray<unknown>, depth: number): Evidence => {
  const all = errors.map((error) => (Predicate.isObject(error) ? evidenceOf(error, depth + 1) : nothing))
  // Node.js gives the aggregate the code of its first error.
  return {
    code: code ?? all.find(({ code }) => code !== undefined)?.code,
    sent: !all.every(({ sent }) => sent === false),
  }
}

/** The evidence of one error, without its causes. An error that contains itself has none. */
export const evidenceOf = (error: object, depth = 0): Evidence => {
  if (depth > 5) return nothing
  const code = textOf(error, "code")
  const message = textOf(error, "message") ?? ""
  if (error instanceof AggregateError && error.errors.length > 0) return evidenceOfAll(code, error.errors, depth)
  if (code === undefined) return { code, sent: message === blockedPort ? false : undefined }
  return { code: codeOf(code, message), sent: sentOf(code, message, textOf(error, "syscall")) }
}
