/**
 * Takes tokens of `limits.rate`. The gate lets one call at a time take one.
 */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { SunshineError } from "@effect-sunco/core"
import type { Rate } from "../Limits.ts"
import type { Call } from "./call.ts"
import * as Observe from "./observe.ts"

export interface Tokens {
  /**
   * The earliest time at which a call with `ahead` others before it gets its token (monotonic milliseconds). It is in the
   * past if tokens may be available.
   */
  readonly dueAt: (now: number, ahead: number) => number
  /** Waits for a token. Fails at once, and takes none, if it would come after the deadline. */
  readonly take: (call: Call, isHeld: (now: number) => boolean) => Effect.Effect<void, SunshineError.SunshineError>
}

export const make = ({ algorithm, key, limit, limiter, window }: Rate, defaultKey: string): Tokens => {
  const spacing = Duration.toMillis(Duration.fromInputUnsafe(window)) / limit
  /** When the next token is due (monotonic milliseconds). */
  let nextAt = 0

  const consume = limiter.consume({ key: key ?? defaultKey, limit, window, algorithm, onExceeded: "fail" })

  /** Takes a token if there is one; else returns how long to wait for it (milliseconds). */
  const tryTake = (call: Call, isHeld: (now: number) => boolean): Effect.Effect<number, SunshineError.SunshineError> =>
    Effect.suspend(() => {
      // A token that is taken during a hold would be used in a later window.
      if (isHeld(call.now())) return Effect.succeed(0)
      return Effect.matchEffect(consume, {
        onSuccess: () => {
          call.hasToken = true
          return Effect.succeed(0)
        },
        onFailure: (error) => {
          if (error.reason._tag !== "RateLimitExceeded") {
            const reason = new SunshineError.Transport({ description: "the rate limiter failed", sent: false })
            return Effect.fail(call.fail(reason, error))
          }
          const now = call.now()
          const wait = Math.max(1, Math.ceil(Duration.toMillis(error.reason.retryAfter)))
          nextAt = now + wait
          return nextAt >= call.endsAt ? Effect.fail(call.rateLimited(wait, error)) : Effect.succeed(wait)
        },
      }).pipe(
        // A store that does not answer is given until the deadline.
        Effect.timeoutOrElse(call.timeout(call.now(), false, "rate limit", Infinity)),
      )
    })

  const takeLater = Effect.fnUntraced(function* (call: Call, first: number, isHeld: (now: number) => boolean) {
    for (let wait = first; wait > 0; wait = yield* tryTake(call, isHeld)) {
      yield* Effect.sleep(Duration.millis(wait))
      call.waited += wait
    }
  })

  return {
    dueAt: (now, ahead) => {
      if (nextAt <= now) return now
      return nextAt + (algorithm === "token-bucket" ? ahead : Math.floor(ahead / limit) * limit) * spacing
    },
    take: (call, isHeld) =>
      Effect.flatMap(tryTake(call, isHeld), (wait) =>
        wait === 0 ? Effect.void : Observe.wait(call, () => "queued", takeLater(call, wait, isHeld)),
      ),
  }
}
