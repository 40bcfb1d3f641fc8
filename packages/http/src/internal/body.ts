/**
 * Reads the body of an answer, up to a bound.
 */
import * as Effect from "effect/Effect"
import type * as Headers from "effect/http/Headers"
import type * as HttpClientResponse from "effect/http/HttpClientResponse"
import * as Stream from "effect/Stream"

export interface Body {
  readonly text: string
  /** How many bytes arrived. */
  readonly bytes: number
  /** Why the body ended early; undefined if it is complete. */
  readonly problem: string | undefined
}

const empty = { text: "", bytes: 0 }

/** What is left of a body that did not end in time. */
export const tooLate: Body = { ...empty, problem: "it did not end in time" }

/**
 * The connection ended early, an encoding is broken, or the text is too long for a string. The error of the HTTP client can
 * hold received bytes, so this says no more.
 */
const unreadable = "it could not be read to its end"

/** How many characters are kept of a body beyond the bound. */
const kept = 4096

/**
 * Whether no more than `maxBytes` can arrive: the length is announced, and HTTP ends the body there. The length of a
 * compressed body says nothing about what it becomes, and a body in chunks does not end at an announced length.
 */
const isWithin = (maxBytes: number, headers: Headers.Headers): boolean =>
  Number(headers["content-length"] || Number.NaN) <= maxBytes &&
  headers["content-encoding"] === undefined &&
  headers["transfer-encoding"] === undefined

/** Reads the body in one go, which takes less CPU than a stream. */
const readWhole = (response: HttpClientResponse.HttpClientResponse): Effect.Effect<Body> =>
  Effect.match(response.arrayBuffer, {
    onSuccess: (buffer): Body => ({
      text: new TextDecoder().decode(buffer),
      bytes: buffer.byteLength,
      problem: undefined,
    }),
    onFailure: (): Body => ({ ...empty, problem: unreadable }),
  })

/** Counts the bytes as they arrive. A body beyond the bound is not read further. */
const readCounted = (response: HttpClientResponse.HttpClientResponse, maxBytes: number): Effect.Effect<Body> =>
  Effect.suspend(() => {
    const decoder = new TextDecoder()
    let text = ""
    let bytes = 0
    return response.stream.pipe(
      Stream.runForEachWhile((chunk) => {
        text += decoder.decode(chunk, { stream: true })
        bytes += chunk.length
        return Effect.succeed(bytes <= maxBytes)
      }),
      Effect.match({
        onSuccess: (): Body =>
          bytes > maxBytes
            ? {
                text: text.slice(0, kept),
                bytes,
                problem: `it is larger than ${maxBytes} bytes (option maxBodySize)`,
              }
            : { text: text + decoder.decode(), bytes, problem: undefined },
        onFailure: ({ reason }): Body =>
          reason._tag === "EmptyBodyError" ? { ...empty, problem: undefined } : { text, bytes, problem: unreadable },
      }),
    )
  })

/** Never fails: the status has already said what became of the request. */
export const read = (
  response: HttpClientResponse.HttpClientResponse,
  headers: Headers.Headers,
  maxBytes: number,
): Effect.Effect<Body> =>
  Effect.catchDefect(isWithin(maxBytes, headers) ? readWhole(response) : readCounted(response, maxBytes), () =>
    Effect.succeed({ ...empty, problem: unreadable }),
  )
