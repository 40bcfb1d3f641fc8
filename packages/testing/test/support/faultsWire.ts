/**
 * The local API on a real port, and exchanges with it byte by byte.
 */
import { NodeHttpServer } from "@effect/platform-node"
import { Clock, Deferred, Effect, Fiber, Layer } from "effect"
import { HttpServer } from "effect/http"
import { TestClock } from "effect/testing"
import * as Http from "node:http"
import * as LocalApi from "../../src/LocalApi.ts"
import * as Sandbox from "../../src/Sandbox.ts"

const { appId, conversationId, keyId, secret } = Sandbox.demo

export const authorization = `Basic ${btoa(`${keyId}:${secret}`)}`

export interface Request {
  readonly method: "GET" | "POST"
  /** What comes after the conversation. */
  readonly path: string
  readonly body?: object
}

export const urlOf = (base: string, { path }: Request): string =>
  `${base}/v2/apps/${appId}/conversations/${conversationId}${path}`

/** What came back until the connection ended. */
export interface Exchange {
  readonly status: number | undefined
  readonly headers: Http.IncomingHttpHeaders
  readonly body: string
  /** Whether the answer came to its end. */
  readonly complete: boolean
  /** The system error, if there was one. */
  readonly code: string | undefined
  /** How many bytes had come at which time, by the clock of the test. */
  readonly chunks: ReadonlyArray<{ readonly at: number; readonly bytes: number }>
}

const codeOf = (error: Error): string | undefined =>
  "code" in error && typeof error.code === "string" ? error.code : undefined

/** Sends a request on a connection of its own. */
export const exchange = (base: string, request: Request): Effect.Effect<Exchange> =>
  Clock.clockWith((clock) =>
    Effect.callback((resume) => {
      const body: Array<Buffer> = []
      const chunks: Array<{ readonly at: number; readonly bytes: number }> = []
      let response: Http.IncomingMessage | undefined
      let code: string | undefined
      const end = () =>
        resume(
          Effect.succeed({
            status: response?.statusCode,
            headers: response?.headers ?? {},
            body: Buffer.concat(body).toString(),
            complete: response?.complete ?? false,
            code,
            chunks,
          }),
        )
      const outgoing = Http.request(urlOf(base, request), {
        method: request.method,
        agent: false,
        headers: { authorization, ...(request.body === undefined ? {} : { "content-type": "application/json" }) },
      })
      outgoing.on("error", (error) => {
        code = codeOf(error)
        end()
      })
      outgoing.on("response", (incoming) => {
        response = incoming
        incoming.on("data", (chunk: Buffer) => {
          body.push(chunk)
          chunks.push({ at: clock.currentTimeMillisUnsafe(), bytes: chunk.length })
        })
        incoming.on("error", (error) => {
          code = codeOf(error)
        })
        incoming.on("close", end)
      })
      outgoing.end(request.body === undefined ? undefined : JSON.stringify(request.body))
      return Effect.sync(() => outgoing.destroy())
    }),
  )

/** The same with the `fetch` of Node.js. Fails with the code at the bottom of its error. */
export const fetched = (base: string, request: Request): Effect.Effect<string, string | undefined> =>
  Effect.tryPromise({
    try: async () =>
      (
        await fetch(urlOf(base, request), {
          method: request.method,
          headers: { authorization, "content-type": "application/json" },
          body: request.body === undefined ? null : JSON.stringify(request.body),
        })
      ).text(),
    catch: (error) =>
      error instanceof Error && error.cause instanceof Error ? codeOf(error.cause) : `no cause: ${String(error)}`,
  })

/** A turn of the event loop, in which sockets are served. */
const turn = Effect.promise(() => new Promise<void>((resolve) => setImmediate(resolve)))

/** Runs to its end what waits for sockets and for the clock of the test alike. */
export const passTime = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.gen(function* () {
    const fiber = yield* Effect.forkChild(effect)
    while (fiber.pollUnsafe() === undefined) {
      yield* TestClock.adjust("100 millis")
      yield* turn
    }
    return yield* Fiber.join(fiber)
  })

/** Waits for something that a socket brings, while the clock of the test stands still. */
export const until = <E, R>(condition: Effect.Effect<boolean, E, R>): Effect.Effect<void, E, R> =>
  Effect.asVoid(Effect.repeat(Effect.andThen(turn, condition), { until: (holds) => holds }))

export interface Wire {
  readonly base: string
  /** Done when the first connection has ended. */
  readonly closed: Effect.Effect<void>
}

/** Runs a test against the API on a free port. */
export const withServer = <A, E>(
  seed: Sandbox.Seed,
  test: (wire: Wire) => Effect.Effect<A, E, Sandbox.Sandbox>,
): Effect.Effect<A, E> =>
  Effect.suspend(() => {
    const closed = Deferred.makeUnsafe<void>()
    const server = Http.createServer().on("connection", (socket) => {
      socket.on("close", () => Deferred.doneUnsafe(closed, Effect.void))
    })
    const Server = LocalApi.layerServer(seed).pipe(
      Layer.provideMerge(NodeHttpServer.layer(() => server, { host: "127.0.0.1", port: 0 })),
      Layer.orDie,
    )
    return HttpServer.HttpServer.pipe(
      Effect.flatMap(({ address }) =>
        test({ base: HttpServer.formatAddress(address), closed: Effect.andThen(Deferred.await(closed), turn) }),
      ),
      Effect.provide(Server),
    )
  })
