/**
 * What careless servers and gateways answer, in place of the local API or after it has acted.
 */
import { Effect, Predicate } from "effect"
import { type HttpServerRequest, HttpServerResponse } from "effect/http"
import { gzipSync } from "node:zlib"

type Respond = (request: HttpServerRequest.HttpServerRequest) => HttpServerResponse.HttpServerResponse
type Change = (response: HttpServerResponse.HttpServerResponse) => HttpServerResponse.HttpServerResponse

// ---------------------------------------------------------------------------
// In place of the local API
// ---------------------------------------------------------------------------

const credentialOf = ({ headers }: HttpServerRequest.HttpServerRequest) => headers["authorization"] ?? ""

/** The secret that is in the header, as a server that has decoded it knows it. */
const secretOf = (request: HttpServerRequest.HttpServerRequest) => {
  const [scheme, credential = ""] = credentialOf(request).split(" ")
  return scheme === "Basic" ? Buffer.from(credential, "base64").toString() : credential
}

const vendorError = (status: number, code: string, title: string) =>
  HttpServerResponse.jsonUnsafe({ errors: [{ code, title }] }, { status })

/** Answers that repeat the credential, and hints to wait that only the longest life could follow. */
const instead: ReadonlyArray<Respond> = [
  (request) => HttpServerResponse.html(`<pre>authorization: ${credentialOf(request)}</pre>`).pipe(withStatus(502)),
  (request) => HttpServerResponse.text(`no such key: ${encodeURIComponent(secretOf(request))}`).pipe(withStatus(401)),
  (request) => vendorError(400, credentialOf(request), secretOf(request)),
  (request) => vendorError(500, "no", `wrong header ${JSON.stringify(credentialOf(request))}`),
  (request) =>
    HttpServerResponse.empty({
      status: 302,
      headers: { location: `https://login.test/?token=${secretOf(request)}` },
    }),
  (request) =>
    HttpServerResponse.jsonUnsafe({ error: { code: "no", description: secretOf(request) } }, { status: 403 }),
  () => HttpServerResponse.empty({ status: 503, headers: { "retry-after": "1e308" } }),
  () => HttpServerResponse.empty({ status: 503, headers: { "retry-after": "2999-01-01T00:00:00Z" } }),
]

const withStatus = (status: number) => HttpServerResponse.setStatus(status)

// ---------------------------------------------------------------------------
// After the local API has acted
// ---------------------------------------------------------------------------

const decoder = new TextDecoder()

const changeBody =
  (
    change: (
      body: Uint8Array,
      response: HttpServerResponse.HttpServerResponse,
    ) => HttpServerResponse.HttpServerResponse,
  ): Change =>
  (response) =>
    response.body._tag === "Uint8Array" && response.status < 300 ? change(response.body.body, response) : response

const changeMembers = (change: (member: object) => object): Change =>
  changeBody((body, { status }) => {
    const json: unknown = JSON.parse(decoder.decode(body), (key, value: unknown) =>
      Predicate.isObject(value) && (key === "participant" || "userId" in value) ? change(value) : value,
    )
    return HttpServerResponse.jsonUnsafe(json, { status })
  })

const afterwards: ReadonlyArray<Change> = [
  changeMembers((member) => ({ ...member, unreadCount: 2 ** 53 + 1, clientAssociations: [null], lastRead: 0 })),
  changeMembers((member) => ({ ...member, unreadCount: "3", userExternalId: 4 })),
  changeMembers((member) => ({ ...member, id: undefined })),
  changeMembers((member) => ({ ...member, userId: "another-user" })),
  changeBody((body, { status }) =>
    HttpServerResponse.uint8Array(gzipSync(body), {
      status,
      contentType: "application/json",
      headers: { "content-encoding": "gzip" },
    }),
  ),
  changeBody((body, { status }) =>
    HttpServerResponse.text(decoder.decode(body) + " ".repeat(200_000), { status, contentType: "application/json" }),
  ),
]

// ---------------------------------------------------------------------------
// 429
// ---------------------------------------------------------------------------

const httpDate = (millis: number) => new Date(millis).toUTCString()

/** Hints of a 429, which holds all callers: they are short, or a soak would only wait. */
const hints: ReadonlyArray<() => Readonly<Record<string, string>>> = [
  () => ({}),
  () => ({ "retry-after": "0" }),
  () => ({ "retry-after": "0.25, 0.3" }),
  () => ({ "retry-after": "soon" }),
  () => ({ "retry-after": "-1" }),
  // The clock of the server is an hour slow, or an hour fast.
  ...[-3_600_000, 3_600_000].map((off) => () => {
    const there = Date.now() + off
    return { date: httpDate(there), "retry-after": httpDate(there + 1000) }
  }),
]

// ---------------------------------------------------------------------------
// The schedule
// ---------------------------------------------------------------------------

/** One of so many requests meets an oddity, and one begins a burst of 429s. */
const oddityEvery = 25
const burstEvery = 8000
const firstBurst = 700

/** How long a burst lasts, in milliseconds: less than a layer waits after a 429. */
const burstTime = 100

const pick = <A>(choices: ReadonlyArray<A>, number: number) => choices[number % choices.length]

/** Makes an API odd. Its number decides what a request meets, so a soak meets everything. */
export const makeOddities = () => {
  let requests = 0
  let met = 0
  let burstUntil = 0

  return {
    requests: () => requests,
    /** How many requests met an oddity. */
    met: () => met,
    apply: <E, R>(
      request: HttpServerRequest.HttpServerRequest,
      app: Effect.Effect<HttpServerResponse.HttpServerResponse, E, R>,
    ): Effect.Effect<HttpServerResponse.HttpServerResponse, E, R> => {
      const number = ++requests
      if (number % burstEvery === firstBurst) burstUntil = Date.now() + burstTime
      if (Date.now() < burstUntil) {
        met++
        const headers = pick(hints, Math.floor(number / burstEvery))?.()
        return Effect.succeed(HttpServerResponse.empty({ status: 429, ...(headers && { headers }) }))
      }
      if (number % oddityEvery !== 0) return app
      met++
      const turn = number / oddityEvery
      const respond = turn % 2 === 0 ? pick(instead, turn / 2) : undefined
      if (respond !== undefined) return Effect.sync(() => respond(request))
      const change = pick(afterwards, (turn - 1) / 2)
      return change === undefined ? app : Effect.map(app, change)
    },
  }
}
