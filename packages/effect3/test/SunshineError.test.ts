import { assert, describe, it } from "@effect/vitest"
import { SunshineError as Core } from "@effect-sunco/core"
import { SunshineError } from "@effect-sunco/effect3"
import { Duration, Redacted, Schema } from "effect"
import * as Duration4 from "effect4/Duration"
import * as Redacted4 from "effect4/Redacted"
import { errorOf as coreErrorOf, plainPagesError as plainCoreError } from "../src/internal/engine/errors.ts"
import { errorOf, pagesErrorOf } from "../src/internal/errors.ts"
import { plainError } from "../src/internal/plainErrors.ts"

const errors = [new Core.ErrorDetail({ code: "bad_request", title: "No" })]
const body = new Core.UnrecognizedBody({
  contentType: "text/html",
  bytes: 12,
  text: Redacted4.make("a text that may hold a key"),
  problem: "it ended early",
})
const retryAfter = Duration4.seconds(3)

const attempts: ReadonlyArray<Core.AttemptReason> = [
  new Core.Unauthorized({ errors }),
  new Core.Forbidden({ errors: [], body }),
  new Core.RateLimited({ errors: [], retryAfter, waited: Duration4.millis(20) }),
  new Core.ServerError({ status: 503, errors: [], body, retryAfter }),
  new Core.UnexpectedStatus({ status: 302, errors: [], location: Redacted4.make("https://elsewhere") }),
  new Core.UnexpectedStatus({ status: 408, errors: [], retryAfter }),
  new Core.UnexpectedStatus({ status: 425, errors: [] }),
  new Core.Transport({ description: "refused", sent: false, code: "ECONNREFUSED" }),
  new Core.Transport({ description: "cut", sent: true }),
  new Core.TimedOut({ after: Duration4.seconds(15), sent: true }),
  new Core.InvalidResponse({ status: 200, detail: "no participants", body }),
]

const reasons: ReadonlyArray<Core.Reason> = [
  ...attempts,
  new Core.InvalidRequest({ field: "userId", expected: "Expected a string" }),
  new Core.OutcomeUnknown({ attempts }),
  new Core.OutcomeUnknown({ attempts: [], detail: "not verified (verify: false)" }),
]

const operations = ["join", "list"] as const

const sunshineErrors = reasons.flatMap((reason) =>
  operations.map(
    (operation) => new Core.SunshineError({ operation, reason, cursor: "cursor", cause: new Error("below") }),
  ),
)

const all: ReadonlyArray<Core.BadRequest | Core.NotFound | Core.SunshineError> = [
  new Core.BadRequest({ operation: "join", errors, cursor: "cursor" }),
  new Core.NotFound({ operation: "leave", errors: [], body }),
  ...sunshineErrors,
]

const classes = [
  [SunshineError.ErrorDetail, Core.ErrorDetail],
  [SunshineError.UnrecognizedBody, Core.UnrecognizedBody],
  [SunshineError.BadRequest, Core.BadRequest],
  [SunshineError.NotFound, Core.NotFound],
  [SunshineError.InvalidRequest, Core.InvalidRequest],
  [SunshineError.Unauthorized, Core.Unauthorized],
  [SunshineError.Forbidden, Core.Forbidden],
  [SunshineError.RateLimited, Core.RateLimited],
  [SunshineError.ServerError, Core.ServerError],
  [SunshineError.UnexpectedStatus, Core.UnexpectedStatus],
  [SunshineError.Transport, Core.Transport],
  [SunshineError.TimedOut, Core.TimedOut],
  [SunshineError.InvalidResponse, Core.InvalidResponse],
  [SunshineError.OutcomeUnknown, Core.OutcomeUnknown],
  [SunshineError.SunshineError, Core.SunshineError],
  [SunshineError.PaginationError, Core.PaginationError],
] as const

describe("errors", () => {
  it.each(classes)("have the fields of core", (ours, core) => {
    assert.deepEqual(Object.keys(ours.fields).toSorted(), Object.keys(core.fields).toSorted())
  })

  it.each(all)("say what those of core say: %s", (core) => {
    const error = errorOf(plainCoreErrorOf(core))
    assert.equal(error._tag, core._tag)
    assert.equal(error.message, core.message)
    assert.equal(error.cursor, core.cursor)
    if (error._tag === "SunshineError" && core._tag === "SunshineError") {
      assert.equal(error.outcome, core.outcome)
      assert.equal(error.isRetryable, core.isRetryable)
      assert.equal(error.cause, core.cause)
      assert.equal(error.reason.message, core.reason.message)
    }
    assert.equal(error.code, core.code)
  })

  it.each([
    [new Core.NotFound({ operation: "leave", errors: [], body }), SunshineError.NotFound],
    [
      new Core.SunshineError({
        operation: "list",
        reason: new Core.ServerError({ status: 503, errors: [], body, retryAfter }),
      }),
      SunshineError.SunshineError,
    ],
    [new Core.PaginationError({ description: "the cursor is repeated" }), SunshineError.PaginationError],
  ] as const)("are those of Effect 3 as a cause, too: %s", (cause, expected) => {
    const reason = new Core.OutcomeUnknown({ attempts: [], detail: "the roster could not be read" })
    const error = errorOf(plainCoreErrorOf(new Core.SunshineError({ operation: "join", reason, cause })))
    const below = "cause" in error ? error.cause : undefined
    assert.isTrue(below instanceof expected)
    assert.deepEqual(below, pagesErrorOf(plainCoreError(cause)))
  })

  it.each(all)("come back as those of core: %s", (core) => {
    assert.deepEqual(coreErrorOf(plainError(errorOf(plainCoreErrorOf(core)))), core)
  })

  it("of paging are those of core", () => {
    const core = new Core.PaginationError({ description: "a cursor came again", cursor: "cursor" })
    const error = pagesErrorOf(plainCoreError(core))
    assert.deepInclude(error, { _tag: "PaginationError", description: core.description, cursor: core.cursor })
    assert.equal(error.message, core.message)
  })

  it("have the short constructors of core", () => {
    const reason = { status: 503, errors: [] }
    const pairs = [
      [SunshineError.badRequest("join", "bad_request", "No"), Core.badRequest("join", "bad_request", "No")],
      [SunshineError.notFound("leave", "not_found"), Core.notFound("leave", "not_found")],
      [
        SunshineError.failure("list", new SunshineError.ServerError(reason)),
        Core.failure("list", new Core.ServerError(reason)),
      ],
    ] as const
    for (const [ours, core] of pairs) assert.deepEqual(coreErrorOf(plainError(ours)), core)
  })

  it("hold values of Effect 3", () => {
    const error = new SunshineError.RateLimited({ errors: [], retryAfter: Duration.seconds(90) })
    assert.equal(error.message, "too many requests, retry after 90 s")
    assert.equal(error.outcome, "not processed")
  })

  it("hide the text of a server when they are encoded or shown", () => {
    const error = errorOf(
      plainCoreErrorOf(new Core.SunshineError({ operation: "list", reason: new Core.Forbidden({ errors: [], body }) })),
    )
    assert.equal(error._tag, "SunshineError")
    if (error._tag !== "SunshineError" || error.reason._tag !== "Forbidden") return
    const encoded = Schema.encodeSync(SunshineError.SunshineError)(error)
    assert.notInclude([JSON.stringify(encoded), JSON.stringify(error), String(error)].join(), "a text that")
    assert.equal(error.reason.body && Redacted.value(error.reason.body.text), "a text that may hold a key")
  })
})

function plainCoreErrorOf(error: Core.BadRequest | Core.NotFound | Core.SunshineError) {
  const plain = plainCoreError(error)
  if (plain._tag === "PaginationError") throw new Error("an error of paging")
  return plain
}
