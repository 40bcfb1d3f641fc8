/**
 * The attempts of one call, and the waits between them. A write that may have happened is verified by `writeInDoubt.ts` first.
 */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Random from "effect/Random"
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
): Effect.Effect<A, E | SunshineError.SunshineError> =>
  Effect.catch(Attempt.run(engine, call, exchange, Attempt.noPrecondition), (error) => {
    const doubt = verification && WriteInDoubt.make(call, verification)
    const again = Attempt.run(engine, call, exchange, doubt?.precondition ?? Attempt.noPrecondition)
    return afterFailure({ call, doubt, again }, 1, error)
  })

interface Retries<A, E> {
  readonly call: Call
  readonly doubt: WriteInDoubt.WriteInDoubt<A> | undefined
  readonly again: Effect.Effect<A, E | SunshineError.SunshineError>
}

/** Continues after an attempt that failed; `attempts` counts those that have been made. */
const afterFailure = Effect.fnUntraced(function* <A, E extends SunshineError.Documented>(
  retries: Retries<A, E>,
  attempts: number,
  error: E | SunshineError.SunshineError,
): Effect.fn.Return<A, E | SunshineError.SunshineError> {
  const { again, call, doubt } = retries
  const { policy } = call
  const fail = (error: E | SunshineError.SunshineError) => Effect.fail(error)
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
    // Somebody has joined, whom the roster may show by another id. A second leave does no harm.
    if (call.isAccepted && call.operation === "join") {
      return yield* call.outcomeUnknown("the API answered 201, but the roster does not show it", cause)
    }
    // The roster does not show that an earlier attempt succeeded, so its outcome stays unknown.
    if (isRejected) {
      return yield* call.outcomeUnknown(`it was rejected when it was sent again: ${error.message}`, cause)
    }
  }

  const failure = call.doubt === "open" ? call.outcomeUnknown("the roster did not show it", cause) : error
  const isCircuitOpen = error._tag === "SunshineError" && Circuit.isOpen(error)
  if (attempts === policy.attempts || isTooLong || isCircuitOpen) return yield* fail(failure)
  const backoff = (yield* Random.next) * Math.min(policy.cap, policy.base * 2 ** (attempts - 1))
  const wait = Math.max(backoff, failedAt + retryAfter - call.now())
  yield* Observe.sleep(call, "backoff", wait, () => failure)
  return yield* Effect.catch(again, (error) => afterFailure(retries, attempts + 1, error))
})
