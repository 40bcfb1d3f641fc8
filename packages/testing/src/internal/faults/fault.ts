/**
 * What one failure is.
 */
import type * as Duration from "effect/Duration"
import * as Checks from "../checks.ts"

/**
 * Whether a fault strikes before or after a join or a leave took effect.
 *
 * @category models
 * @since 0.1.0
 */
export type When = "before" | "after"

/**
 * The options of a fault that can strike before or after a write.
 *
 * @category models
 * @since 0.1.0
 */
export interface Timing {
  /** `"after"` lets a write take effect first. `"before"` by default. */
  readonly when?: When | undefined
}

/**
 * One failure.
 *
 * @category models
 * @since 0.1.0
 */
export type Fault =
  | {
      /** An error status in place of the answer; see {@link status}. */
      readonly _tag: "Status"
      /** The HTTP status, from 300 to 599. */
      readonly status: number
      /** The code of the error body. */
      readonly code: string
      /** The title of the error body. */
      readonly title: string
      /** The `Retry-After` header: seconds or a date. Undefined sends none. */
      readonly retryAfter: string | undefined
      /** Whether a write takes effect first. */
      readonly when: When
    }
  | {
      /** No answer; see {@link hang} and {@link reset}. */
      readonly _tag: "Hang" | "Reset"
      /** Whether a write takes effect first. */
      readonly when: When
    }
  | {
      /** A late or a slow answer; see {@link delay} and {@link slowDrip}. */
      readonly _tag: "Delay" | "SlowDrip"
      /** How long the request waits before it takes effect, or how long the body takes. */
      readonly duration: Duration.Duration
    }
  | {
      /** A fault without options; see the constant of its name. */
      readonly _tag:
        | "Refused"
        | "TruncatedBody"
        | "HtmlBody"
        | "WrongContentType"
        | "EmptyPage"
        | "RepeatedCursor"
        | "VanishedCursor"
    }

const whenOf = (fault: string, options: Timing, others: ReadonlyArray<string> = []): When => {
  Checks.fields(`the options of Faults.${fault}`, options, ["when", ...others])
  return Checks.oneOf(`when of Faults.${fault}`, options.when ?? "before", ["before", "after"])
}

/**
 * Answers with an error status, from 300 to 599, and with the vendor's error body.
 *
 * **Example** (A join that is refused once, for two seconds)
 *
 * ```ts
 * import { Participants } from "@effect-sunco/core"
 * import { Faults, ParticipantsTest, Sandbox } from "@effect-sunco/testing"
 * import { Effect } from "effect"
 * import * as assert from "node:assert"
 *
 * const { appId, conversationId, userId } = Sandbox.demo
 * const seed = Sandbox.demoSeed({ faults: Faults.scripted({ join: [Faults.status(429, { retryAfter: 2 })] }) })
 *
 * const program = Effect.gen(function* () {
 *   const participants = yield* Participants.Participants
 *   const failed = yield* Effect.flip(participants.join({ appId, conversationId, userId }))
 *   const joined = yield* participants.join({ appId, conversationId, userId })
 *   return { message: failed.message, userId: joined.userId }
 * })
 *
 * const { message, ...joined } = await Effect.runPromise(program.pipe(Effect.provide(ParticipantsTest.layerMemory(seed))))
 * assert.match(message, /RateLimited.*retry after 2 s/)
 * assert.deepEqual(joined, { userId })
 * ```
 *
 * @category faults
 * @since 0.1.0
 */
export const status = (
  status: number,
  options: Timing & {
    /** The code of the error body. `fault` by default. */
    readonly code?: string | undefined
    /** The title of the error body. A sentence that names the status by default. */
    readonly title?: string | undefined
    /**
     * The `Retry-After` header: a whole number of seconds, or a text that is sent as it is, such as an HTTP date. None by
     * default.
     */
    readonly retryAfter?: number | string | undefined
  } = {},
): Fault => {
  const { code = "fault", retryAfter, title = `Status ${status}, by a fault of the local API` } = options
  const when = whenOf("status", options, ["code", "title", "retryAfter"])
  Checks.wholeNumber("the status of a fault", status, 300, 599)
  if (typeof retryAfter === "number") Checks.wholeNumber("retryAfter, in seconds,", retryAfter, 0)
  if (!/^[\x20-\x7e]*$/.test(`${retryAfter}`)) throw new Error("retryAfter is a text of visible ASCII characters")
  return { _tag: "Status", status, code, title, retryAfter: retryAfter?.toString(), when }
}

/**
 * Waits, then answers as usual. A write takes effect after the wait, and not at all if the caller gives up before. A bare number is milliseconds.
 *
 * @category faults
 * @since 0.1.0
 */
export const delay = (duration: Duration.Input): Fault => ({
  _tag: "Delay",
  duration: Checks.duration("the delay of an answer", duration),
})

/**
 * Never answers. In memory, where no timeout is, the call fails with `TimedOut` after 15 seconds, as the HTTP layer does by
 * default.
 *
 * @category faults
 * @since 0.1.0
 */
export const hang = (options: Timing = {}): Fault => ({ _tag: "Hang", when: whenOf("hang", options) })

/**
 * Resets the connection in place of an answer. `when: "after"` is the lost acknowledgement.
 *
 * **Example** (The lost acknowledgement)
 *
 * ```ts
 * import { Participants } from "@effect-sunco/core"
 * import { Faults, ParticipantsTest, Sandbox } from "@effect-sunco/testing"
 * import { Effect } from "effect"
 * import * as assert from "node:assert"
 *
 * const { appId, conversationId, userId } = Sandbox.demo
 * const seed = Sandbox.demoSeed({ faults: Faults.scripted({ join: [Faults.reset({ when: "after" })] }) })
 *
 * const program = Effect.gen(function* () {
 *   const participants = yield* Participants.Participants
 *   const sandbox = yield* Sandbox.Sandbox
 *   const failed = yield* Effect.flip(participants.join({ appId, conversationId, userId }))
 *   const members = yield* sandbox.participants({ appId, conversationId })
 *   return { tag: failed._tag, joined: members.at(-1)?.userId }
 * })
 *
 * const outcome = await Effect.runPromise(program.pipe(Effect.provide(ParticipantsTest.layerMemory(seed))))
 * assert.deepEqual(outcome, { tag: "SunshineError", joined: userId })
 * ```
 *
 * @category faults
 * @since 0.1.0
 */
export const reset = (options: Timing = {}): Fault => ({ _tag: "Reset", when: whenOf("reset", options) })

/**
 * Refuses the connection: the request is not sent, and sending it again is safe. On a real port the request is there
 * already, so there it is a {@link reset}.
 *
 * @category faults
 * @since 0.1.0
 */
export const refused: Fault = { _tag: "Refused" }

/**
 * Ends the body of the answer in its middle. A write has taken effect.
 *
 * @category faults
 * @since 0.1.0
 */
export const truncatedBody: Fault = { _tag: "TruncatedBody" }

/**
 * Answers with the usual status and a page of HTML. A write has taken effect.
 *
 * @category faults
 * @since 0.1.0
 */
export const htmlBody: Fault = { _tag: "HtmlBody" }

/**
 * Answers as usual, and calls the body `text/plain`. A client that reads the body has no trouble.
 *
 * @category faults
 * @since 0.1.0
 */
export const wrongContentType: Fault = { _tag: "WrongContentType" }

/**
 * Answers as usual, and spreads the body over a time. A bare number is milliseconds.
 *
 * @category faults
 * @since 0.1.0
 */
export const slowDrip = (duration: Duration.Input): Fault => ({
  _tag: "SlowDrip",
  duration: Checks.duration("the time of a body", duration),
})

/**
 * A page without participants that has more after it: the next page has them. Lists only.
 *
 * @category faults
 * @since 0.1.0
 */
export const emptyPage: Fault = { _tag: "EmptyPage" }

/**
 * A page that names the cursor it was asked for as the next one. Lists with a cursor only.
 *
 * @category faults
 * @since 0.1.0
 */
export const repeatedCursor: Fault = { _tag: "RepeatedCursor" }

/**
 * A page that has more and names no cursor. Lists only.
 *
 * @category faults
 * @since 0.1.0
 */
export const vanishedCursor: Fault = { _tag: "VanishedCursor" }

/**
 * One of each kind of fault.
 *
 * @category plans
 * @since 0.1.0
 */
export const all: ReadonlyArray<Fault> = [
  status(429),
  status(429, { retryAfter: 2 }),
  status(500),
  status(502, { when: "after" }),
  status(503, { retryAfter: 1 }),
  delay("3 seconds"),
  hang(),
  hang({ when: "after" }),
  reset(),
  reset({ when: "after" }),
  refused,
  truncatedBody,
  htmlBody,
  wrongContentType,
  slowDrip("2 seconds"),
  emptyPage,
  repeatedCursor,
  vanishedCursor,
]
