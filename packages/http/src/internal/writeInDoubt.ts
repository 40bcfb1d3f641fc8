/**
 * Verifies a write that may have happened: reads the roster after the attempt, and again before the write is sent again
 * if the last read is too old.
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { SunshineError } from "@effect-sunco/core"
import type { Precondition } from "./attempt.ts"
import type { Call } from "./call.ts"
import * as Observe from "./observe.ts"
import type { Policy } from "./options.ts"
import type { Evidence, Verification } from "./verification.ts"

type Verify = Exclude<Policy["verify"], false>

/** How long to wait before a read of the roster, counted from 1 (milliseconds). */
const waitBefore = (read: number, { delay }: Verify) => delay * 2 ** (read - 1)

export interface WriteInDoubt<A> {
  /**
   * Reads the roster until it shows the write, up to `attempts` times. Fails if a read fails or is inconclusive.
   * `notWithin` is how long the API asked to wait (milliseconds).
   */
  readonly verify: (policy: Verify, notWithin: number) => Effect.Effect<Option.Option<A>, SunshineError.SunshineError>
  /** The last read is recent. It can be too old after another 429, or after a long wait for the turn of the call. */
  readonly precondition: Precondition<A>
}

export const make = <A>(call: Call, verification: Verification<A>): WriteInDoubt<A> => {
  /** When the roster was last read (monotonic milliseconds). */
  let verifiedAt = 0

  const read = Observe.verification(call, verification).pipe(
    Effect.mapError((error) => call.outcomeUnknown(`the roster could not be read: ${error.message}`, error)),
    Effect.map((evidence) => {
      if (Option.isSome(evidence.shown)) call.doubt = "shown"
      verifiedAt = call.now()
      return evidence
    }),
  )

  const settle = ({ conclusive, shown }: Evidence<A>) =>
    Option.isSome(shown) || conclusive
      ? Effect.succeed(shown)
      : Effect.fail(
          call.outcomeUnknown(
            "participants on the roster have no userExternalId, or one that differs in case or blanks alone",
          ),
        )

  const tooLate = () => call.outcomeUnknown("the deadline comes before the roster can be read")

  const verify = Effect.fnUntraced(function* (policy: Verify, notWithin: number) {
    yield* Observe.sleep(call, "verification", Math.max(waitBefore(1, policy), notWithin), tooLate)
    for (let reads = 1; ; reads++) {
      const evidence = yield* read
      if (Option.isSome(evidence.shown) || reads === policy.attempts) return yield* settle(evidence)
      yield* Observe.sleep(call, "verification", waitBefore(reads + 1, policy), tooLate)
    }
  })

  /** After which time a read is too old: the longest wait between reads, and at least a second. */
  const oldAfter = ({ policy }: Call) =>
    policy.verify === false ? 0 : Math.max(1000, waitBefore(policy.verify.attempts, policy.verify))

  return {
    verify,
    precondition: {
      holds: (now) => call.doubt === "none" || now - verifiedAt <= oldAfter(call),
      restore: Effect.flatMap(read, settle),
    },
  }
}
