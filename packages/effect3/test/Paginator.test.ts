import { assert, describe, it } from "@effect/vitest"
import { Page, Paginator, Participant, Participants, ParticipantsTest, SunshineError } from "@effect-sunco/effect3"
import { Chunk, Deferred, Effect, Fiber, Layer, Option, Ref, Stream } from "effect"

const { appId, conversationId } = ParticipantsTest.demo
const conversation = { appId, conversationId }

const of = (members: number) => ParticipantsTest.layerMemory(ParticipantsTest.demoSeed({ members }))

const pageOf = (id: string, after: string | undefined) =>
  new Page.ParticipantPage({
    participants: [new Participant.Participant({ id, userId: id })],
    meta: new Page.PageMeta({ hasMore: after !== undefined, afterCursor: Option.fromNullable(after) }),
  })

/** The application's own implementation of the service. */
const listing = (list: Participants.Participants["Type"]["list"]) =>
  Layer.succeed(Participants.Participants, {
    list,
    join: () => Effect.dieMessage("a join"),
    leave: () => Effect.dieMessage("a leave"),
  })

describe("Paginator", () => {
  it.effect("streams all participants, in order", () =>
    Effect.gen(function* () {
      const all = yield* Stream.runCollect(Paginator.stream({ ...conversation, pageSize: 10 }))
      const sandbox = yield* ParticipantsTest.Sandbox
      const members = yield* sandbox.participants(conversation)
      assert.deepEqual(Chunk.toReadonlyArray(all), members)
      assert.equal((yield* sandbox.calls).length, 4)
    }).pipe(Effect.provide(of(35))),
  )

  it.effect("gives pages backward from a cursor", () =>
    Effect.gen(function* () {
      const ids = (yield* (yield* ParticipantsTest.Sandbox).participants(conversation)).map(({ id }) => id)
      const pages = yield* Stream.runCollect(
        Paginator.pages({ ...conversation, direction: "backward", cursor: ids[4] ?? "", pageSize: 2 }),
      )
      assert.deepEqual(
        Chunk.toReadonlyArray(pages).map(({ participants }) => participants.map(({ id }) => id)),
        [ids.slice(2, 4), ids.slice(0, 2)],
      )
    }).pipe(Effect.provide(of(6))),
  )

  it.effect("asks for a page when its consumer wants it, and for no more when it has enough", () =>
    Effect.gen(function* () {
      yield* Stream.runDrain(Stream.take(Paginator.stream({ ...conversation, pageSize: 5 }), 10))
      assert.equal((yield* (yield* ParticipantsTest.Sandbox).calls).length, 2)
    }).pipe(Effect.provide(of(35))),
  )

  it.effect("asks ahead with prefetch", () =>
    Effect.gen(function* () {
      const thirdAsked = yield* Deferred.make<void>()
      const asked = yield* Ref.make(0)
      const list = () =>
        Ref.updateAndGet(asked, (count) => count + 1).pipe(
          Effect.tap((count) => (count === 3 ? Deferred.succeed(thirdAsked, undefined) : Effect.void)),
          Effect.map((count) => pageOf(`participant-${count}`, count < 5 ? `cursor-${count}` : undefined)),
        )
      // The first page is not let go before the third is asked for.
      yield* Paginator.pages({ ...conversation, prefetch: 2 }).pipe(
        Stream.mapEffect((page) => Effect.as(Deferred.await(thirdAsked), page)),
        Stream.runDrain,
        Effect.provide(listing(list)),
      )
      assert.equal(yield* Ref.get(asked), 5)
    }),
  )

  it.effect("interrupts the list that it waits for when its consumer is interrupted", () =>
    Effect.gen(function* () {
      const asked = yield* Deferred.make<void>()
      const interrupted = yield* Ref.make(false)
      const list = () =>
        Effect.zipRight(Deferred.succeed(asked, undefined), Effect.never).pipe(
          Effect.onInterrupt(() => Ref.set(interrupted, true)),
        )
      const fiber = yield* Paginator.stream(conversation).pipe(
        Stream.runDrain,
        Effect.provide(listing(list)),
        Effect.fork,
      )
      yield* Deferred.await(asked)
      yield* Fiber.interrupt(fiber)
      assert.isTrue(yield* Ref.get(interrupted))
    }),
  )

  it.effect("interrupts what it asked ahead when its consumer has enough", () =>
    Effect.gen(function* () {
      const asked = yield* Deferred.make<void>()
      const interrupted = yield* Ref.make(false)
      const list: Participants.Participants["Type"]["list"] = ({ page }) =>
        page?.after === undefined
          ? Effect.succeed(pageOf("first", "cursor"))
          : Effect.zipRight(Deferred.succeed(asked, undefined), Effect.never).pipe(
              Effect.onInterrupt(() => Ref.set(interrupted, true)),
            )
      yield* Paginator.pages({ ...conversation, prefetch: 1 }).pipe(
        Stream.mapEffect(() => Deferred.await(asked)),
        Stream.take(1),
        Stream.runDrain,
        Effect.provide(listing(list)),
      )
      assert.isTrue(yield* Ref.get(interrupted))
    }),
  )

  it.effect("fails with the error of the page, and its cursor resumes", () =>
    Effect.gen(function* () {
      const failures = yield* Ref.make(1)
      const cause = new Error("the line is cut")
      const list: Participants.Participants["Type"]["list"] = ({ page }) =>
        page?.after === undefined
          ? Effect.succeed(pageOf("first", "cursor"))
          : Effect.flatMap(
              Ref.getAndUpdate(failures, (left) => left - 1),
              (left) =>
                left > 0
                  ? Effect.fail(
                      new SunshineError.SunshineError({
                        operation: "list",
                        reason: new SunshineError.Transport({ description: "cut", sent: true }),
                        cause,
                      }),
                    )
                  : Effect.succeed(pageOf("second", undefined)),
            )
      const ids = yield* Paginator.stream(conversation).pipe(
        Stream.catchTag("SunshineError", (error) => {
          assert.equal(error.cause, cause)
          assert.equal(error.reason._tag, "Transport")
          return Paginator.stream({ ...conversation, cursor: error.cursor })
        }),
        Stream.map(({ id }) => id),
        Stream.runCollect,
        Effect.provide(listing(list)),
      )
      assert.deepEqual(Chunk.toReadonlyArray(ids), ["first", "second"])
    }),
  )

  it.effect("gives each participant once, and a page as it came if none of it was given before", () =>
    Effect.gen(function* () {
      const of = (...ids: ReadonlyArray<string>) => ids.map((id) => new Participant.Participant({ id, userId: id }))
      const meta = new Page.PageMeta({ hasMore: true, afterCursor: Option.some("next") })
      const links = new Page.PageLinks({ prev: Option.some("https://api.smooch.io/previous") })
      const first = new Page.ParticipantPage({ participants: of("ada", "bob"), meta })
      const second = new Page.ParticipantPage({ participants: of("cyd", "ada", "dan", "cyd"), links })
      const pages = yield* Paginator.pages(conversation).pipe(
        Stream.runCollect,
        Effect.provide(listing(({ page }) => Effect.succeed(page?.after === undefined ? first : second))),
      )
      const [one, two] = Chunk.toReadonlyArray(pages)
      assert.strictEqual(one, first)
      assert.deepEqual(two?.participants, of("cyd", "dan"))
      assert.strictEqual(two?.links, second.links)
    }),
  )

  it.effect("fails with PaginationError when a cursor comes again", () =>
    Effect.gen(function* () {
      const error = yield* Paginator.stream(conversation).pipe(
        Stream.runDrain,
        Effect.flip,
        Effect.provide(listing(({ page }) => Effect.succeed(pageOf(page?.after ?? "first", "again")))),
      )
      assert.deepInclude(error, { _tag: "PaginationError", cursor: "again" })
      assert.include(error.message, "repeats that of an earlier page")
    }),
  )

  it.effect("fails when a page says nothing of its place, and links to a next one", () =>
    Effect.gen(function* () {
      const page = new Page.ParticipantPage({
        participants: [],
        links: new Page.PageLinks({ next: Option.some("https://api.smooch.io/next") }),
      })
      assert.isTrue(page.isNextUnreachable)
      const error = yield* Paginator.stream(conversation).pipe(
        Stream.runDrain,
        Effect.flip,
        Effect.provide(listing(() => Effect.succeed(page))),
      )
      assert.equal(error._tag, "PaginationError")
    }),
  )

  it.effect("refuses a request that cannot succeed", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(Stream.runDrain(Paginator.stream({ ...conversation, pageSize: 101 })))
      assert.include(error.message, "pageSize")
    }).pipe(Effect.provide(of(0))),
  )
})
