/**
 * One request of a call: waits for a credential and for the turn of the call, and sends it.
 */
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { SunshineError } from "@effect-sunco/core"
import type { Authentication, Header } from "./authentication.ts"
import type { Call } from "./call.ts"
import type { Circuit } from "./circuit.ts"
import type { Exchange } from "./exchange.ts"
import { type Gate, notSent } from "./gate.ts"
import * as Observe from "./observe.ts"
import type * as Request from "./request.ts"
import * as WriteInDoubt from "./writeInDoubt.ts"

/** What all attempts of a layer share. */
export interface Engine {
  readonly authentication: Authentication
  readonly gate: Gate
  readonly circuit: Circuit
  readonly send: Request.Send
}

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

/** Sends the request when the turn of the call comes, unless a condition no longer holds then. */
const sendInTurn = <A, E extends SunshineError.Documented>(
  { authentication, circuit, gate, send }: Engine,
  call: Call,
  exchange: Exchange<A, E>,
  header: Header,
) => {
  if (header.renewal !== undefined) call.report({ _tag: "CredentialRenewed", cause: header.renewal })
  header.renewal = undefined
  return gate(call, (learn): Effect.Effect<A | typeof notSent, E | SunshineError.SunshineError> => {
    const now = call.now()
    if (!authentication.isUsable(header, now) || WriteInDoubt.isTooOld(call, now)) return Effect.succeed(notSent)
    call.hasToken = false
    const authorization = Redacted.value(header.value)
    call.authorizations.add(authorization)
    const answered: Request.Answered = (status, retryAfter) => {
      learn(status, retryAfter)
      if (status === exchange.operation.success.status) call.isAccepted = true
      // At once, so that the next call does not send the same credential.
      if (status === 401) authentication.refuse(header)
    }
    return circuit(send({ call, exchange, authorization, answered }), call)
  })
}

/** Acquires a credential if there is no valid one, waits for the turn of the call, and sends the request. */
export const request = <A, E extends SunshineError.Documented>(
  engine: Engine,
  call: Call,
  exchange: Exchange<A, E>,
): Effect.Effect<A | typeof notSent, E | SunshineError.SunshineError> => {
  const valid = engine.authentication.valid(call.now())
  return valid === undefined
    ? Effect.flatMap(authenticate(engine, call), (header) => sendInTurn(engine, call, exchange, header))
    : sendInTurn(engine, call, exchange, valid)
}
