/**
 * The attempts of one call, and the waits between them and before reads of the roster. What a read of the roster says of a
 * write comes from `verification.ts`.
 */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Random from "effect/Random"
import * as Result from "effect/Result"
import { SunshineError } from "@effect-sunco/core"
import type { WaitCause } from "../Events.ts"
import * as Attempt from "./attempt.ts"
import type { Call } from "./call.ts"
import { monotonicMillis } from "./clock.ts"
import * as Circuit from "./circuit.ts"
import * as Ended from "./ended.ts"
import type { Exchange } from "./exchange.ts"
import * as Observe from "./observe.ts"
import type { Policy } from "./options.ts"
import type { Evidence, Verification } from "./verification.ts"

/** How long to wait before a read of the roster, counted from 1 (milliseconds). */
const waitBefore = (read: number, { delay }: Exclude<Policy["verify"], false>) => delay * 2 ** (read - 1)

const monotonicNow = Effect.clockWith((clock) => Effect.succeed(monotonicMillis(clock)))

const retryAfterOf = ({ reason }: SunshineError.SunshineError): number => {
  const retryAfter = "retryAfter" in reason ? reason.retryAfter : undefined
  return retryAfter === undefined ? 0 : Duration.toMillis(retryAfter)
}

export const run = <A, E extends SunshineError.Documented>(
  engine: Attempt.Engine,
  call: Call,
  exchange: Exchange<A, E>,
  verification?: Verification<A>,
): Effect.Effect<A, E | SunshineError.SunshineError> => {
  const first = Attempt.run(engine, call, exchange, Attempt.noPrecondition)
  return Effect.catch(first, (error) => afterFailure(engine, call, exchange, verification, error))
}

/**
 * Continues after a failed first attempt. It is separate, so that a call that succeeds at once does no work for
 * retries.
 */
const afterFailure = Effect.fnUntraced(function* <A, E extends SunshineError.Documented>(
  engine: Attempt.Engine,
  call: Call,
  exchange: Exchange<A, E>,
  verification: Verification<A> | undefined,
  firstError: E | SunshineError.SunshineError,
): Effect.fn.Return<A, E | SunshineError.SunshineError> {
  const { policy } = call
  const reasons: Array<SunshineError.AttemptReason> = []
  /** When the roster was last read, to find out whether an attempt has written. */
  let verifiedAt = 0

  const fail = (error: E | SunshineError.SunshineError) => Effect.fail(error)
  const unknown = (detail: string | undefined, cause?: unknown) =>
    call.fail(new SunshineError.OutcomeUnknown({ attempts: [...reasons], detail }), cause)
  const tooLate = () => unknown("the deadline comes before the roster can be read")

  /** Sleeps, or fails at once if the call would end first. */
  const sleep = <Error>(cause: WaitCause, millis: number, error: () => Error): Effect.Effect<void, Error> =>
    Effect.flatMap(monotonicNow, (now) =>
      now + millis < call.endsAt ? Observe.sleep(call, cause, millis) : Effect.fail(error()),
    )

  const read = Effect.fnUntraced(function* (verification: Verification<A>) {
    const evidence = yield* Effect.mapError(Observe.verification(call, verification), (error) =>
      unknown(`the roster could not be read: ${error.message}`, error),
    )
    if (Option.isSome(evidence.shown)) call.doubt = "shown"
    verifiedAt = yield* monotonicNow
    return evidence
  })

  const settle = ({ conclusive, shown }: Evidence<A>) =>
    Option.isSome(shown) || conclusive
      ? Effect.succeed(shown)
      : Effect.fail(unknown("the roster has participants without a userExternalId"))

  /** Reads the roster until it shows the write. A read that fails, or would come too late, leaves the write unclear. */
  const verify = Effect.fnUntraced(function* (
    verification: Verification<A>,
    verify: Exclude<Policy["verify"], false>,
    notWithin: number,
  ) {
    yield* sleep("verification", Math.max(waitBefore(1, verify), notWithin), tooLate)
    for (let reads = 1; ; reads++) {
      const evidence = yield* read(verification)
      if (Option.isSome(evidence.shown) || reads === verify.attempts) return yield* settle(evidence)
      yield* sleep("verification", waitBefore(reads + 1, verify), tooLate)
    }
  })

  /** A read is old when it is longer ago than any wait between reads, and than a second. */
  const oldAfter = policy.verify === false ? 0 : Math.max(1000, waitBefore(policy.verify.attempts, policy.verify))
  /** A write in doubt is not sent again on an old read: after another 429, or a long wait for its turn. */
  const precondition: Attempt.Precondition<A> = {
    holds: (now) => call.doubt === "none" || now - verifiedAt <= oldAfter,
    restore: verification === undefined ? Effect.succeedNone : Effect.flatMap(read(verification), settle),
  }

  let error = firstError
  for (let attempts = 1; ; attempts++) {
    const failedAt = yield* monotonicNow
    const isRejected = error._tag !== "SunshineError" || error.outcome === "rejected"
    if (isRejected && call.doubt === "none") return yield* fail(error)
    if (error._tag === "SunshineError") {
      // The roster could not be read directly before the write.
      if (error.reason._tag === "OutcomeUnknown") return yield* error
      if (error.reason._tag !== "InvalidRequest") reasons.push(error.reason)
    }

    const retryAfter = error._tag === "SunshineError" ? retryAfterOf(error) : 0
    const isTooLong = retryAfter > policy.maxRetryAfter
    const cause = isRejected ? error : error.cause

    if (
      verification !== undefined &&
      (isRejected || (error._tag === "SunshineError" && error.outcome === "ambiguous"))
    ) {
      if (call.doubt === "none") {
        call.doubt = "open"
        call.report({ _tag: "WriteInDoubt", cause: Ended.errorTypeOf(error) })
      }
      if (policy.verify === false) return yield* unknown("not verified (verify: false)", cause)
      if (isTooLong) return yield* unknown("not verified: retryAfter is longer than maxRetryAfter", cause)
      const shown = yield* verify(verification, policy.verify, retryAfter)
      if (Option.isSome(shown)) return shown.value
      // A rejection is final, and the roster does not show that an earlier attempt is the reason for it.
      if (isRejected) return yield* unknown(`it was rejected when it was sent again: ${error.message}`, cause)
    }

    const failure = call.doubt === "open" ? unknown(undefined, cause) : error
    if (attempts === policy.attempts || isTooLong || isFinal(error)) return yield* fail(failure)
    const backoff = (yield* Random.next) * Math.min(policy.cap, policy.base * 2 ** (attempts - 1))
    const now = yield* monotonicNow
    yield* sleep("backoff", Math.max(backoff, failedAt + retryAfter - now), () => failure)

    const result = yield* Effect.result(Attempt.run(engine, call, exchange, precondition))
    if (Result.isSuccess(result)) return result.success
    error = result.failure
  }
})

/** An attempt has already waited for 429s as long as it may, and an open circuit is there to spare the server requests. */
const isFinal = (error: SunshineError.Documented | SunshineError.SunshineError): boolean =>
  error._tag === "SunshineError" && (error.reason._tag === "RateLimited" || Circuit.isOpen(error))
