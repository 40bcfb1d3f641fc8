/**
 * A stream of the engine as an async iterable. Each iteration starts afresh, and ends its requests when it ends.
 */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import * as Pull from "effect/Pull"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type { EngineError } from "./failure.ts"
import type { Running } from "./running.ts"

/** The next elements, or none when the stream has ended. */
const nextOf = <A>(
  pull: Pull.Pull<ReadonlyArray<A>, EngineError>,
): Effect.Effect<Option.Option<ReadonlyArray<A>>, EngineError> =>
  pull.pipe(
    Effect.asSome,
    Pull.catchDone(() => Effect.succeedNone),
  )

export const iterate = <A, B>(
  running: Running,
  stream: Stream.Stream<A, EngineError>,
  translate: (element: A) => B,
  signal: AbortSignal | undefined,
): AsyncIterable<B> => ({
  async *[Symbol.asyncIterator]() {
    const scope = running.open()
    const close = () => Effect.runPromise(Scope.close(scope, Exit.void))
    // Pages that are asked for ahead end with the signal, whether or not the consumer asks for more.
    signal?.addEventListener("abort", close, { once: true })
    try {
      const pull = await running.run(Scope.provide(Stream.toPull(stream), scope), signal)
      for (;;) {
        const next = await running.run(nextOf(pull), signal)
        if (Option.isNone(next)) return
        for (const element of next.value) yield translate(element)
      }
    } finally {
      signal?.removeEventListener("abort", close)
      await close()
    }
  },
})
