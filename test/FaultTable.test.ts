/**
 * Each operation with each fault on one request or more: how the call ends, what it sends, and who is a member after it.
 * The expectations are in `support/faultTable.ts`.
 */
import { assert, describe, it } from "@effect/vitest"
import { Paginator, Participants, type SunshineError } from "@effect-sunco/core"
import { Credentials, ParticipantsHttp, RetryPolicy } from "@effect-sunco/http"
import { Faults, LocalApi, Sandbox } from "@effect-sunco/testing"
import { Clock, Context, Duration, Effect, Layer, Random, Redacted, Stream } from "effect"
import { HttpClient, type HttpClientRequest } from "effect/http"
import { readFileSync } from "node:fs"
import { documentPath, withTables } from "./support/faultsDocument.ts"
import type { Interference } from "./support/faultsClient.ts"
import * as Time from "./support/faultsTime.ts"
import { type Cell, lags, type Outcome, pagings, rows, struck } from "./support/faultTable.ts"

const { appId, conversationId, keyId, secret } = Sandbox.demo
const conversation = { appId, conversationId }
const stranger = Sandbox.demo.userId
const member = "67179a2930a150d500000001"

const calls = {
  join: { userId: stranger, run: (service: Service) => service.join({ ...conversation, userId: stranger }) },
  leave: { userId: member, run: (service: Service) => service.leave({ ...conversation, userId: member }) },
  list: { userId: member, run: (service: Service) => service.list(conversation) },
}

type Service = Participants.Participants["Service"]

/** How often each operation was sent, whether or not the request has arrived. */
class Sent extends Context.Service<Sent, Map<SunshineError.Operation, number>>()("Sent") {}

const operationOf = ({ url }: HttpClientRequest.HttpClientRequest): SunshineError.Operation =>
  url.endsWith("/join") ? "join" : url.endsWith("/leave") ? "leave" : "list"

/** What comes between the client and the API on a request, by its number. */
type Interferences = (operation: SunshineError.Operation, number: number) => Interference | undefined

/** The HTTP layer on a sandbox of three members, with time of its own. */
const withApi =
  (
    options: Omit<Parameters<typeof Sandbox.demoSeed>[0], "participants">,
    interferenceOf: Interferences = () => undefined,
  ) =>
  <A, E>(effect: Effect.Effect<A, E, Participants.Participants | Sandbox.Sandbox | Sent>) =>
    Effect.suspend(() => {
      const sent = new Map<SunshineError.Operation, number>()
      const transformClient = (client: HttpClient.HttpClient) =>
        HttpClient.transform(client, (answer, request) => {
          const operation = operationOf(request)
          const number = (sent.get(operation) ?? 0) + 1
          sent.set(operation, number)
          return interferenceOf(operation, number)?.(answer, request) ?? answer
        })
      const credentials = Credentials.basic({ keyId, secret: Redacted.make(secret) })
      return effect.pipe(
        Effect.provide(
          ParticipantsHttp.layer({ credentials, transformClient }).pipe(
            Layer.provideMerge(LocalApi.layerHttpClient(Sandbox.demoSeed({ ...options, members: 3 }))),
          ),
        ),
        Effect.provideService(Sent, sent),
        Time.run,
        Random.withSeed("the waits between attempts"),
      )
    })

/** The fault, on the requests of an operation that `strikes` picks by number. */
const planOf = (
  operation: SunshineError.Operation,
  fault: Faults.Fault,
  strikes: (number: number) => boolean,
): Faults.Plan => ({
  next: (asked, number) => Effect.succeed(asked === operation && strikes(number) ? fault : undefined),
})

const nameOf = (
  error: SunshineError.BadRequest | SunshineError.NotFound | SunshineError.SunshineError,
): SunshineError.Reason["_tag"] | Outcome => (error._tag === "SunshineError" ? error.reason._tag : error._tag)

/** Makes one call, and returns what the table says about it. */
const observe = Effect.fnUntraced(function* (operation: SunshineError.Operation) {
  const { run, userId } = calls[operation]
  const sandbox = yield* Sandbox.Sandbox
  const outcome = yield* Effect.match(run(yield* Participants.Participants), {
    onSuccess: () => "done" as const,
    onFailure: nameOf,
  })
  const requests = yield* Sent
  const sent = (asked: SunshineError.Operation) => requests.get(asked) ?? 0
  const memberships = (yield* sandbox.participants(conversation)).filter((participant) => participant.userId === userId)
  return [outcome, sent(operation), operation === "list" ? 0 : sent("list"), memberships.length] as const
})

const expected = ([outcome, requests, reads, memberships]: Cell) =>
  `${outcome}, ${requests} requests, ${reads} reads, ${memberships} memberships`

describe.each(["join", "leave", "list"] as const)("%s", (operation) => {
  describe.each(rows)("$fault", ({ plan, ...row }) => {
    it.effect.each(
      row[operation].map((cell, index) => ({
        cell,
        strikes: struck[index] ?? 0,
        on: ["on the first request", "on the first two", "on all"][index],
        says: expected(cell),
      })),
    )("$on: $says", ({ cell, strikes }) =>
      Effect.gen(function* () {
        assert.deepStrictEqual(yield* observe(operation), cell)
      }).pipe(
        typeof plan === "function"
          ? withApi({}, (asked, number) => (asked === operation && number <= strikes ? plan : undefined))
          : withApi({ faults: planOf(operation, plan, (number) => number <= strikes) }),
      ),
    )
  })
})

describe("a write whose answer is lost, and a list that lags behind", () => {
  it.effect.each(lags.map((lag) => ({ ...lag, options: JSON.stringify(lag.policy), says: expected(lag.cell) })))(
    "$operation, shown after $seconds s, joining twice is $joiningTwice, $options: $says",
    ({ cell, joiningTwice, operation, policy, seconds }) =>
      Effect.gen(function* () {
        assert.deepStrictEqual(yield* observe(operation).pipe(RetryPolicy.override(policy)), cell)
      }).pipe(
        withApi({
          rules: { joiningTwice, listDelay: Duration.seconds(seconds) },
          faults: planOf(operation, Faults.reset({ when: "after" }), (number) => number === 1),
        }),
      ),
  )
})

describe("paging", () => {
  it.effect.each(pagings)("$fault, met by $strikes", ({ at, end, given, plan, requests }) =>
    Effect.gen(function* () {
      const sandbox = yield* Sandbox.Sandbox
      const members = (yield* sandbox.participants(conversation)).map(({ id }) => id)
      const seen: Array<string> = []
      const page = (cursor: string | undefined) =>
        Paginator.stream({ ...conversation, pageSize: 1, cursor }).pipe(
          Stream.runForEach(({ id }) => Effect.sync(() => seen.push(id))),
        )
      const failure = yield* Effect.match(page(undefined), { onSuccess: () => undefined, onFailure: (error) => error })
      assert.deepStrictEqual(seen, members.slice(0, given))
      assert.lengthOf(yield* sandbox.arrivals, requests)
      if (end === "done") {
        assert.isUndefined(failure)
      } else {
        assert.isDefined(failure)
        assert.strictEqual(failure._tag === "PaginationError" ? failure._tag : nameOf(failure), end.error)
        yield* page(failure.cursor)
        assert.lengthOf(seen, given + end.rest)
      }
      assert.deepStrictEqual(seen, members)
    }).pipe(withApi({ faults: planOf("list", plan, (number) => at.includes(number)) })),
  )
})

describe("the policy that the table is about", () => {
  it("is the default one", () => {
    assert.deepStrictEqual(RetryPolicy.defaults, {
      attempts: 4,
      attemptTimeout: Duration.seconds(15),
      deadline: Duration.minutes(2),
      base: Duration.millis(250),
      cap: Duration.seconds(10),
      maxRetryAfter: Duration.seconds(60),
      verify: { attempts: 3, delay: Duration.millis(500) },
    })
  })

  it.effect("takes no time but that of the clock of the test", () =>
    Effect.gen(function* () {
      const startedAt = yield* Clock.currentTimeMillis
      yield* observe("join")
      // Four timeouts of 15 s, and after each one three reads within 3.5 s.
      assert.isAtLeast((yield* Clock.currentTimeMillis) - startedAt, 4 * 18_500)
    }).pipe(withApi({ faults: planOf("join", Faults.hang(), () => true) })),
  )
})

describe("docs/failures.md", () => {
  it("shows these tables; scripts/fault-table.ts writes them", () => {
    const document = readFileSync(documentPath, "utf8")
    assert.strictEqual(document, withTables(document))
  })
})
