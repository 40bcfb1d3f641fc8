/**
 * Faults at the door of the local API: statuses, connections and bodies.
 */
import * as Data from "effect/Data"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as HttpServerRequest from "effect/http/HttpServerRequest"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as Stream from "effect/Stream"
import type { SunshineError } from "@effect-sunco/core"
import type { Fault } from "../Faults.ts"
import type * as Sandbox from "../Sandbox.ts"
import { CurrentFault } from "./page-faults.ts"
import { html } from "./texts.ts"

/** In place of an answer, the connection fails. It has the code that Node.js gives. */
export class ConnectionFailure extends Data.TaggedError("ConnectionFailure")<{
  readonly code: "ECONNRESET" | "ECONNREFUSED"
  readonly message: string
}> {}

const reset = () => new ConnectionFailure({ code: "ECONNRESET", message: "the connection was reset" })

const refused = () => new ConnectionFailure({ code: "ECONNREFUSED", message: "the connection was refused" })

type App<R> = Effect.Effect<HttpServerResponse.HttpServerResponse, never, R | HttpServerRequest.HttpServerRequest>

const operations: ReadonlyArray<readonly [method: string, name: string, operation: SunshineError.Operation]> = [
  ["POST", "join", "join"],
  ["POST", "leave", "leave"],
  ["GET", "participants", "list"],
]

const path = /^\/v2\/apps\/([^/]+)\/conversations\/([^/]+)\/([a-z]+)$/

const decode = Option.liftThrowable(decodeURIComponent)

/** The operation that a request is for, and the conversation. */
const arrivalOf = ({ method, url }: HttpServerRequest.HttpServerRequest) =>
  Option.gen(function* () {
    const [, appId = "", conversationId = "", name] = path.exec(url.split("?", 1)[0] ?? "") ?? []
    const found = yield* Option.fromUndefinedOr(operations.find((entry) => entry[0] === method && entry[1] === name))
    return { operation: found[2], appId: yield* decode(appId), conversationId: yield* decode(conversationId) }
  })

/** The API, with the faults of the plan of its sandbox. */
export const withFaults = <R>(sandbox: Sandbox.Sandbox["Service"], app: App<R>) =>
  Effect.gen(function* () {
    const arrival = Option.getOrUndefined(arrivalOf(yield* HttpServerRequest.HttpServerRequest))
    const fault = arrival === undefined ? undefined : yield* sandbox.arrive(arrival.operation, arrival)
    return yield* fault === undefined ? app : apply(fault, app)
  })

const apply = <R>(
  fault: Fault,
  app: App<R>,
): Effect.Effect<HttpServerResponse.HttpServerResponse, ConnectionFailure, R | HttpServerRequest.HttpServerRequest> => {
  const effects = "when" in fault && fault.when === "after" ? Effect.asVoid(app) : Effect.void
  switch (fault._tag) {
    case "Status":
      return Effect.as(effects, statusResponse(fault))
    case "Delay":
      return Effect.delay(app, fault.duration)
    case "Hang":
      return Effect.andThen(effects, Effect.never)
    case "Reset":
      return Effect.andThen(effects, Effect.fail(reset()))
    case "Refused":
      return Effect.fail(refused())
    case "HtmlBody":
      return Effect.map(app, ({ status }) => HttpServerResponse.setStatus(HttpServerResponse.html(html), status))
    case "WrongContentType":
      return Effect.map(app, HttpServerResponse.setHeader("content-type", "text/plain"))
    case "TruncatedBody":
      return Effect.map(app, (response) =>
        withBody(response, (body) =>
          Stream.concat(Stream.succeed(body.slice(0, Math.ceil(body.length / 2))), resetOnceSent),
        ),
      )
    case "SlowDrip":
      return Effect.map(app, (response) =>
        withBody(response, (body) => {
          const size = Math.max(1, Math.ceil(body.length / drips))
          return Stream.range(0, drips - 1).pipe(
            Stream.mapEffect((index) =>
              Effect.delay(Effect.succeed(body.slice(index * size, (index + 1) * size)), millisPerDrip(fault)),
            ),
            Stream.filter((chunk) => chunk.length > 0),
          )
        }),
      )
    case "EmptyPage":
    case "RepeatedCursor":
    case "VanishedCursor":
      return Effect.provideService(app, CurrentFault, fault)
  }
}

/** A connection that is destroyed in the turn of a write takes with it what was written. */
const resetOnceSent = Stream.fromEffect(Effect.andThen(Effect.yieldNow, Effect.fail(reset())))

const drips = 10

const millisPerDrip = ({ duration }: Extract<Fault, { readonly _tag: "SlowDrip" }>) =>
  Duration.divideUnsafe(duration, drips)

const statusResponse = ({ code, retryAfter, status, title }: Extract<Fault, { readonly _tag: "Status" }>) =>
  HttpServerResponse.jsonUnsafe(
    { errors: [{ code, title }] },
    { status, headers: retryAfter === undefined ? {} : { "retry-after": retryAfter } },
  )

/** The same response with its body as a stream; its length is announced as it was. */
const withBody = (
  response: HttpServerResponse.HttpServerResponse,
  stream: (body: Uint8Array) => Stream.Stream<Uint8Array, ConnectionFailure>,
): HttpServerResponse.HttpServerResponse =>
  response.body._tag === "Uint8Array"
    ? HttpServerResponse.stream(stream(response.body.body), {
        status: response.status,
        headers: response.headers,
        contentType: response.body.contentType,
        contentLength: response.body.contentLength,
      })
    : response

const isDestroyable = (value: unknown): value is { readonly destroy: () => void } =>
  Predicate.hasProperty(value, "destroy") && typeof value.destroy === "function"

/** Destroys the socket under a request, where there is one. */
export const destroyConnection = Effect.flatMap(HttpServerRequest.HttpServerRequest, ({ source }) =>
  Effect.andThen(
    Effect.sync(() => {
      const socket = "socket" in source ? source.socket : undefined
      if (isDestroyable(socket)) socket.destroy()
    }),
    Effect.never,
  ),
)
