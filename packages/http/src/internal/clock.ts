import type * as Clock from "effect/Clock"

/** Milliseconds of the monotonic clock: setting the wall clock changes no deadline, no wait, and no duration. */
export const monotonicMillis = (clock: Clock.Clock): number => Number(clock.monotonicTimeNanosUnsafe()) / 1_000_000
