import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Equal from "effect/Equal"
import * as Exit from "effect/Exit"
import * as Formatter from "effect/Formatter"
import * as Random from "effect/Random"
import * as Schema from "effect/Schema"
import { Page, Participant } from "@effect-sunco/core"
import { answer, participant } from "./support/randomPages.ts"
import { watched } from "./support/watched.ts"

/** The same schema as another object, which the fast decoder does not stand behind. */
const plainParticipant = Participant.Participant.annotate({})

const plainPage = Schema.Struct({
  ...Page.ParticipantPage.fields,
  participants: Schema.Array(plainParticipant),
}).pipe(Schema.annotate({ identifier: "@effect-sunco/core/ParticipantPage" }))

const member = {
  id: "c93bb9c14dde8ffb94564eae",
  userId: "42589ad070d43be9b00ff7e5",
  userExternalId: "your-own-id",
  unreadCount: 3,
  clientAssociations: [{ type: "telegram", clientId: "42589ad070d43be9b00ff7e5" }],
  lastRead: "2019-01-14T18:55:12.515Z",
}

/** The prototypes of all objects in a value, in the order of their keys. */
const prototypes = (value: unknown): ReadonlyArray<unknown> =>
  typeof value === "object" && value !== null
    ? [Object.getPrototypeOf(value), ...Object.values(value).flatMap(prototypes)]
    : []

const assertSame = (fast: unknown, plain: unknown, given: unknown) => {
  const about = `for ${Formatter.format(given)}`
  assert.deepStrictEqual(fast, plain, about)
  assert.isTrue(Equal.equals(fast, plain), about)
  assert.deepStrictEqual(prototypes(fast), prototypes(plain), about)
  assert.strictEqual(String(fast), String(plain), about)
  assert.strictEqual(JSON.stringify(fast), JSON.stringify(plain), about)
}

/** What decoding comes to: the value, or the message of the error. */
const outcome = <A>(exit: Exit.Exit<A, Schema.SchemaError>) =>
  Exit.match(exit, {
    onSuccess: (value) => ({ value, failure: undefined }),
    onFailure: () => ({ value: undefined, failure: Exit.isFailure(exit) ? String(Exit.getCause(exit)) : "" }),
  })

describe("the fast decoder of a participant", () => {
  it("reads what the API sends, without the schema", () => {
    const { asked, value } = watched(member)
    Schema.decodeSync(Participant.Participant)(value)
    assert.strictEqual(asked(), 0)
  })

  it("gives way to the schema for a date in another form", () => {
    const { asked, value } = watched({ ...member, lastRead: "2019-01-14T20:55:12.515+02:00" })
    Schema.decodeSync(Participant.Participant)(value)
    assert.isAbove(asked(), 0)
  })

  it("gives way to the schema where other fields are an error", () => {
    const decode = Schema.decodeUnknownExit(Participant.Participant)
    const exit = decode({ ...member, role: "owner" }, { onExcessProperty: "error" })
    assert.include(outcome(exit).failure, "role")
  })

  it("stands behind the JSON codec too, which the HTTP client decodes with", () => {
    assert.strictEqual(Schema.toCodecJson(Page.ParticipantPage).ast, Page.ParticipantPage.ast)
  })

  it("does not answer whether a value is a participant", () => {
    const is = Schema.is(Participant.Participant)
    assert.isFalse(is(member))
    assert.isTrue(is(Schema.decodeSync(Participant.Participant)(member)))
  })

  it.effect("comes to the same as the schema, for 5,000 participants", () =>
    Effect.gen(function* () {
      const fast = Schema.decodeUnknownExit(Participant.Participant)
      const plain = Schema.decodeUnknownExit(plainParticipant)
      const kinds = new Set<string>()
      for (let count = 0; count < 5_000; count++) {
        const given = yield* participant
        const [one, other] = [outcome(fast(given)), outcome(plain(given))]
        kinds.add(one.failure === undefined ? "decoded" : "failed")
        assert.strictEqual(one.failure, other.failure, `for ${Formatter.format(given)}`)
        assertSame(one.value, other.value, given)
      }
      assert.deepStrictEqual([...kinds].toSorted(), ["decoded", "failed"])
    }).pipe(Random.withSeed("participants")),
  )

  it.effect("comes to the same as the schema on 1,000 pages", () =>
    Effect.gen(function* () {
      const fast = Schema.decodeUnknownExit(Page.ParticipantPage)
      const plain = Schema.decodeUnknownExit(plainPage)
      for (let count = 0; count < 1_000; count++) {
        const given = yield* answer
        const [one, other] = [outcome(fast(given)), outcome(plain(given))]
        assert.strictEqual(one.failure, other.failure, `for ${Formatter.format(given)}`)
        assertSame({ ...one.value }, { ...other.value }, given)
      }
    }).pipe(Random.withSeed("pages")),
  )
})
