import { assert, describe, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import type * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/testing/TestClock"
import { Page, Paginator, Participant, type Participants, SunshineError } from "@effect-sunco/core"
import { type Answer, at, byCursor, conversation, endless, page, scripted } from "./support/script.ts"

/** Ids of a page, without what fills them up. */
const idsOf = ({ participants }: Page.ParticipantPage) => participants.map(({ userId }) => userId.slice("user-".length))

const collect = <E>(
  stream: Stream.Stream<Page.ParticipantPage, E, Participants.Participants>,
  layer: Layer.Layer<Participants.Participants>,
) => stream.pipe(Stream.map(idsOf), Stream.runCollect, Effect.provide(layer))

const failureOf = <E>(
  stream: Stream.Stream<Page.ParticipantPage, E, Participants.Participants>,
  layer: Layer.Layer<Participants.Participants>,
) => Effect.flip(Effect.provide(Stream.runDrain(stream), layer))

/** The pages before a failure, and the failure. */
const givenBeforeFailure = <E>(
  stream: Stream.Stream<Page.ParticipantPage, E, Participants.Participants>,
  layer: Layer.Layer<Participants.Participants>,
) =>
  Effect.gen(function* () {
    const given: Array<ReadonlyArray<string>> = []
    const error = yield* stream.pipe(
      Stream.runForEach((page) => Effect.sync(() => given.push(idsOf(page)))),
      Effect.flip,
      Effect.provide(layer),
    )
    return [given, error] as const
  })

/** A page that has more, with its next cursor as it is. */
const pageNaming = (ids: ReadonlyArray<string>, afterCursor: string) =>
  new Page.ParticipantPage({
    ...page(ids),
    meta: new Page.PageMeta({ hasMore: true, afterCursor: Option.some(afterCursor) }),
  })

/** Three pages, with cursors in both directions. */
const three = byCursor({
  first: page(["a", "b"], { after: "b" }),
  b: page(["c", "d"], { after: "d", before: "c" }),
  d: page(["e"], { before: "e" }),
})

describe("pages, forward", () => {
  it.effect("follow the cursor after each page until there is no more", () =>
    Effect.gen(function* () {
      const { calls, layer } = scripted(three)
      assert.deepStrictEqual(yield* collect(Paginator.pages(conversation), layer), [["a", "b"], ["c", "d"], ["e"]])
      assert.deepStrictEqual(calls, [{ size: 100 }, { size: 100, after: at("b") }, { size: 100, after: at("d") }])
    }),
  )

  it.effect("have the size that is asked for, on every page", () =>
    Effect.gen(function* () {
      const { calls, layer } = scripted(three)
      yield* collect(Paginator.pages({ ...conversation, pageSize: 2 }), layer)
      assert.deepStrictEqual(
        calls.map(({ size }) => size),
        [2, 2, 2],
      )
    }),
  )

  it.effect("keep what a page says beside its participants", () =>
    Effect.gen(function* () {
      const { layer } = scripted(three)
      const [first] = yield* Paginator.pages(conversation).pipe(Stream.runCollect, Effect.provide(layer))
      assert.strictEqual(first?.meta.hasMore, true)
      assert.deepStrictEqual(first?.meta.afterCursor, page([], { after: "b" }).meta.afterCursor)
    }),
  )

  it.effect("of nobody are one page with nobody", () =>
    Effect.gen(function* () {
      const { calls, layer } = scripted(byCursor({ first: page([]) }))
      assert.deepStrictEqual(yield* collect(Paginator.pages(conversation), layer), [[]])
      assert.strictEqual(calls.length, 1)
    }),
  )

  it.effect("do not end at an empty page that has more after it", () =>
    Effect.gen(function* () {
      const { layer } = scripted(
        byCursor({ first: page(["a"], { after: "a" }), a: page([], { after: "b" }), b: page(["c"]) }),
      )
      assert.deepStrictEqual(yield* collect(Paginator.pages(conversation), layer), [["a"], [], ["c"]])
    }),
  )

  it.effect("end at a page that says there is no more, even if it gives a cursor", () =>
    Effect.gen(function* () {
      const { calls, layer } = scripted(byCursor({ first: page(["a"], { hasMore: false, after: "a" }) }))
      assert.deepStrictEqual(yield* collect(Paginator.pages(conversation), layer), [["a"]])
      assert.strictEqual(calls.length, 1)
    }),
  )

  it.effect.each([{}, { direction: "forward" }] as const)("with %j start after a cursor, to resume", (direction) =>
    Effect.gen(function* () {
      const { calls, layer } = scripted(three)
      const pages = Paginator.pages({ ...conversation, ...direction, cursor: at("b") })
      assert.deepStrictEqual(yield* collect(pages, layer), [["c", "d"], ["e"]])
      assert.deepStrictEqual(calls, [
        { size: 100, after: at("b") },
        { size: 100, after: at("d") },
      ])
    }),
  )
})

describe("pages, backward", () => {
  const backward = byCursor({
    e: page(["c", "d"], { hasMore: true, after: "d", before: "c" }),
    c: page(["a", "b"], { hasMore: true, after: "b" }),
  })

  it.effect("follow the cursor before each page until there is none, each page in the order of the list", () =>
    Effect.gen(function* () {
      const { calls, layer } = scripted(backward)
      const request = { ...conversation, direction: "backward", cursor: at("e"), pageSize: 2 } as const
      assert.deepStrictEqual(yield* collect(Paginator.pages(request), layer), [
        ["c", "d"],
        ["a", "b"],
      ])
      assert.deepStrictEqual(calls, [
        { size: 2, before: at("e") },
        { size: 2, before: at("c") },
      ])
    }),
  )

  it.effect.each([true, false])("go by the cursor and not by hasMore, here always %s", (hasMore) =>
    Effect.gen(function* () {
      const { layer } = scripted(
        byCursor({
          e: page(["c"], { hasMore, before: "c" }),
          c: page([], { hasMore, before: "b" }),
          b: page(["a"], { hasMore }),
        }),
      )
      const request = { ...conversation, direction: "backward", cursor: at("e") } as const
      assert.deepStrictEqual(yield* collect(Paginator.pages(request), layer), [["c"], [], ["a"]])
    }),
  )

  it.effect("end where the cursor is empty", () =>
    Effect.gen(function* () {
      const first = new Page.ParticipantPage({
        ...page(["a"]),
        meta: new Page.PageMeta({ hasMore: false, beforeCursor: Option.some("") }),
      })
      const { layer } = scripted(byCursor({ c: page(["b"], { before: "b" }), b: first }))
      const request = { ...conversation, direction: "backward", cursor: at("c") } as const
      assert.deepStrictEqual(yield* collect(Paginator.pages(request), layer), [["b"], ["a"]])
    }),
  )

  it.effect("notice a cursor that comes again", () =>
    Effect.gen(function* () {
      const { calls, layer } = scripted(byCursor({ e: page(["c"], { before: "c" }), c: page(["b"], { before: "e" }) }))
      const request = { ...conversation, direction: "backward", cursor: at("e") } as const
      const error = yield* failureOf(Paginator.pages(request), layer)
      assert.instanceOf(error, SunshineError.PaginationError)
      assert.strictEqual(error.cursor, at("b"))
      assert.strictEqual(calls.length, 2)
    }),
  )
})

describe("a cursor", () => {
  it.effect.each(["short", "a".repeat(25), "a+b/c=&?", "é"])("is sent back as the server gave it: %s", (afterCursor) =>
    Effect.gen(function* () {
      const { calls, layer } = scripted(({ after }) =>
        Effect.succeed(after === undefined ? pageNaming(["a"], afterCursor) : page(["b"])),
      )
      assert.deepStrictEqual(yield* collect(Paginator.pages(conversation), layer), [["a"], ["b"]])
      assert.deepStrictEqual(calls[1], { size: 100, after: afterCursor })
    }),
  )

  it.effect.each<readonly [why: string, afterCursor: string, description: string]>([
    [
      "cannot be sent",
      `${"a".repeat(23)}\ud800`,
      "the cursor of the next page is not valid Unicode without control characters",
    ],
    ["has a line end", "a\n", "the cursor of the next page is not valid Unicode without control characters"],
    ["is empty", "", "more participants follow, but the answer has no cursor for the next page"],
  ])("that %s ends the stream after its page", ([, afterCursor, description]) =>
    Effect.gen(function* () {
      const wrong = pageNaming(["b"], afterCursor)
      const { calls, layer } = scripted(byCursor({ first: page(["a"], { after: "a" }), a: wrong }))
      const [given, error] = yield* givenBeforeFailure(Paginator.pages(conversation), layer)
      assert.instanceOf(error, SunshineError.PaginationError)
      assert.deepStrictEqual([error.description, error.cursor], [description, at("b")])
      assert.deepStrictEqual(given, [["a"], ["b"]])
      assert.strictEqual(calls.length, 2)
    }),
  )
})

describe("a stream is lazy", () => {
  it.effect("nothing is asked before it is pulled", () =>
    Effect.gen(function* () {
      const { calls, layer } = scripted(endless)
      const pull = yield* Stream.toPull(Paginator.pages(conversation)).pipe(Effect.provide(layer))
      yield* TestClock.adjust("1 hour")
      assert.strictEqual(calls.length, 0)
      yield* Effect.provide(pull, layer)
      yield* TestClock.adjust("1 hour")
      assert.strictEqual(calls.length, 1)
    }),
  )

  it.effect("each pull of pages asks for one page, and holds that page alone", () =>
    Effect.gen(function* () {
      const { calls, layer } = scripted(endless)
      const pull = yield* Stream.toPull(Paginator.pages(conversation)).pipe(Effect.provide(layer))
      for (const number of [1, 2, 3, 4, 5]) {
        const pulled = yield* Effect.provide(pull, layer)
        assert.deepStrictEqual(pulled.map(idsOf), [[`${number}x`]])
        yield* TestClock.adjust("1 hour")
        assert.strictEqual(calls.length, number)
      }
    }),
  )

  it.effect("one participant costs one page, and the next page is asked for when the last one of it is used up", () =>
    Effect.gen(function* () {
      const { calls, layer } = scripted(three)
      const asked: Array<readonly [string, number]> = []
      yield* Paginator.stream(conversation).pipe(
        Stream.runForEach(({ userId }) => Effect.sync(() => asked.push([userId, calls.length]))),
        Effect.provide(layer),
      )
      assert.deepStrictEqual(asked, [
        ["user-a", 1],
        ["user-b", 1],
        ["user-c", 2],
        ["user-d", 2],
        ["user-e", 3],
      ])
    }),
  )

  it.effect.each([
    { take: 1, requests: 1 },
    { take: 2, requests: 1 },
    { take: 3, requests: 2 },
    { take: 5, requests: 3 },
  ])("taking $take of five participants in pages of two makes $requests calls", ({ requests, take }) =>
    Effect.gen(function* () {
      const { calls, layer } = scripted(three)
      const taken = yield* Paginator.stream(conversation).pipe(
        Stream.take(take),
        Stream.runCollect,
        Effect.provide(layer),
      )
      assert.strictEqual(taken.length, take)
      assert.strictEqual(calls.length, requests)
    }),
  )

  it.effect("each run starts afresh", () =>
    Effect.gen(function* () {
      const { calls, layer } = scripted(three)
      const stream = Paginator.pages(conversation)
      const once = yield* collect(stream, layer)
      assert.deepStrictEqual(yield* collect(stream, layer), once)
      assert.strictEqual(calls.length, 6)
    }),
  )

  it.effect("two runs at once do not see each other", () =>
    Effect.gen(function* () {
      const { layer } = scripted((request) => Effect.delay(three(request), "1 second"))
      const stream = Paginator.pages(conversation)
      const both = yield* Effect.forkChild(
        Effect.all([collect(stream, layer), collect(stream, layer)], { concurrency: 2 }),
      )
      yield* TestClock.adjust("3 seconds")
      const [one, other] = yield* Fiber.join(both)
      assert.deepStrictEqual(one, [["a", "b"], ["c", "d"], ["e"]])
      assert.deepStrictEqual(other, one)
    }),
  )
})

describe("participants", () => {
  it.effect("that come a second time are left out of the later page", () =>
    Effect.gen(function* () {
      const { layer } = scripted(
        byCursor({
          first: page(["a", "b"], { after: "b" }),
          b: page(["b", "c"], { after: "c" }),
          c: page(["a", "b", "c"], { after: "d" }),
          d: page(["e", "a"]),
        }),
      )
      assert.deepStrictEqual(yield* collect(Paginator.pages(conversation), layer), [["a", "b"], ["c"], [], ["e"]])
    }),
  )

  it.effect("that come twice on one page are given once", () =>
    Effect.gen(function* () {
      const { layer } = scripted(byCursor({ first: page(["a", "b", "a", "a"]) }))
      assert.deepStrictEqual(yield* collect(Paginator.pages(conversation), layer), [["a", "b"]])
    }),
  )

  it.effect("are told apart by their own id, so one user can come as two participants", () =>
    Effect.gen(function* () {
      const twice = new Page.ParticipantPage({
        participants: ["a", "b"].map((id) => new Participant.Participant({ id, userId: "one-user" })),
      })
      const { layer } = scripted(byCursor({ first: twice }))
      const seen = yield* Paginator.stream(conversation).pipe(Stream.runCollect, Effect.provide(layer))
      assert.deepStrictEqual(
        seen.map(({ id }) => id),
        ["a", "b"],
      )
    }),
  )
})

describe("paging that cannot go on", () => {
  it.effect.each([
    {
      name: "a page that points at itself",
      pages: { first: page(["a"], { after: "a" }), a: page(["b"], { after: "a" }) },
      start: undefined,
      cursor: "b",
      calls: 2,
    },
    {
      name: "a longer cycle",
      pages: {
        first: page(["x"], { after: "a" }),
        a: page(["a"], { after: "b" }),
        b: page(["b"], { after: "c" }),
        c: page(["c"], { after: "a" }),
      },
      start: undefined,
      cursor: "c",
      calls: 4,
    },
    {
      name: "a cycle of empty pages",
      pages: { first: page([], { after: "a" }), a: page([], { after: "b" }), b: page([], { after: "a" }) },
      start: undefined,
      cursor: "b",
      calls: 3,
    },
    {
      name: "the cursor that the caller resumed from",
      pages: { a: page(["b"], { after: "b" }), b: page(["c"], { after: "a" }) },
      start: "a",
      cursor: "c",
      calls: 2,
    },
  ])("ends with a PaginationError at $name, and asks no more", ({ calls: count, cursor, pages, start }) =>
    Effect.gen(function* () {
      const { calls, layer } = scripted(byCursor(pages))
      const request = start === undefined ? conversation : { ...conversation, cursor: at(start) }
      const error = yield* failureOf(Paginator.pages(request), layer)
      assert.instanceOf(error, SunshineError.PaginationError)
      assert.strictEqual(error.cursor, at(cursor))
      assert.match(
        error.message,
        /^list in conversation conversation of app app: the cursor of the next page repeats that of an earlier page; resume from \w+$/,
      )
      assert.deepStrictEqual([error.appId, error.conversationId], ["app", "conversation"])
      assert.strictEqual(calls.length, count)
    }),
  )

  it.effect.each([
    { name: "the first page", pages: { first: page(["a"], { hasMore: true }) }, cursor: at("a") },
    { name: "an empty first page", pages: { first: page([], { hasMore: true }) }, cursor: undefined },
    {
      name: "an empty later page",
      pages: { first: page(["a"], { after: "a" }), a: page([], { hasMore: true }) },
      cursor: at("a"),
    },
  ])("ends with a PaginationError where $name has more and no cursor", ({ cursor, pages }) =>
    Effect.gen(function* () {
      const { layer } = scripted(byCursor(pages))
      const error = yield* failureOf(Paginator.pages(conversation), layer)
      assert.instanceOf(error, SunshineError.PaginationError)
      assert.strictEqual(error.cursor, cursor)
      assert.include(error.message, "more participants follow")
    }),
  )

  it.effect.each([0, 1, 5])("gives all pages first, the one with the fault too, with prefetch %s", (prefetch) =>
    Effect.gen(function* () {
      const { layer } = scripted(
        byCursor({
          first: page(["a"], { after: "a" }),
          a: page(["b"], { after: "b" }),
          b: page(["c"], { after: "a" }),
        }),
      )
      const [given, error] = yield* givenBeforeFailure(Paginator.pages({ ...conversation, prefetch }), layer)
      assert.strictEqual(error._tag, "PaginationError")
      assert.deepStrictEqual(given, [["a"], ["b"], ["c"]])
    }),
  )

  it.effect("does not matter to a consumer that needs no more than the page with the fault", () =>
    Effect.gen(function* () {
      const { layer } = scripted(byCursor({ first: page(["a", "b"], { hasMore: true }) }))
      const taken = yield* Paginator.stream(conversation).pipe(Stream.take(2), Stream.runCollect, Effect.provide(layer))
      assert.strictEqual(taken.length, 2)
    }),
  )

  it.effect.each([
    { name: "forward, when the page links to the next one", backward: false, links: { next: Option.some("url") } },
    { name: "backward, when the page links to the previous one", backward: true, links: { prev: Option.some("url") } },
  ])("ends with a PaginationError at a page without meta, $name", ({ backward, links }) =>
    Effect.gen(function* () {
      const { layer } = scripted(() =>
        Effect.succeed(
          new Page.ParticipantPage({ participants: page(["a", "b"]).participants, links: new Page.PageLinks(links) }),
        ),
      )
      const request = backward ? ({ ...conversation, direction: "backward", cursor: at("c") } as const) : conversation
      const [given, error] = yield* givenBeforeFailure(Paginator.pages(request), layer)
      assert.instanceOf(error, SunshineError.PaginationError)
      assert.strictEqual(error.cursor, at(backward ? "a" : "b"))
      assert.deepStrictEqual(given, [["a", "b"]])
    }),
  )

  it.effect("ends at a page without meta and without a link, which is the last one", () =>
    Effect.gen(function* () {
      const { layer } = scripted(() =>
        Effect.succeed(new Page.ParticipantPage({ participants: page(["a"]).participants })),
      )
      assert.deepStrictEqual(yield* collect(Paginator.pages(conversation), layer), [["a"]])
    }),
  )

  it.effect("has the cursor of the page if the last participant has an id that cannot be sent", () =>
    Effect.gen(function* () {
      const unsendable = new Page.ParticipantPage({
        participants: [new Participant.Participant({ id: "", userId: "u" })],
        meta: new Page.PageMeta({ hasMore: true }),
      })
      const { layer } = scripted(() => Effect.succeed(unsendable))
      const error = yield* failureOf(Paginator.pages({ ...conversation, cursor: at("a") }), layer)
      assert.strictEqual(error.cursor, at("a"))
    }),
  )

  it.effect("goes on from the cursor of the error: nothing is lost and nothing comes twice", () =>
    Effect.gen(function* () {
      let healthy = false
      const { layer } = scripted((request) =>
        request.after === at("b") && !healthy ? Effect.succeed(page(["c", "d"], { hasMore: true })) : three(request),
      )
      const [given, error] = yield* givenBeforeFailure(Paginator.pages(conversation), layer)
      healthy = true
      const cursor = error.cursor
      assert.deepStrictEqual(
        [given, yield* collect(Paginator.pages({ ...conversation, cursor }), layer)],
        [
          [
            ["a", "b"],
            ["c", "d"],
          ],
          [["e"]],
        ],
      )
    }),
  )
})

describe("pages that bring nobody new", () => {
  /** Numbered pages, each with a cursor of its own; `ids` says who is on which. */
  const numbered =
    (ids: (number: number) => ReadonlyArray<string>): Answer =>
    ({ after, before }) => {
      const number = Number((after ?? before ?? "0x").split("x")[0])
      const next = `${number + 1}x`
      return Effect.succeed(page(ids(number), { after: next, before: next }))
    }

  it.effect.each([
    { name: "empty ones", ids: [], direction: "forward" },
    { name: "ones with somebody who was given", ids: ["a"], direction: "forward" },
    { name: "empty ones, going backward", ids: [], direction: "backward" },
  ] as const)("end the stream after 100 of them: $name", ({ direction, ids }) =>
    Effect.gen(function* () {
      const { calls, layer } = scripted(numbered((number) => (number === 1 ? ["a"] : ids)))
      const error = yield* failureOf(Paginator.pages({ ...conversation, direction, cursor: "1x" }), layer)
      assert.instanceOf(error, SunshineError.PaginationError)
      assert.strictEqual(error.description, "100 pages in a row had no new participants")
      assert.strictEqual(calls.length, 101)
      assert.strictEqual(error.cursor, at("102x"))
    }),
  )

  it.effect("are allowed up to 99 at a time", () =>
    Effect.gen(function* () {
      const { layer } = scripted(numbered((number) => (number % 100 === 0 ? [`p${number}`] : [])))
      const given = yield* Paginator.stream(conversation).pipe(Stream.take(5), Stream.runCollect, Effect.provide(layer))
      assert.deepStrictEqual(
        given.map(({ userId }) => userId),
        ["user-p0", "user-p100", "user-p200", "user-p300", "user-p400"],
      )
    }),
  )
})

describe("bounded memory", () => {
  /** A conversation that starts again after `length` pages with `size` participants each. */
  const round =
    (length: number, size: number): Answer =>
    ({ after }) => {
      const number = after === undefined ? 0 : Number(after.split("x")[0])
      const ids = Array.from({ length: size }, (_, index) => `${number}x${index}x`)
      return Effect.succeed(page(ids, { after: `${(number + 1) % length}x` }))
    }

  it.effect.each([1, 2, 7, 999])("notices a cycle of %s pages at the first cursor that comes again", (length) =>
    Effect.gen(function* () {
      const { calls, layer } = scripted(round(length, 1))
      const error = yield* failureOf(Paginator.pages(conversation), layer)
      assert.match(error.message, /repeats that of an earlier page/)
      // The first page was asked for without a cursor, so it is asked for once more with one.
      assert.strictEqual(calls.length, length + 1)
    }),
  )

  it.effect.each([2_100, 2_500])("notices a cycle of %s pages before it has gone round three times", (length) =>
    Effect.gen(function* () {
      const { calls, layer } = scripted(round(length, 10))
      const error = yield* failureOf(Paginator.pages(conversation), layer)
      assert.match(error.message, /repeats that of an earlier page/)
      assert.isBelow(calls.length, 3 * length + 2)
    }),
  )

  it.effect("leaves out whoever comes again within 10,000 participants", () =>
    Effect.gen(function* () {
      const last = 100
      const { layer } = scripted(({ after }) => {
        const number = after === undefined ? 0 : Number(after.split("x")[0])
        const ids = Array.from({ length: 100 }, (_, index) => `${number}x${index}x`)
        // The last participant of the list was the last one of the first page.
        return Effect.succeed(
          number === last ? page([...ids.slice(1), "0x99x"]) : page(ids, { after: `${number + 1}x` }),
        )
      })
      const pages = yield* collect(Paginator.pages(conversation), layer)
      assert.lengthOf(pages.at(-1) ?? [], 99)
    }),
  )

  it.effect("gives whoever comes again after 20,000 others once more", () =>
    Effect.gen(function* () {
      const last = 201
      const { layer } = scripted(({ after }) => {
        const number = after === undefined ? 0 : Number(after.split("x")[0])
        const ids = Array.from({ length: 100 }, (_, index) => `${number}x${index}x`)
        return Effect.succeed(number === last ? page(["0x0x"]) : page(ids, { after: `${number + 1}x` }))
      })
      const pages = yield* collect(Paginator.pages(conversation), layer)
      assert.deepStrictEqual(pages.at(-1), ["0x0x"])
    }),
  )
})

describe("an error of a page", () => {
  const cause = new Error("below")
  const errors = [new SunshineError.ErrorDetail({ code: "code", title: "title" })]
  const failures = [
    new SunshineError.BadRequest({ operation: "list", errors }),
    new SunshineError.NotFound({ operation: "list", errors }),
    new SunshineError.SunshineError({
      operation: "list",
      reason: new SunshineError.ServerError({ status: 503, errors }),
      cause,
    }),
  ]

  it.effect.each(failures)("$_tag comes with the cursor of the page, and is otherwise the same", (failure) =>
    Effect.gen(function* () {
      const { layer } = scripted(byCursor({ first: page(["a"], { after: "a" }), a: Effect.fail(failure) }))
      const error = yield* failureOf(Paginator.pages(conversation), layer)
      assert.strictEqual(error.constructor, failure.constructor)
      assert.strictEqual(error.cursor, at("a"))
      const call = { ...conversation, user: undefined }
      assert.deepStrictEqual({ ...error, cursor: undefined }, { ...failure, ...call, cursor: undefined })
      assert.include(error.message, "list in conversation conversation of app app: ")
      assert.isTrue(error.message.endsWith(`; resume from ${at("a")}`), error.message)
      assert.strictEqual(error.cause, failure.cause)
    }),
  )

  it.effect.each(failures)("$_tag of the first page has no cursor", (failure) =>
    Effect.gen(function* () {
      const { layer } = scripted(byCursor({ first: Effect.fail(failure) }))
      const error = yield* failureOf(Paginator.pages(conversation), layer)
      assert.strictEqual(error._tag, failure._tag)
      assert.isUndefined(error.cursor)
    }),
  )

  it.effect("lets paging go on where it stopped: nothing is lost and nothing comes twice", () =>
    Effect.gen(function* () {
      const failure = new SunshineError.SunshineError({
        operation: "list",
        reason: new SunshineError.ServerError({ status: 503, errors }),
      })
      let healthy = false
      const { calls, layer } = scripted((request) =>
        request.after === at("b") && !healthy ? Effect.fail(failure) : three(request),
      )
      const seen: Array<string> = []
      const run = (cursor: string | undefined) =>
        Paginator.stream(cursor === undefined ? conversation : { ...conversation, cursor }).pipe(
          Stream.runForEach(({ userId }) => Effect.sync(() => seen.push(userId))),
          Effect.provide(layer),
        )
      const error = yield* Effect.flip(run(undefined))
      healthy = true
      yield* run(error.cursor)
      assert.deepStrictEqual(seen, ["user-a", "user-b", "user-c", "user-d", "user-e"])
      assert.strictEqual(calls.length, 4)
    }),
  )

  it.effect("that is a defect stays a defect", () =>
    Effect.gen(function* () {
      const { layer } = scripted(() => Effect.die(cause))
      const exit = yield* Effect.exit(collect(Paginator.pages(conversation), layer))
      assert.isTrue(Exit.hasDies(exit))
    }),
  )
})

describe("prefetch", () => {
  it.effect.each([1, 2, 3, 8])("of %s asks for as many pages ahead of the consumer, and no further", (prefetch) =>
    Effect.gen(function* () {
      const { calls, layer } = scripted((request) => Effect.delay(endless(request), "1 second"))
      const pull = yield* Stream.toPull(Paginator.pages({ ...conversation, prefetch })).pipe(Effect.provide(layer))
      for (const number of [1, 2, 3, 4, 5, 6]) {
        const fiber = yield* Effect.forkChild(Effect.provide(pull, layer))
        yield* TestClock.adjust("1 hour")
        assert.deepStrictEqual((yield* Fiber.join(fiber)).map(idsOf), [[`${number}x`]])
        assert.strictEqual(calls.length, number + prefetch)
      }
    }),
  )

  it.effect.each([0, 1, 2, 10])("of %s gives the same pages in the same order", (prefetch) =>
    Effect.gen(function* () {
      const { calls, layer } = scripted(three)
      assert.deepStrictEqual(yield* collect(Paginator.pages({ ...conversation, prefetch }), layer), [
        ["a", "b"],
        ["c", "d"],
        ["e"],
      ])
      assert.strictEqual(calls.length, 3)
    }),
  )

  it.effect.each([0, 1, 2, 10])("of %s gives the pages before an error first", (prefetch) =>
    Effect.gen(function* () {
      const { layer } = scripted(
        byCursor({
          first: page(["a"], { after: "a" }),
          a: page(["b"], { after: "b" }),
          b: Effect.fail(new SunshineError.NotFound({ operation: "list", errors: [] })),
        }),
      )
      const seen: Array<string> = []
      const error = yield* Paginator.stream({ ...conversation, prefetch }).pipe(
        Stream.runForEach(({ userId }) => Effect.sync(() => seen.push(userId))),
        Effect.flip,
        Effect.provide(layer),
      )
      assert.strictEqual(error._tag, "NotFound")
      assert.deepStrictEqual(seen, ["user-a", "user-b"])
    }),
  )

  it.effect.each([
    { prefetch: 0, seconds: 6 },
    { prefetch: 1, seconds: 4 },
    { prefetch: 2, seconds: 4 },
  ])(
    "of $prefetch takes $seconds seconds for three pages, when a call and the work on a page take one second each",
    ({ prefetch, seconds }) =>
      Effect.gen(function* () {
        const { layer } = scripted((request) => Effect.delay(three(request), "1 second"))
        const fiber = yield* Paginator.pages({ ...conversation, prefetch }).pipe(
          Stream.runForEach(() => Effect.sleep("1 second")),
          Effect.andThen(Clock.currentTimeMillis),
          Effect.provide(layer),
          Effect.forkChild,
        )
        yield* TestClock.adjust("1 minute")
        assert.strictEqual(yield* Fiber.join(fiber), seconds * 1000)
      }),
  )
})

describe("interruption", () => {
  it.effect.each([0, 1, 3])("with prefetch %s ends the call that is on its way", (prefetch) =>
    Effect.gen(function* () {
      const started = yield* Deferred.make<void>()
      const interrupted = yield* Deferred.make<void>()
      const { calls, layer } = scripted(() =>
        Deferred.succeed(started, undefined).pipe(
          Effect.andThen(Effect.never),
          Effect.onInterrupt(() => Deferred.succeed(interrupted, undefined)),
        ),
      )
      const fiber = yield* Effect.forkChild(collect(Paginator.pages({ ...conversation, prefetch }), layer))
      yield* Deferred.await(started)
      yield* Fiber.interrupt(fiber)
      yield* Deferred.await(interrupted)
      const exit = yield* Fiber.await(fiber)
      assert.isTrue(Exit.isFailure(exit) && Cause.hasInterruptsOnly(exit.cause))
      assert.strictEqual(calls.length, 1)
    }),
  )

  it.effect("of a consumer that has enough ends what was asked ahead", () =>
    Effect.gen(function* () {
      const interrupted = yield* Deferred.make<void>()
      const { calls, layer } = scripted((request) =>
        request.after === undefined
          ? endless(request)
          : Effect.onInterrupt(Effect.never, () => Deferred.succeed(interrupted, undefined)),
      )
      const taken = yield* Paginator.stream({ ...conversation, prefetch: 1 }).pipe(
        // The consumer has enough once the call for the second page is on its way.
        Stream.tap(() => TestClock.adjust("1 second")),
        Stream.take(1),
        Stream.runCollect,
        Effect.provide(layer),
      )
      assert.strictEqual(taken.length, 1)
      assert.strictEqual(calls.length, 2)
      yield* Deferred.await(interrupted)
    }),
  )
})

describe("a request that cannot succeed", () => {
  /** Paging for callers without types. */
  const paginator: {
    pages(request: unknown): Stream.Stream<Page.ParticipantPage, Paginator.PagesError, Participants.Participants>
    stream(request: unknown): Stream.Stream<unknown, Paginator.PagesError, Participants.Participants>
  } = Paginator

  it.effect.each([
    { given: { direction: "backward" }, field: "cursor", expected: /a cursor to go backward from/ },
    { given: { direction: "backward", cursor: undefined }, field: "cursor", expected: /a cursor to go backward from/ },
    { given: { direction: "sideways" }, field: "direction", expected: /"forward" or "backward"/ },
    { given: { direction: null }, field: "direction", expected: /"forward" or "backward"/ },
    { given: { prefetch: -1 }, field: "prefetch", expected: /whole number, 0 or more/ },
    { given: { prefetch: 1.5 }, field: "prefetch", expected: /whole number, 0 or more/ },
    { given: { prefetch: Number.NaN }, field: "prefetch", expected: /whole number, 0 or more/ },
    { given: { prefetch: Number.POSITIVE_INFINITY }, field: "prefetch", expected: /whole number, 0 or more/ },
    { given: { prefetch: "2" }, field: "prefetch", expected: /Expected number/ },
    { given: { pageSize: 0 }, field: "pageSize", expected: /whole number from 1 to 100/ },
    { given: { pageSize: 101 }, field: "pageSize", expected: /whole number from 1 to 100/ },
    { given: { cursor: "" }, field: "cursor", expected: /non-empty string/ },
    { given: { cursor: "\ud800", direction: "backward" }, field: "cursor", expected: /valid Unicode/ },
    { given: { cursor: 5 }, field: "cursor", expected: /Expected string/ },
    { given: { appId: ".." }, field: "appId", expected: /other than/ },
    { given: { conversationId: "" }, field: "conversationId", expected: /non-empty/ },
  ])("with $given is refused, and nothing is asked", ({ expected, field, given }) =>
    Effect.gen(function* () {
      const { calls, layer } = scripted(endless)
      for (const stream of [
        Stream.drain(paginator.pages({ ...conversation, ...given })),
        Stream.drain(paginator.stream({ ...conversation, ...given })),
      ]) {
        const error = yield* stream.pipe(Stream.runDrain, Effect.flip, Effect.provide(layer))
        assert.instanceOf(error, SunshineError.SunshineError)
        assert.strictEqual(error.operation, "list")
        assert.instanceOf(error.reason, SunshineError.InvalidRequest)
        assert.strictEqual(error.reason.field, field)
        assert.match(error.reason.expected, expected)
      }
      assert.deepStrictEqual(calls, [])
    }),
  )

  const unreadable = () => {
    const { proxy, revoke } = Proxy.revocable({}, {})
    revoke()
    return proxy
  }
  it.effect.each([
    { name: "undefined", request: undefined, expected: /Expected object/ },
    { name: "null", request: null, expected: /Expected object/ },
    { name: "text", request: "app", expected: /Expected object/ },
    { name: "a revoked proxy", request: unreadable(), expected: /fields can be read/ },
    {
      name: "an object with a getter that throws",
      request: {
        ...conversation,
        get cursor() {
          throw new Error("no cursor")
        },
      },
      expected: /fields can be read/,
    },
  ])("that is $name is refused when the stream runs", ({ expected, request }) =>
    Effect.gen(function* () {
      const { calls, layer } = scripted(endless)
      for (const stream of [Stream.drain(paginator.pages(request)), Stream.drain(paginator.stream(request))]) {
        const error = yield* stream.pipe(Stream.runDrain, Effect.flip, Effect.provide(layer))
        assert.instanceOf(error, SunshineError.SunshineError)
        assert.instanceOf(error.reason, SunshineError.InvalidRequest)
        assert.strictEqual(error.reason.field, "request")
        assert.match(error.reason.expected, expected)
      }
      assert.deepStrictEqual(calls, [])
    }),
  )

  it.effect("may leave options undefined", () =>
    Effect.gen(function* () {
      const { calls, layer } = scripted(three)
      const request = {
        ...conversation,
        pageSize: undefined,
        direction: undefined,
        cursor: undefined,
        prefetch: undefined,
      }
      assert.strictEqual((yield* collect(paginator.pages(request), layer)).length, 3)
      assert.deepStrictEqual(calls[0], { size: 100 })
    }),
  )
})
