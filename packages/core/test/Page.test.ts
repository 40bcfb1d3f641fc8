import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { Page, Participant } from "@effect-sunco/core"

const decode = Schema.decodeUnknownEffect(Page.ParticipantPage)
const encode = Schema.encodeEffect(Page.ParticipantPage)

const cursor = "55c8d9758590aa1900b9b9f6"

/** The vendor's example of a list. */
const documented = {
  participants: [
    {
      id: "c93bb9c14dde8ffb94564eae",
      userId: "42589ad070d43be9b00ff7e5",
      unreadCount: 0,
      clientAssociations: [{ type: "sdk", clientId: "5d8cff3cd55b040010928b5b" }],
    },
  ],
  meta: { hasMore: false },
}

describe("ParticipantPage", () => {
  it.effect("decodes an answer in the vendor's form, in its order", () =>
    Effect.gen(function* () {
      const page = yield* decode({
        participants: [documented.participants[0], { id: "another", userId: "user" }],
        meta: { hasMore: true, afterCursor: cursor, beforeCursor: "fcafad804c39a39648004af9" },
        links: { prev: "https://acme.zendesk.com/prev", next: "https://acme.zendesk.com/next" },
      })
      assert.instanceOf(page, Page.ParticipantPage)
      assert.deepStrictEqual(
        page.participants.map(({ id }) => id),
        ["c93bb9c14dde8ffb94564eae", "another"],
      )
      assert.instanceOf(page.participants[0], Participant.Participant)
      assert.strictEqual(page.meta.hasMore, true)
      assert.deepStrictEqual(page.meta.afterCursor, Option.some(cursor))
      assert.deepStrictEqual(page.meta.beforeCursor, Option.some("fcafad804c39a39648004af9"))
      assert.deepStrictEqual(page.links.prev, Option.some("https://acme.zendesk.com/prev"))
      assert.deepStrictEqual(page.links.next, Option.some("https://acme.zendesk.com/next"))
    }),
  )

  it.effect.each([
    { name: "missing", answer: { participants: [] } },
    { name: "null", answer: { participants: [], meta: null, links: null } },
    { name: "empty", answer: { participants: [], meta: {}, links: {} } },
  ])("whose meta and links are $name has nothing more, no cursors and no links", ({ answer }) =>
    Effect.gen(function* () {
      const page = yield* decode(answer)
      assert.instanceOf(page.meta, Page.PageMeta)
      assert.deepStrictEqual(
        { ...page.meta },
        { hasMore: false, afterCursor: Option.none(), beforeCursor: Option.none() },
      )
      assert.instanceOf(page.links, Page.PageLinks)
      assert.deepStrictEqual({ ...page.links }, { prev: Option.none(), next: Option.none() })
    }),
  )

  describe("that leaves hasMore out", () => {
    it.effect.each([
      { meta: { afterCursor: cursor }, hasMore: true },
      { meta: { hasMore: null, afterCursor: cursor }, hasMore: true },
      { meta: { beforeCursor: cursor }, hasMore: false },
      { meta: { afterCursor: null }, hasMore: false },
    ])("with $meta has more: $hasMore", ({ hasMore, meta }) =>
      Effect.gen(function* () {
        assert.strictEqual((yield* decode({ participants: [], meta })).meta.hasMore, hasMore)
      }),
    )
  })

  it.effect("believes hasMore where it is given, whatever the cursors say", () =>
    Effect.gen(function* () {
      const page = yield* decode({ participants: [], meta: { hasMore: false, afterCursor: cursor } })
      assert.strictEqual(page.meta.hasMore, false)
      assert.deepStrictEqual(page.meta.afterCursor, Option.some(cursor))
    }),
  )

  it.effect("takes a cursor of any length, since the vendor may change it", () =>
    Effect.gen(function* () {
      const page = yield* decode({ participants: [], meta: { hasMore: true, afterCursor: "short" } })
      assert.deepStrictEqual(page.meta.afterCursor, Option.some("short"))
    }),
  )

  it.effect("ignores fields that the vendor adds", () =>
    Effect.gen(function* () {
      const page = yield* decode({
        participants: [],
        meta: { hasMore: false, total: 12 },
        links: { self: "https://acme.zendesk.com/self" },
        requestId: "1",
      })
      assert.deepStrictEqual(yield* encode(page), { participants: [], meta: { hasMore: false }, links: {} })
    }),
  )

  it.effect.each([
    { name: "{}", answer: {} },
    { name: "null", answer: null },
    { name: "a list", answer: [] },
    { name: "text", answer: "<html></html>" },
    { name: "participants: null", answer: { participants: null } },
    { name: "a participant that is null", answer: { participants: [null] } },
    { name: "meta as a list", answer: { participants: [], meta: [] } },
    { name: "meta as text", answer: { participants: [], meta: "more" } },
    { name: "a cursor that is a number", answer: { participants: [], meta: { hasMore: true, afterCursor: 5 } } },
    { name: "hasMore as text", answer: { participants: [], meta: { hasMore: "true" } } },
  ])("does not decode $name", ({ answer }) =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(decode(answer))
      assert.strictEqual(error._tag, "SchemaError")
    }),
  )

  it.effect.each([
    { links: "https://acme.zendesk.com/next", next: Option.none() },
    { links: [], next: Option.none() },
    { links: { prev: 5, next: "https://acme.zendesk.com/next" }, next: Option.some("https://acme.zendesk.com/next") },
  ])("reads the links $links as far as they can be read", ({ links, next }) =>
    Effect.gen(function* () {
      const page = yield* decode({ ...documented, links })
      assert.deepStrictEqual({ ...page.links }, { prev: Option.none(), next })
    }),
  )

  describe("isNextUnreachable", () => {
    const links = { next: "https://acme.zendesk.com/next" }

    it.effect.each([
      { answer: { links }, unreachable: true },
      { answer: { meta: null, links }, unreachable: true },
      { answer: { meta: {}, links }, unreachable: true },
      { answer: { meta: { hasMore: true } }, unreachable: true },
      { answer: { meta: { hasMore: true, afterCursor: "" } }, unreachable: true },
      { answer: { meta: { hasMore: true, afterCursor: cursor }, links }, unreachable: false },
      { answer: { meta: { hasMore: false }, links }, unreachable: false },
      { answer: { meta: {} }, unreachable: false },
      { answer: {}, unreachable: false },
    ])("of $answer is $unreachable, and stays so through the wire and the constructor", ({ answer, unreachable }) =>
      Effect.gen(function* () {
        const page = yield* decode({ participants: [], ...answer })
        assert.strictEqual(page.isNextUnreachable, unreachable)
        assert.strictEqual((yield* decode(yield* encode(page))).isNextUnreachable, unreachable)
        assert.strictEqual(new Page.ParticipantPage({ ...page }).isNextUnreachable, unreachable)
      }),
    )
  })

  it.effect("round-trips through the wire", () =>
    Effect.gen(function* () {
      const answer = {
        participants: documented.participants,
        meta: { hasMore: true, afterCursor: cursor },
        links: { next: "https://acme.zendesk.com/next" },
      }
      assert.deepStrictEqual(yield* encode(yield* decode(answer)), answer)
    }),
  )

  it("is made from participants alone, as a page with nothing around it", () => {
    const page = new Page.ParticipantPage({ participants: [] })
    assert.strictEqual(page.meta.hasMore, false)
    assert.deepStrictEqual(page.meta.afterCursor, Option.none())
    assert.deepStrictEqual(page.links.next, Option.none())
  })
})

describe("limits", () => {
  it.each([1, 2, 25, 99, 100])("a page size of %s is allowed", (size) => {
    assert.isTrue(Schema.is(Page.PageSize)(size))
  })

  it.each([0, 101, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])("a page size of %s is not allowed", (size) => {
    assert.isFalse(Schema.is(Page.PageSize)(size))
  })

  it("a cursor has 24 characters, counted as code points", () => {
    assert.isTrue(Schema.is(Page.Cursor)(cursor))
    assert.isTrue(Schema.is(Page.Cursor)("é".repeat(23) + "😀"))
    assert.isFalse(Schema.is(Page.Cursor)(cursor.slice(1)))
    assert.isFalse(Schema.is(Page.Cursor)(`${cursor}0`))
    assert.isFalse(Schema.is(Page.Cursor)(""))
  })
})
