import { assert, describe, it } from "@effect/vitest"
import { Paginator, Participants, type SunshineError } from "@effect-sunco/core"
import { Clock, Effect, Exit, Fiber, Option, Predicate, Random, Result, Schema, Stream } from "effect"
import { HttpClient, HttpClientRequest } from "effect/http"
import { TestClock } from "effect/testing"
import * as Faults from "../src/Faults.ts"
import * as LocalApi from "../src/LocalApi.ts"
import * as ParticipantsTest from "../src/ParticipantsTest.ts"
import * as Sandbox from "../src/Sandbox.ts"
import {
  authorization,
  exchange,
  fetched,
  passTime,
  type Request,
  until,
  urlOf,
  withServer,
} from "./support/faultsWire.ts"

const { appId, conversationId, userId } = Sandbox.demo
const conversation = { appId, conversationId }

const operations: ReadonlyArray<SunshineError.Operation> = ["join", "leave", "list"]

const member = "67179a2930a150d500000001"
const first = "67a0ecf880e2647c00000001"
const second = "67a0ecf880e2647c00000002"
const third = "67a0ecf880e2647c00000003"

const requests = {
  join: { method: "POST", path: "/join", body: { userId, subscribeSDKClient: false } },
  leave: { method: "POST", path: "/leave", body: { userId: member } },
  list: { method: "GET", path: "/participants?page[size]=2" },
} as const satisfies Record<SunshineError.Operation, Request>

/** The fault on each request of each operation. */
const each = (fault: Faults.Fault): Faults.Plan => ({ next: () => Effect.succeed(fault) })

const seedWith = (faults: Faults.Plan, rules?: Sandbox.Choices) => Sandbox.demoSeed({ members: 3, faults, rules })

/** The ids of who is a member in truth. */
const memberIds = Effect.gen(function* () {
  const sandbox = yield* Sandbox.Sandbox
  return (yield* sandbox.participants(conversation)).map((participant) => participant.userId)
})

/** Whether the write of an operation has taken effect. */
const hasTakenEffect = (operation: SunshineError.Operation) =>
  Effect.map(memberIds, (ids) =>
    operation === "join" ? ids.includes(userId) : operation === "leave" ? !ids.includes(member) : false,
  )

const faultBody = (status: number) => ({
  errors: [{ code: "fault", title: `Status ${status}, by a fault of the local API` }],
})

// ---------------------------------------------------------------------------
// Plans
// ---------------------------------------------------------------------------

/** What a plan has for the first requests of an operation. */
const drawn = (plan: Faults.Plan, operation: SunshineError.Operation, count: number) =>
  Effect.forEach(
    Array.from({ length: count }, (_, index) => index + 1),
    (number) => plan.next(operation, number, conversation),
  )

describe("scripted", () => {
  it.effect("gives the n-th request of an operation the n-th fault of a record, and no other request one", () =>
    Effect.gen(function* () {
      const plan = Faults.scripted({ join: { 2: Faults.reset() }, list: { 1: Faults.emptyPage } })
      assert.deepStrictEqual(yield* drawn(plan, "join", 3), [undefined, Faults.reset(), undefined])
      assert.deepStrictEqual(yield* drawn(plan, "list", 2), [Faults.emptyPage, undefined])
      assert.deepStrictEqual(yield* drawn(plan, "leave", 2), [undefined, undefined])
    }),
  )

  it.effect("gives the first requests the faults of an array, in order", () =>
    Effect.gen(function* () {
      const plan = Faults.scripted({ leave: [Faults.hang(), Faults.htmlBody] })
      assert.deepStrictEqual(yield* drawn(plan, "leave", 3), [Faults.hang(), Faults.htmlBody, undefined])
      assert.deepStrictEqual(yield* drawn(plan, "join", 1), [undefined])
    }),
  )
})

describe("what cannot be", () => {
  /** What a caller without types gives to the first request. */
  const untyped = (fault: unknown): Readonly<Record<number, Faults.Fault>> => {
    const script: object = { 1: fault }
    return { ...script }
  }

  const misspelled: object = { joins: [] }

  const later: object = { when: "later" }

  const unknown: object = { retryafter: 3 }

  const refusals: ReadonlyArray<readonly [what: string, make: () => unknown, message: RegExp]> = [
    ["a status of success", () => Faults.status(200), /from 300 to 599, not 200/],
    ["a status beyond 599", () => Faults.status(600), /from 300 to 599, not 600/],
    ["a status that is no whole number", () => Faults.status(450.5), /from 300 to 599, not 450.5/],
    ["a status that is no number", () => Faults.status(Number.NaN), /from 300 to 599, not NaN/],
    ["a part of a second", () => Faults.status(429, { retryAfter: 0.5 }), /in seconds, is a whole number.*not 0.5/],
    ["a time in the past", () => Faults.status(429, { retryAfter: -5 }), /in seconds, is a whole number.*not -5/],
    ["a header of two lines", () => Faults.status(429, { retryAfter: "a\nb" }), /visible ASCII/],
    ["a delay of less than nothing", () => Faults.delay("-5 seconds"), /zero or more, not "-5 seconds"/],
    ["a drip of less than nothing", () => Faults.slowDrip(-1), /zero or more, not -1/],
    [
      "a request 0",
      () => Faults.scripted({ list: { 0: Faults.reset() } }),
      /a list request is a whole number, 1 or more, not 0/,
    ],
    [
      "a request -1",
      () => Faults.scripted({ join: { [-1]: Faults.reset() } }),
      /a join request is a whole number, 1 or more, not -1/,
    ],
    [
      "a request 1.5",
      () => Faults.scripted({ leave: { 1.5: Faults.reset() } }),
      /a leave request is a whole number, 1 or more, not 1.5/,
    ],
    [
      "a page of a join",
      () => Faults.scripted({ join: [Faults.emptyPage] }),
      /EmptyPage is a fault of pages, and a join/,
    ],
    [
      "a page of a leave",
      () => Faults.scripted({ leave: { 2: Faults.vanishedCursor } }),
      /VanishedCursor is a fault of pages, and a leave/,
    ],
    ["a rate of more than all", () => Faults.seeded({ seed: 1, rate: 1.1 }), /from 0 to 1, not 1.1/],
    ["a rate of less than none", () => Faults.seeded({ seed: 1, rate: -0.1 }), /from 0 to 1, not -0.1/],
    ["a rate that is no number", () => Faults.seeded({ seed: 1, rate: Number.NaN }), /from 0 to 1, not NaN/],
    [
      "an operation that there is not",
      () => Faults.scripted({ ...misspelled }),
      /operation of a script is one of "join", "leave", "list", not "joins"/,
    ],
    [
      "a function in place of a fault",
      () => Faults.scripted({ join: untyped(Faults.hang) }),
      /the fault of join request 1 is made by one of Faults\.status, .*Faults\.hang, .* and is a function/,
    ],
    [
      "a value that is no fault",
      () => Faults.scripted({ list: untyped({ _tag: "Nope" }) }),
      /the fault of list request 1 is made by one of .* and is {"_tag":"Nope"}/,
    ],
    ["no fault", () => Faults.scripted({ list: untyped(undefined) }), /list request 1 .* and is undefined/],
    [
      "a function to draw",
      () => Faults.seeded({ seed: 1, rate: 1, faults: Object.values(untyped(Faults.delay)) }),
      /a fault to draw from is made by one of .* and is a function/,
    ],
    [
      "a misspelled option of a status",
      () => Faults.status(429, { ...unknown }),
      /options of Faults\.status is one of "when", "code", "title", "retryAfter", not "retryafter"/,
    ],
    [
      "an option that a reset has not",
      () => Faults.reset({ ...unknown }),
      /options of Faults\.reset is one of "when", not "retryafter"/,
    ],
    [
      "an option that a draw has not",
      () => Faults.seeded({ seed: 1, rate: 1, ...unknown }),
      /options of Faults\.seeded is one of "seed", "rate", "faults", not "retryafter"/,
    ],
    [
      "a time of a status",
      () => Faults.status(500, { ...later }),
      /when of Faults\.status is one of "before", "after"/,
    ],
    ["a time of a hang", () => Faults.hang({ ...later }), /when of Faults\.hang is one of "before", "after"/],
    ["a time of a reset", () => Faults.reset({ ...later }), /when of Faults\.reset .* not "later"/],
    ["nothing to draw from", () => Faults.seeded({ seed: 1, rate: 1, faults: [] }), /one fault at least/],
  ]

  it.each(refusals)("%s is refused where it is written down", (_, make, message) => {
    assert.throws(make, message)
  })

  it.effect("a function from a plan of one's own is a defect when a request meets it", () =>
    Effect.gen(function* () {
      const sandbox = yield* Sandbox.make(seedWith({ next: () => Effect.succeed(untyped(Faults.hang)[1]) }))
      const exit = yield* Effect.exit(sandbox.arrive("join", conversation))
      assert.match(String(Exit.findDefect(exit)), /the fault of a plan is made by one of .* and is a function/)
    }),
  )

  it.each<readonly [what: string, make: () => unknown]>([
    ["the first status", () => Faults.status(300)],
    ["the last status, at once", () => Faults.status(599, { retryAfter: 0 })],
    ["no delay", () => Faults.delay(0)],
    ["a first request, and no request", () => Faults.scripted({ list: { 1: Faults.repeatedCursor }, join: [] })],
    ["no request at all", () => Faults.seeded({ seed: 1, rate: 0, faults: [Faults.emptyPage] })],
    ["each request", () => Faults.seeded({ seed: 1, rate: 1 })],
  ])("%s can be", (_, make) => {
    assert.doesNotThrow(make)
  })
})

describe("none", () => {
  it.effect("has no fault", () =>
    Effect.gen(function* () {
      for (const operation of operations) {
        assert.deepStrictEqual(yield* drawn(Faults.none, operation, 2), [undefined, undefined])
      }
    }),
  )
})

describe("seeded", () => {
  const drawnAll = (plan: Faults.Plan) => Effect.forEach(operations, (operation) => drawn(plan, operation, 50))

  it.effect("draws the same faults for the same seed, whatever else is drawn", () =>
    Effect.gen(function* () {
      const plan = () => Faults.seeded({ seed: "a", rate: 0.5 })
      const one = yield* Effect.provideService(drawnAll(plan()), Random.Random, {
        nextIntUnsafe: () => 0,
        nextDoubleUnsafe: () => 0,
      })
      yield* Random.next
      assert.deepStrictEqual(yield* Random.withSeed(drawnAll(plan()), "other"), one)
      assert.isTrue(one.flat().some(Predicate.isNotUndefined))
      assert.isTrue(one.flat().some(Predicate.isUndefined))
    }),
  )

  it.effect("draws others for another seed, and for another operation", () =>
    Effect.gen(function* () {
      const one = yield* drawnAll(Faults.seeded({ seed: 1, rate: 0.5, faults: Faults.all.slice(0, 12) }))
      const other = yield* drawnAll(Faults.seeded({ seed: 2, rate: 0.5, faults: Faults.all.slice(0, 12) }))
      assert.notDeepEqual(other, one)
      assert.notDeepEqual(one[0], one[1])
      assert.notDeepEqual(one[1], one[2])
    }),
  )

  it.effect("asks for nothing but the operation and the number, so the order of requests does not matter", () =>
    Effect.gen(function* () {
      const plan = Faults.seeded({ seed: "a", rate: 0.5 })
      const asked = operations.flatMap((operation) =>
        Array.from({ length: 50 }, (_, index) => ({ operation, number: index + 1 })),
      )
      const shuffled = yield* Random.withSeed(Random.shuffle(asked), "an order")
      const found = yield* Effect.forEach(
        shuffled,
        ({ number, operation }) =>
          Effect.map(plan.next(operation, number, conversation), (fault) => [operation, number, fault] as const),
        { concurrency: "unbounded" },
      )
      const inOrder = yield* drawnAll(plan)
      for (const [operation, number, fault] of found) {
        assert.strictEqual(fault, inOrder[operations.indexOf(operation)]?.[number - 1])
      }
    }),
  )

  it.effect("meets no request at rate 0, each at rate 1, and a share in between", () =>
    Effect.gen(function* () {
      for (const operation of operations) {
        const share = Effect.fnUntraced(function* (rate: number) {
          const faults = yield* drawn(Faults.seeded({ seed: "a", rate }), operation, 1000)
          return faults.filter(Predicate.isNotUndefined).length / 1000
        })
        assert.strictEqual(yield* share(0), 0)
        assert.strictEqual(yield* share(1), 1)
        assert.approximately(yield* share(0.3), 0.3, 0.05)
      }
    }),
  )

  it.effect("draws each of the faults that it may draw from, and faults of pages for lists alone", () =>
    Effect.gen(function* () {
      const ofPages = [Faults.emptyPage, Faults.repeatedCursor, Faults.vanishedCursor]
      for (const operation of operations) {
        const found = new Set(yield* drawn(Faults.seeded({ seed: "a", rate: 1 }), operation, 1000))
        const expected = operation === "list" ? Faults.all : Faults.all.filter((fault) => !ofPages.includes(fault))
        assert.sameMembers([...found], [...expected])
      }
      const two = [Faults.hang(), Faults.htmlBody]
      const drawnFromTwo = yield* drawn(Faults.seeded({ seed: "a", rate: 1, faults: two }), "join", 100)
      assert.sameMembers([...new Set(drawnFromTwo)], two)
    }),
  )

  it.effect("has no fault for a write, if it may draw from faults of pages alone", () =>
    Effect.gen(function* () {
      const plan = Faults.seeded({ seed: "a", rate: 1, faults: [Faults.emptyPage] })
      assert.deepStrictEqual(yield* drawn(plan, "join", 1), [undefined])
      assert.deepStrictEqual(yield* drawn(plan, "list", 1), [Faults.emptyPage])
    }),
  )
})

// ---------------------------------------------------------------------------
// In process
// ---------------------------------------------------------------------------

/** Sends a request to the in-process client; the body is read by the test. */
const send = Effect.fnUntraced(function* (request: Request) {
  const client = yield* HttpClient.HttpClient
  return yield* client.execute(
    HttpClientRequest.make(request.method)(urlOf("https://api.example", request)).pipe(
      HttpClientRequest.setHeader("authorization", authorization),
      request.body === undefined ? (same) => same : HttpClientRequest.bodyJsonUnsafe(request.body),
    ),
  )
})

const inProcess =
  (faults: Faults.Plan) =>
  <A, E>(effect: Effect.Effect<A, E, HttpClient.HttpClient | Sandbox.Sandbox>) =>
    Effect.provide(effect, LocalApi.layerHttpClient(seedWith(faults)))

describe.each(operations)("in process, at a %s", (operation) => {
  const request = requests[operation]
  const isWrite = operation !== "list"

  it.effect("a status comes in place of the answer, before the write or after it", () =>
    Effect.gen(function* () {
      const before = yield* send(request)
      assert.strictEqual(before.status, 503)
      assert.deepStrictEqual(yield* before.json, faultBody(503))
      assert.strictEqual(before.headers["retry-after"], "7")
      assert.isFalse(yield* hasTakenEffect(operation))
      const after = yield* send(request)
      assert.strictEqual(after.status, 500)
      assert.isUndefined(after.headers["retry-after"])
      assert.strictEqual(yield* hasTakenEffect(operation), isWrite)
    }).pipe(
      inProcess(
        Faults.scripted({
          [operation]: [Faults.status(503, { retryAfter: 7 }), Faults.status(500, { when: "after" })],
        }),
      ),
    ),
  )

  it.effect("a delay comes before the write, which does not happen if the caller gives up", () =>
    Effect.gen(function* () {
      const givesUp = yield* Effect.forkChild(send(request))
      yield* TestClock.adjust("2 seconds")
      yield* Fiber.interrupt(givesUp)
      yield* TestClock.adjust("1 minute")
      assert.isFalse(yield* hasTakenEffect(operation))

      const waits = yield* Effect.forkChild(send(request))
      yield* TestClock.adjust("2999 millis")
      assert.isFalse(yield* hasTakenEffect(operation))
      yield* TestClock.adjust("1 millis")
      assert.isTrue((yield* Fiber.join(waits)).status < 300)
      assert.strictEqual(yield* hasTakenEffect(operation), isWrite)
    }).pipe(inProcess(each(Faults.delay("3 seconds")))),
  )

  it.effect.each(["before", "after"] as const)("a hang never answers, %s the write", (when) =>
    Effect.gen(function* () {
      const fiber = yield* Effect.forkChild(send(request))
      yield* TestClock.adjust("365 days")
      assert.isUndefined(fiber.pollUnsafe())
      assert.strictEqual(yield* hasTakenEffect(operation), isWrite && when === "after")
    }).pipe(inProcess(each(Faults.hang({ when })))),
  )

  it.effect("a refusal is a failed transport with its code, and writes nothing", () =>
    Effect.gen(function* () {
      const { reason } = yield* Effect.flip(send(request))
      assert.strictEqual(reason._tag, "TransportError")
      const cause = "cause" in reason ? reason.cause : undefined
      assert.isTrue(Predicate.hasProperty(cause, "code") && cause.code === "ECONNREFUSED")
      assert.isFalse(yield* hasTakenEffect(operation))
    }).pipe(inProcess(each(Faults.refused))),
  )

  it.effect.each(["before", "after"] as const)("a reset is a failed transport with its code, %s the write", (when) =>
    Effect.gen(function* () {
      const { reason } = yield* Effect.flip(send(request))
      assert.strictEqual(reason._tag, "TransportError")
      const cause = "cause" in reason ? reason.cause : undefined
      assert.isTrue(Predicate.hasProperty(cause, "code") && cause.code === "ECONNRESET")
      assert.strictEqual(yield* hasTakenEffect(operation), isWrite && when === "after")
    }).pipe(inProcess(each(Faults.reset({ when })))),
  )

  it.effect("a truncated body ends in its middle, after the write", () =>
    Effect.gen(function* () {
      const response = yield* send(request)
      assert.isTrue(response.status < 300)
      let received = 0
      const read = yield* response.stream.pipe(
        Stream.runForEach((chunk) => Effect.sync(() => (received += chunk.length))),
        Effect.result,
      )
      assert.isTrue(Result.isFailure(read))
      assert.isAbove(received, 0)
      assert.isBelow(received, Number(response.headers["content-length"]))
      assert.isTrue(Exit.isFailure(yield* Effect.exit(response.text)))
      assert.strictEqual(yield* hasTakenEffect(operation), isWrite)
    }).pipe(inProcess(each(Faults.truncatedBody))),
  )

  it.effect("a body of HTML comes with the usual status, after the write", () =>
    Effect.gen(function* () {
      const response = yield* send(request)
      assert.strictEqual(response.status, operation === "join" ? 201 : 200)
      assert.match(response.headers["content-type"] ?? "", /^text\/html/)
      assert.match(yield* response.text, /^<!doctype html>/)
      assert.strictEqual(yield* hasTakenEffect(operation), isWrite)
    }).pipe(inProcess(each(Faults.htmlBody))),
  )

  it.effect("a wrong content type comes with the usual answer", () =>
    Effect.gen(function* () {
      const response = yield* send(request)
      assert.strictEqual(response.headers["content-type"], "text/plain")
      assert.isTrue(Predicate.isObject(yield* response.json))
      assert.strictEqual(yield* hasTakenEffect(operation), isWrite)
    }).pipe(inProcess(each(Faults.wrongContentType))),
  )

  it.effect("a slow drip brings the usual body, bit by bit over its time", () =>
    Effect.gen(function* () {
      const response = yield* send(request)
      const chunks: Array<{ readonly at: number; readonly bytes: number }> = []
      const fiber = yield* response.stream.pipe(
        Stream.runForEach(({ length }) =>
          Effect.map(Clock.currentTimeMillis, (at) => chunks.push({ at, bytes: length })),
        ),
        Effect.forkChild,
      )
      yield* TestClock.adjust("1999 millis")
      assert.isUndefined(fiber.pollUnsafe())
      yield* TestClock.adjust("1 millis")
      yield* Fiber.join(fiber)
      const bytes = chunks.reduce((sum, chunk) => sum + chunk.bytes, 0)
      assert.strictEqual(bytes, Number(response.headers["content-length"]))
      // The body of a leave has two bytes.
      assert.lengthOf(chunks, Math.min(10, bytes))
      assert.deepStrictEqual(
        chunks.map(({ at }) => at),
        chunks.map((_, index) => (index + 1) * 200),
      )
    }).pipe(inProcess(each(Faults.slowDrip("2 seconds")))),
  )

  it.effect("a fault of another operation does not strike, and arrivals tell what did", () =>
    Effect.gen(function* () {
      const sandbox = yield* Sandbox.Sandbox
      const sent = yield* Effect.forEach(operations, (each) => Effect.map(send(requests[each]), ({ status }) => status))
      assert.deepStrictEqual(
        sent.map((status) => status === 418),
        operations.map((each) => each === operation),
      )
      assert.deepStrictEqual(
        yield* sandbox.arrivals,
        operations.map((each) => ({
          operation: each,
          ...conversation,
          fault: each === operation ? Faults.status(418) : undefined,
        })),
      )
      assert.deepStrictEqual(
        (yield* sandbox.calls).map((call) => call.operation),
        operations.filter((each) => each !== operation),
      )
    }).pipe(inProcess(Faults.scripted({ [operation]: [Faults.status(418)] }))),
  )
})

describe("in process", () => {
  it.effect("a status has the code and the title that it was given", () =>
    Effect.gen(function* () {
      const response = yield* send(requests.leave)
      assert.deepStrictEqual(yield* response.json, { errors: [{ code: "not_found", title: "Gone" }] })
    }).pipe(inProcess(each(Faults.status(404, { code: "not_found", title: "Gone" })))),
  )

  it.effect("a plan is told the conversation, as the ids are and not as the path spells them", () =>
    Effect.gen(function* () {
      const client = yield* HttpClient.HttpClient
      const sandbox = yield* Sandbox.Sandbox
      const response = yield* client.get(
        "https://api.example/v2/apps/a%2Fb/conversations/%C3%A9%20/participants?page[size]=2",
      )
      assert.strictEqual(response.status, 418)
      const arrived = { appId: "a/b", conversationId: "é " }
      assert.deepStrictEqual(asked, [["list", 1, arrived]])
      assert.deepStrictEqual(yield* sandbox.arrivals, [{ operation: "list", ...arrived, fault: Faults.status(418) }])
    }).pipe(
      inProcess({
        next: (...args) => {
          asked.push(args)
          return Effect.succeed(Faults.status(418))
        },
      }),
    ),
  )

  const asked: Array<Parameters<Faults.Plan["next"]>> = []

  it.effect("a path that is no text is no operation", () =>
    Effect.gen(function* () {
      const client = yield* HttpClient.HttpClient
      const sandbox = yield* Sandbox.Sandbox
      yield* client.get("https://api.example/v2/apps/%ff/conversations/c/participants")
      assert.deepStrictEqual(yield* sandbox.arrivals, [])
    }).pipe(inProcess(each(Faults.status(500)))),
  )

  it.effect.each<Request>([
    { method: "GET", path: "/messages" },
    { method: "GET", path: "/participants/more" },
    { method: "GET", path: "/join" },
    { method: "POST", path: "/participants", body: {} },
  ])("$method $path is no operation, and does not arrive", (request) =>
    Effect.gen(function* () {
      const sandbox = yield* Sandbox.Sandbox
      const response = yield* send(request)
      assert.strictEqual(response.status, 404)
      assert.deepStrictEqual(yield* sandbox.arrivals, [])
    }).pipe(inProcess(each(Faults.status(500)))),
  )

  it.effect("faults strike one operation by the number of its requests, however others come between", () =>
    Effect.gen(function* () {
      const sandbox = yield* Sandbox.Sandbox
      const order: Array<SunshineError.Operation> = ["list", "join", "list", "leave", "list"]
      const statuses = yield* Effect.forEach(order, (operation) =>
        Effect.map(send(requests[operation]), ({ status }) => status),
      )
      assert.deepStrictEqual(statuses, [200, 201, 200, 200, 502])
      assert.deepStrictEqual(
        (yield* sandbox.arrivals).map(({ operation }) => operation),
        order,
      )
    }).pipe(inProcess(Faults.scripted({ list: { 3: Faults.status(502) } }))),
  )

  it.effect("a text for Retry-After is sent as it is", () =>
    Effect.gen(function* () {
      const { headers } = yield* send(requests.list)
      assert.strictEqual(headers["retry-after"], "Thu, 01 Jan 1970 00:01:00 GMT")
    }).pipe(inProcess(each(Faults.status(429, { retryAfter: "Thu, 01 Jan 1970 00:01:00 GMT" })))),
  )
})

// ---------------------------------------------------------------------------
// On a real port
// ---------------------------------------------------------------------------

describe.each(operations)("on a real port, at a %s", (operation) => {
  const request = requests[operation]
  const isWrite = operation !== "list"

  it.effect("a status comes with Retry-After, in seconds and as a date", () =>
    withServer(
      seedWith(
        Faults.scripted({
          [operation]: [
            Faults.status(429, { retryAfter: 2 }),
            Faults.status(503, { retryAfter: "Wed, 21 Oct 2065 07:28:00 GMT" }),
          ],
        }),
      ),
      Effect.fnUntraced(function* ({ base }) {
        const seconds = yield* exchange(base, request)
        assert.strictEqual(seconds.status, 429)
        assert.strictEqual(seconds.headers["retry-after"], "2")
        assert.deepStrictEqual(JSON.parse(seconds.body), faultBody(429))
        const date = yield* exchange(base, request)
        assert.strictEqual(date.status, 503)
        assert.strictEqual(date.headers["retry-after"], "Wed, 21 Oct 2065 07:28:00 GMT")
        assert.isFalse(yield* hasTakenEffect(operation))
      }),
    ),
  )

  it.effect.each(["before", "after"] as const)("a reset destroys the socket, %s the write", (when) =>
    withServer(
      seedWith(each(Faults.reset({ when }))),
      Effect.fnUntraced(function* ({ base, closed }) {
        const answer = yield* exchange(base, request)
        assert.strictEqual(answer.code, "ECONNRESET")
        assert.isUndefined(answer.status)
        yield* closed
        assert.strictEqual(yield* hasTakenEffect(operation), isWrite && when === "after")
        const code = yield* Effect.flip(fetched(base, request))
        assert.include(["ECONNRESET", "UND_ERR_SOCKET"], code)
      }),
    ),
  )

  it.effect("a truncated body is cut on the wire: fewer bytes than announced, then the end of the connection", () =>
    withServer(
      seedWith(each(Faults.truncatedBody)),
      Effect.fnUntraced(function* ({ base, closed }) {
        const answer = yield* exchange(base, request)
        assert.strictEqual(answer.status, operation === "join" ? 201 : 200)
        assert.isFalse(answer.complete)
        assert.strictEqual(answer.code, "ECONNRESET")
        assert.isAbove(answer.body.length, 0)
        assert.isBelow(answer.body.length, Number(answer.headers["content-length"]))
        yield* closed
        assert.strictEqual(yield* hasTakenEffect(operation), isWrite)
      }),
    ),
  )

  it.effect("a slow drip is spread over the time on the wire", () =>
    withServer(
      seedWith(each(Faults.slowDrip("10 seconds"))),
      Effect.fnUntraced(function* ({ base }) {
        const startedAt = yield* Clock.currentTimeMillis
        const answer = yield* passTime(exchange(base, request))
        assert.isTrue(answer.complete)
        const total = Number(answer.headers["content-length"])
        assert.strictEqual(Buffer.byteLength(answer.body), total)
        // One part in each second, so no byte comes before its part is due.
        const part = Math.ceil(total / 10)
        let received = 0
        for (const { at, bytes } of answer.chunks) {
          received += bytes
          assert.isAtMost(received, Math.floor((at - startedAt) / 1000) * part)
        }
        assert.isAbove(new Set(answer.chunks.map(({ at }) => at)).size, 1)
      }),
    ),
  )

  it.effect("HTML and a wrong content type come as they are, with the usual status", () =>
    withServer(
      seedWith(Faults.scripted({ [operation]: [Faults.htmlBody, Faults.wrongContentType] })),
      Effect.fnUntraced(function* ({ base }) {
        const html = yield* exchange(base, request)
        assert.strictEqual(html.status, operation === "join" ? 201 : 200)
        assert.match(html.headers["content-type"] ?? "", /^text\/html/)
        assert.match(html.body, /^<!doctype html>/)
        assert.strictEqual(yield* hasTakenEffect(operation), isWrite)
        const plain = yield* exchange(base, request)
        assert.strictEqual(plain.headers["content-type"], "text/plain")
        assert.isTrue(Predicate.isObject(JSON.parse(plain.body)))
      }),
    ),
  )

  it.effect("a delay ends with its connection: a caller who gave up writes nothing", () =>
    withServer(
      seedWith(Faults.scripted({ [operation]: [Faults.delay("1 hour"), Faults.delay("1 hour")] })),
      Effect.fnUntraced(function* ({ base, closed }) {
        const sandbox = yield* Sandbox.Sandbox
        const fiber = yield* Effect.forkChild(exchange(base, request))
        yield* until(Effect.map(sandbox.arrivals, ({ length }) => length === 1))
        yield* Fiber.interrupt(fiber)
        yield* closed
        yield* TestClock.adjust("2 hours")
        assert.deepStrictEqual(yield* sandbox.calls, [])

        assert.isTrue((yield* passTime(exchange(base, request))).complete)
        assert.lengthOf(yield* sandbox.calls, 1)
        assert.strictEqual(yield* hasTakenEffect(operation), isWrite)
      }),
    ),
  )

  it.effect.each(["before", "after"] as const)(
    "a hang keeps the connection open without a byte, %s the write",
    (when) =>
      withServer(
        seedWith(each(Faults.hang({ when }))),
        Effect.fnUntraced(function* ({ base, closed }) {
          const sandbox = yield* Sandbox.Sandbox
          const fiber = yield* Effect.forkChild(exchange(base, request))
          yield* until(
            when === "before"
              ? Effect.map(sandbox.arrivals, ({ length }) => length === 1)
              : Effect.map(sandbox.calls, ({ length }) => length === 1),
          )
          yield* TestClock.adjust("1 day")
          assert.isUndefined(fiber.pollUnsafe())
          assert.strictEqual(yield* hasTakenEffect(operation), isWrite && when === "after")
          yield* Fiber.interrupt(fiber)
          yield* closed
        }),
      ),
  )
})

// ---------------------------------------------------------------------------
// In memory
// ---------------------------------------------------------------------------

describe("in memory", () => {
  const inMemory =
    (faults: Faults.Plan) =>
    <A, E>(effect: Effect.Effect<A, E, Participants.Participants | Sandbox.Sandbox>) =>
      Effect.provide(effect, ParticipantsTest.layerMemory(seedWith(faults)))

  const calls = Effect.map(Participants.Participants, (participants) => ({
    join: Effect.asVoid(participants.join({ ...conversation, userId })),
    leave: participants.leave({ ...conversation, userId: member }),
    list: Effect.asVoid(participants.list(conversation)),
  }))

  const reasonOf = (operation: SunshineError.Operation) =>
    Effect.gen(function* () {
      const error = yield* Effect.flip((yield* calls)[operation])
      return error._tag === "SunshineError" ? error.reason : yield* Effect.die(error)
    })

  it.effect.each(operations)("a hang at a %s ends after 15 seconds, as it does for the HTTP layer", (operation) =>
    Effect.gen(function* () {
      const fiber = yield* Effect.forkChild(reasonOf(operation))
      yield* TestClock.adjust("14999 millis")
      assert.isUndefined(fiber.pollUnsafe())
      assert.isFalse(yield* hasTakenEffect(operation))
      yield* TestClock.adjust("1 milli")
      const reason = yield* Fiber.join(fiber)
      assert.strictEqual(reason._tag, operation === "list" ? "TimedOut" : "OutcomeUnknown")
    }).pipe(inMemory(each(Faults.hang()))),
  )

  it.effect("a write in doubt says that this layer does not verify", () =>
    Effect.gen(function* () {
      const reason = yield* reasonOf("join")
      assert.include(reason.message, "the memory layer does not verify writes")
    }).pipe(inMemory(each(Faults.reset()))),
  )

  it.effect("only the operation of the plan is hit, and arrivals tell", () =>
    Effect.gen(function* () {
      const sandbox = yield* Sandbox.Sandbox
      const { join, leave, list } = yield* calls
      yield* leave
      yield* Effect.flip(join)
      yield* list
      yield* join
      assert.deepStrictEqual(yield* sandbox.arrivals, [
        { operation: "leave", ...conversation, fault: undefined },
        { operation: "join", ...conversation, fault: Faults.status(400) },
        { operation: "list", ...conversation, fault: undefined },
        { operation: "join", ...conversation, fault: undefined },
      ])
    }).pipe(inMemory(Faults.scripted({ join: { 1: Faults.status(400) } }))),
  )
})

// ---------------------------------------------------------------------------
// Pages
// ---------------------------------------------------------------------------

describe("faults of pages", () => {
  const paging =
    (faults: Faults.Plan, rules?: Sandbox.Choices) =>
    <A, E>(effect: Effect.Effect<A, E, Participants.Participants | Sandbox.Sandbox>) =>
      Effect.provide(effect, ParticipantsTest.layerMemory(seedWith(faults, rules)))

  /** What a stream gives, and the cursor of its error if it fails. */
  const given = Effect.fnUntraced(function* (request: Pick<Paginator.PagesRequest, "cursor" | "direction">) {
    const ids: Array<string> = []
    const failure = yield* Paginator.stream({ ...conversation, pageSize: 1, ...narrowed(request) }).pipe(
      Stream.runForEach(({ id }) => Effect.sync(() => ids.push(id))),
      Effect.flip,
      Effect.option,
    )
    return { ids, failure: Option.getOrUndefined(failure) }
  })

  const narrowed = ({ cursor, direction }: Pick<Paginator.PagesRequest, "cursor" | "direction">) =>
    direction === "backward" && cursor !== undefined ? { direction, cursor } : { cursor }

  it.effect.each([1, 2, 3])("an empty page at request %i loses nobody, forward", (number) =>
    Effect.gen(function* () {
      const sandbox = yield* Sandbox.Sandbox
      assert.deepStrictEqual(yield* given({}), { ids: [first, second, third], failure: undefined })
      assert.lengthOf(yield* sandbox.arrivals, 4)
    }).pipe(paging(Faults.scripted({ list: { [number]: Faults.emptyPage } }))),
  )

  it.effect("empty pages one after the other lose nobody, backward", () =>
    Effect.gen(function* () {
      const backward = yield* given({ direction: "backward", cursor: third })
      assert.deepStrictEqual(backward, { ids: [second, first], failure: undefined })
    }).pipe(paging(Faults.scripted({ list: { 1: Faults.emptyPage, 2: Faults.emptyPage, 4: Faults.emptyPage } }))),
  )

  it.effect.each([
    [Faults.emptyPage, { size: 1 }, "next"],
    [Faults.emptyPage, { size: 1, before: third }, "prev"],
    [Faults.repeatedCursor, { size: 1, after: first }, "next"],
    [Faults.vanishedCursor, { size: 1, after: first }, "next"],
  ] as const)("%j of %j has the same cursor in its meta and in its link", ([fault, page, name]) =>
    Effect.gen(function* () {
      const participants = yield* Participants.Participants
      const { links, meta } = yield* participants.list({ ...conversation, page })
      const inLink = Option.map(links[name], (link) => /page\[\w+\]=(\w+)/.exec(link)?.[1])
      assert.deepStrictEqual(inLink, name === "next" ? meta.afterCursor : meta.beforeCursor)
    }).pipe(paging(each(fault))),
  )

  it.effect("a client of the local API that follows links loses nobody to empty pages", () =>
    Effect.gen(function* () {
      const Body = Schema.Struct({
        participants: Schema.Array(Schema.Struct({ id: Schema.String })),
        links: Schema.Struct({ next: Schema.optional(Schema.String) }),
      })
      const get = Effect.fnUntraced(function* (query: string) {
        const response = yield* send({ method: "GET", path: `/participants${query}` })
        return yield* Schema.decodeUnknownEffect(Body)(yield* response.json)
      })
      const pages = [yield* get("?page[size]=1")]
      for (let next = pages[0]?.links.next; next !== undefined; next = pages.at(-1)?.links.next) {
        pages.push(yield* get(new URL(next).search))
      }
      const ids = pages.flatMap(({ participants }) => participants.map(({ id }) => id))
      assert.deepStrictEqual(ids, [first, second, third])
    }).pipe(inProcess(Faults.scripted({ list: { 1: Faults.emptyPage, 3: Faults.emptyPage } }))),
  )

  it.effect("an empty page has more after it, and a cursor that the API accepts", () =>
    Effect.gen(function* () {
      const participants = yield* Participants.Participants
      const { meta, participants: nobody } = yield* participants.list(conversation)
      assert.deepStrictEqual(nobody, [])
      assert.isTrue(meta.hasMore)
      const after = Option.getOrThrow(meta.afterCursor)
      const page = yield* participants.list({ ...conversation, page: { after, size: 2 } })
      assert.deepStrictEqual(
        page.participants.map(({ id }) => id),
        [first, second],
      )
    }).pipe(paging(Faults.scripted({ list: [Faults.emptyPage] }), { goneCursor: "bad request" })),
  )

  it.effect("empty pages take the cursors of each other in upper case", () =>
    Effect.gen(function* () {
      const participants = yield* Participants.Participants
      let after = first
      for (let page = 1; page <= 2; page++) {
        const { meta } = yield* participants.list({ ...conversation, page: { after } })
        after = Option.getOrThrow(meta.afterCursor).toUpperCase()
      }
      const page = yield* participants.list({ ...conversation, page: { after } })
      assert.deepStrictEqual(
        page.participants.map(({ id }) => id),
        [second, third],
      )
    }).pipe(paging(Faults.scripted({ list: [Faults.emptyPage, Faults.emptyPage] }))),
  )

  it.effect(
    "a cursor that repeats ends the stream after its page, and the rest is had from the cursor of the error",
    () =>
      Effect.gen(function* () {
        const { failure, ids } = yield* given({})
        assert.deepStrictEqual(ids, [first, second])
        assert.strictEqual(failure?._tag, "PaginationError")
        assert.strictEqual(failure?.cursor, second)
        assert.deepStrictEqual(yield* given({ cursor: failure?.cursor }), { ids: [third], failure: undefined })
      }).pipe(paging(Faults.scripted({ list: { 2: Faults.repeatedCursor } }))),
  )

  it.effect("a cursor that repeats on the first page is none: it was asked for without one", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* given({}), { ids: [first, second, third], failure: undefined })
    }).pipe(paging(Faults.scripted({ list: { 1: Faults.repeatedCursor } }))),
  )

  it.effect("a cursor that repeats ends a stream that goes backward", () =>
    Effect.gen(function* () {
      const { failure, ids } = yield* given({ direction: "backward", cursor: third })
      assert.deepStrictEqual(ids, [second])
      assert.strictEqual(failure?._tag, "PaginationError")
      const rest = yield* given({ direction: "backward", cursor: failure?.cursor })
      assert.deepStrictEqual(rest, { ids: [first], failure: undefined })
    }).pipe(paging(Faults.scripted({ list: [Faults.repeatedCursor] }))),
  )

  it.effect.each([1, 2])("a cursor that vanishes from page %i ends the stream, and no participant is lost", (number) =>
    Effect.gen(function* () {
      const { failure, ids } = yield* given({})
      assert.lengthOf(ids, number)
      assert.strictEqual(failure?._tag, "PaginationError")
      const rest = yield* given({ cursor: failure?.cursor })
      assert.deepStrictEqual([...ids, ...rest.ids], [first, second, third])
    }).pipe(paging(Faults.scripted({ list: { [number]: Faults.vanishedCursor } }))),
  )

  it.effect("an error after an empty page carries the cursor that the empty page gave", () =>
    Effect.gen(function* () {
      const { failure, ids } = yield* given({})
      assert.deepStrictEqual(ids, [first])
      const rest = yield* given({ cursor: failure?.cursor })
      assert.deepStrictEqual(rest, { ids: [second, third], failure: undefined })
    }).pipe(paging(Faults.scripted({ list: { 2: Faults.emptyPage, 3: Faults.status(500) } }))),
  )
})
