/**
 * What a client is made of. Times are in milliseconds, and their names end in `Ms`.
 */
import type { ClientEvent } from "./ClientEvent.ts"
import type { Credentials } from "./Credentials.ts"

/** The part of `fetch` that the client calls. */
export type Fetch = (url: string | URL, init?: RequestInit) => Promise<Response>

/** Only `credentials` is required. A name that is not listed here is an error. */
export interface ClientOptions {
  /** How requests authenticate: see {@link Credentials}. */
  readonly credentials: Credentials
  /**
   * Where the API is: `https://api.smooch.io` if left out, `https://api.eu-1.smooch.io`, `https://<subdomain>.zendesk.com/sc`,
   * or another URL of https, or of http to this machine.
   */
  readonly baseUrl?: string | URL | undefined
  /** Sends the requests; the global `fetch` at the time of the request if left out. It must not throw for an error status. */
  readonly fetch?: Fetch | undefined
  /** What is retried, when, and for how long. */
  readonly retryPolicy?: RetryPolicy | undefined
  /** Limits that this client keeps on its own; none if left out. It adapts to 429 answers without them. */
  readonly limits?: Limits | undefined
  /** Headers of each request, such as the `X-Zendesk-Marketplace-*` headers of a marketplace app. */
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** Whether `baseUrl` may be http to another host than this machine; false if left out. */
  readonly allowHttp?: boolean | undefined
  /**
   * Receives what happens inside calls, as it happens. It has to return quickly, and is not awaited. What it throws, or
   * rejects with, fails no call, and is written to the console.
   */
  readonly onEvent?: ((event: ClientEvent) => void) | undefined
}

/** What is retried, when, and for how long. What is left out has its default. */
export interface RetryPolicy {
  /** How often a request is sent at most, the first time included; 4 if left out. 429 answers do not count. */
  readonly attempts?: number | undefined
  /** How long one request may take, to the last byte of the answer; 15,000 if left out. */
  readonly attemptTimeoutMs?: number | undefined
  /** How long a call may take in all; 120,000 if left out. */
  readonly deadlineMs?: number | undefined
  /** The longest wait before the second attempt, doubled with each attempt and drawn at random below that; 250 if left out. */
  readonly baseMs?: number | undefined
  /** What the longest wait between attempts cannot exceed; 10,000 if left out. */
  readonly capMs?: number | undefined
  /** The longest `Retry-After` that is waited for; 60,000 if left out. A longer one ends the call at once. */
  readonly maxRetryAfterMs?: number | undefined
  /**
   * How a write that may have happened is verified before it is sent again. With `false` it is not sent again: the call
   * fails with the reason `OutcomeUnknown`.
   */
  readonly verify?: Verify | false | undefined
}

/** How often, and when, the roster is read after a write that may have happened. */
export interface Verify {
  /** How often at most: 1 or more. 3 by default. */
  readonly attempts: number
  /** The wait before the first read, doubled with each read. 500 by default. */
  readonly delayMs: number
}

/** The limits of a client. They hold for all requests: first attempts, retries, and reads that verify a write. */
export interface Limits {
  /** Requests in flight at once; no limit if left out. */
  readonly concurrency?: number | undefined
  /** Requests per window; no limit if left out. */
  readonly rate?: Rate | undefined
  /** Stops asking a server that fails; never if left out. */
  readonly circuitBreaker?: CircuitBreaker | undefined
}

/** A number of requests per window. */
export interface Rate {
  /** How many requests a window has room for: 1 or more. */
  readonly limit: number
  /** How long a window is, in milliseconds. */
  readonly windowMs: number
  /** `"fixed-window"` if left out; `"token-bucket"` spreads the requests over the window. */
  readonly algorithm?: "fixed-window" | "token-bucket" | undefined
}

/**
 * After so many failures in a row (5xx, timeouts, no connection) nothing is sent for a while: calls fail with the reason
 * `Transport`, and `sent` is false.
 */
export interface CircuitBreaker {
  /** How many failures in a row: 1 or more. */
  readonly consecutiveFailures: number
  /** How long nothing is sent, in milliseconds. Then one request tries whether the API answers again. */
  readonly openMs: number
}
