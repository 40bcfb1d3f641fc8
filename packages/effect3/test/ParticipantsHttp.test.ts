import { FetchHttpClient, HttpClient, HttpClientError } from "@effect/platform"
import { NodeHttpClient } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Credentials, Participants, ParticipantsHttp, RetryPolicy, type SunshineError } from "@effect-sunco/effect3"
import {
  Cause,
  ConfigProvider,
  Deferred,
  Duration,
  Effect,
  Exit,
  Fiber,
  FiberRef,
  Inspectable,
  Layer,
  Option,
  Redacted,
  TestClock,
  Tracer,
} from "effect"
import { constFalse } from "effect/Function"
import { once } from "node:events"
import { createServer, type Server } from "node:http"
import { ada, type Answer, conversation, json, key, onePage, over } from "./support/client.ts"

const list = Effect.flatMap(Participants.Participants, ({ list }) => list(conversation))
const join = Effect.flatMap(Participants.Participants, ({ join }) => join({ ...conversation, userId: ada.userId }))

/** The reason of a call that fails with a `SunshineError`. */
const reasonOf = <A, E, R>(call: Effect.Effect<A, E | SunshineError.SunshineError, R>) =>
  Effect.flatMap(Effect.flip(call), (error) =>
    error !== null && typeof error === "object" && "reason" in error
      ? Effect.succeed(error.reason)
      : Effect.dieMessage(`not a SunshineError: ${String(error)}`),
  )

/** A server of this machine until the scope closes. */
const serverOf = (listener: Parameters<typeof createServer>[1]) =>
  Effect.acquireRelease(
    Effect.promise(async () => {
      const server: Server = createServer({}, listener)
      server.listen(0, "127.0.0.1")
      await once(server, "listening")
      const address = server.address()
      return {
        server,
        baseUrl: `http://127.0.0.1:${address !== null && typeof address === "object" ? address.port : 0}`,
      }
    }),
    ({ server }) =>
      Effect.promise(async () => {
        server.closeAllConnections()
        if (server.listening) {
          server.close()
          await once(server, "close")
        }
      }),
  )

describe("time", () => {
  it.effect("waits by the clock of the caller", () =>
    Effect.gen(function* () {
      let requests = 0
      const answer = () => Effect.sync(() => (++requests === 1 ? json(429, {}, { "retry-after": "30" }) : onePage()))
      const fiber = yield* Effect.fork(Effect.provide(list, over(answer)))
      yield* TestClock.adjust("29 seconds")
      assert.equal(requests, 1)
      yield* TestClock.adjust("1 seconds")
      assert.equal((yield* Fiber.join(fiber)).participants.length, 1)
      assert.equal(requests, 2)
    }),
  )

  it.effect("ends an attempt by the clock of the caller, where the caller cannot be interrupted too", () =>
    Effect.gen(function* () {
      let interrupted = 0
      const answer = () => Effect.never.pipe(Effect.onInterrupt(() => Effect.sync(() => interrupted++)))
      const fiber = yield* list.pipe(
        RetryPolicy.override({ attempts: 1, attemptTimeout: Duration.seconds(3) }),
        reasonOf,
        Effect.provide(over(answer)),
        Effect.uninterruptible,
        Effect.fork,
      )
      yield* TestClock.adjust("3 seconds")
      const reason = yield* Fiber.join(fiber)
      assert.deepInclude(reason, { _tag: "TimedOut", after: Duration.seconds(3), sent: true })
      assert.equal(interrupted, 1)
    }),
  )
})

describe("interruption", () => {
  it.effect("of a call interrupts its request, and waits for it", () =>
    Effect.gen(function* () {
      const started = yield* Deferred.make<void>()
      const log: Array<string> = []
      const answer = () =>
        Deferred.succeed(started, undefined).pipe(
          Effect.zipRight(Effect.never),
          Effect.onInterrupt(() =>
            Effect.zipRight(
              Effect.yieldNow(),
              Effect.sync(() => log.push("request")),
            ),
          ),
        )
      const fiber = yield* Effect.fork(Effect.provide(list, over(answer)))
      yield* Deferred.await(started)
      yield* Fiber.interrupt(fiber)
      log.push("call")
      assert.deepEqual(log, ["request", "call"])
    }),
  )

  it.effect("of a request by its client interrupts the call", () =>
    Effect.gen(function* () {
      const exit = yield* Effect.exit(
        Effect.provide(
          list,
          over(() => Effect.interrupt),
        ),
      )
      assert.isTrue(Exit.isFailure(exit) && Cause.isInterruptedOnly(exit.cause))
    }),
  )

  const clients = { undici: NodeHttpClient.layerUndici, node: NodeHttpClient.layer, fetch: FetchHttpClient.layer }
  const lengths = { "of a length": { "content-length": 1000 }, "in chunks": {} }

  it.scopedLive.each(
    Object.entries(clients).flatMap(([name, client]) =>
      Object.entries(lengths).map(([kind, headers]) => [name, kind, client, headers] as const),
    ),
  )("closes the connection of %s while a body %s arrives", ([, , client, headers]) =>
    Effect.gen(function* () {
      const arrived = yield* Deferred.make<void>()
      const closed = yield* Deferred.make<void>()
      const { baseUrl } = yield* serverOf((request, response) => {
        request.socket.on("close", () => Deferred.unsafeDone(closed, Effect.void))
        response.writeHead(200, { "content-type": "application/json", ...headers }).write(`{"participants":[`)
        Deferred.unsafeDone(arrived, Effect.void)
      })
      const live = ParticipantsHttp.layer({ baseUrl, credentials: Credentials.basic(key) })
      const fiber = yield* Effect.fork(Effect.provide(list, Layer.provide(live, client)))
      yield* Deferred.await(arrived)
      yield* Fiber.interrupt(fiber)
      yield* Deferred.await(closed)
    }),
  )
})

describe("bodies", () => {
  it.effect("of errors that do not arrive leave the status, whatever length they have", () =>
    Effect.gen(function* () {
      const answer = () =>
        Effect.sync(() => new Response(new ReadableStream(), { status: 403, headers: { "content-length": "10" } }))
      const fiber = yield* Effect.fork(reasonOf(Effect.provide(list, over(answer))))
      yield* TestClock.adjust("15 seconds")
      assert.equal((yield* Fiber.join(fiber))._tag, "Forbidden")
    }),
  )

  it.effect("of an accepted join that do not arrive leave it accepted: it is not sent again", () =>
    Effect.gen(function* () {
      const methods: Array<string> = []
      const answer: Answer = ({ method }) =>
        Effect.sync(() => {
          methods.push(method)
          return method === "GET"
            ? json(200, { participants: [] })
            : new Response(new ReadableStream(), { status: 201, headers: { "content-length": "10" } })
        })
      const fiber = yield* join.pipe(
        RetryPolicy.override({ verify: { attempts: 1, delay: 0 } }),
        reasonOf,
        Effect.provide(over(answer)),
        Effect.fork,
      )
      yield* TestClock.adjust("2 minutes")
      assert.equal((yield* Fiber.join(fiber))._tag, "OutcomeUnknown")
      assert.deepEqual(methods, ["POST", "GET"])
    }),
  )

  it.effect.each(["content-encoding: gzip", "transfer-encoding: chunked"])(
    "with %s are read up to the bound, whatever length they have",
    (header) =>
      Effect.gen(function* () {
        let chunks = 0
        const long = () =>
          new ReadableStream<Uint8Array>({
            pull: (controller) => (++chunks > 100 ? controller.close() : controller.enqueue(new Uint8Array(1000))),
          })
        const [name = "", value = ""] = header.split(": ")
        const headers = { "content-length": "10", [name]: value }
        const answer = () => Effect.sync(() => new Response(long(), { headers }))
        const options = { maxBodySize: 10_000, retryPolicy: { attempts: 1 } }
        const reason = yield* reasonOf(Effect.provide(list, over(answer, options)))
        const detail = "it is larger than 10000 bytes (option maxBodySize)"
        assert.deepInclude(reason, { _tag: "InvalidResponse", detail })
        assert.isBelow(chunks, 50)
      }),
  )

  it.scopedLive.each([
    ["undici", NodeHttpClient.layerUndici],
    ["node", NodeHttpClient.layer],
    ["fetch", FetchHttpClient.layer],
  ] as const)("of a success that %s cannot read to their end leave the status", ([, client]) =>
    Effect.gen(function* () {
      const { baseUrl } = yield* serverOf((_, response) => {
        response.writeHead(200, { "content-length": 1000 }).write("{", () => response.destroy())
      })
      const live = ParticipantsHttp.layer({
        baseUrl,
        credentials: Credentials.basic(key),
        retryPolicy: { attempts: 1 },
      })
      const reason = yield* reasonOf(Effect.provide(list, Layer.provide(live, client)))
      assert.deepInclude(reason, { _tag: "InvalidResponse", status: 200 })
    }),
  )
})

describe("connections", () => {
  it.scopedLive.each([
    ["undici", NodeHttpClient.layerUndici],
    ["node", NodeHttpClient.layer],
    ["fetch", FetchHttpClient.layer],
  ] as const)("refused, with %s, mean that nothing was sent", ([, client]) =>
    Effect.gen(function* () {
      const { baseUrl, server } = yield* serverOf(() => undefined)
      server.close()
      const live = ParticipantsHttp.layer({
        baseUrl,
        credentials: Credentials.basic(key),
        retryPolicy: { attempts: 1 },
      })
      const error = yield* join.pipe(Effect.flip, Effect.provide(Layer.provide(live, client)))
      assert.equal(error._tag, "SunshineError")
      if (error._tag !== "SunshineError") return
      assert.deepInclude(error.reason, { _tag: "Transport", sent: false, code: "ECONNREFUSED" })
      assert.equal(error.outcome, "not processed")
      assert.instanceOf(error.cause, Error)
    }),
  )

  it.scopedLive.each([
    ["undici", NodeHttpClient.layerUndici],
    ["fetch", FetchHttpClient.layer],
  ] as const)("are kept by %s after a complete answer", ([, client]) =>
    Effect.gen(function* () {
      const sockets = new Set<unknown>()
      const { baseUrl } = yield* serverOf((request, response) => {
        sockets.add(request.socket)
        response.writeHead(200, { "content-type": "application/json" }).end(`{"participants":[]}`)
      })
      const live = ParticipantsHttp.layer({ baseUrl, credentials: Credentials.basic(key) })
      yield* Effect.provide(Effect.repeatN(list, 19), Layer.provide(live, client))
      // One more opens when a call begins before its predecessor's connection is free.
      assert.isAtMost(sockets.size, 2)
    }),
  )

  it.scopedLive.each([
    ["undici", NodeHttpClient.layerUndici],
    ["node", NodeHttpClient.layer],
    ["fetch", FetchHttpClient.layer],
  ] as const)("of %s follow no redirect", ([, client]) =>
    Effect.gen(function* () {
      const urls: Array<string | undefined> = []
      const { baseUrl } = yield* serverOf((request, response) => {
        urls.push(request.url)
        response.writeHead(302, { location: "/elsewhere" }).end()
      })
      const live = ParticipantsHttp.layer({ baseUrl, credentials: Credentials.basic(key) })
      const reason = yield* list.pipe(reasonOf, Effect.provide(Layer.provide(live, client)))
      assert.deepInclude(reason, { _tag: "UnexpectedStatus", status: 302 })
      assert.equal(urls.length, 1)
    }),
  )

  it.scopedLive.each([
    ["undici", NodeHttpClient.layerUndici],
    ["fetch", FetchHttpClient.layer],
  ] as const)("of %s are closed when a body is larger than is read", ([, client]) =>
    Effect.gen(function* () {
      const closed = yield* Deferred.make<void>()
      const { baseUrl } = yield* serverOf((request, response) => {
        request.socket.on("close", () => Deferred.unsafeDone(closed, Effect.void))
        response.writeHead(403, { "content-type": "text/plain" }).write("x".repeat(100))
      })
      const live = ParticipantsHttp.layer({ baseUrl, credentials: Credentials.basic(key), maxBodySize: 10 })
      const both = Effect.zipLeft(reasonOf(list), Deferred.await(closed))
      const reason = yield* Effect.provide(both, Layer.provide(live, client))
      assert.equal(reason._tag, "Forbidden")
    }),
  )

  it.effect.each(["ECONNREFUSED", "ENOTFOUND"])("that fail with %s leave no join in doubt", (code) =>
    Effect.gen(function* () {
      const cause = Object.assign(new Error("no such host"), { code })
      const methods: Array<string> = []
      const answer: Answer = (request) => {
        methods.push(request.method)
        return Effect.fail(new HttpClientError.RequestError({ request, reason: "Transport", cause }))
      }
      const error = yield* join.pipe(
        RetryPolicy.override({ attempts: 2, base: 0 }),
        Effect.flip,
        Effect.provide(over(answer)),
      )
      assert.deepInclude(error, { _tag: "SunshineError", outcome: "not processed", cause })
      // A join in doubt reads the roster before it is sent again.
      assert.deepEqual(methods, ["POST", "POST"])
    }),
  )

  it.effect("that the client refuses to open were not sent", () =>
    Effect.gen(function* () {
      const reason = yield* list.pipe(
        RetryPolicy.override({ attempts: 1 }),
        reasonOf,
        Effect.provide(
          over((request) =>
            Effect.fail(new HttpClientError.RequestError({ request, reason: "Encode", description: "too odd" })),
          ),
        ),
      )
      assert.deepInclude(reason, { _tag: "Transport", sent: false, description: "too odd" })
    }),
  )
})

describe("context", () => {
  it.effect("of the caller reaches the client", () =>
    Effect.gen(function* () {
      const tenant = FiberRef.unsafeMake("nobody")
      const seen: Array<string> = []
      const answer = () =>
        Effect.map(FiberRef.get(tenant), (name) => {
          seen.push(name)
          return onePage()
        })
      const both = Effect.zip(Effect.locally(list, tenant, "acme"), list)
      yield* Effect.provide(both, over(answer))
      assert.deepEqual(seen, ["acme", "nobody"])
    }),
  )

  /** The spans that an effect makes. */
  const spansOf = Effect.fnUntraced(function* <A, E>(effect: Effect.Effect<A, E>) {
    const spans: Array<Tracer.Span> = []
    const native = yield* Effect.tracer
    const tracer = Tracer.make({
      context: (f) => f(),
      span: (...args) => {
        const span = native.span(...args)
        spans.push(span)
        return span
      },
    })
    yield* Effect.withTracer(effect, tracer)
    return spans
  })

  const withParents = (spans: ReadonlyArray<Tracer.Span>) =>
    spans.map((span) => [
      span.name,
      Option.match(span.parent, { onNone: () => "", onSome: (parent) => ("name" in parent ? parent.name : "") }),
    ])

  it.effect("traces: the spans of a call are in the span of the caller, and the client makes none", () =>
    Effect.gen(function* () {
      const layer = over(() => Effect.sync(onePage))
      const spans = yield* spansOf(list.pipe(Effect.withSpan("application"), Effect.provide(layer)))
      assert.deepEqual(withParents(spans), [
        ["application", ""],
        ["Participants.list", "application"],
        ["GET /v2/apps/{appId}/conversations/{conversationId}/participants", "Participants.list"],
      ])
      assert.equal(spans[1]?.attributes.get("sunco.app_id"), "app")
      assert.isTrue(spans.every(({ status }) => status._tag === "Ended" && Exit.isSuccess(status.exit)))
    }),
  )

  const untraced = (request: { readonly headers: object }) =>
    Effect.sync(() => {
      assert.notProperty(request.headers, "traceparent")
      return onePage()
    })

  it.effect.each([
    [
      "reference",
      Effect.locally(HttpClient.currentTracerDisabledWhen, constFalse)(Effect.provide(list, over(untraced))),
    ],
    ["client", Effect.provide(list, over(untraced, {}, HttpClient.withTracerDisabledWhen(constFalse)))],
  ] as const)(
    "traces: the client makes a span in that of its request, if the application says so by the %s",
    ([, call]) =>
      Effect.gen(function* () {
        assert.deepEqual(withParents(yield* spansOf(call)).at(-1), [
          "http.client GET",
          "GET /v2/apps/{appId}/conversations/{conversationId}/participants",
        ])
      }),
  )

  it.effect("traces are sent to the API if that is asked for only", () =>
    Effect.gen(function* () {
      const sent: Array<boolean> = []
      const answer = (request: { readonly headers: object }) =>
        Effect.sync(() => {
          sent.push("traceparent" in request.headers)
          return onePage()
        })
      yield* Effect.provide(list, over(answer))
      yield* Effect.provide(list, over(answer, { propagateTraces: true }))
      assert.deepEqual(sent, [false, true])
    }),
  )
})

describe("options", () => {
  const withoutTypes: {
    layer(options: unknown): ReturnType<typeof ParticipantsHttp.layer>
    override(effect: typeof list, policy: unknown): typeof list
  } = { layer: ParticipantsHttp.layer, override: RetryPolicy.override }

  const layerError = (options: unknown) =>
    Effect.flip(Layer.build(Layer.provide(withoutTypes.layer(options), FetchHttpClient.layer)).pipe(Effect.scoped))

  it.effect.each([
    ["baseUrl", { baseUrl: "http://example.com" }],
    ["headers.authorization", { headers: { authorization: "mine" } }],
    ["retryPolicy.attempts", { retryPolicy: { attempts: 0 } }],
    ["retryPolicy.deadline", { retryPolicy: { deadline: -1 } }],
    ["retryPolicy.base", { retryPolicy: { base: "-1 seconds" } }],
    ["retryPolicy.cap", { retryPolicy: { cap: NaN } }],
    ["limits.concurrency", { limits: { concurrency: 0 } }],
    ["limits.rate.limit", { limits: { rate: { limit: 0, window: "1 seconds" } } }],
    ["limits.rate.window", { limits: { rate: { limit: 1, window: -1 } } }],
    ["maxBodySize", { maxBodySize: 0 }],
    ["credentials.keyId", { credentials: Credentials.basic({ ...key, keyId: "a:b" }) }],
    ["credentials.lifetime", { credentials: Credentials.jwt({ ...key, scope: "app", lifetime: "1 seconds" }) }],
    ["credentials.token", { credentials: Credentials.bearer(Redacted.make("two words")) }],
    ["credentials.timeToLive", { credentials: Credentials.bearer(Redacted.make("a-token"), { timeToLive: 0 }) }],
  ] as const)("that are wrong are named: %s", ([name, options]) =>
    Effect.gen(function* () {
      const error = yield* layerError({ credentials: Credentials.basic(key), ...options })
      assert.deepInclude(error, { _op: "InvalidData", path: [name] })
    }),
  )

  const unknownPart = Object.assign({ timeToLive: undefined }, { ttl: 5 })
  const unknownOptions: ReadonlyArray<[string, object]> = [
    ["transformClient", { transformClient: undefined }],
    ["retryPolicy.attemps", { retryPolicy: { attempts: 1, attemps: 2 } }],
    ["retryPolicy.verify.attemps", { retryPolicy: { verify: { attempts: 1, delay: 1, attemps: 2 } } }],
    ["limits.circuitBreaker", { limits: { circuitBreaker: {} } }],
    ["limits.rate.limiter", { limits: { rate: { limit: 1, window: 1, limiter: {} } } }],
    ["credentials.scope", { credentials: Credentials.basic(Object.assign({ ...key }, { scope: "app" })) }],
    [
      "credentials.scop",
      { credentials: Credentials.jwt(Object.assign({ ...key, scope: "app" as const }, { scop: 1 })) },
    ],
    ["credentials.ttl", { credentials: Credentials.bearer(Redacted.make("a-token"), unknownPart) }],
    ["credentials.ttl", { credentials: Credentials.bearer(Effect.succeed(Redacted.make("a-token")), unknownPart) }],
  ]

  it.effect.each(unknownOptions)("that there are not are named: %s", ([name, options]) =>
    Effect.gen(function* () {
      const known = { credentials: Credentials.basic(key), headers: { "x-name": "ada" } }
      const error = yield* layerError(Object.assign(known, options))
      assert.deepInclude(error, { _op: "InvalidData", path: [name] })
      assert.match(error.message, /Expected one of the (options|names) /)
    }),
  )

  const plainSecret: object = { secret: "sandbox-secret" }
  const wrongTypes: ReadonlyArray<[string, object]> = [
    ["baseUrl", { baseUrl: null }],
    ["retryPolicy", { retryPolicy: 5 }],
    ["retryPolicy", { retryPolicy: [] }],
    ["retryPolicy.verify", { retryPolicy: { verify: true } }],
    ["limits", { limits: 5 }],
    ["headers", { headers: null }],
    ["headers", { headers: "x-name" }],
    ["credentials", { credentials: null }],
    ["credentials", { credentials: undefined }],
    ["credentials", { credentials: { kind: "digest" } }],
    ["credentials.secret", { credentials: Credentials.basic(Object.assign({ ...key }, plainSecret)) }],
    [
      "credentials.secret",
      { credentials: Credentials.jwt(Object.assign({ ...key, scope: "app" as const }, plainSecret)) },
    ],
  ]

  it.effect.each(wrongTypes)("of another type are named: %s", ([name, options]) =>
    Effect.gen(function* () {
      const error = yield* layerError(Object.assign({ credentials: Credentials.basic(key) }, options))
      assert.deepInclude(error, { _op: "InvalidData", path: [name] })
    }),
  )

  it.effect("of an override that are undefined leave those of the override around it", () =>
    Effect.gen(function* () {
      let requests = 0
      const answer = () => Effect.sync(() => json(500, { requests: ++requests }))
      yield* Effect.flip(list).pipe(
        RetryPolicy.override({ attempts: undefined }),
        RetryPolicy.override({ attempts: 1 }),
        Effect.provide(over(answer)),
      )
      assert.equal(requests, 1)
    }),
  )

  it.effect("of an override that are wrong fail the call, whatever an inner one says, and nothing is sent", () =>
    Effect.gen(function* () {
      const reason = yield* list.pipe(
        RetryPolicy.override({ verify: false }),
        RetryPolicy.override({ verify: { attempts: 0, delay: 1 } }),
        reasonOf,
        Effect.provide(over(() => Effect.dieMessage("a request"))),
      )
      assert.deepInclude(reason, { _tag: "InvalidRequest", field: "retryPolicy.verify.attempts" })
    }),
  )

  it.effect.each([[null], [undefined], [5]])("that are no object lack credentials: %j", ([options]) =>
    Effect.gen(function* () {
      const error = yield* layerError(options)
      assert.deepInclude(error, { _op: "InvalidData", path: ["credentials"] })
    }),
  )

  it.effect.each([[null], [undefined], [5], [[]]])("of an override are an object, or nothing is sent: %j", ([policy]) =>
    Effect.gen(function* () {
      const reason = yield* withoutTypes
        .override(list, policy)
        .pipe(reasonOf, Effect.provide(over(() => Effect.dieMessage("a request"))))
      assert.deepInclude(reason, { _tag: "InvalidRequest", field: "retryPolicy" })
    }),
  )

  const unknownParts: ReadonlyArray<[string, object]> = [
    ["retryPolicy.verfy", { verfy: false }],
    ["retryPolicy.verify.atempts", { verify: { attempts: 1, delay: 1, atempts: 2 } }],
  ]

  it.effect.each(unknownParts)(
    "of an override that there are not are named, and nothing is sent: %s",
    ([field, policy]) =>
      Effect.gen(function* () {
        const reason = yield* list.pipe(
          RetryPolicy.override(Object.assign({ attempts: 1 }, policy)),
          reasonOf,
          Effect.provide(over(() => Effect.dieMessage("a request"))),
        )
        assert.deepInclude(reason, { _tag: "InvalidRequest", field })
      }),
  )

  it.effect("limit the requests in flight", () =>
    Effect.gen(function* () {
      let inFlight = 0
      let most = 0
      const answer = () =>
        Effect.gen(function* () {
          most = Math.max(most, ++inFlight)
          yield* Effect.yieldNow()
          inFlight--
          return onePage()
        })
      yield* Effect.all(
        Array.from({ length: 10 }, () => list),
        { concurrency: "unbounded" },
      ).pipe(Effect.provide(over(answer, { limits: { concurrency: 3 } })))
      assert.equal(most, 3)
    }),
  )

  it.effect("limit the requests per window, by the clock of the caller", () =>
    Effect.gen(function* () {
      let requests = 0
      const answer = () =>
        Effect.sync(() => {
          requests++
          return onePage()
        })
      const layer = over(answer, { limits: { rate: { limit: 2, window: "10 seconds" } } })
      const fiber = yield* Effect.fork(Effect.provide(Effect.repeatN(list, 3), layer))
      yield* TestClock.adjust("9 seconds")
      assert.equal(requests, 2)
      yield* TestClock.adjust("1 seconds")
      yield* Fiber.join(fiber)
      assert.equal(requests, 4)
    }),
  )

  it.effect("allow http to another host if that is asked for only", () =>
    Effect.gen(function* () {
      const urls: Array<string> = []
      const answer = (request: { readonly url: string }) =>
        Effect.sync(() => {
          urls.push(new URL(request.url).host)
          return onePage()
        })
      yield* Effect.provide(list, over(answer, { baseUrl: "http://local-api:4010", allowHttp: true }))
      assert.deepEqual(urls, ["local-api:4010"])
      const error = yield* layerError({ baseUrl: "http://local-api:4010", credentials: Credentials.basic(key) })
      assert.include(error.message, "allowHttp")
    }),
  )

  const configured = (...entries: ReadonlyArray<readonly [string, string]>) =>
    ParticipantsHttp.layerConfig.pipe(Layer.provide(Layer.setConfigProvider(ConfigProvider.fromMap(new Map(entries)))))

  it.effect("come from the configuration of the application", () =>
    Effect.gen(function* () {
      const requests: Array<readonly [string, string | undefined]> = []
      const client = HttpClient.make((request) => {
        requests.push([request.url, request.headers["authorization"]])
        return Effect.fail(new HttpClientError.RequestError({ request, reason: "Encode" }))
      })
      yield* list.pipe(
        RetryPolicy.override({ attempts: 1 }),
        Effect.ignore,
        Effect.provide(configured(["SUNCO_BASE_URL", "https://acme.zendesk.com/sc"], ["SUNCO_TOKEN", "a-token"])),
        Effect.provideService(HttpClient.HttpClient, client),
      )
      assert.deepEqual(requests, [
        ["https://acme.zendesk.com/sc/v2/apps/app/conversations/conversation/participants", "Bearer a-token"],
      ])
    }),
  )

  it.effect("allow http in the configuration", () =>
    Effect.gen(function* () {
      const build = (...entries: ReadonlyArray<readonly [string, string]>) =>
        Layer.build(configured(["SUNCO_BASE_URL", "http://local-api"], ["SUNCO_TOKEN", "a-token"], ...entries)).pipe(
          Effect.scoped,
          Effect.provide(FetchHttpClient.layer),
        )
      yield* build(["SUNCO_ALLOW_HTTP", "true"])
      const error = yield* Effect.flip(build())
      assert.include(error.message, "SUNCO_ALLOW_HTTP")
    }),
  )

  const configError = (...entries: ReadonlyArray<readonly [string, string]>) =>
    Layer.build(configured(...entries)).pipe(Effect.scoped, Effect.provide(FetchHttpClient.layer), Effect.flip)

  it.effect.each([
    ["SUNCO_KEY_ID", []],
    ["SUNCO_KEY_ID", [["SUNCO_KEY_SECRET", "a-secret"]]],
    ["SUNCO_KEY_SECRET", [["SUNCO_KEY_ID", "app_key"]]],
  ] as const)("that are missing from the configuration are missing data: %s", ([name, entries]) =>
    Effect.gen(function* () {
      const error = yield* configError(...entries)
      assert.deepInclude(error, { _op: "MissingData", path: [name] })
    }),
  )

  it.effect.each([
    ["SUNCO_TOKEN", "two words"],
    ["SUNCO_ALLOW_HTTP", "TRUE"],
  ] as const)("that are wrong in the configuration are invalid data: %s", ([name, value]) =>
    Effect.gen(function* () {
      const error = yield* configError([name, value])
      assert.deepInclude(error, { _op: "InvalidData", path: [name] })
    }),
  )
})

describe("credentials", () => {
  const authorizations = (credentials: Credentials.Credentials, calls: number) =>
    Effect.gen(function* () {
      const sent: Array<string | undefined> = []
      const answer = (request: { readonly headers: Readonly<Record<string, string>> }) =>
        Effect.sync(() => {
          sent.push(request.headers["authorization"])
          return onePage()
        })
      yield* Effect.provide(Effect.repeatN(list, calls - 1), over(answer, { credentials }))
      return sent
    })

  it.effect("that are a key are sent as basic authentication", () =>
    Effect.gen(function* () {
      const sent = yield* authorizations(Credentials.basic(key), 1)
      assert.deepEqual(sent, [`Basic ${btoa(`${key.keyId}:${Redacted.value(key.secret)}`)}`])
    }),
  )

  it.effect("that come from an Effect are asked for once", () =>
    Effect.gen(function* () {
      let made = 0
      const token = Effect.sync(() => Redacted.make(`token-${++made}`))
      assert.deepEqual(yield* authorizations(Credentials.bearer(token), 2), ["Bearer token-1", "Bearer token-1"])
    }),
  )

  it.effect("that fail send nothing, and are the cause", () =>
    Effect.gen(function* () {
      class Sealed extends Error {}
      const sealed = new Sealed("the vault is sealed")
      const error = yield* list.pipe(
        RetryPolicy.override({ attempts: 1 }),
        Effect.flip,
        Effect.provide(
          over(() => Effect.dieMessage("a request"), { credentials: Credentials.bearer(Effect.fail(sealed)) }),
        ),
      )
      assert.deepInclude(error, { _tag: "SunshineError", cause: sealed })
    }),
  )

  it.effect("that sign a JWT name the key", () =>
    Effect.gen(function* () {
      const [header = ""] = yield* authorizations(Credentials.jwt({ ...key, scope: "app" }), 1)
      assert.include(atob(header.slice("Bearer ".length).split(".")[0] ?? ""), `"kid":"app_key"`)
    }),
  )

  it.effect("show in no error, whatever the server repeats", () =>
    Effect.gen(function* () {
      const answer = (request: { readonly headers: Readonly<Record<string, string>> }) =>
        Effect.sync(() => new Response(`<p>${request.headers["authorization"]}</p>`, { status: 403 }))
      const error = yield* Effect.flip(Effect.provide(list, over(answer)))
      const shown = [String(error), JSON.stringify(error), Inspectable.format(error), error.stack].join()
      assert.notInclude(shown, Redacted.value(key.secret))
      assert.notInclude(shown, btoa(`${key.keyId}:${Redacted.value(key.secret)}`))
    }),
  )
})
