/**
 * Faults without HTTP: each call fails with the error that the HTTP layer makes of one such answer.
 */
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Headers from "effect/http/Headers"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import { type Operations, type Participant, SunshineError } from "@effect-sunco/core"
import * as RetryAfter from "@effect-sunco/core/RetryAfter"
import type * as Sandbox from "../../Sandbox.ts"
import * as Messages from "./messages.ts"
import { CurrentFault } from "./page.ts"

/** How long the HTTP layer waits for an answer, unless told. */
const timeout = Duration.seconds(15)

const bodyOf = (contentType: string, text: string, problem?: string) =>
  new SunshineError.UnrecognizedBody({ contentType, bytes: text.length, text: Redacted.make(text), problem })

const bodies = {
  TruncatedBody: bodyOf("application/json", "", "it could not be read to its end"),
  HtmlBody: bodyOf("text/html", Messages.html),
}

/** A write that may have happened is an unknown outcome, as it is for one attempt of the HTTP layer. */
const failureOf = (operation: SunshineError.Operation, reason: SunshineError.AttemptReason) => {
  if (operation === "list" || reason.outcome !== "ambiguous") return SunshineError.failure(operation, reason)
  const detail = "the memory layer does not verify writes"
  return SunshineError.failure(operation, new SunshineError.OutcomeUnknown({ attempts: [reason], detail }))
}

/** Runs an operation of the sandbox, with the fault that the plan has for it. */
export const withFaults = <A, E extends SunshineError.Documented>(
  sandbox: Sandbox.Sandbox["Service"],
  { errors, name, success }: Operations.Operation<unknown, E>,
  conversation: Participant.ConversationReference,
  call: Effect.Effect<A, E | SunshineError.SunshineError>,
): Effect.Effect<A, E | SunshineError.SunshineError> =>
  Effect.gen(function* () {
    const fault = yield* sandbox.arrive(name, conversation)
    if (fault === undefined) return yield* call
    const fail = (error: E | SunshineError.SunshineError) => Effect.fail(error)
    const run = Effect.provideService(call, CurrentFault, fault)
    if ("when" in fault && fault.when === "after") yield* Effect.exit(run)

    switch (fault._tag) {
      case "Status": {
        const { code, retryAfter, status, title } = fault
        const details = [new SunshineError.ErrorDetail({ code, title })]
        const Documented = errors[status]
        if (Documented !== undefined) return yield* fail(new Documented({ operation: name, errors: details }))
        const headers = Headers.fromInput({ "retry-after": retryAfter })
        const wait = RetryAfter.parse(headers, yield* Clock.currentTimeMillis)
        return yield* fail(failureOf(name, SunshineError.reasonOfStatus(status, { errors: details, retryAfter: wait })))
      }
      case "Delay":
        return yield* Effect.delay(run, fault.duration)
      case "Hang": {
        yield* Effect.sleep(timeout)
        const waiting = { after: timeout, sent: true, limit: "attemptTimeout", waitingFor: "answer" } as const
        return yield* fail(failureOf(name, new SunshineError.TimedOut(waiting)))
      }
      case "Reset":
        return yield* fail(failureOf(name, new SunshineError.Transport({ ...Messages.reset, sent: true })))
      case "Refused":
        return yield* fail(failureOf(name, new SunshineError.Transport({ ...Messages.refused, sent: false })))
      case "TruncatedBody":
      case "HtmlBody": {
        const body = bodies[fault._tag]
        const result = yield* Effect.result(run)
        if (Result.isSuccess(result)) {
          const detail = body.problem ?? "the body is not JSON"
          const reason = new SunshineError.InvalidResponse({ status: success.status, detail, body })
          return yield* fail(failureOf(name, reason))
        }
        const Documented = Object.values(errors).find((Documented) => result.failure instanceof Documented)
        if (Documented === undefined) return yield* fail(result.failure)
        return yield* fail(new Documented({ operation: name, errors: [], body }))
      }
      case "SlowDrip":
        return yield* Effect.delay(yield* Effect.exit(run), fault.duration)
      case "WrongContentType":
      case "EmptyPage":
      case "RepeatedCursor":
      case "VanishedCursor":
        return yield* run
    }
  })
