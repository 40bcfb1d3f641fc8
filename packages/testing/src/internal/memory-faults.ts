/**
 * Faults without HTTP: each call fails with the error that the HTTP layer makes of one such answer.
 */
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Headers from "effect/http/Headers"
import * as Result from "effect/Result"
import { type Participant, SunshineError } from "@effect-sunco/core"
import type { Fault } from "../Faults.ts"
import type * as Sandbox from "../Sandbox.ts"
import { CurrentFault } from "./page-faults.ts"
import { html } from "./texts.ts"

type Documented = SunshineError.BadRequest | SunshineError.NotFound

interface Answer {
  readonly errors: ReadonlyArray<SunshineError.ErrorDetail>
  readonly body?: string
}

/** How the errors of an operation are made, by status. */
interface Operation<E extends Documented> {
  readonly name: SunshineError.Operation
  readonly success: number
  readonly documented: Readonly<Record<number, (answer: Answer) => E>>
}

const badRequest = (operation: SunshineError.Operation) => (answer: Answer) =>
  new SunshineError.BadRequest({ operation, ...answer })

const notFound = (operation: SunshineError.Operation) => (answer: Answer) =>
  new SunshineError.NotFound({ operation, ...answer })

export const join: Operation<Documented> = {
  name: "join",
  success: 201,
  documented: { 400: badRequest("join"), 404: notFound("join") },
}

export const leave: Operation<SunshineError.NotFound> = {
  name: "leave",
  success: 200,
  documented: { 404: notFound("leave") },
}

export const list: Operation<Documented> = {
  name: "list",
  success: 200,
  documented: { 400: badRequest("list"), 404: notFound("list") },
}

/** How long the HTTP layer waits for an answer, unless told. */
const timeout = Duration.seconds(10)

const statusOf = (error: Documented): number => (error._tag === "BadRequest" ? 400 : 404)

/** Runs an operation on the rules, with the fault that the plan has for it. */
export const withFaults = <A, E extends Documented>(
  sandbox: Sandbox.Sandbox["Service"],
  operation: Operation<E>,
  conversation: Participant.ConversationReference,
  run: Effect.Effect<A, E>,
): Effect.Effect<A, E | SunshineError.SunshineError> =>
  Effect.flatMap(sandbox.arrive(operation.name, conversation), (fault) =>
    fault === undefined ? run : apply(operation, fault, run),
  )

const apply = <A, E extends Documented>(
  operation: Operation<E>,
  fault: Fault,
  run: Effect.Effect<A, E>,
): Effect.Effect<A, E | SunshineError.SunshineError> => {
  /** A write that may have happened is an unknown outcome, as it is for one attempt of the HTTP layer. */
  const fail = (reason: SunshineError.AttemptReason): Effect.Effect<never, E | SunshineError.SunshineError> =>
    Effect.fail(
      new SunshineError.SunshineError({
        operation: operation.name,
        reason:
          operation.name !== "list" && reason.outcome === "ambiguous"
            ? new SunshineError.OutcomeUnknown({ attempts: [reason] })
            : reason,
      }),
    )
  const unreadable = (detail: string, body: string): Effect.Effect<A, E | SunshineError.SunshineError> =>
    Effect.matchEffect(run, {
      onSuccess: () => fail(new SunshineError.InvalidResponse({ status: operation.success, detail, body })),
      onFailure: (error): Effect.Effect<never, E | SunshineError.SunshineError> => {
        const documented = operation.documented[statusOf(error)]
        // Where there is no body, an error says why.
        return Effect.fail(
          documented === undefined ? error : documented({ errors: [], body: body === "" ? detail : body }),
        )
      },
    })

  const effects = "when" in fault && fault.when === "after" ? Effect.asVoid(Effect.exit(run)) : Effect.void

  switch (fault._tag) {
    case "Status": {
      const { code, status, title } = fault
      const errors = [new SunshineError.ErrorDetail({ code, title })]
      const documented = operation.documented[status]
      return Effect.andThen(
        effects,
        documented !== undefined
          ? Effect.fail(documented({ errors }))
          : Effect.flatMap(readRetryAfter(fault.retryAfter), (retryAfter) =>
              fail(SunshineError.reasonOfStatus(status, { errors, retryAfter })),
            ),
      )
    }
    case "Delay":
      return Effect.delay(run, fault.duration)
    case "Hang":
      return Effect.andThen(
        effects,
        Effect.delay(fail(new SunshineError.TimedOut({ after: timeout, sent: true })), timeout),
      )
    case "Reset":
      return Effect.andThen(
        effects,
        fail(new SunshineError.Transport({ description: "the connection was reset", sent: true, code: "ECONNRESET" })),
      )
    case "Refused":
      return fail(
        new SunshineError.Transport({ description: "the connection was refused", sent: false, code: "ECONNREFUSED" }),
      )
    case "TruncatedBody":
      return unreadable("the connection was reset", "")
    case "HtmlBody":
      return unreadable("Expected a valid JSON string", html)
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
  value === undefined
    ? Effect.undefined
    : Effect.map(Clock.currentTimeMillis, (now) => {
        const parsed = Headers.parseRetryAfter(value)
        return Result.isSuccess(parsed) ? Headers.retryAfterDelay(parsed.success, now) : undefined
      })
