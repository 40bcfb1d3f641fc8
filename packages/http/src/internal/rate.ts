/**
 * Takes tokens of `limits.rate`. The gate lets one call at a time take one.
 */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { SunshineError } from "@effect-sunco/core"
import type { Rate } from "../Limits.ts"
import type { Call, EndWait } from "./call.ts"
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

  const takeNext = (
    call: Call,
    isHeld: (now: number) => boolean,
    waits: () => void,
  ): Effect.Effect<void, SunshineError.SunshineError> =>
    Effect.suspend(() => {
      // A token that is taken during a hold would be used in a later window.
      if (isHeld(call.now())) return Effect.void
      return Effect.matchEffect(consume, {
        onSuccess: () => {
          call.hasToken = true
          return Effect.void
        },
        onFailure: (error) => {
          if (error.reason._tag !== "RateLimitExceeded") {
            const reason = new SunshineError.Transport({ description: "the rate limiter failed", sent: false })
            return Effect.fail(call.fail(reason, error))
          }
          const now = call.now()
          const wait = Math.max(1, Math.ceil(Duration.toMillis(error.reason.retryAfter)))
          nextAt = now + wait
          if (nextAt >= call.endsAt) return Effect.fail(call.rateLimited(wait, error))
          waits()
          return Effect.andThen(
            Effect.sleep(Duration.millis(wait)),
            Effect.suspend(() => {
              call.waited += wait
              return takeNext(call, isHeld, waits)
            }),
          )
        },
      })
    })

  return {
    dueAt: (now, ahead) => {
      if (nextAt <= now) return now
      return nextAt + (algorithm === "token-bucket" ? ahead : Math.floor(ahead / limit) * limit) * spacing
    },
    take: (call, isHeld) =>
      Observe.ending((onEnd) => {
        let endWait: EndWait | undefined
        onEnd((exit) => endWait?.({ interrupted: Exit.hasInterrupts(exit) }))
        const waits = () => {
          endWait ??= call.wait("queued")
        }
        // A store that does not answer is given until the deadline.
        return Effect.timeoutOrElse(
          takeNext(call, isHeld, waits),
          call.timeout(call.now(), false, "rate limit", Infinity),
        )
      }),
  }
}
