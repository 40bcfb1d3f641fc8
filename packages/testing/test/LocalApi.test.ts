import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Base64 from "effect/encoding/Base64"
import * as Base64Url from "effect/encoding/Base64Url"
import type * as HttpClient from "effect/http/HttpClient"
import * as Redacted from "effect/Redacted"
import * as TestClock from "effect/testing/TestClock"
import { SignJWT } from "jose"
import { Faults, LocalApi, Sandbox } from "@effect-sunco/testing"
import { basic, codesOf, demoAuthorization, type Request, send, titleOf } from "./support/raw.ts"

const { appId, conversationId, keyId, personalId, secret, userExternalId, userId } = Sandbox.demo

const conversation = { appId, conversationId }

const first = "67a0ecf880e2647c00000001"
const second = "67a0ecf880e2647c00000002"

const participants = "/participants"

const join = { path: "/join", body: { userId, subscribeSDKClient: true } } as const

const withLocalApi =
  (options?: Parameters<typeof Sandbox.demoSeed>[0]) =>
  <A, E>(effect: Effect.Effect<A, E, HttpClient.HttpClient | Sandbox.Sandbox>) =>
    Effect.provide(effect, LocalApi.layerHttpClient(Sandbox.demoSeed({ members: 3, ...options })))

const assertAnswer = Effect.fnUntraced(function* (
  request: Request,
  status: number,
  code: string,
): Effect.fn.Return<void, unknown, HttpClient.HttpClient> {
  const answer = yield* send(request)
  assert.strictEqual(answer.status, status)
  assert.deepStrictEqual(yield* codesOf(answer.body), [code])
})

describe("the documented answers", () => {
  it.effect("a join is 201 with the participant", () =>
    Effect.gen(function* () {
      const sandbox = yield* Sandbox.Sandbox
      const answer = yield* send(join)
      const [, , , joined] = yield* sandbox.participants(conversation)
      assert.strictEqual(answer.status, 201)
      assert.strictEqual(answer.type, "application/json")
      assert.deepStrictEqual(answer.body, {
        participant: {
          id: joined?.id ?? "none",
          userId,
          userExternalId,
          unreadCount: 0,
          clientAssociations: [{ type: "sdk", clientId: "67a0ee38f0305f4b00000001" }],
          lastRead: null,
        },
      })
    }).pipe(withLocalApi()),
  )

  it.effect("a leave is 200 with an empty object", () =>
    Effect.gen(function* () {
      const answer = yield* send({ path: "/leave", body: { participantId: first } })
      assert.strictEqual(answer.status, 200)
      assert.deepStrictEqual(answer.body, {})
      const sandbox = yield* Sandbox.Sandbox
      assert.lengthOf(yield* sandbox.participants(conversation), 2)
    }).pipe(withLocalApi()),
  )

  it.effect("a list is 200 with participants, meta and links", () =>
    Effect.gen(function* () {
      const answer = yield* send({ path: `${participants}?page[size]=1` })
      assert.strictEqual(answer.status, 200)
      assert.deepStrictEqual(answer.body, {
        participants: [
          {
            id: first,
            userId: "67179a2930a150d500000001",
            userExternalId: "member-1",
            unreadCount: 0,
            clientAssociations: [{ type: "sdk", clientId: "67a0ee38f0305f4a00000001" }],
            lastRead: null,
          },
        ],
        meta: { hasMore: true, afterCursor: first },
        links: {
          next: `https://sandbox.invalid/v2/apps/${appId}/conversations/${conversationId}/participants?page[after]=${first}&page[size]=1`,
        },
      })
    }).pipe(withLocalApi()),
  )

  it.effect("a page lies after a cursor or before one, and the query may be percent-encoded", () =>
    Effect.gen(function* () {
      const after = yield* send({ path: `${participants}?page[after]=${first}&page[size]=1` })
      const encoded = yield* send({ path: `${participants}?page%5Bafter%5D=${first}&page%5Bsize%5D=1` })
      const before = yield* send({
        path: `${participants}?page[before]=67a0ecf880e2647c00000003&page[size]=1`,
      })
      assert.include(JSON.stringify(after.body), `"id":"${second}"`)
      assert.deepStrictEqual(encoded.body, after.body)
      assert.deepStrictEqual(before.body, after.body)
    }).pipe(withLocalApi()),
  )

  it.effect.each([
    { name: "a join of one too many", request: join, status: 400, code: "bad_request" },
    {
      name: "a join to a conversation that does not exist",
      request: { ...join, conversation: "missing" },
      status: 404,
      code: "conversation_not_found",
    },
    {
      name: "a join of a user who does not exist",
      request: { path: "/join", body: { userId: "missing", subscribeSDKClient: false } },
      status: 404,
      code: "user_not_found",
    },
    {
      name: "a leave of a user who has not joined",
      request: { path: "/leave", body: { userId } },
      status: 404,
      code: "not_found",
    },
    {
      name: "a leave of a participant who does not exist",
      request: { path: "/leave", body: { participantId: "missing" } },
      status: 404,
      code: "not_found",
    },
    {
      name: "a leave of a conversation that does not exist",
      request: { path: "/leave", conversation: "missing", body: { userId } },
      status: 404,
      code: "conversation_not_found",
    },
    {
      name: "a list of a conversation that does not exist",
      request: { path: participants, conversation: "missing" },
      status: 404,
      code: "conversation_not_found",
    },
  ])("$name is $status $code", ({ code, request, status }) =>
    assertAnswer(request, status, code).pipe(withLocalApi({ rules: { maxParticipants: 3 } })),
  )

  it.effect("a 400 for one participant too many says so", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual((yield* send(join)).body, {
        errors: [{ code: "bad_request", title: "Too many participants" }],
      })
    }).pipe(withLocalApi({ rules: { maxParticipants: 3 } })),
  )

  it.effect("a leave that names nobody is 400, though the vendor documents none", () =>
    assertAnswer({ path: "/leave", body: {} }, 400, "bad_request").pipe(withLocalApi()),
  )
})

describe("a request that does not fit the contract is 400 bad_request, and does not reach the sandbox", () => {
  it.effect.each<{ readonly name: string; readonly request: Request }>([
    { name: "a body that is no JSON", request: { path: "/join", body: "{" } },
    { name: "a body that is cut off", request: { path: "/leave", body: `{"userId":"` } },
    { name: "an empty body", request: { path: "/join", body: "" } },
    { name: "a list as body", request: { path: "/join", body: "[]" } },
    { name: "null as body", request: { path: "/leave", body: "null" } },
    { name: "a userId that is a number", request: { path: "/join", body: { userId: 1, subscribeSDKClient: true } } },
    { name: "a userId that is empty", request: { path: "/leave", body: { userId: "" } } },
    { name: "a userId that is null", request: { path: "/leave", body: { userId: null } } },
    {
      name: "subscribeSDKClient as text",
      request: { path: "/join", body: { userId, subscribeSDKClient: "true" } },
    },
    ...[
      "page[size]=0",
      "page[size]=101",
      "page[size]=-1",
      "page[size]=1.5",
      "page[size]=abc",
      "page[size]=",
      "page[size]=NaN",
      "page[size]=1&page[size]=2",
      "page[after]=short",
      "page[before]=short",
      "page[after]=",
      `page[after]=${first}0`,
    ].map((query) => ({ name: `the query ${query}`, request: { path: `${participants}?${query}` } })),
  ])("$name", ({ request }) =>
    Effect.gen(function* () {
      yield* assertAnswer(request, 400, "bad_request")
      const sandbox = yield* Sandbox.Sandbox
      assert.deepStrictEqual(yield* sandbox.calls, [])
    }).pipe(withLocalApi()),
  )

  it.effect("and the title names the field", () =>
    Effect.gen(function* () {
      const answer = yield* send({ path: `${participants}?page[size]=101` })
      assert.include(JSON.stringify(answer.body), "page[size]")
      assert.include(JSON.stringify(answer.body), "from 1 to 100")
    }).pipe(withLocalApi()),
  )
})

describe("the title of a refusal", () => {
  it.effect.each<{ readonly name: string; readonly request: Request }>([
    { name: "an unknown field", request: { path: "/join", body: { ...join.body, "a\nb\u0085c\u2028d": 1 } } },
    { name: "a parameter", request: { path: `${participants}?page[size]=a%0Ab%C2%85c%E2%80%A8d` } },
    { name: "an encoding", request: { ...join, contentEncoding: "a\nb" } },
  ])("is one line, whatever $name holds", ({ request }) =>
    Effect.gen(function* () {
      const { body } = yield* send(request)
      assert.notMatch(yield* titleOf(body), /[\p{Cc}\u2028\u2029]/u)
    }).pipe(withLocalApi()),
  )
})

describe("a request that the rules refuse is 400 bad_request", () => {
  it.effect.each<{ readonly name: string; readonly request: Request }>([
    { name: "both cursors", request: { path: `${participants}?page[after]=${first}&page[before]=${second}` } },
    { name: "a join without a user", request: { path: "/join", body: { subscribeSDKClient: true } } },
    {
      name: "a join with two users",
      request: { path: "/join", body: { userId, userExternalId, subscribeSDKClient: true } },
    },
    { name: "a join without subscribeSDKClient", request: { path: "/join", body: { userId } } },
    { name: "a join to a personal conversation", request: { ...join, conversation: personalId } },
    { name: "a leave with two users", request: { path: "/leave", body: { userId, participantId: first } } },
  ])("$name", ({ request }) => assertAnswer(request, 400, "bad_request").pipe(withLocalApi()))
})

describe("the rule unknownFields", () => {
  const requests = [
    { path: "/join", body: { ...join.body, role: "owner" } },
    { path: "/leave", body: { participantId: first, reason: "bored" } },
    { path: `${participants}?filter[x]=1` },
  ]

  it.effect.each([undefined, "bad request"] as const)("as %s: a field or a parameter nobody knows is 400", (rule) =>
    Effect.gen(function* () {
      for (const request of requests) yield* assertAnswer(request, 400, "bad_request")
    }).pipe(withLocalApi({ rules: { unknownFields: rule } })),
  )

  it.effect(`as "ignored": it does not matter`, () =>
    Effect.gen(function* () {
      const statuses = yield* Effect.forEach(requests, send)
      assert.deepStrictEqual(
        statuses.map(({ status }) => status),
        [201, 200, 200],
      )
    }).pipe(withLocalApi({ rules: { unknownFields: "ignored" } })),
  )
})

describe("the rule missingValues", () => {
  const memberOf = Effect.fnUntraced(function* (participantId: string) {
    const { body } = yield* send({ path: participants })
    return (
      JSON.stringify(body)
        .split("{")
        .find((part) => part.includes(`"id":"${participantId}"`)) ?? ""
    )
  })

  it.effect("left out: an external id and a last read that are not there are null", () =>
    Effect.gen(function* () {
      assert.include(yield* memberOf(first), `"lastRead":null`)
      assert.include(yield* memberOf(second), `"userExternalId":null`)
    }).pipe(withLocalApi()),
  )

  it.effect(`as "left out": they are left out, as the vendor's example does`, () =>
    Effect.gen(function* () {
      const { body } = yield* send({ path: participants })
      assert.notInclude(JSON.stringify(body), "null")
    }).pipe(withLocalApi({ rules: { missingValues: "left out" } })),
  )
})

describe("the address", () => {
  it.effect.each(["https://api.smooch.io", "https://acme.zendesk.com/sc", "https://elsewhere.example/sc"])(
    "may begin with %s",
    (base) =>
      Effect.gen(function* () {
        assert.strictEqual((yield* send({ ...join, base })).status, 201)
        assert.strictEqual((yield* send({ path: participants, base })).status, 200)
        assert.strictEqual((yield* send({ path: "/leave", body: { userId }, base })).status, 200)
        const sandbox = yield* Sandbox.Sandbox
        assert.deepStrictEqual(
          (yield* sandbox.arrivals).map(({ operation }) => operation),
          ["join", "list", "leave"],
        )
      }).pipe(withLocalApi()),
  )

  it.effect("may not begin with another path", () =>
    assertAnswer({ path: participants, base: "https://acme.zendesk.com/api" }, 404, "not_found").pipe(withLocalApi()),
  )
})

describe("the body of a request", () => {
  /** A join of a number of bytes. */
  const joinOf = (bytes: number) => JSON.stringify(join.body).padEnd(bytes, " ")

  it.effect("of 100 kB is read, and one byte more is 413", () =>
    Effect.gen(function* () {
      assert.strictEqual((yield* send({ path: "/join", body: joinOf(102_400) })).status, 201)
      yield* assertAnswer({ path: "/join", body: joinOf(102_401) }, 413, "payload_too_large")
    }).pipe(withLocalApi()),
  )

  it.effect("counts in bytes", () =>
    assertAnswer({ path: "/join", body: { ...join.body, userId: "é".repeat(60_000) } }, 413, "payload_too_large").pipe(
      withLocalApi(),
    ),
  )

  it.effect.each(["gzip", "deflate", "br"])("that claims to be %s is 415", (contentEncoding) =>
    Effect.gen(function* () {
      yield* assertAnswer({ ...join, contentEncoding }, 415, "unsupported_media_type")
      const sandbox = yield* Sandbox.Sandbox
      assert.deepStrictEqual(yield* sandbox.calls, [])
    }).pipe(withLocalApi()),
  )

  it.effect("without a content type is 415, be it there or not", () =>
    Effect.gen(function* () {
      yield* assertAnswer({ ...join, contentType: undefined }, 415, "unsupported_media_type")
      yield* assertAnswer({ path: "/join", method: "POST", contentType: undefined }, 415, "unsupported_media_type")
    }).pipe(withLocalApi()),
  )
})

describe("a request with several mistakes gets the answer to the first of them", () => {
  const account = "Bearer of-the-account"
  const seed = {
    ...Sandbox.demoSeed({ members: 3 }),
    credentials: [{ token: Redacted.make("of-the-account"), scope: "account" }],
  } as const

  // Each body has the mistake of its name and all that come after it.
  const bodies: ReadonlyArray<{
    readonly name: string
    readonly status: number
    readonly content: Pick<Request, "body" | "contentType" | "contentEncoding">
  }> = [
    {
      name: "the content type",
      status: 415,
      content: { contentType: "text/plain", contentEncoding: "gzip", body: "x".repeat(200_000) },
    },
    { name: "the encoding", status: 415, content: { contentEncoding: "gzip", body: "x".repeat(200_000) } },
    { name: "the size", status: 413, content: { body: "x".repeat(200_000) } },
    { name: "the shape", status: 400, content: { body: "{" } },
    { name: "a user who is not named", status: 400, content: { body: {} } },
  ]

  it.effect.each(bodies)("$name comes after the credential and before the app: $status", ({ content, status }) =>
    Effect.gen(function* () {
      for (const path of ["/join", "/leave"]) {
        const request = { ...content, path, app: "missing" }
        assert.strictEqual((yield* send({ ...request, authorization: account })).status, status)
        assert.strictEqual((yield* send({ ...request, authorization: undefined })).status, 401)
      }
    }).pipe(Effect.provide(LocalApi.layerHttpClient(seed))),
  )

  it.effect("a fault comes before the credential", () =>
    assertAnswer({ path: participants, authorization: basic(keyId, "wrong") }, 503, "fault").pipe(
      withLocalApi({ faults: Faults.scripted({ list: [Faults.status(503)] }) }),
    ),
  )

  it.effect("the query comes before the app, the app before the conversation, and that before the user", () =>
    Effect.gen(function* () {
      const there = { app: appId, authorization: account }
      const both = `?page[after]=${first}&page[before]=${second}`
      yield* assertAnswer({ ...there, app: "missing", path: `${participants}${both}` }, 400, "bad_request")
      yield* assertAnswer({ ...there, conversation: "missing", path: `${participants}${both}` }, 400, "bad_request")
      const nobody = { body: { userId: "missing", subscribeSDKClient: true }, path: "/join" }
      yield* assertAnswer({ ...there, ...nobody, app: "missing", conversation: "missing" }, 404, "app_not_found")
      yield* assertAnswer({ ...there, ...nobody, conversation: "missing" }, 404, "conversation_not_found")
      yield* assertAnswer({ ...there, ...nobody }, 404, "user_not_found")
    }).pipe(Effect.provide(LocalApi.layerHttpClient(seed))),
  )
})

describe("what a request may hold beside the contract", () => {
  it.effect("a content type with a charset is JSON", () =>
    Effect.gen(function* () {
      const answer = yield* send({ ...join, contentType: "application/json; charset=utf-8" })
      assert.strictEqual(answer.status, 201)
    }).pipe(withLocalApi()),
  )

  it.effect.each(["text/plain", "application/x-www-form-urlencoded", "application/xml"])(
    "the content type %s is 415",
    (contentType) =>
      Effect.gen(function* () {
        const sandbox = yield* Sandbox.Sandbox
        yield* assertAnswer({ ...join, contentType }, 415, "unsupported_media_type")
        assert.deepStrictEqual(yield* sandbox.calls, [])
      }).pipe(withLocalApi()),
  )

  it.effect("ids in the path are percent-decoded", () =>
    Effect.gen(function* () {
      const sandbox = yield* Sandbox.Sandbox
      for (const id of ["a/b", "é", "%2F", "a b", "?x#y"]) {
        yield* sandbox.addConversation(appId, { id, type: "sdkGroup" })
        assert.strictEqual((yield* send({ path: participants, conversation: encodeURIComponent(id) })).status, 200)
        assert.strictEqual((yield* sandbox.calls).at(-1)?.conversationId, id)
      }
    }).pipe(withLocalApi()),
  )
})

describe("what is not there", () => {
  it.effect.each<{ readonly name: string; readonly request: Request }>([
    { name: "another path", request: { path: "/messages" } },
    { name: "another path without credentials", request: { path: "/messages", authorization: undefined } },
    { name: "another method", request: { path: "/join", method: "GET" } },
    { name: "one more method", request: { path: participants, method: "DELETE" } },
    { name: "a deeper path", request: { path: `${participants}/first` } },
  ])("$name is 404 not_found", ({ request }) => assertAnswer(request, 404, "not_found").pipe(withLocalApi()))

  it.effect.each(["%E0%A4%A", "%zz", "%"])(
    "a path with %s, which cannot be decoded, is 404 not_found",
    (conversation) => assertAnswer({ path: participants, conversation }, 404, "not_found").pipe(withLocalApi()),
  )
})

describe("basic authentication", () => {
  it.effect.each([demoAuthorization, demoAuthorization.replace("Basic", "basic")])(
    "lets the demo key pass: %s",
    (header) =>
      Effect.gen(function* () {
        assert.strictEqual((yield* send({ path: participants, authorization: header })).status, 200)
      }).pipe(withLocalApi()),
  )

  it.effect.each([
    { name: "no header", authorization: undefined },
    { name: "an empty header", authorization: "" },
    { name: "a scheme alone", authorization: "Basic" },
    { name: "a wrong secret", authorization: basic(keyId, "wrong") },
    { name: "an empty secret", authorization: basic(keyId, "") },
    { name: "a secret with more at its end", authorization: basic(keyId, `${secret}1`) },
    { name: "a wrong key id", authorization: basic("app_other", secret) },
    { name: "an empty key id", authorization: basic("", secret) },
    { name: "nothing but a colon", authorization: basic("", "") },
    { name: "no colon", authorization: `Basic ${btoa(keyId + secret)}` },
    { name: "what is no base64", authorization: "Basic %%%" },
    {
      name: "a byte order mark before the key id",
      authorization: `Basic ${Base64.encode(`\uFEFF${keyId}:${secret}`)}`,
    },
    { name: "other spare bits at its end", authorization: demoAuthorization.replace("Q=", "R=") },
    { name: "more after the base64", authorization: `${demoAuthorization}=` },
    { name: "no padding", authorization: demoAuthorization.replace("=", "") },
    { name: "another text after it", authorization: `${demoAuthorization} more` },
    { name: "another scheme", authorization: demoAuthorization.replace("Basic", "Digest") },
    { name: "no scheme", authorization: demoAuthorization.replace("Basic ", "") },
    { name: "the secret as a bearer token", authorization: `Bearer ${secret}` },
    { name: "the key as a bearer token", authorization: demoAuthorization.replace("Basic", "Bearer") },
  ])("with $name is 401 unauthorized", ({ authorization }) =>
    Effect.gen(function* () {
      for (const request of [join, { path: "/leave", body: { participantId: first } }, { path: participants }]) {
        yield* assertAnswer({ ...request, authorization }, 401, "unauthorized")
      }
      const sandbox = yield* Sandbox.Sandbox
      assert.deepStrictEqual(yield* sandbox.calls, [])
    }).pipe(withLocalApi()),
  )
})

describe("bad credentials win over a bad request", () => {
  it.effect.each<{ readonly name: string; readonly request: Request }>([
    { name: "a bad body", request: { path: "/join", body: "{" } },
    { name: "a bad leave", request: { path: "/leave", body: "[]" } },
    { name: "a bad query", request: { path: `${participants}?page[size]=0` } },
    { name: "both cursors", request: { path: `${participants}?page[after]=${first}&page[before]=${first}` } },
    { name: "another content type", request: { ...join, contentType: "text/plain" } },
    { name: "a conversation that does not exist", request: { path: participants, conversation: "missing" } },
    { name: "an app that does not exist", request: { path: participants, app: "missing" } },
  ])("so $name is 401 without them", ({ request }) =>
    Effect.gen(function* () {
      yield* assertAnswer({ ...request, authorization: undefined }, 401, "unauthorized")
      yield* assertAnswer({ ...request, authorization: basic(keyId, "wrong") }, 401, "unauthorized")
      yield* assertAnswer({ ...request, authorization: "Bearer wrong" }, 401, "unauthorized")
    }).pipe(withLocalApi()),
  )

  it.effect.each([
    { rule: undefined, status: 404, code: "app_not_found" },
    { rule: "not found", status: 404, code: "app_not_found" },
    { rule: "forbidden", status: 403, code: "forbidden" },
  ] as const)(
    "and with the rule wrongApp as $rule, a credential for another app is $status, whatever the request says",
    ({ code, rule, status }) =>
      Effect.gen(function* () {
        yield* assertAnswer({ path: participants, app: "another" }, status, code)
        yield* assertAnswer({ path: `${participants}?page[size]=0`, app: "another" }, status, code)
        yield* assertAnswer({ path: "/join", app: "another", body: "{" }, status, code)
      }).pipe(withLocalApi({ rules: { wrongApp: rule } })),
  )
})

describe("how far a credential reaches", () => {
  const app = (id: string): Sandbox.App => ({ id, conversations: [{ id: "c", type: "sdkGroup" }] })

  const seed: Sandbox.Seed = {
    apps: [app("one"), app("two")],
    credentials: [
      { keyId: "app_one", secret: Redacted.make("secret-one"), scope: "app", appId: "one" },
      { keyId: "act_all", secret: Redacted.make("secret-all"), scope: "account" },
      { token: Redacted.make("token-one"), scope: "integration", appId: "one" },
      { token: Redacted.make("token-all"), scope: "integration" },
    ],
    rules: { wrongApp: "forbidden" },
  }

  it.effect.each([
    { name: "a key of an app", authorization: basic("app_one", "secret-one"), one: 200, two: 403 },
    { name: "a key of the account", authorization: basic("act_all", "secret-all"), one: 200, two: 200 },
    { name: "a token of an app", authorization: "Bearer token-one", one: 200, two: 403 },
    { name: "a token of all apps", authorization: "Bearer token-all", one: 200, two: 200 },
    { name: "a token with another scheme's name", authorization: "bearer token-all", one: 200, two: 200 },
    { name: "a wrong token", authorization: "Bearer token", one: 401, two: 401 },
    {
      name: "a key id with the secret of another key",
      authorization: basic("app_one", "secret-all"),
      one: 401,
      two: 401,
    },
  ])("$name: $one for its app, and $two for another", ({ authorization, one, two }) =>
    Effect.gen(function* () {
      const statusOf = (app: string) =>
        Effect.map(send({ path: participants, app, conversation: "c", authorization }), ({ status }) => status)
      assert.strictEqual(yield* statusOf("one"), one)
      assert.strictEqual(yield* statusOf("two"), two)
    }).pipe(Effect.provide(LocalApi.layerHttpClient(seed))),
  )

  it.effect.each<{ readonly name: string; readonly credential: Sandbox.Credential; readonly authorization: string }>([
    {
      name: "a key",
      credential: { keyId: "app_one", secret: Redacted.make("secret-one"), scope: "app" },
      authorization: basic("app_one", "secret-one"),
    },
    {
      name: "a token",
      credential: { token: Redacted.make("token-one"), scope: "app" },
      authorization: "Bearer token-one",
    },
  ])("$name of the scope app without an app reaches the app of the seed alone", ({ authorization, credential }) =>
    Effect.gen(function* () {
      const statusOf = (app: string) =>
        Effect.map(send({ path: participants, app, conversation: "c", authorization }), ({ status }) => status)
      assert.strictEqual(yield* statusOf("one"), 200)
      assert.strictEqual(yield* statusOf("two"), 403)
    }).pipe(
      Effect.provide(
        LocalApi.layerHttpClient({ apps: [app("one")], credentials: [credential], rules: { wrongApp: "forbidden" } }),
      ),
    ),
  )

  it.effect("a seed without credentials lets nobody in, and the answer says so", () =>
    Effect.gen(function* () {
      const answer = yield* send({ path: participants, app: "one", conversation: "c" })
      assert.strictEqual(answer.status, 401)
      assert.include(yield* titleOf(answer.body), "the seed of the local API has no credentials")
    }).pipe(Effect.provide(LocalApi.layerHttpClient({ apps: [app("one")] }))),
  )

  it.effect("an app that does not exist is 404 for a credential that reaches all apps", () =>
    assertAnswer(
      { path: participants, app: "three", conversation: "c", authorization: "Bearer token-all" },
      404,
      "app_not_found",
    ).pipe(Effect.provide(LocalApi.layerHttpClient(seed))),
  )
})

describe("a JWT", () => {
  interface Token {
    readonly kid?: string
    readonly alg?: string
    readonly scope?: string
    readonly key?: string
    /** Seconds of the test's clock. */
    readonly expiresAt?: number
    readonly startsAt?: number
  }

  const sign = ({ alg = "HS256", expiresAt, key = secret, kid = keyId, scope = "app", startsAt }: Token) =>
    Effect.promise(() => {
      const token = new SignJWT(scope === "" ? {} : { scope }).setProtectedHeader({
        alg,
        ...(kid === "" ? {} : { kid }),
      })
      if (expiresAt !== undefined) token.setExpirationTime(expiresAt)
      if (startsAt !== undefined) token.setNotBefore(startsAt)
      return token.sign(new TextEncoder().encode(key))
    })

  const statusOf = (token: string) =>
    Effect.map(send({ path: participants, authorization: `Bearer ${token}` }), ({ status }) => status)

  it.effect("that is signed with the key and claims its scope passes, with or without an end", () =>
    Effect.gen(function* () {
      assert.strictEqual(yield* statusOf(yield* sign({})), 200)
      assert.strictEqual(yield* statusOf(yield* sign({ expiresAt: 60 })), 200)
    }).pipe(withLocalApi()),
  )

  it.effect("passes until it ends, by the clock of the test", () =>
    Effect.gen(function* () {
      const token = yield* sign({ expiresAt: 60 })
      yield* TestClock.adjust("59 seconds")
      assert.strictEqual(yield* statusOf(token), 200)
      yield* TestClock.adjust("1 second")
      yield* assertAnswer({ path: participants, authorization: `Bearer ${token}` }, 401, "unauthorized")
    }).pipe(withLocalApi()),
  )

  const wrong: ReadonlyArray<{ readonly name: string; readonly token: Token }> = [
    { name: "is signed with a wrong key", token: { key: "wrong" } },
    { name: "names an unknown key", token: { kid: "app_other" } },
    { name: "names no key", token: { kid: "" } },
    { name: "claims the scope account, and is signed with the key of an app", token: { scope: "account" } },
    { name: "claims the scope integration, and is signed with the key of an app", token: { scope: "integration" } },
    { name: "claims no scope", token: { scope: "" } },
    { name: "is signed with another algorithm", token: { alg: "HS512" } },
    { name: "has ended", token: { expiresAt: -1 } },
    { name: "has not started", token: { startsAt: 60 } },
  ]

  it.effect.each(wrong)("that $name is 401", ({ token }) =>
    Effect.gen(function* () {
      const authorization = `Bearer ${yield* sign(token)}`
      yield* assertAnswer({ path: participants, authorization }, 401, "unauthorized")
    }).pipe(withLocalApi()),
  )

  it.effect("that is not signed is 401", () =>
    Effect.gen(function* () {
      const part = (value: object) => Base64Url.encode(JSON.stringify(value))
      const unsigned = `${part({ alg: "none", typ: "JWT", kid: keyId })}.${part({ scope: "app" })}.`
      yield* assertAnswer({ path: participants, authorization: `Bearer ${unsigned}` }, 401, "unauthorized")
      const [, , signature] = (yield* sign({})).split(".")
      yield* assertAnswer({ path: participants, authorization: `Bearer ${unsigned}${signature}` }, 401, "unauthorized")
    }).pipe(withLocalApi()),
  )

  it.effect("whose claims were changed is 401", () =>
    Effect.gen(function* () {
      const [header, , signature] = (yield* sign({ expiresAt: 1 })).split(".")
      const forged = `${header}.${Base64Url.encode(JSON.stringify({ scope: "app" }))}.${signature}`
      yield* assertAnswer({ path: participants, authorization: `Bearer ${forged}` }, 401, "unauthorized")
    }).pipe(withLocalApi()),
  )

  it.effect("reaches the app of its key, and no other", () =>
    Effect.gen(function* () {
      const authorization = `Bearer ${yield* sign({})}`
      yield* assertAnswer({ path: participants, app: "another", authorization }, 403, "forbidden")
    }).pipe(withLocalApi({ rules: { wrongApp: "forbidden" } })),
  )

  it.effect.each(["app", "account", "integration"] as const)("may have the scope %s, if its key has", (scope) =>
    Effect.gen(function* () {
      const authorization = `Bearer ${yield* sign({ kid: "key", key: "key-secret", scope })}`
      assert.strictEqual((yield* send({ path: participants, authorization })).status, 200)
    }).pipe(
      Effect.provide(
        LocalApi.layerHttpClient({
          ...Sandbox.demoSeed({ members: 1 }),
          credentials: [{ keyId: "key", secret: Redacted.make("key-secret"), scope }],
        }),
      ),
    ),
  )
})

describe("the layer", () => {
  it.effect("holds the demo seed if no seed is named, and answers for any host", () =>
    Effect.gen(function* () {
      const sandbox = yield* Sandbox.Sandbox
      assert.lengthOf(yield* sandbox.participants(conversation), 250)
      assert.strictEqual((yield* send({ path: participants })).status, 200)
    }).pipe(Effect.provide(LocalApi.layerHttpClient())),
  )

  it.effect("shares its sandbox, which records what reached it", () =>
    Effect.gen(function* () {
      const sandbox = yield* Sandbox.Sandbox
      yield* sandbox.addParticipant({ ...conversation, userId })
      assert.include(JSON.stringify((yield* send({ path: participants })).body), userId)
      assert.deepStrictEqual(
        (yield* sandbox.calls).map(({ operation }) => operation),
        ["list"],
      )
    }).pipe(withLocalApi()),
  )
})
