import { assert, describe, it } from "@effect/vitest"
import { Cause, Clock, Duration, Effect, Exit, Fiber, Redacted } from "effect"
import { TestClock } from "effect/testing"
import * as Authentication from "../src/internal/authentication.ts"

/** A source whose n-th value is `header-n`, after a delay. It counts how often it ran, and how often to the end. */
const source = (delay: Duration.Input) => {
  const counter = { asked: 0, given: 0 }
  const make = Effect.suspend(() => {
    counter.asked++
    return Effect.as(Effect.sleep(delay), undefined)
  }).pipe(Effect.map(() => Redacted.make(`header-${++counter.given}`)))
  return { counter, make }
}

const crowd = <A, E>(count: number, effect: Effect.Effect<A, E>) =>
  Effect.all(
    Array.from({ length: count }, () => effect),
    { concurrency: "unbounded" },
  )

const text = ({ value }: Authentication.Header) => Redacted.value(value)

const monotonicMillis = Effect.map(Clock.monotonicTimeNanos, (nanos) => Number(nanos) / 1e6)

/** Runs an effect to its end over a time that the test clock passes. */
const within = Effect.fnUntraced(function* <A, E>(effect: Effect.Effect<A, E>, time: Duration.Input) {
  const fiber = yield* Effect.forkChild(effect)
  yield* TestClock.adjust(time)
  return yield* Fiber.join(fiber)
})

describe("a fixed header", () => {
  it.effect("stays usable after the server refused it, and says that there is no other one", () =>
    Effect.gen(function* () {
      const authentication = Authentication.fixed(Redacted.make("fixed"))
      const header = yield* authentication.current
      assert.strictEqual(text(header), "fixed")
      assert.isFalse(authentication.isRenewable)
      authentication.refuse(header)
      assert.isTrue(authentication.isUsable(header, Number.MAX_VALUE))
      assert.strictEqual(yield* authentication.current, header)
    }),
  )
})

describe("a kept header", () => {
  it.effect("is not made before somebody asks for it", () =>
    Effect.gen(function* () {
      const { counter, make } = source(0)
      yield* Authentication.kept(make, Duration.infinity)
      assert.strictEqual(counter.asked, 0)
    }),
  )

  it.effect("is given at once while it is valid, without a step that could wait", () =>
    Effect.gen(function* () {
      const authentication = yield* Authentication.kept(Effect.succeed(Redacted.make("header")), Duration.infinity)
      const header = yield* authentication.current
      const caller = yield* Effect.forkChild(authentication.current, { startImmediately: true })
      assert.deepStrictEqual(caller.pollUnsafe(), Exit.succeed(header))
    }),
  )

  it.effect("is made once for all who wait for it", () =>
    Effect.gen(function* () {
      const { counter, make } = source("1 second")
      const authentication = yield* Authentication.kept(make, Duration.infinity)
      const headers = yield* within(crowd(50, authentication.current), "1 second")
      assert.deepStrictEqual(new Set(headers.map(text)), new Set(["header-1"]))
      assert.strictEqual(counter.asked, 1)
    }),
  )

  it.effect("is made with the services of the caller who asks for it", () =>
    Effect.gen(function* () {
      const authentication = yield* Authentication.kept(
        Effect.map(Clock.monotonicTimeNanos, (nanos) => Redacted.make(`at ${nanos}`)),
        Duration.infinity,
      )
      yield* TestClock.adjust("5 nanos")
      assert.strictEqual(text(yield* authentication.current), "at 5")
    }),
  )

  it.effect("lives for its time to live, counted from when it was asked for", () =>
    Effect.gen(function* () {
      const { counter, make } = source("1 second")
      const authentication = yield* Authentication.kept(make, Duration.minutes(10))
      const first = yield* within(authentication.current, "1 second")
      yield* TestClock.adjust("598999 millis")
      assert.isTrue(authentication.isUsable(first, yield* monotonicMillis))
      assert.strictEqual(yield* authentication.current, first)
      yield* TestClock.adjust("1 milli")
      assert.isFalse(authentication.isUsable(first, yield* monotonicMillis))
      assert.strictEqual(text(yield* within(authentication.current, "1 second")), "header-2")
      assert.strictEqual(counter.asked, 2)
    }),
  )

  it.effect("of 100 ms is not used longer than that", () =>
    Effect.gen(function* () {
      const { make } = source(0)
      const authentication = yield* Authentication.kept(make, Duration.millis(100))
      const first = yield* within(authentication.current, 0)
      yield* TestClock.adjust("99 millis")
      assert.isTrue(authentication.isUsable(first, yield* monotonicMillis))
      yield* TestClock.adjust("1 milli")
      assert.isFalse(authentication.isUsable(first, yield* monotonicMillis))
      assert.strictEqual(text(yield* within(authentication.current, 0)), "header-2")
    }),
  )

  for (const [what, hours] of [
    ["back", -1],
    ["forward", 1],
  ] as const) {
    it.effect(`lives as long when the wall clock goes ${what} by an hour`, () =>
      Effect.gen(function* () {
        const { counter, make } = source(0)
        const authentication = yield* Authentication.kept(make, Duration.minutes(10))
        const shift = { hours: 0 }
        const clock = yield* Clock.Clock
        const skewed: Clock.Clock = {
          ...clock,
          currentTimeMillisUnsafe: () => clock.currentTimeMillisUnsafe() + shift.hours * 3_600_000,
          currentTimeMillis: Effect.map(clock.currentTimeMillis, (now) => now + shift.hours * 3_600_000),
        }
        const current = Effect.provideService(authentication.current, Clock.Clock, skewed)
        const first = yield* within(current, 0)
        shift.hours = hours
        yield* TestClock.adjust("599999 millis")
        assert.strictEqual(yield* current, first)
        yield* TestClock.adjust("1 milli")
        assert.notStrictEqual(yield* within(current, 0), first)
        assert.strictEqual(counter.asked, 2)
      }),
    )
  }

  it.effect("that had expired when it came is usable, since none is newer, and the next caller asks for another", () =>
    Effect.gen(function* () {
      const { counter, make } = source("2 seconds")
      const authentication = yield* Authentication.kept(make, Duration.seconds(1))
      const late = yield* within(authentication.current, "2 seconds")
      assert.isTrue(authentication.isUsable(late, yield* monotonicMillis))
      yield* within(authentication.current, "2 seconds")
      assert.strictEqual(counter.asked, 2)
    }),
  )

  it.effect("that had expired when it came is not usable when there is one that is valid", () =>
    Effect.gen(function* () {
      let delay = 2000
      const authentication = yield* Authentication.kept(
        Effect.suspend(() => Effect.as(Effect.sleep(delay), Redacted.make("header"))),
        Duration.seconds(1),
      )
      const late = yield* within(authentication.current, "2 seconds")
      delay = 0
      const next = yield* within(authentication.current, 0)
      const now = yield* monotonicMillis
      assert.deepStrictEqual(
        [late, next].map((header) => authentication.isUsable(header, now)),
        [false, true],
      )
    }),
  )
})

describe("a refused header", () => {
  it.effect("is not given again, and not usable", () =>
    Effect.gen(function* () {
      const { make } = source(0)
      const authentication = yield* Authentication.kept(make, Duration.infinity)
      const first = yield* within(authentication.current, 0)
      assert.isTrue(authentication.isRenewable)
      authentication.refuse(first)
      assert.isFalse(authentication.isUsable(first, 0))
      assert.strictEqual(text(yield* within(authentication.current, 0)), "header-2")
      assert.isFalse(authentication.isUsable(first, 0))
    }),
  )

  it.effect("is not usable either if it had expired when it came", () =>
    Effect.gen(function* () {
      const { make } = source("2 seconds")
      const authentication = yield* Authentication.kept(make, Duration.seconds(1))
      const late = yield* within(authentication.current, "2 seconds")
      authentication.refuse(late)
      assert.isFalse(authentication.isUsable(late, yield* monotonicMillis))
    }),
  )

  it.effect("leaves the one that has replaced it as it is", () =>
    Effect.gen(function* () {
      const { counter, make } = source(0)
      const authentication = yield* Authentication.kept(make, Duration.infinity)
      const first = yield* within(authentication.current, 0)
      authentication.refuse(first)
      const second = yield* within(authentication.current, 0)
      authentication.refuse(first)
      assert.strictEqual(yield* authentication.current, second)
      assert.strictEqual(counter.asked, 2)
    }),
  )

  it.effect("leaves a run that has begun as it is, and later callers join it", () =>
    Effect.gen(function* () {
      const { counter, make } = source("1 second")
      const authentication = yield* Authentication.kept(make, Duration.infinity)
      const first = yield* within(authentication.current, "1 second")
      authentication.refuse(first)
      const early = yield* Effect.forkChild(authentication.current, { startImmediately: true })
      authentication.refuse(first)
      const headers = [yield* within(authentication.current, "1 second"), yield* Fiber.join(early)]
      assert.deepStrictEqual(headers.map(text), ["header-2", "header-2"])
      assert.strictEqual(counter.asked, 2)
    }),
  )
})

describe("a source that fails", () => {
  it.effect("at once is asked once by 100 callers", () =>
    Effect.gen(function* () {
      let asked = 0
      const authentication = yield* Authentication.kept(
        Effect.suspend(() => {
          asked++
          return Effect.fail("closed")
        }),
        Duration.infinity,
      )
      const failures = yield* crowd(100, Effect.flip(authentication.current))
      assert.strictEqual(asked, 1)
      assert.strictEqual(new Set(failures).size, 1)
    }),
  )

  it.effect("later gives its failure to all who waited, and is asked again by the next caller", () =>
    Effect.gen(function* () {
      let asked = 0
      const authentication = yield* Authentication.kept(
        Effect.suspend(() =>
          ++asked === 1 ? Effect.delay(Effect.fail("closed"), "1 second") : Effect.succeed(Redacted.make("header")),
        ),
        Duration.infinity,
      )
      const failures = yield* within(crowd(100, Effect.flip(authentication.current)), "1 second")
      assert.strictEqual(new Set(failures).size, 1)
      assert.strictEqual(asked, 1)
      assert.strictEqual(text(yield* authentication.current), "header")
      assert.strictEqual(asked, 2)
    }),
  )

  const error = new Error("closed")
  for (const [what, make, cause] of [
    ["an error", Effect.fail(error), error],
    ["nothing", Effect.fail(undefined), undefined],
    ["a defect", Effect.die(error), error],
    [
      "a function that throws",
      Effect.sync((): Redacted.Redacted => {
        throw error
      }),
      error,
    ],
  ] as const) {
    it.effect(`with ${what} is a failure of the call, with it as cause`, () =>
      Effect.gen(function* () {
        const authentication = yield* Authentication.kept(make, Duration.infinity)
        const failures = yield* crowd(3, Effect.flip(authentication.current))
        for (const failure of failures) {
          assert.strictEqual(failure, cause)
        }
      }),
    )
  }

  it.effect("because it interrupts itself is a failure of the call, which is not interrupted", () =>
    Effect.gen(function* () {
      const authentication = yield* Authentication.kept(Effect.interrupt, Duration.infinity)
      const exit = yield* Effect.exit(authentication.current)
      if (!Exit.isFailure(exit)) return assert.fail("it succeeded")
      assert.isFalse(Cause.hasInterrupts(exit.cause))
      assert.instanceOf(Cause.squash(exit.cause), Error)
    }),
  )
})

describe("a source that does not end", () => {
  for (const [what, hang] of [
    ["", Effect.never],
    [" and cannot be interrupted", Effect.uninterruptible(Effect.never)],
  ] as const) {
    it.effect(`within a minute${what} has failed, and is asked again by the next caller`, () =>
      Effect.gen(function* () {
        let asked = 0
        const make = Effect.suspend(() => (++asked === 1 ? hang : Effect.succeed(Redacted.make(`header-${asked}`))))
        const authentication = yield* Authentication.kept(make, Duration.infinity)
        const first = yield* Effect.forkChild(authentication.current)
        yield* TestClock.adjust("59 seconds")
        const second = yield* Effect.forkChild(authentication.current)
        yield* TestClock.adjust("999 millis")
        assert.deepStrictEqual([asked, first.pollUnsafe(), second.pollUnsafe()], [1, undefined, undefined])
        yield* TestClock.adjust("1 millis")
        for (const caller of [first, second]) {
          assert.isTrue(Cause.isTimeoutError(yield* Effect.flip(Fiber.join(caller))))
        }
        assert.strictEqual(text(yield* within(authentication.current, 0)), "header-2")
      }),
    )
  }
})

describe("a caller that stops waiting", () => {
  it.effect("leaves the run to the others", () =>
    Effect.gen(function* () {
      const { counter, make } = source("1 second")
      const authentication = yield* Authentication.kept(make, Duration.infinity)
      const first = yield* Effect.forkChild(authentication.current, { startImmediately: true })
      const others = yield* Effect.forkChild(crowd(10, authentication.current))
      yield* TestClock.adjust("500 millis")
      yield* Fiber.interrupt(first)
      yield* TestClock.adjust("500 millis")
      assert.deepStrictEqual(new Set((yield* Fiber.join(others)).map(text)), new Set(["header-1"]))
      assert.strictEqual(counter.asked, 1)
    }),
  )

  it.effect("as the last one stops the run, and the next caller starts afresh", () =>
    Effect.gen(function* () {
      const { counter, make } = source("1 second")
      const authentication = yield* Authentication.kept(make, Duration.infinity)
      const callers = yield* Effect.forkChild(crowd(3, authentication.current))
      yield* TestClock.adjust("500 millis")
      yield* Fiber.interrupt(callers)
      yield* TestClock.adjust("1 hour")
      assert.deepStrictEqual(counter, { asked: 1, given: 0 })
      assert.strictEqual(text(yield* within(authentication.current, "1 second")), "header-1")
      assert.strictEqual(counter.asked, 2)
    }),
  )

  it.effect("by a timeout does not wait for a source that cannot be interrupted", () =>
    Effect.gen(function* () {
      const { make } = source("1 hour")
      const authentication = yield* Authentication.kept(Effect.uninterruptible(make), Duration.infinity)
      const outcome = yield* within(Effect.timeoutOption(authentication.current, "1 second"), "1 second")
      assert.strictEqual(outcome._tag, "None")
    }),
  )

  it.effect("does not get the next callers the value of a run that nobody waited for", () =>
    Effect.gen(function* () {
      const { counter, make } = source("10 seconds")
      const authentication = yield* Authentication.kept(Effect.uninterruptible(make), Duration.infinity)
      const first = yield* Effect.forkChild(authentication.current)
      yield* TestClock.adjust("5 seconds")
      yield* Fiber.interrupt(first)
      const next = yield* Effect.forkChild(authentication.current)
      yield* TestClock.adjust("5 seconds")
      assert.deepStrictEqual(counter, { asked: 2, given: 1 })
      assert.isUndefined(next.pollUnsafe())
      const third = yield* Effect.forkChild(authentication.current)
      yield* TestClock.adjust("5 seconds")
      const headers = [yield* Fiber.join(next), yield* Fiber.join(third)]
      assert.deepStrictEqual(headers.map(text), ["header-2", "header-2"])
      assert.strictEqual(counter.asked, 2)
    }),
  )

  it.effect("before the source has started leaves nothing behind", () =>
    Effect.gen(function* () {
      const { counter, make } = source(0)
      const authentication = yield* Authentication.kept(make, Duration.infinity)
      const first = yield* Effect.forkChild(authentication.current, { startImmediately: true })
      first.interruptUnsafe()
      yield* Fiber.await(first)
      assert.strictEqual(text(yield* within(authentication.current, 0)), "header-1")
      assert.strictEqual(counter.given, 1)
    }),
  )
})
