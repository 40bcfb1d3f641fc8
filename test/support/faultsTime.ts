/**
 * Time that runs from one sleep to the next, as soon as nothing is left to do before it.
 *
 * `TestClock.adjust` steps over all sleeps of a span, and waits for fibers between them, but not for the promises that a
 * fiber waits for, such as the body of a `Response`. Here time stands still until those are done too, so a timeout is due
 * at its exact millisecond.
 */
import { Clock, Duration, Effect, Fiber, Scheduler } from "effect"
import { TestClock } from "effect/testing"

/** A turn of the event loop: all promises that are ready have run by its end. */
const turn = Effect.promise(() => new Promise<void>((resolve) => setImmediate(resolve)))

/**
 * Runs an effect to its end with a clock and a scheduler that are watched. Fails with a defect if the effect waits for
 * something that time does not bring.
 */
export const run = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  TestClock.testClockWith((clock) =>
    Effect.gen(function* () {
      const parent = yield* Scheduler.Scheduler
      const sleeps = new Set<{ readonly endsAt: number }>()
      let tasks = 0

      const watchedClock: Clock.Clock = {
        ...clock,
        sleep: (duration) =>
          Effect.suspend(() => {
            const sleep = { endsAt: clock.currentTimeMillisUnsafe() + Duration.toMillis(duration) }
            sleeps.add(sleep)
            return Effect.ensuring(
              clock.sleep(duration),
              Effect.sync(() => sleeps.delete(sleep)),
            )
          }),
      }

      const watchedScheduler: Scheduler.Scheduler = {
        executionMode: parent.executionMode,
        shouldYield: (fiber) => parent.shouldYield(fiber),
        makeDispatcher: () => {
          const dispatcher = parent.makeDispatcher()
          return {
            flush: () => dispatcher.flush(),
            scheduleTask: (task, priority) => {
              tasks++
              dispatcher.scheduleTask(() => {
                tasks--
                task()
              }, priority)
            },
          }
        },
      }

      /** A promise takes no task until it is done, so a quiet turn is not enough. */
      const settle = Effect.gen(function* () {
        for (let quiet = 0; quiet < 3; quiet = tasks === 0 ? quiet + 1 : 0) yield* turn
      })

      const fiber = yield* effect.pipe(
        Effect.provideService(Clock.Clock, watchedClock),
        Effect.provideService(Scheduler.Scheduler, watchedScheduler),
        Effect.forkChild,
      )
      yield* settle
      while (fiber.pollUnsafe() === undefined) {
        const next = Math.min(...[...sleeps].map(({ endsAt }) => endsAt))
        if (!Number.isFinite(next)) return yield* Effect.die(new Error("the effect waits, and not for time"))
        yield* clock.setTime(next)
        yield* settle
      }
      return yield* Fiber.join(fiber)
    }),
  )
