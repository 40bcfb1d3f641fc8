/**
 * A fault is the same at both doors of a sandbox: the memory layer fails with what the HTTP layer makes of the same fault
 * in one attempt, if it neither verifies a write nor waits for a 429.
 */
import { assert, describe, it } from "@effect/vitest"
import { Page, Participant, Participants, SunshineError } from "@effect-sunco/core"
import { Credentials, ParticipantsHttp } from "@effect-sunco/http"
import { Faults, LocalApi, ParticipantsTest, Sandbox } from "@effect-sunco/testing"
import { Clock, Effect, Layer, Redacted, Schema } from "effect"
import { TestClock } from "effect/testing"
import * as Time from "./support/faultsTime.ts"

type Service = Participants.Participants["Service"]

const { appId, conversationId, keyId, secret, userId } = Sandbox.demo
const conversation = { appId, conversationId }
const nowhere = { appId, conversationId: "nowhere" }
const member = "67179a2930a150d500000001"
const after = "67a0ecf880e2647c00000001"

const CallError = Schema.Union([SunshineError.BadRequest, SunshineError.NotFound, SunshineError.SunshineError])

interface Call {
  readonly name: string
  /** Its result is plain data, so that it can be compared. */
  readonly run: (service: Service) => Effect.Effect<unknown, typeof CallError.Type>
}

const encodeParticipant = (participant: Participant.Participant) =>
  Effect.orDie(Schema.encodeEffect(Participant.Participant)(participant))

/** Memory cuts no bytes off. */
const withoutLengths = (json: unknown): string =>
  JSON.stringify(json, (key: string, value: unknown) => (key === "bytes" ? undefined : value))

/** As JSON, so that the fields of an error are compared. */
const encodeError = Schema.encodeEffect(Schema.toCodecJson(CallError))

/**
 * Without what memory does not have: a base URL, credentials, what the HTTP client met (the cause), and a wait of no time.
 * After a 429 that names no time, the HTTP layer says how long it would have waited. Each says why it verified no write.
 */
const comparable = (error: typeof CallError.Type, fault: Faults.Fault): typeof CallError.Type => {
  if (error._tag === "BadRequest") return new SunshineError.BadRequest({ ...error, baseUrl: undefined })
  if (error._tag === "NotFound") return new SunshineError.NotFound({ ...error, baseUrl: undefined })
  const { reason } = error
  const call = { ...error, baseUrl: undefined, cause: undefined }
  if (reason._tag === "Unauthorized") {
    const withoutCredentials = new SunshineError.Unauthorized({ ...reason, credentials: undefined })
    return new SunshineError.SunshineError({ ...call, reason: withoutCredentials })
  }
  if (reason._tag === "OutcomeUnknown") {
    const withoutDetail = new SunshineError.OutcomeUnknown({ attempts: reason.attempts })
    return new SunshineError.SunshineError({ ...call, reason: withoutDetail })
  }
  if (reason._tag !== "RateLimited") return new SunshineError.SunshineError(call)
  const { errors, retryAfter } = reason
  const isNamed = fault._tag === "Status" && fault.retryAfter !== undefined
  return new SunshineError.SunshineError({
    ...call,
    reason: new SunshineError.RateLimited({ errors, retryAfter: isNamed ? retryAfter : undefined }),
  })
}

const encodePage = (page: Page.ParticipantPage) => Effect.orDie(Schema.encodeEffect(Page.ParticipantPage)(page))

const join: Call = {
  name: "a join",
  run: (service) => Effect.flatMap(service.join({ ...conversation, userId }), encodeParticipant),
}

/** Calls that the rules allow, and calls that they refuse. */
const calls: ReadonlyArray<Call> = [
  join,
  { name: "a leave", run: (service) => service.leave({ ...conversation, userId: member }) },
  {
    name: "a list",
    run: (service) => Effect.flatMap(service.list({ ...conversation, page: { after, size: 1 } }), encodePage),
  },
  { name: "a join that is refused", run: (service) => service.join({ ...nowhere, userId }) },
  { name: "a leave that is refused", run: (service) => service.leave({ ...conversation, userId }) },
  { name: "a list that is refused", run: (service) => service.list(nowhere) },
]

const statuses = [302, 400, 401, 403, 404, 408, 409, 418, 425, 429, 500, 501, 502, 503, 504]

/** The forms that a `Retry-After` can have. */
const retryAfters = [
  100_000,
  "1.5",
  "1e1",
  " 7 ",
  "2, 5",
  "1970-01-01T00:01:00Z",
  "Thu, 01 Jan 1970 01:01:00 +0100",
  "Thursday, 01-Jan-70 00:01:00 GMT",
  "",
  "soon",
]

const faults: ReadonlyArray<Faults.Fault> = [
  ...Faults.all,
  ...statuses.flatMap((status) => [
    Faults.status(status, { retryAfter: 3 }),
    Faults.status(status, { when: "after", retryAfter: "Thu, 01 Jan 1970 00:01:00 GMT" }),
  ]),
  ...retryAfters.map((retryAfter) => Faults.status(503, { retryAfter })),
  Faults.status(404, { code: "not_found", title: "not a member" }),
  Faults.delay("9 seconds"),
  Faults.slowDrip("4 seconds"),
]

/** What a call gives through a door, what it did, and when it was done. */
const observe = <E>(
  { run }: Call,
  fault: Faults.Fault,
  door: (seed: Sandbox.Seed) => Layer.Layer<Participants.Participants | Sandbox.Sandbox, E>,
) =>
  Effect.gen(function* () {
    const sandbox = yield* Sandbox.Sandbox
    const result = yield* Effect.matchEffect(run(yield* Participants.Participants), {
      onSuccess: (value) => Effect.succeed({ value }),
      onFailure: (error) => {
        return Effect.map(Effect.orDie(encodeError(comparable(error, fault))), (failure) => ({
          failure: fault._tag === "TruncatedBody" ? withoutLengths(failure) : failure,
        }))
      },
    })
    return {
      result,
      at: yield* Clock.currentTimeMillis,
      members: (yield* sandbox.participants(conversation)).map(({ id }) => id),
      arrivals: yield* sandbox.arrivals,
      calls: yield* sandbox.calls,
    }
  }).pipe(
    Effect.provide(door(Sandbox.demoSeed({ members: 3, faults: { next: () => Effect.succeed(fault) } }))),
    Time.run,
    Effect.provide(TestClock.layer()),
  )

const overHttp = (seed: Sandbox.Seed) =>
  ParticipantsHttp.layer({
    credentials: Credentials.basic({ keyId, secret: Redacted.make(secret) }),
    retryPolicy: { attempts: 1, verify: false, maxRetryAfter: 0 },
  }).pipe(Layer.provideMerge(LocalApi.layerHttpClient(seed)))

const describeFault = (fault: Faults.Fault) =>
  Object.entries(fault)
    .filter(([, value]) => value !== undefined)
    .map(([, value]) => String(value))
    .join(" ")

describe.each(calls)("$name", (call) => {
  it.effect.each(faults.map((fault) => ({ fault, text: describeFault(fault) })))("$text", ({ fault }) =>
    Effect.gen(function* () {
      const inMemory = yield* observe(call, fault, ParticipantsTest.layerMemory)
      assert.deepStrictEqual(inMemory, yield* observe(call, fault, overHttp))
    }),
  )
})

describe("the comparison", () => {
  it.effect("sees what differs", () =>
    Effect.gen(function* () {
      const seen = yield* Effect.forEach(
        [Faults.status(500), Faults.status(502), Faults.reset(), Faults.reset({ when: "after" }), Faults.htmlBody],
        (fault) => observe(join, fault, ParticipantsTest.layerMemory),
      )
      assert.lengthOf(new Set(seen.map((each) => JSON.stringify({ ...each, arrivals: [] }))), 5)
    }),
  )
})
