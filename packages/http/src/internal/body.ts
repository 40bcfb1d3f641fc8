/**
 * Reads the body of an answer, up to a bound. Bytes are counted as they arrive, because a length that the server announces
 * says nothing about what a compressed body becomes.
 */
import * as Effect from "effect/Effect"
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

const join = (chunks: ReadonlyArray<Uint8Array>, bytes: number): Uint8Array => {
  const [first = new Uint8Array()] = chunks
  if (chunks.length <= 1) return first
  const all = new Uint8Array(bytes)
  let offset = 0
  for (const chunk of chunks) {
    all.set(chunk, offset)
    offset += chunk.length
  }
  return all
}

/**
 * The connection ended early, an encoding is broken, or the text is too long for a string. The error of the HTTP client can
 * hold received bytes, so this says no more.
 */
const unreadable = "it could not be read to its end"

const tooLarge = Symbol("too large")

/** What is kept of a body beyond the bound. */
const keptBytes = 4096

/** Never fails: the status has already said what became of the request. A body beyond the bound is not read further. */
export const read = (response: HttpClientResponse.HttpClientResponse, maxBytes: number): Effect.Effect<Body> =>
  Effect.suspend(() => {
    const chunks: Array<Uint8Array> = []
    let bytes = 0
    const text = () => new TextDecoder().decode(join(chunks, bytes))
    return response.stream.pipe(
      Stream.runForEachArray((arrived) => {
        for (const chunk of arrived) {
          chunks.push(chunk)
          bytes += chunk.length
        }
        return bytes <= maxBytes ? Effect.void : Effect.fail(tooLarge)
      }),
      Effect.match({
        onSuccess: (): Body => ({ text: text(), bytes, problem: undefined }),
        onFailure: (failure): Body => {
          if (failure === tooLarge) {
            const problem = `it is larger than ${maxBytes} bytes (option maxBodySize)`
            return { text: new TextDecoder().decode(chunks[0]?.subarray(0, keptBytes)), bytes, problem }
          }
          return failure.reason._tag === "EmptyBodyError"
            ? { ...empty, problem: undefined }
            : { text: text(), bytes, problem: unreadable }
        },
      }),
    )
  }).pipe(Effect.catchDefect(() => Effect.succeed({ ...empty, problem: unreadable })))
