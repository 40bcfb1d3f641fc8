/**
 * Faults without HTTP: each call fails with the error that the HTTP layer makes of one such answer.
 */
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Headers from "effect/http/Headers"
import * as Redacted from "effect/Redacted"
import { type Operations, type Participant, SunshineError } from "@effect-sunco/core"
import * as RetryAfter from "@effect-sunco/core/RetryAfter"
import type * as Sandbox from "../../Sandbox.ts"
import type { Fault } from "./fault.ts"
import * as Messages from "./messages.ts"
import { CurrentFault } from "./page.ts"

/** How long the HTTP layer waits for an answer, unless told. */
const timeout = Duration.seconds(15)

const truncated = new SunshineError.UnrecognizedBody({
  contentType: "application/json",
  bytes: 0,
  text: Redacted.make(""),
  problem: "it could not be read to its end",
})

const html = new SunshineError.UnrecognizedBody({
  contentType: "text/html",
  bytes: Messages.html.length,
  text: Redacted.make(Messages.html),
  problem: undefined,
})

/** Runs an operation of the sandbox, with the fault that the plan has for it. */
export const withFaults = <A, E extends SunshineError.Documented>(
  sandbox: Sandbox.Sandbox["Service"],
  operation: Operations.Operation<unknown, E>,
  conversation: Participant.ConversationReference,
  run: Effect.Effect<A, E | SunshineError.SunshineError>,
): Effect.Effect<A, E | SunshineError.SunshineError> =>
  Effect.flatMap(sandbox.arrive(operation.name, conversation), (fault) =>
    fault === undefined ? run : apply(operation, fault, run),
  )

const apply = <A, E extends SunshineError.Documented>(
  { errors, name, success }: Operations.Operation<unknown, E>,
  fault: Fault,
  run: Effect.Effect<A, E | SunshineError.SunshineError>,
): Effect.Effect<A, E | SunshineError.SunshineError> => {
  /** A write that may have happened is an unknown outcome, as it is for one attempt of the HTTP layer. */
  const fail = (reason: SunshineError.AttemptReason): Effect.Effect<never, E | SunshineError.SunshineError> =>
    Effect.fail(
      new SunshineError.SunshineError({
        operation: name,
        reason:
          name !== "list" && reason.outcome === "ambiguous"
            ? new SunshineError.OutcomeUnknown({
                attempts: [reason],
                detail: "the memory layer does not verify writes",
              })
            : reason,
      }),
    )

  /** The answer as usual, with a body that cannot be read. */
  const withBody = (body: SunshineError.UnrecognizedBody): Effect.Effect<never, E | SunshineError.SunshineError> =>
    Effect.matchEffect(run, {
      onSuccess: () => {
        const detail = body.problem ?? "the body is not JSON"
        return fail(new SunshineError.InvalidResponse({ status: success.status, detail, body }))
      },
      onFailure: (error): Effect.Effect<never, E | SunshineError.SunshineError> => {
        const Documented = Object.values(errors).find((Documented) => error instanceof Documented)
        return Effect.fail(Documented === undefined ? error : new Documented({ operation: name, errors: [], body }))
      },
    })

  const effects = "when" in fault && fault.when === "after" ? Effect.exit(run) : Effect.void

  switch (fault._tag) {
    case "Status": {
      const { code, retryAfter, status, title } = fault
      const details = [new SunshineError.ErrorDetail({ code, title })]
      const Documented = errors[status]
      return Effect.andThen(
        effects,
        Documented !== undefined
          ? Effect.fail(new Documented({ operation: name, errors: details }))
          : Effect.flatMap(readRetryAfter(retryAfter), (retryAfter) =>
              fail(SunshineError.reasonOfStatus(status, { errors: details, retryAfter })),
            ),
      )
    }
    case "Delay":
      return Effect.delay(run, fault.duration)
    case "Hang":
      return Effect.andThen(
        effects,
        Effect.delay(
          fail(
            new SunshineError.TimedOut({ after: timeout, sent: true, limit: "attemptTimeout", waitingFor: "answer" }),
          ),
          timeout,
        ),
      )
    case "Reset":
      return Effect.andThen(effects, fail(new SunshineError.Transport({ ...Messages.reset, sent: true })))
    case "Refused":
      return fail(new SunshineError.Transport({ ...Messages.refused, sent: false }))
    case "TruncatedBody":
      return withBody(truncated)
    case "HtmlBody":
      return withBody(html)
    case "WrongContentType":
      return run
    case "SlowDrip":
      return Effect.flatMap(Effect.exit(run), (exit) => Effect.delay(exit, fault.duration))
    case "EmptyPage":
    case "RepeatedCursor":
    case "VanishedCursor":
      return Effect.provideService(run, CurrentFault, fault)
  }
}

const readRetryAfter = (value: string | undefined) =>
  Effect.map(Clock.currentTimeMillis, (now) => RetryAfter.parse(Headers.fromInput({ "retry-after": value }), now))
