import { assert, describe, it } from "@effect/vitest"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { Participant } from "@effect-sunco/core"

const decode = Schema.decodeUnknownEffect(Participant.Participant)
const encode = Schema.encodeEffect(Participant.Participant)

/** The least that decodes. */
const minimal = { id: "c93bb9c14dde8ffb94564eae", userId: "42589ad070d43be9b00ff7e5" }

/** Every field that the vendor documents, with its documented example. */
const full = {
  ...minimal,
  userExternalId: "your-own-id",
  unreadCount: 3,
  clientAssociations: [{ type: "telegram", clientId: "42589ad070d43be9b00ff7e5" }],
  lastRead: "2019-01-14T18:55:12.515Z",
}

describe("Participant", () => {
  describe("an answer", () => {
    it.effect("with every documented field decodes to a participant with all of them", () =>
      Effect.gen(function* () {
        const participant = yield* decode(full)
        assert.instanceOf(participant, Participant.Participant)
        assert.strictEqual(participant.id, full.id)
        assert.strictEqual(participant.userId, full.userId)
        assert.deepStrictEqual(participant.userExternalId, Option.some("your-own-id"))
        assert.strictEqual(participant.unreadCount, 3)
        assert.strictEqual(participant.clientAssociations.length, 1)
        assert.instanceOf(participant.clientAssociations[0], Participant.ClientAssociation)
        assert.strictEqual(participant.clientAssociations[0]?.type, "telegram")
        assert.deepStrictEqual(participant.clientAssociations[0]?.clientId, Option.some("42589ad070d43be9b00ff7e5"))
        assert.strictEqual(
          Option.getOrThrow(Option.map(participant.lastRead, DateTime.formatIso)),
          "2019-01-14T18:55:12.515Z",
        )
      }),
    )

    it.effect.each([
      { name: "leaves fields out", fields: {} },
      {
        name: "says null",
        fields: { userExternalId: null, unreadCount: null, clientAssociations: null, lastRead: null },
      },
    ])("that $name decodes to none, zero and empty", ({ fields }) =>
      Effect.gen(function* () {
        const participant = yield* decode({ ...minimal, ...fields })
        assert.deepStrictEqual(participant.userExternalId, Option.none())
        assert.strictEqual(participant.unreadCount, 0)
        assert.deepStrictEqual(participant.clientAssociations, [])
        assert.deepStrictEqual(participant.lastRead, Option.none())
      }),
    )

    it.effect.each([{}, { type: null }])("with the client %j decodes to a client whose type is empty", (client) =>
      Effect.gen(function* () {
        const { clientAssociations } = yield* decode({ ...minimal, clientAssociations: [client] })
        assert.strictEqual(clientAssociations[0]?.type, "")
      }),
    )

    it.effect.each([{ clientId: undefined }, { clientId: null }])(
      "with a client whose id is $clientId decodes to a client without an id",
      ({ clientId }) =>
        Effect.gen(function* () {
          const client = clientId === undefined ? { type: "sdk" } : { type: "sdk", clientId }
          const { clientAssociations } = yield* decode({ ...minimal, clientAssociations: [client] })
          assert.deepStrictEqual(clientAssociations[0]?.clientId, Option.none())
        }),
    )

    it.effect("keeps the order of its clients, whose first one is the primary client", () =>
      Effect.gen(function* () {
        const types = ["whatsapp", "sdk", "messenger"]
        const { clientAssociations } = yield* decode({
          ...minimal,
          clientAssociations: types.map((type) => ({ type })),
        })
        assert.deepStrictEqual(
          clientAssociations.map(({ type }) => type),
          types,
        )
      }),
    )

    it.effect.each(["whatsapp", "a-channel-of-tomorrow", ""])("with the client type '%s' decodes", (type) =>
      Effect.gen(function* () {
        const { clientAssociations } = yield* decode({ ...minimal, clientAssociations: [{ type }] })
        assert.strictEqual(clientAssociations[0]?.type, type)
      }),
    )

    it.effect("ignores fields that the vendor adds, at every depth", () =>
      Effect.gen(function* () {
        const participant = yield* decode({
          ...full,
          role: "owner",
          clientAssociations: [{ ...full.clientAssociations[0], muted: true }],
        })
        assert.deepStrictEqual({ ...participant }, { ...(yield* decode(full)) })
        assert.notProperty(participant, "role")
      }),
    )

    it.effect("with ids of another shape than today's decodes", () =>
      Effect.gen(function* () {
        const participant = yield* decode({ id: "p/1", userId: "é" })
        assert.strictEqual(participant.id, "p/1")
        assert.strictEqual(participant.userId, "é")
      }),
    )

    it.effect.each([
      { name: "without an id", value: { userId: "user" }, path: `["id"]` },
      { name: "without a userId", value: { id: "participant" }, path: `["userId"]` },
      { name: "with an id that is null", value: { ...minimal, id: null }, path: `["id"]` },
      { name: "with an id that is a number", value: { ...minimal, id: 1 }, path: `["id"]` },
    ])("$name does not decode, and the error names the field", ({ path, value }) =>
      Effect.gen(function* () {
        const error = yield* Effect.flip(decode(value))
        assert.include(error.message, path)
      }),
    )
  })

  describe("an optional field that cannot be read counts as missing", () => {
    it.effect.each(["", "yesterday", "2019-13-01T00:00:00.000Z", "2019-01-14T18:55:12.515Z or later", 5, {}])(
      "lastRead: %j is none",
      (lastRead) =>
        Effect.gen(function* () {
          assert.deepStrictEqual((yield* decode({ ...full, lastRead })).lastRead, Option.none())
        }),
    )

    it.effect.each([0.5, 2 ** 53, -(2 ** 53), "3", true, [], Number.NaN])("unreadCount: %j is 0", (unreadCount) =>
      Effect.gen(function* () {
        assert.strictEqual((yield* decode({ ...full, unreadCount })).unreadCount, 0)
      }),
    )

    it.effect.each([5, false, {}, ["id"]])("userExternalId: %j is none", (userExternalId) =>
      Effect.gen(function* () {
        assert.deepStrictEqual((yield* decode({ ...full, userExternalId })).userExternalId, Option.none())
      }),
    )

    it.effect.each([{}, "sdk", 1])("clientAssociations: %j is empty", (clientAssociations) =>
      Effect.gen(function* () {
        assert.deepStrictEqual((yield* decode({ ...full, clientAssociations })).clientAssociations, [])
      }),
    )

    it.effect("and so does a client that is no object, or a field of one", () =>
      Effect.gen(function* () {
        const { clientAssociations } = yield* decode({
          ...full,
          clientAssociations: [null, 5, "sdk", [], { type: 5, clientId: 6 }, { type: "sdk", clientId: "client" }],
        })
        assert.deepStrictEqual(clientAssociations, [
          new Participant.ClientAssociation({ type: "" }),
          new Participant.ClientAssociation({ type: "sdk", clientId: Option.some("client") }),
        ])
      }),
    )

    it.effect("and the other fields are kept", () =>
      Effect.gen(function* () {
        const participant = yield* decode({ ...full, lastRead: "" })
        assert.deepStrictEqual({ ...participant }, { ...(yield* decode(full)), lastRead: Option.none() })
      }),
    )
  })

  describe("lastRead", () => {
    it.effect("with an offset becomes the same moment in UTC", () =>
      Effect.gen(function* () {
        const { lastRead } = yield* decode({ ...minimal, lastRead: "2019-01-14T20:55:12.515+02:00" })
        const time = Option.getOrThrow(lastRead)
        assert.isTrue(DateTime.isUtc(time))
        assert.strictEqual(DateTime.formatIso(time), "2019-01-14T18:55:12.515Z")
      }),
    )
  })

  describe("encoding", () => {
    it.effect("gives back the answer that was decoded", () =>
      Effect.gen(function* () {
        assert.deepStrictEqual(yield* encode(yield* decode(full)), full)
      }),
    )

    it.effect("leaves out what is none, rather than say null", () =>
      Effect.gen(function* () {
        const encoded = yield* encode(yield* decode({ ...minimal, userExternalId: null, lastRead: null }))
        assert.deepStrictEqual(encoded, { ...minimal, unreadCount: 0, clientAssociations: [] })
      }),
    )

    it.effect.prop(
      "of any participant decodes to the same participant",
      [Participant.Participant],
      ([participant]) =>
        Effect.gen(function* () {
          const text = JSON.stringify(yield* encode(participant))
          const again = yield* decode(JSON.parse(text))
          assert.instanceOf(again, Participant.Participant)
          assert.strictEqual(JSON.stringify(yield* encode(again)), text)
        }),
      { arbitrary: { seed: "participant" } },
    )
  })

  describe("the constructor", () => {
    it("needs an id and a userId, and sets the rest to none, zero and empty", () => {
      const participant = new Participant.Participant(minimal)
      assert.deepStrictEqual(
        { ...participant },
        {
          ...minimal,
          userExternalId: Option.none(),
          unreadCount: 0,
          clientAssociations: [],
          lastRead: Option.none(),
        },
      )
    })

    it("takes a client without an id", () => {
      assert.deepStrictEqual(new Participant.ClientAssociation({ type: "sdk" }).clientId, Option.none())
    })
  })
})
