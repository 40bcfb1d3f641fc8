/**
 * Reads the body of an answer, up to a bound. Bytes are counted as they arrive, because a length that the server announces
 * says nothing about what a compressed body becomes.
 */
import * as Channel from "effect/Channel"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as HttpClientResponse from "effect/http/HttpClientResponse"
import * as Pull from "effect/Pull"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"

export interface Body {
  readonly text: string
  /** How many bytes arrived. */
  readonly bytes: number
  /** Why the body ended early; undefined if it is complete. */
  readonly problem: string | undefined
}

const empty = { text: "", bytes: 0 }

/** A body that did not end in time. */
export const tooLate: Body = { ...empty, problem: "it did not end in time" }

const decode = (chunks: ReadonlyArray<Uint8Array>, bytes: number): string => {
  // The usual case.
  if (chunks.length === 1) return new TextDecoder().decode(chunks[0])
  const all = new Uint8Array(bytes)
  let offset = 0
  for (const chunk of chunks) {
    all.set(chunk, offset)
    offset += chunk.length
  }
  return new TextDecoder().decode(all)
}

/**
 * The connection ended early, the encoding is broken, or the text is too long for a string. The error of the HTTP
 * client can contain received bytes, so its message is not used.
 */
const unreadable = "it could not be read to its end"

const tooLarge = Symbol("too large")

/** How much is kept of a body that is too large. */
const keptBytes = 4096

/**
 * Never fails: the status has already decided the result of the request. Reading stops when a body exceeds the bound.
 *
 * A body that is not read to its end is given up without waiting for its stream, which may never end: the scope of the
 * stream is closed in the background. The caller closes the connection.
 */
export const read = (response: HttpClientResponse.HttpClientResponse, maxBytes: number): Effect.Effect<Body> =>
  Effect.withFiber(({ context }) => {
    const chunks: Array<Uint8Array> = []
    let bytes = 0
    const ended = (text: string, problem?: string) => Effect.succeed<Body>({ text, bytes, problem })
    const scope = Scope.makeUnsafe()
    return Channel.toPullScoped(Stream.toChannel(response.stream), scope).pipe(
      Effect.flatMap((pull) =>
        Effect.forever(
          Effect.flatMap(pull, (arrived) => {
            for (const chunk of arrived) {
              chunks.push(chunk)
              bytes += chunk.length
            }
            return bytes <= maxBytes ? Effect.void : Effect.fail(tooLarge)
          }),
          { disableYield: true },
        ),
      ),
      Pull.catchDone(() => ended(decode(chunks, bytes))),
      (drained) =>
        Effect.onExitPrimitive(drained, (exit) => {
          const end = Scope.close(scope, exit)
          if (Exit.isSuccess(exit)) return end
          Effect.runForkWith(context)(end)
          return undefined
        }),
      Effect.catch((failure) => {
        if (failure === tooLarge) {
          const beginning = new TextDecoder().decode(chunks[0]?.subarray(0, keptBytes))
          return ended(beginning, `it is larger than ${maxBytes} bytes (option maxBodySize)`)
        }
        return failure.reason._tag === "EmptyBodyError" ? ended("") : ended(decode(chunks, bytes), unreadable)
      }),
    )
  }).pipe(Effect.catchDefect(() => Effect.succeed({ ...empty, problem: unreadable })))
