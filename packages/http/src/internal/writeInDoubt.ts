/**
 * A write that may have happened. The roster is read until it shows the write, and shortly before the write is sent again.
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
   * Reads the roster until it shows the write, and fails if that stays unclear. `notWithin` is how long the API wants no
   * requests (milliseconds).
   */
  readonly verify: (policy: Verify, notWithin: number) => Effect.Effect<Option.Option<A>, SunshineError.SunshineError>
  /** A write in doubt is not sent again on an old read: after another 429, or a long wait for its turn. */
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
      : Effect.fail(call.outcomeUnknown("the roster has participants without a userExternalId"))

  const tooLate = () => call.outcomeUnknown("the deadline comes before the roster can be read")

  const verify = Effect.fnUntraced(function* (policy: Verify, notWithin: number) {
    yield* Observe.sleep(call, "verification", Math.max(waitBefore(1, policy), notWithin), tooLate)
    for (let reads = 1; ; reads++) {
      const evidence = yield* read
      if (Option.isSome(evidence.shown) || reads === policy.attempts) return yield* settle(evidence)
      yield* Observe.sleep(call, "verification", waitBefore(reads + 1, policy), tooLate)
    }
  })

  /** A read is old when it is longer ago than any wait between reads, and than a second. */
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
