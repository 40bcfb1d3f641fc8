/**
 * Draws answers to a list: mostly what the API sends, with anything at any place now and then.
 */
import * as Effect from "effect/Effect"
import * as Random from "effect/Random"

type Drawn<A> = Effect.Effect<A>

const oneOf = <A>(...values: readonly [A, ...Array<A>]): Drawn<A> =>
  Effect.map(Random.nextIntBetween(0, values.length - 1), (index) => values[index] ?? values[0])

const chance = (share: number): Drawn<boolean> => Effect.map(Random.next, (drawn) => drawn < share)

const listOf = <A>(most: number, drawn: Drawn<A>): Drawn<Array<A>> =>
  Effect.flatMap(Random.nextIntBetween(0, most), (length) => Effect.all(Array.from({ length }, () => drawn)))

/** JSON of every type. `__proto__` as a key can only come from a parser. */
const anything = Effect.suspend(() =>
  oneOf<unknown>(
    null,
    undefined,
    true,
    "",
    "text",
    0,
    -0,
    -1,
    1.5,
    2 ** 53 - 1,
    2 ** 53,
    1e300,
    Number.NaN,
    [],
    [null],
    {},
    JSON.parse(`{"__proto__":{"id":"id","userId":"user","hasMore":true}}`),
    Object.create(null),
    Object.create({ id: "inherited", userId: "inherited", lastRead: "2019-01-14T18:55:12.515Z" }),
    new Date(0),
  ),
)

const id = oneOf<unknown>("c93bb9c14dde8ffb94564eae", "42589ad070d43be9b00ff7e5", "", "é")

const date = oneOf<unknown>(
  "2019-01-14T18:55:12.515Z",
  "2019-01-14T18:55:12Z",
  "2019-01-14T18:55:12.515+02:00",
  "2019-01-14T18:55:12.5Z",
  "2019-01-14T18:55:12.515z",
  "2019-01-14T18:55Z",
  "2019-01-14T24:00:00Z",
  "2019-02-30T00:00:00Z",
  "2019-13-01T00:00:00.000Z",
  "2019-01-14T18:60:00Z",
  "0000-01-01T00:00:00Z",
  "9999-12-31T23:59:59.999Z",
  "+275760-09-13T00:00:00.000Z",
  "2019-01-14",
  "Mon, 14 Jan 2019 18:55:12 GMT",
  " 2019-01-14T18:55:12.515Z",
  "2019-01-14T18:55:12.515Z\n",
  "tomorrow",
  "",
  "1547492112515",
)

/** An object with these fields: each one is missing, odd, or as it should be, and there can be others. */
const record = (fields: { readonly [key: string]: Drawn<unknown> }, oddness: number) =>
  Effect.gen(function* () {
    const drawn: { [key: string]: unknown } = (yield* chance(0.1)) ? { role: "owner", _tag: "Some" } : {}
    for (const [key, field] of Object.entries(fields)) {
      if (yield* chance(oddness)) continue
      drawn[key] = (yield* chance(oddness)) ? yield* anything : yield* field
    }
    return drawn
  })

const client = (oddness: number) =>
  record({ type: oneOf<unknown>("whatsapp", "sdk", "carrier-pigeon", ""), clientId: id }, oddness)

/** A participant. The two ids are odd more seldom than the other fields, because then it does not decode. */
export const participant: Drawn<unknown> = Effect.gen(function* () {
  const oddness = yield* oneOf(0, 0.05, 0.3)
  if (yield* chance(oddness / 10)) return yield* anything
  return {
    ...(yield* record({ id, userId: id }, oddness / 5)),
    ...(yield* record(
      {
        userExternalId: id,
        unreadCount: Random.nextIntBetween(0, 20),
        clientAssociations: Effect.gen(function* () {
          const clients: Array<unknown> = yield* listOf(3, client(oddness))
          if (yield* chance(oddness)) clients.push(yield* anything)
          return clients
        }),
        lastRead: date,
      },
      oddness,
    )),
  }
})

/** An answer to a list. */
export const answer: Drawn<unknown> = Effect.gen(function* () {
  const oddness = yield* oneOf(0, 0.02)
  return yield* record(
    {
      participants: listOf(4, participant),
      meta: record({ hasMore: Random.nextBoolean, afterCursor: id, beforeCursor: id }, oddness),
      links: record({ prev: id, next: id }, oddness),
    },
    oddness,
  )
})
