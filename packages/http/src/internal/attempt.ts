/**
 * One attempt of a call: waits for its turn, sends the request, and reads the answer. An attempt sends its request
 * again if the API refused to act on it: after a 429 from its place in the queue, and once after a 401 with a new
 * credential.
 */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import { SunshineError } from "@effect-sunco/core"
import type { Authentication, Header } from "./authentication.ts"
import type { Call } from "./call.ts"
import type { Circuit } from "./circuit.ts"
import type { Exchange } from "./exchange.ts"
import type { Gate, Turn } from "./gate.ts"
import * as Observe from "./observe.ts"
import type { Tokens } from "./rate.ts"
import type * as Request from "./request.ts"

/** What all attempts of a layer share. */
export interface Engine {
  readonly authentication: Authentication
  readonly gate: Gate
  readonly tokens: Tokens | undefined
  readonly circuit: Circuit
  readonly send: Request.Send
}

/** A condition that must hold just before the request of a call is sent. */
export interface Precondition<A> {
  readonly holds: (now: number) => boolean
  /** Makes the condition hold again, or settles the call. */
  readonly restore: Effect.Effect<Option.Option<A>, SunshineError.SunshineError>
}

export const noPrecondition: Precondition<never> = { holds: () => true, restore: Effect.succeedNone }

/** Waits for a credential; nothing has been sent yet. */
const authenticate = ({ authentication }: Engine, call: Call) => {
  const current = authentication.current.pipe(
    Effect.mapError((failure) => credentialError(call, failure)),
    Effect.timeoutOrElse(call.timeout(call.now(), false, "credential")),
  )
  return Observe.wait(call, () => "credential", current)
}

/** There is no credential: its source returned a token that cannot be sent, or failed. */
const credentialError = (call: Call, failure: unknown): SunshineError.SunshineError =>
  failure instanceof SunshineError.InvalidRequest
    ? call.fail(failure)
    : call.fail(new SunshineError.Transport({ description: "could not obtain a credential", sent: false }), failure)

/** Waits for the turn of the call, and then runs `use`, which may send one request. */
const inTurn = <A, E>(
  { gate, tokens }: Engine,
  call: Call,
  use: (turn: Turn) => Effect.Effect<A, E>,
): Effect.Effect<A, E | SunshineError.SunshineError> =>
  Effect.uninterruptibleMask((restore) => {
    const turn = gate.enter(call)
    const used = Effect.suspend(() => {
      gate.tookToken(turn)
      return use(turn)
    })
    const hasToken = tokens === undefined || call.hasToken
    const sent = hasToken ? used : Effect.andThen(tokens.take(call, gate.isHeld), used)
    const hasCome = turn.round !== undefined
    return Effect.onExitPrimitive(restore(hasCome ? sent : Effect.andThen(gate.wait(turn), sent)), () => {
      gate.end(turn)
      return undefined
    })
  })

/** The request was not sent, because a condition no longer held when its turn came. */
const notSent = Symbol("not sent")

export const run = <A, E extends SunshineError.Documented>(
  engine: Engine,
  call: Call,
  exchange: Exchange<A, E>,
  precondition: Precondition<A>,
): Effect.Effect<A, E | SunshineError.SunshineError> =>
  Effect.suspend(() => {
    const { authentication, circuit, gate, send } = engine
    call.attempts++
    /** The authorization headers that were sent: two after a 401. */
    const authorizations = new Set<string>()
    let isSent = false
    /** Whether there can be another credential after a 401, and whether it has been tried. */
    let canRenew = false
    let isRenewed = false
    /** The last 429 of this attempt. */
    let refusal: SunshineError.RateLimited | undefined

    /** Sends the request, unless a condition no longer holds when its turn comes. */
    const sendInTurn = (header: Header) =>
      inTurn(engine, call, (turn): Effect.Effect<A | typeof notSent, E | SunshineError.SunshineError> => {
        const now = call.now()
        const lacksToken = engine.tokens !== undefined && !call.hasToken
        if (lacksToken || gate.isHeld(now) || !authentication.isUsable(header, now) || !precondition.holds(now)) {
          return Effect.succeed(notSent)
        }
        isSent = true
        call.hasToken = false
        const authorization = Redacted.value(header.value)
        authorizations.add(authorization)
        const answered: Request.Answered = (status, retryAfter) => {
          gate.answered(turn, status, retryAfter)
          if (status === exchange.operation.success.status) call.isAccepted = true
          // At once, so that the next call does not send the same credential.
          if (status === 401) canRenew = authentication.refuse(header)
        }
        return circuit(send({ call, exchange, authorization, authorizations, answered }), call)
      })

    const failed = (error: E | SunshineError.SunshineError): Effect.Effect<A, E | SunshineError.SunshineError> => {
      if (error._tag !== "SunshineError") return Effect.fail(error)
      const { reason } = error
      if (reason._tag === "RateLimited") {
        if (!isSent) return Effect.fail(refusal === undefined ? error : withRefusal(call, error, reason, refusal))
        refusal = reason
        return Effect.suspend(once)
      }
      if (reason._tag === "Unauthorized" && !isRenewed && canRenew) {
        isRenewed = true
        return Effect.suspend(once)
      }
      return Effect.fail(error)
    }

    const sendWith = (header: Header) => {
      if (header.renewal !== undefined) call.report({ _tag: "CredentialRenewed", cause: header.renewal })
      header.renewal = undefined
      return Effect.matchEffect(sendInTurn(header), {
        onSuccess: (result) => (result === notSent ? Effect.suspend(once) : Effect.succeed(result)),
        onFailure: (error) => failed(error),
      })
    }

    const once = (): Effect.Effect<A, E | SunshineError.SunshineError> => {
      isSent = false
      const now = call.now()
      if (!precondition.holds(now)) {
        return Effect.flatMap(precondition.restore, (settled) =>
          Option.isSome(settled) ? Effect.succeed(settled.value) : Effect.suspend(once),
        )
      }
      const valid = authentication.valid(now)
      return valid === undefined ? Effect.flatMap(authenticate(engine, call), sendWith) : sendWith(valid)
    }

    return once()
  })

/**
 * The call would have to wait too long after a 429: the error has the answer of the API, and how long to wait. The gate
 * holds for an hour at most, so if the answer asks for more than `maxRetryAfter`, its time is used.
 */
const withRefusal = (
  call: Call,
  { cause }: SunshineError.SunshineError,
  { retryAfter, waited }: SunshineError.RateLimited,
  { body, errors, retryAfter: asked }: SunshineError.RateLimited,
) => {
  const isNotWaitedFor = asked !== undefined && Duration.toMillis(asked) > call.policy.maxRetryAfter
  return call.fail(
    new SunshineError.RateLimited({ errors, body, retryAfter: isNotWaitedFor ? asked : retryAfter, waited }),
    cause,
  )
}
