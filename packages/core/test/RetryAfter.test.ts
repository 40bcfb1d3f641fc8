import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, Schema } from "effect"
import { Headers } from "effect/http"
import { parse } from "@effect-sunco/core/RetryAfter"

/** Sun, 06 Nov 1994 08:49:37 GMT */
const now = Date.UTC(1994, 10, 6, 8, 49, 37)

const millisOf = (retryAfter: string | undefined, date?: string, at = now) => {
  const wait = parse(Headers.fromInput({ "retry-after": retryAfter, date }), at)
  return wait === undefined ? undefined : Duration.toMillis(wait)
}

const day = 86_400_000

const waits: ReadonlyArray<readonly [value: string, millis: number | undefined]> = [
  // seconds
  ["120", 120_000],
  [" 120 ", 120_000],
  ["0", 0],
  ["00007", 7000],
  ["1.5", 1500],
  [".5", 500],
  ["2.", 2000],
  ["1e1", 10_000],
  // rounded up, never undercut
  ["0.00001", 1],
  // HTTP dates of all three kinds
  ["Sun, 06 Nov 1994 08:50:37 GMT", 60_000],
  ["Sunday, 06-Nov-94 08:50:37 GMT", 60_000],
  ["Sun Nov  6 08:50:37 1994", 60_000],
  ["Sun, 06 Nov 1994 08:49:37 GMT", 0],
  ["Sun, 06 Nov 1994 07:00:00 GMT", 0],
  ["Sun, 06 Nov 1994 08:50:37 +0000", 60_000],
  ["Sun, 06 Nov 1994 08:50:37 -0000", 60_000],
  ["Sun, 06 Nov 1994 09:50:37 +0100", 60_000],
  ["Sun, 06 Nov 1994 05:20:37 -03:30", 60_000],
  // ISO dates
  ["1994-11-06T08:50:37Z", 60_000],
  ["1994-11-06T08:50:37.250Z", 60_250],
  ["1994-11-06t08:50:37z", 60_000],
  ["1994-11-06 08:50:37Z", 60_000],
  ["1994-11-06T09:50:37+01:00", 60_000],
  ["1994-11-06T08:50:37", 60_000],
  ["1994-11-06T08:50", 23_000],
  ["1994-11-06", 0],
  // given more than once
  ["1, 2", 2000],
  ["2,1", 2000],
  ["1, soon", 1000],
  ["Sun, 06 Nov 1994 08:50:37 GMT, Sun, 06 Nov 1994 08:51:37 GMT", 120_000],
  ["Sunday, 06-Nov-94 08:51:37 GMT, Sun Nov  6 08:50:37 1994", 120_000],
  ["90, Sun, 06 Nov 1994 08:50:37 GMT", 90_000],
  ["30, Sun, 06 Nov 1994 08:50:37 GMT", 60_000],
  // nonsense, bounded
  ["86400", day],
  ["86401", day],
  ["1764000000", day],
  ["1e308", day],
  ["1e999", day],
  ["9".repeat(10_000), day],
  ["Sun, 06 Nov 2094 08:50:37 GMT", day],
  ["9999-12-31T23:59:59Z", day],
  // not to be read
  ["", undefined],
  [",", undefined],
  ["-1", undefined],
  ["-0", undefined],
  ["soon", undefined],
  ["5 seconds", undefined],
  ["0x10", undefined],
  ["Infinity", undefined],
  ["NaN", undefined],
  ["1e", undefined],
  [".", undefined],
  ["Sun", undefined],
  ["Sun, 31 Feb 1994 08:49:37 GMT", undefined],
  ["Sun, 06 Nov 1994 25:49:37 GMT", undefined],
  ["1994-13-06T08:50:37Z", undefined],
  ["06 Nov 1994", undefined],
]

describe("Retry-After", () => {
  for (const [value, millis] of waits) {
    it(`${value.slice(0, 80)} is ${millis} ms`, () => {
      assert.strictEqual(millisOf(value), millis)
    })
  }

  it("that is not there asks for nothing", () => {
    assert.isUndefined(millisOf(undefined))
  })

  it("of no time is Duration.zero, and one of too long a day", () => {
    const read = (value: string) => parse(Headers.fromInput({ "retry-after": value }), now)
    assert.deepStrictEqual([read("0"), read("1e308")], [Duration.zero, Duration.days(1)])
  })

  const inAMinute = "Sun, 06 Nov 1994 08:50:37 GMT"

  for (const hours of [-1, 1]) {
    it(`as a date is measured against the Date of its answer: a clock that is off by ${hours} hours`, () => {
      const date = "Sun, 06 Nov 1994 08:49:37 GMT"
      assert.strictEqual(millisOf(inAMinute, date, now + hours * 3_600_000), 60_000)
    })
  }

  it("in seconds has nothing to do with the Date of its answer", () => {
    assert.strictEqual(millisOf("5", "Sun, 06 Nov 1994 00:00:00 GMT"), 5000)
  })

  it("is measured against a Date that is no HTTP date, where it can be read", () => {
    assert.strictEqual(millisOf(inAMinute, " 1994-11-06T08:49:27Z ", 0), 70_000)
  })

  for (const date of ["", "now", "Sun, 31 Feb 1994 08:49:37 GMT", "-1"]) {
    it(`is measured against the own clock where the Date is ${JSON.stringify(date)}`, () => {
      assert.strictEqual(millisOf(inAMinute, date), 60_000)
    })
  }

  it.effect.prop(
    "never throws, and is between zero and a day, for any values",
    [Schema.String, Schema.String, Schema.Finite],
    ([value, date, at]) =>
      Effect.sync(() => {
        const millis = millisOf(value, date, at)
        if (millis !== undefined) assert.isTrue(millis >= 0 && millis <= day, `${millis}`)
      }),
    { arbitrary: { seed: "Retry-After" } },
  )

  it.effect.prop(
    "of any number of seconds is never undercut, up to a day",
    [Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 100_000 }))],
    ([seconds]) =>
      Effect.sync(() => {
        assert.isAtLeast(millisOf(`${seconds}`) ?? -1, Math.min(seconds * 1000, day))
      }),
    { arbitrary: { seed: "seconds" } },
  )
})
