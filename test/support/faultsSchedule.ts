/**
 * A schedule: callers that join, leave and page at once while their requests fail. All of it is drawn from one seed, and
 * runs on the clock of a test.
 */
import { Paginator, Participants, type SunshineError } from "@effect-sunco/core"
import { ParticipantsHttp } from "@effect-sunco/http"
import { LocalApi, Sandbox } from "@effect-sunco/testing"
import { Clock, Duration, Effect, Exit, identity, Layer, Option, Random, Redacted, Stream } from "effect"
import { RateLimiter } from "effect/persistence"
import { TestClock } from "effect/testing"
import * as Draw from "./faultsDraw.ts"
import * as Record from "./faultsRecord.ts"
import * as Time from "./faultsTime.ts"

/** Whether the list shows a write at once, or a little later, yet before the first read that verifies it. */
export type Lag = "a list that shows a write at once" | "a list that shows a write just before the first read"

type Service = Participants.Participants["Service"]

type CallError = SunshineError.BadRequest | SunshineError.NotFound | SunshineError.SunshineError

// ---------------------------------------------------------------------------
// The world
// ---------------------------------------------------------------------------

const appId = "app"
/** The conversation that users join and leave. */
const busy = { appId, conversationId: "busy" }
/** A conversation that stands still. */
const still = { appId, conversationId: "still" }

const users = ["one", "two", "three"].map((id) => ({ id, externalId: `my-${id}` }))
const members = Array.from({ length: 7 }, (_, index) => ({ id: `member-${index}` }))

const keyId = "app_key"
const secret = Redacted.make("the-secret")
const token = Redacted.make("a-token")

const seedOf = (options: Required<Pick<Sandbox.Seed, "faults" | "rules">>): Sandbox.Seed => ({
  apps: [
    {
      id: appId,
      users: [...users, ...members],
      conversations: [
        { id: busy.conversationId, type: "sdkGroup", participants: ["two", "member-0"] },
        { id: still.conversationId, type: "sdkGroup", participants: members.map(({ id }) => id) },
      ],
    },
  ],
  credentials: [
    { keyId, secret, scope: "app", appId },
    { token, scope: "app", appId },
  ],
  ...options,
})

// ---------------------------------------------------------------------------
// The schedule
// ---------------------------------------------------------------------------

/** Runs the schedule of a seed, and gives what was not as it must be. */
export const run = (seed: string, lag: Lag, tally: Record.Tally): Effect.Effect<ReadonlyArray<Record.Violation>> => {
  const violations: Array<Record.Violation> = []
  const violate = (property: Record.Property, detail: string) => violations.push({ property, seed, detail })
  const record: Array<Record.Entry> = []
  let calls = 0

  const schedule = Effect.gen(function* () {
    const policy = yield* Draw.policy
    const limits = yield* Draw.limits
    const credentials = yield* Draw.credentials(policy, { keyId, secret }, token)
    const scripts = yield* Effect.forEach(users, (user) => Effect.map(Draw.steps, (steps) => ({ user, steps })))
    const pagingStill = yield* Draw.paging
    const pagingBusy = yield* Draw.paging
    const order = yield* Draw.order
    // Going backward, a page without a cursor is the first page: that one has vanished cannot be seen.
    const faults = yield* Draw.plan(({ _tag }) => _tag !== "VanishedCursor" || !pagingStill.backward)
    const firstRead = policy.verify === false ? 0 : policy.verify.delay
    const listDelay = lag === "a list that shows a write at once" ? 0 : Math.max(0, firstRead - 1)

    const Live = ParticipantsHttp.layer({
      credentials,
      retryPolicy: policy,
      limits,
      transformClient: Record.recording(record, yield* Draw.latency(policy)),
    }).pipe(
      Layer.provideMerge(
        // A join that is written twice shows.
        LocalApi.layerHttpClient(seedOf({ faults, rules: { joiningTwice: "another participant", listDelay, order } })),
      ),
    )

    yield* Effect.gen(function* () {
      const sandbox = yield* Sandbox.Sandbox
      const service = observed(yield* Participants.Participants, policy)
      yield* Effect.all(
        [
          ...scripts.map(({ steps, user }) =>
            Effect.forEach(steps, (step) => joinOrLeave(sandbox, service, user, step)),
          ),
          pageThroughStill(sandbox, service, pagingStill, order),
          pageThroughBusy(service, pagingBusy),
        ],
        { concurrency: "unbounded", discard: true },
      )
    }).pipe(Effect.provide(Live))
  })

  /** The service with a number for each call, and checks of its time and of how it fails. */
  const observed = (inner: Service, { deadline, maxRetryAfter }: Draw.Times): Service => {
    const observe = <A, E extends CallError>(operation: SunshineError.Operation, effect: Effect.Effect<A, E>) =>
      Effect.flatMap(Clock.currentTimeMillis, (startedAt) => {
        const call: Record.Call = { number: ++calls, operation }
        return effect.pipe(
          Effect.provideService(Record.CurrentCall, call),
          Effect.onExit((exit) =>
            Effect.map(Clock.currentTimeMillis, (now) => {
              const took = now - startedAt
              if (took > deadline + Record.tolerance) {
                violate("a call never outlives its deadline", `${operation} took ${took} ms of ${deadline}`)
              }
              if (Exit.hasDies(exit)) violate("every call ends", String(exit))
              const error = Option.getOrUndefined(Exit.findErrorOption(exit))
              if (error === undefined) return
              if (took > deadline - Record.tolerance) tally.endedByDeadline++
              if (error._tag !== "SunshineError") return
              if (error.reason._tag === "OutcomeUnknown") tally.unknown++
              if (error.reason._tag === "RateLimited" && took < deadline - Record.tolerance) {
                tally.rateLimited++
                const wait = Duration.toMillis(error.reason.retryAfter ?? Duration.zero)
                if (wait <= maxRetryAfter && took + wait < deadline) {
                  violate("a 429 uses no attempt", `${operation} failed after ${took} ms, for a wait of ${wait} ms`)
                }
              }
            }),
          ),
        )
      })
    return {
      join: (request) => observe("join", inner.join(request)),
      leave: (request) => observe("leave", inner.leave(request)),
      list: (request) => observe("list", inner.list(request)),
    }
  }

  /** A user who is out of the conversation joins it, and one who is in leaves it. */
  const joinOrLeave = Effect.fnUntraced(function* (
    sandbox: Sandbox.Sandbox["Service"],
    service: Service,
    user: (typeof users)[number],
    { byParticipant, givesUpAfter, named, pause }: Draw.Step,
  ) {
    const memberships = Effect.map(sandbox.participants(busy), (all) => all.filter(({ userId }) => userId === user.id))
    const effectiveJoins = Effect.map(
      sandbox.calls,
      (all) =>
        all.filter(
          ({ changed, operation, user: { userExternalId, userId } }) =>
            operation === "join" && changed && (userId === user.id || userExternalId === user.externalId),
        ).length,
    )
    /** What the caller knows in the end. */
    const settle = <A>(call: Effect.Effect<A, CallError>) =>
      call.pipe(
        Effect.match({
          onSuccess: () => "success" as const,
          onFailure: (error) =>
            error._tag === "SunshineError" && error.reason._tag === "OutcomeUnknown"
              ? ("unknown" as const)
              : ("failure" as const),
        }),
        givesUpAfter === undefined
          ? identity
          : Effect.timeoutOrElse({
              duration: givesUpAfter,
              orElse: () =>
                Effect.sync(() => {
                  tally.gaveUp++
                  return "unknown" as const
                }),
            }),
      )
    const reference = named === "userId" ? { userId: user.id } : { userExternalId: user.externalId }

    yield* Effect.sleep(pause)
    const [member] = yield* memberships
    if (member === undefined) {
      const before = yield* effectiveJoins
      const known = yield* settle(service.join({ ...busy, ...reference }))
      const writes = (yield* effectiveJoins) - before
      const count = (yield* memberships).length
      const said = `${user.id}: ${known}, written ${writes} times, ${count} memberships`
      if (writes > 1) violate("no user is joined by more than one effective write", said)
      if (known === "success" && count !== 1) violate("a join that succeeds leaves exactly one membership", said)
      if (known === "failure" && writes > 0) {
        violate("a write that fails with any error but OutcomeUnknown did not happen", `join of ${said}`)
      }
      if (known === "success") tally.joins++
    } else {
      const known = yield* settle(
        service.leave({ ...busy, ...(byParticipant ? { participantId: member.id } : reference) }),
      )
      const count = (yield* memberships).length
      const said = `${user.id}: ${known}, ${count} memberships`
      if (known === "success" && count !== 0) violate("a leave that succeeds leaves no membership", said)
      if (known === "failure" && count !== 1) {
        violate("a write that fails with any error but OutcomeUnknown did not happen", `leave of ${said}`)
      }
      if (known === "success") tally.leaves++
    }
  })

  /** Where the stream fails, it goes on from the cursor of the error, until all is had. */
  const pageThroughStill = Effect.fnUntraced(function* (
    sandbox: Sandbox.Sandbox["Service"],
    service: Service,
    { backward, pageSize, pause, prefetch }: Draw.Paging,
    order: Sandbox.Rules["order"],
  ) {
    const all = (yield* sandbox.participants(still)).map(({ id }) => id)
    if (order === "newest first") all.reverse()
    const last = all.at(-1) ?? ""
    const given: Array<string> = []
    const pageFrom = (cursor: string | undefined) =>
      Paginator.stream({
        ...still,
        pageSize,
        prefetch,
        ...(backward ? { direction: "backward", cursor: cursor ?? last } : { cursor }),
      }).pipe(
        Stream.runForEach(({ id }) => Effect.sync(() => given.push(id))),
        Effect.provideService(Participants.Participants, service),
        Effect.flip,
        Effect.option,
      )

    yield* Effect.sleep(pause)
    let failure = yield* pageFrom(undefined)
    for (let times = 0; Option.isSome(failure) && times < 100; times++) {
      tally.resumed++
      // While a hold is longer than a caller waits, each call fails at once: time has to pass.
      yield* Effect.sleep("20 seconds")
      failure = yield* pageFrom(failure.value.cursor)
    }
    tally.participants += given.length

    // Backward, the last page comes first, and each page is in the order of the API.
    const expected = backward ? all.slice(0, -1) : all
    const found = backward ? given.toSorted((one, other) => all.indexOf(one) - all.indexOf(other)) : given
    if (Option.isSome(failure) || found.join() !== expected.join()) {
      violate(
        "paging gives all participants, each once, and goes on from the cursor of an error",
        `${backward ? "backward" : "forward"}, ${pageSize} at a time, ${prefetch} ahead: ${given.join()}, ${String(failure)}`,
      )
    }
  })

  /** Others join and leave meanwhile. */
  const pageThroughBusy = Effect.fnUntraced(function* (service: Service, { pageSize, pause, prefetch }: Draw.Paging) {
    const given: Array<string> = []
    yield* Effect.sleep(pause)
    yield* Paginator.stream({ ...busy, pageSize, prefetch }).pipe(
      Stream.runForEach(({ id }) => Effect.sync(() => given.push(id))),
      Effect.provideService(Participants.Participants, service),
      // What was given before an error is checked too.
      Effect.ignore,
    )
    if (new Set(given).size !== given.length) {
      violate(
        "paging gives all participants, each once, and goes on from the cursor of an error",
        `busy: ${given.join()}`,
      )
    }
  })

  return Time.run(schedule).pipe(
    Effect.catchCause((cause) => Effect.sync(() => violate("every call ends", String(cause)))),
    Effect.map(() => {
      for (const { detail, early, property } of Record.afterRetryAfter(record)) {
        if (early) violate(property, detail)
        else if (property === "Retry-After is never undercut") tally.sentAfterRetryAfter++
        else tally.sentAfterHold++
      }
      const sent = record.filter((entry) => entry._tag === "Sent")
      tally.schedules++
      tally.requests += sent.length
      tally.reads += sent.filter(({ isRead }) => isRead).length
      return violations
    }),
    Effect.provide(RateLimiter.layerStoreMemory),
    Random.withSeed(seed),
    Effect.provide(TestClock.layer()),
  )
}
