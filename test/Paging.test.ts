import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import { type Page, Paginator, type Participant } from "@effect-sunco/core"
import { Sandbox } from "@effect-sunco/testing"
import { inMemory, inProcess, overSockets } from "./support/doors.ts"

const { appId, keyId, secret } = Sandbox.demo

const counts = [0, 1, 25, 100, 101, 1000]

/** Pages of one participant are for small conversations. */
const sizesFor = (count: number) => (count <= 25 ? [1, 25, 100] : [25, 100])

const cases = counts.flatMap((count) => sizesFor(count).map((pageSize) => ({ count, pageSize })))

/** A conversation for each count, with the count as its id. */
const seedOf = (rules: Partial<Sandbox.Rules>): Sandbox.Seed => {
  const users = Array.from({ length: Math.max(...counts) }, (_, index) => ({ id: `user-${index}` }))
  return {
    apps: [
      {
        id: appId,
        users,
        conversations: counts.map((count) => ({
          id: String(count),
          type: "sdkGroup",
          participants: users.slice(0, count).map(({ id }) => id),
        })),
      },
    ],
    credentials: [{ keyId, secret: Redacted.make(secret), scope: "app", appId }],
    rules,
  }
}

const idsOf = (participants: ReadonlyArray<Participant.Participant>) => participants.map(({ id }) => id)

const pagesOf = (request: Paginator.PagesRequest) =>
  Paginator.pages(request).pipe(
    Stream.runCollect,
    Effect.map((pages) => pages.map(({ participants }) => idsOf(participants))),
  )

/** The ids in pieces of one size, the last of which may be shorter; one empty piece if there are none. */
const inPages = (ids: ReadonlyArray<string>, size: number): ReadonlyArray<ReadonlyArray<string>> =>
  ids.length <= size ? [ids] : [ids.slice(0, size), ...inPages(ids.slice(size), size)]

/** The same, with the shorter piece first, and the pieces from the last one to the first one. */
const inPagesBackward = (ids: ReadonlyArray<string>, size: number): ReadonlyArray<ReadonlyArray<string>> =>
  ids.length <= size ? [ids] : [ids.slice(-size), ...inPagesBackward(ids.slice(0, -size), size)]

const doors = [
  { door: "in memory", layer: inMemory },
  { door: "in process", layer: inProcess },
  { door: "over sockets", layer: overSockets },
]

const rules = (["oldest first", "newest first"] as const).flatMap((order) =>
  (["before", "after"] as const).map((hasMoreBefore) => ({ order, hasMoreBefore })),
)

describe.each(doors)("paging $door", ({ layer }) => {
  describe.each(rules)("with the order $order, when hasMore speaks of what comes $hasMoreBefore", (rule) => {
    it.layer(layer(seedOf(rule)), { excludeTestServices: true })((it) => {
      /** Who is in a conversation, in the order of its list. */
      const listed = Effect.fnUntraced(function* (conversationId: string) {
        const sandbox = yield* Sandbox.Sandbox
        const ids = idsOf(yield* sandbox.participants({ appId, conversationId }))
        return rule.order === "oldest first" ? ids : ids.toReversed()
      })

      /** The calls that an effect makes to the sandbox. */
      const countCalls = Effect.fnUntraced(function* <A, E, R>(effect: Effect.Effect<A, E, R>) {
        const sandbox = yield* Sandbox.Sandbox
        const { length } = yield* sandbox.calls
        const value = yield* effect
        return [value, (yield* sandbox.calls).length - length] as const
      })

      it.effect.each(cases)(
        "forward, $count participants in pages of $pageSize are complete and in order, without duplicates",
        ({ count, pageSize }) =>
          Effect.gen(function* () {
            const ids = yield* listed(String(count))
            assert.lengthOf(ids, count)
            const request = { appId, conversationId: String(count), pageSize }
            const [pages, calls] = yield* countCalls(pagesOf(request))
            assert.deepStrictEqual(pages, inPages(ids, pageSize))
            assert.strictEqual(calls, pages.length)
            const participants = yield* Stream.runCollect(Paginator.stream(request))
            assert.deepStrictEqual(idsOf(participants), ids)
          }),
      )

      it.effect.each(cases.filter(({ count }) => count > 0))(
        "backward from the last one, $count participants in pages of $pageSize are all that come before it, page by page",
        ({ count, pageSize }) =>
          Effect.gen(function* () {
            const ids = yield* listed(String(count))
            const cursor = ids.at(-1)
            assert.isDefined(cursor)
            const request = { appId, conversationId: String(count), pageSize, direction: "backward", cursor } as const
            const [pages, calls] = yield* countCalls(pagesOf(request))
            assert.deepStrictEqual(pages, inPagesBackward(ids.slice(0, -1), pageSize))
            assert.deepStrictEqual(pages.toReversed().flat(), ids.slice(0, -1))
            assert.strictEqual(calls, pages.length)
          }),
      )

      it.effect("resumes after any participant, and goes back from it", () =>
        Effect.gen(function* () {
          const ids = yield* listed("101")
          for (const index of [0, 24, 25, 99, 100]) {
            const cursor = ids[index]
            assert.isDefined(cursor)
            const request = { appId, conversationId: "101", pageSize: 25, cursor }
            const onward = yield* pagesOf(request)
            assert.deepStrictEqual(onward.flat(), ids.slice(index + 1))
            const back = yield* pagesOf({ ...request, direction: "backward" })
            assert.deepStrictEqual(back.toReversed().flat(), ids.slice(0, index))
          }
        }),
      )

      it.effect.each([1, 3])("with prefetch %s gives the same", (prefetch) =>
        Effect.gen(function* () {
          const request = { appId, conversationId: "1000", prefetch }
          assert.deepStrictEqual((yield* pagesOf(request)).flat(), yield* listed("1000"))
        }),
      )
    })
  })

  describe.each(rules)("while others join and leave, with the order $order ($hasMoreBefore)", (choices) => {
    const rule = { ...choices, goneCursor: "its place" } as const
    const conversation = { appId, conversationId: "101" }

    /**
     * Between two pages: one who was given leaves, one who was not yet given leaves, the one at the cursor leaves and
     * joins again, and one more joins.
     */
    const change = (page: Page.ParticipantPage, listed: ReadonlyArray<Participant.Participant>) =>
      Effect.gen(function* () {
        const sandbox = yield* Sandbox.Sandbox
        const here = yield* sandbox.participants(conversation)
        const given = page.participants.filter(({ id }) => here.some((member) => member.id === id))
        const [first] = given
        const last = given.at(-1)
        const ahead = listed.find(
          ({ id }) => !page.participants.some((seen) => seen.id === id) && here.some((member) => member.id === id),
        )
        for (const leaver of new Set([first, last, ahead])) {
          if (leaver !== undefined) yield* sandbox.removeParticipant({ ...conversation, userId: leaver.userId })
        }
        if (last !== undefined) yield* sandbox.addParticipant({ ...conversation, userId: last.userId })
        const newcomer = `newcomer-${(yield* sandbox.calls).length}`
        yield* sandbox.addUser(appId, { id: newcomer })
        yield* sandbox.addParticipant({ ...conversation, userId: newcomer })
      })

    it.live.each(["forward", "backward"] as const)(
      "%s, nobody comes twice, and nobody who stays is missed",
      (direction) =>
        Effect.gen(function* () {
          const sandbox = yield* Sandbox.Sandbox
          const before = yield* sandbox.participants(conversation)
          const listed = rule.order === "oldest first" ? before : before.toReversed()
          const last = listed.at(-1)
          assert.isDefined(last)
          const request =
            direction === "forward"
              ? { ...conversation, pageSize: 10 }
              : ({ ...conversation, pageSize: 10, direction, cursor: last.id } as const)
          const pages = yield* Paginator.pages(request).pipe(
            Stream.tap((page) => change(page, direction === "forward" ? listed : listed.toReversed())),
            // Each page brings one newcomer, who in one order stands behind every page: the list may have no end.
            Stream.take(30),
            Stream.runCollect,
          )
          const given = pages.flatMap(({ participants }) => idsOf(participants))
          assert.strictEqual(new Set(given).size, given.length)
          const stayed = new Set(idsOf(yield* sandbox.participants(conversation)))
          const missed = idsOf(before).filter(
            (id) => stayed.has(id) && !given.includes(id) && !(direction === "backward" && id === last.id),
          )
          assert.deepStrictEqual(missed, [])
          assert.isAbove(pages.length, 5)
        }).pipe(Effect.provide(layer(seedOf(rule)))),
    )
  })
})
