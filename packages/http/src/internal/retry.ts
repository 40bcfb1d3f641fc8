/**
 * The attempts of one call, and the waits between them. A write that may have happened is verified by `writeInDoubt.ts` first.
 */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Random from "effect/Random"
import * as Result from "effect/Result"
import type { SunshineError } from "@effect-sunco/core"
import * as Attempt from "./attempt.ts"
import type { Call } from "./call.ts"
import * as Circuit from "./circuit.ts"
import * as Ended from "./ended.ts"
import type { Exchange } from "./exchange.ts"
import * as Observe from "./observe.ts"
import type { Verification } from "./verification.ts"
import * as WriteInDoubt from "./writeInDoubt.ts"

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
 * Continues after a failed first attempt. It is separate, so that a call whose first attempt succeeds does no extra
 * work.
 */
const afterFailure = Effect.fnUntraced(function* <A, E extends SunshineError.Documented>(
  engine: Attempt.Engine,
  call: Call,
  exchange: Exchange<A, E>,
  verification: Verification<A> | undefined,
  firstError: E | SunshineError.SunshineError,
): Effect.fn.Return<A, E | SunshineError.SunshineError> {
  const { policy } = call
  const doubt = verification && WriteInDoubt.make(call, verification)
  const fail = (error: E | SunshineError.SunshineError) => Effect.fail(error)

  let error = firstError
  for (let attempts = 1; ; attempts++) {
    const failedAt = call.now()
    const isRejected = error._tag !== "SunshineError" || error.outcome === "rejected"
    if (isRejected && call.doubt === "none") return yield* fail(error)
    if (error._tag === "SunshineError") {
      // The roster could not be read directly before the write.
      if (error.reason._tag === "OutcomeUnknown") return yield* error
      if (error.reason._tag !== "InvalidRequest") call.failures.push(error.reason)
    }

    const retryAfter = error._tag === "SunshineError" ? retryAfterOf(error) : 0
    const isTooLong = retryAfter > policy.maxRetryAfter
    const cause = isRejected ? error : error.cause

    if (doubt !== undefined && (isRejected || (error._tag === "SunshineError" && error.outcome === "ambiguous"))) {
      if (call.doubt === "none") {
        call.doubt = "open"
        call.report({ _tag: "WriteInDoubt", cause: Ended.errorTypeOf(error) })
      }
      if (policy.verify === false) return yield* call.outcomeUnknown("not verified (verify: false)", cause)
      if (isTooLong) {
        return yield* call.outcomeUnknown("not verified: retryAfter is longer than maxRetryAfter", cause)
      }
      const shown = yield* doubt.verify(policy.verify, retryAfter)
      if (Option.isSome(shown)) return shown.value
      // The roster does not show that an earlier attempt succeeded, so its outcome stays unknown.
      if (isRejected) {
        return yield* call.outcomeUnknown(`it was rejected when it was sent again: ${error.message}`, cause)
      }
    }

    const failure = call.doubt === "open" ? call.outcomeUnknown(undefined, cause) : error
    if (attempts === policy.attempts || isTooLong || isFinal(error)) return yield* fail(failure)
    const backoff = (yield* Random.next) * Math.min(policy.cap, policy.base * 2 ** (attempts - 1))
    const wait = Math.max(backoff, failedAt + retryAfter - call.now())
    yield* Observe.sleep(call, "backoff", wait, () => failure)

    const next = Attempt.run(engine, call, exchange, doubt?.precondition ?? Attempt.noPrecondition)
    const result = yield* Effect.result(next)
    if (Result.isSuccess(result)) return result.success
    error = result.failure
  }
})

/** After `RateLimited` the call may wait no longer, and an open circuit spares the server requests. */
const isFinal = (error: SunshineError.Documented | SunshineError.SunshineError): boolean =>
  error._tag === "SunshineError" && (error.reason._tag === "RateLimited" || Circuit.isOpen(error))
