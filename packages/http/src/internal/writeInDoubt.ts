/**
 * Verifies a write that may have happened: reads the roster after the attempt, and again before the write is sent again
 * if the last read is too old.
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { SunshineError } from "@effect-sunco/core"
import type { Call } from "./call.ts"
import * as Observe from "./observe.ts"
import type { Policy } from "./options.ts"
import type { Verification } from "./verification.ts"

type Verify = Exclude<Policy["verify"], false>

/** How long to wait before a read of the roster, counted from 1 (milliseconds). */
const waitBefore = (read: number, { delay }: Verify) => delay * 2 ** (read - 1)

/**
 * Whether the last read is too old for the write to be sent again: after another 429, or after a long wait for the turn
 * of the call. It counts for the longest wait between reads, and at least for a second.
 */
export const isTooOld = ({ doubt, policy: { verify }, verifiedAt }: Call, now: number): boolean =>
  doubt !== "none" && verify !== false && now - verifiedAt > Math.max(1000, waitBefore(verify.attempts, verify))

/**
 * Reads the roster until it shows the write, up to `attempts` times. Fails if a read fails, or the last one is
 * inconclusive. `notWithin` is how long the API asked to wait (milliseconds).
 */
export const verify = Effect.fnUntraced(function* <A>(
  call: Call,
  verification: Verification<A>,
  policy: Verify,
  notWithin: number,
): Effect.fn.Return<Option.Option<A>, SunshineError.SunshineError> {
  const tooLate = () => call.outcomeUnknown("the deadline comes before the roster can be read")
  const read = Effect.mapError(Observe.verification(call, verification), (error) =>
    call.outcomeUnknown(`the roster could not be read: ${error.message}`, error),
  )
  yield* Observe.sleep(call, "verification", Math.max(waitBefore(1, policy), notWithin), tooLate)
  for (let reads = 1; ; reads++) {
    const { conclusive, shown } = yield* read
    call.verifiedAt = call.now()
    if (Option.isSome(shown)) {
      call.doubt = "shown"
      return shown
    }
    if (reads === policy.attempts) {
      if (conclusive) return shown
      return yield* call.outcomeUnknown(
        "participants on the roster have no userExternalId, or one that differs in case or blanks alone",
      )
    }
    yield* Observe.sleep(call, "verification", waitBefore(reads + 1, policy), tooLate)
  }
})
