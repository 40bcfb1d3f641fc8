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
import { notSent } from "./gate.ts"
import * as Observe from "./observe.ts"
import type { Verification } from "./verification.ts"
import * as WriteInDoubt from "./writeInDoubt.ts"

const retryAfterOf = ({ reason }: SunshineError.SunshineError): number => {
  const retryAfter = "retryAfter" in reason ? reason.retryAfter : undefined
  return retryAfter === undefined ? 0 : Duration.toMillis(retryAfter)
}

/**
 * Sends the request of a call until it has a result. An attempt sends it again if the API refused to act on it: after a
 * 429 from the place of the call in the queue, and once after a 401 with a new credential.
 */
export const run = <A, E extends SunshineError.Documented>(
  engine: Attempt.Engine,
  call: Call,
  exchange: Exchange<A, E>,
  verification?: Verification<A>,
): Effect.Effect<A, E | SunshineError.SunshineError> => {
  const send: Effect.Effect<A, E | SunshineError.SunshineError> = Effect.suspend(() =>
    verification !== undefined && WriteInDoubt.isTooOld(call, call.now())
      ? sendUnlessShown(WriteInDoubt.verify(call, verification, { attempts: 1, delay: 0 }, 0))
      : Effect.matchEffect(Attempt.request(engine, call, exchange), {
          onSuccess: (result) => (result === notSent ? send : Effect.succeed(result)),
          onFailure: (error) =>
            isWithinAttempt(engine, call, error) ? send : sendUnlessShown(afterFailure(call, verification, error)),
        }),
  )
  const sendUnlessShown = (verified: Effect.Effect<Option.Option<A>, E | SunshineError.SunshineError>) =>
    Effect.flatMap(verified, (shown) => (Option.isSome(shown) ? Effect.succeed(shown.value) : send))
  return send
}

/** Whether the request is sent again within its attempt. */
const isWithinAttempt = ({ authentication }: Attempt.Engine, call: Call, error: Ended.Failure): boolean => {
  if (error._tag !== "SunshineError") return false
  const { reason } = error
  // Else the call would have to wait too long for its turn.
  if (reason._tag === "RateLimited") return reason === call.refusal
  if (reason._tag !== "Unauthorized" || !authentication.isRenewable || call.renewedIn === call.attempts) return false
  call.renewedIn = call.attempts
  return true
}

/**
 * Decides what follows a failed attempt: fails if it was the last one, succeeds with what the roster shows of the write,
 * or with nothing when it is time for another attempt.
 */
const afterFailure = Effect.fnUntraced(function* <A, E extends SunshineError.Documented>(
  call: Call,
  verification: Verification<A> | undefined,
  error: E | SunshineError.SunshineError,
): Effect.fn.Return<Option.Option<A>, E | SunshineError.SunshineError> {
  const { policy } = call
  const fail = (error: E | SunshineError.SunshineError) => Effect.fail(error)
  const failedAt = call.now()
  const outcome = error._tag === "SunshineError" ? error.outcome : "rejected"
  const isRejected = outcome === "rejected"
  if (isRejected && call.doubt === "none") return yield* fail(error)
  if (
    error._tag === "SunshineError" &&
    error.reason._tag !== "OutcomeUnknown" &&
    error.reason._tag !== "InvalidRequest"
  ) {
    call.failures.push(error.reason)
  }

  const retryAfter = error._tag === "SunshineError" ? retryAfterOf(error) : 0
  const isTooLong = retryAfter > policy.maxRetryAfter
  const cause = isRejected ? error : error.cause

  if (verification !== undefined && outcome !== "not processed") {
    if (call.doubt === "none") {
      call.doubt = "open"
      call.report({ _tag: "WriteInDoubt", cause: Ended.errorTypeOf(error) })
    }
    if (policy.verify === false) return yield* call.outcomeUnknown("not verified (verify: false)", cause)
    if (isTooLong) {
      return yield* call.outcomeUnknown("not verified: retryAfter is longer than maxRetryAfter", cause)
    }
    const shown = yield* WriteInDoubt.verify(call, verification, policy.verify, retryAfter)
    if (Option.isSome(shown)) return shown
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
  if (call.attempts === policy.attempts || isTooLong || isCircuitOpen) return yield* fail(failure)
  const backoff = (yield* Random.next) * Math.min(policy.cap, policy.base * 2 ** (call.attempts - 1))
  const wait = Math.max(backoff, failedAt + retryAfter - call.now())
  yield* Observe.sleep(call, "backoff", wait, () => failure)
  call.attempts++
  return Option.none()
})
