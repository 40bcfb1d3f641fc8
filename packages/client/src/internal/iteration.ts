/**
 * A stream of the engine as an async iterable. Each iteration starts afresh, and ends its requests when it ends.
 */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Pull from "effect/Pull"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type { EngineError } from "./failure.ts"
import type { Call, Running } from "./running.ts"

export const iterate = <A, B>(
  running: Running,
  call: Call,
  stream: Stream.Stream<A, EngineError>,
  translate: (element: A) => B,
): AsyncIterable<B> => ({
  [Symbol.asyncIterator]() {
    let scope: Scope.Closeable | undefined
    // Ends the request under way, and pages that are asked for ahead.
    const close = async () => {
      if (scope !== undefined) await Effect.runPromise(Scope.close(scope, Exit.void))
    }
    let hasReturned = false

    const elements = async function* (): AsyncGenerator<B, void> {
      const opened = running.open()
      scope = opened
      call.signal?.addEventListener("abort", close, { once: true })
      try {
        const pull = await running.run(call, Scope.provide(Stream.toPull(stream), opened))
        const next = pull.pipe(
          Pull.catchDone(() => Effect.undefined),
          Effect.forkIn(opened),
          Effect.flatMap(Fiber.join),
        )
        for (;;) {
          const page = await running.run(call, next)
          if (page === undefined) return
          for (const element of page) {
            running.check(call)
            yield translate(element)
          }
        }
      } catch (error) {
        if (!hasReturned) throw error
      } finally {
        call.signal?.removeEventListener("abort", close)
        await close()
      }
    }
    const generator = elements()

    return {
      next: () => generator.next(),
      // A generator would wait for the request of a `next` before it returns.
      return: async () => {
        hasReturned = true
        await close()
        return generator.return()
      },
      [Symbol.asyncIterator]() {
        return this
      },
    }
  },
})
