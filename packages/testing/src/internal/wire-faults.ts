/**
 * Faults at the door of the local API: statuses, connections and bodies.
 */
import * as Data from "effect/Data"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as HttpServerRequest from "effect/http/HttpServerRequest"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as Predicate from "effect/Predicate"
import * as Stream from "effect/Stream"
import type { SunshineError } from "@effect-sunco/core"
import type { Fault } from "../Faults.ts"
import type * as Sandbox from "../Sandbox.ts"
import { CurrentFault } from "./page-faults.ts"
import { faultErrors, html } from "./texts.ts"

/** In place of an answer, the connection is reset. It has the code that Node.js gives. */
export class ConnectionReset extends Data.TaggedError("ConnectionReset")<{}> {
  readonly code = "ECONNRESET"
  override readonly message = "the connection was reset"
}

type App<R> = Effect.Effect<HttpServerResponse.HttpServerResponse, never, R | HttpServerRequest.HttpServerRequest>

const operations: ReadonlyArray<readonly [method: string, path: RegExp, operation: SunshineError.Operation]> = [
  ["POST", /\/join$/, "join"],
  ["POST", /\/leave$/, "leave"],
  ["GET", /\/participants$/, "list"],
]

const operationOf = ({ method, url }: HttpServerRequest.HttpServerRequest): SunshineError.Operation | undefined => {
  const path = url.split("?", 1)[0] ?? ""
  return operations.find((entry) => entry[0] === method && entry[1].test(path))?.[2]
}

/** The API, with the faults of the plan of its sandbox. */
export const withFaults = <R>(sandbox: Sandbox.Sandbox["Service"], app: App<R>) =>
  Effect.gen(function* () {
    const operation = operationOf(yield* HttpServerRequest.HttpServerRequest)
    const fault = operation === undefined ? undefined : yield* sandbox.arrive(operation)
    return yield* fault === undefined ? app : apply(fault, app)
  })

const apply = <R>(
  fault: Fault,
  app: App<R>,
): Effect.Effect<HttpServerResponse.HttpServerResponse, ConnectionReset, R | HttpServerRequest.HttpServerRequest> => {
  const effects = "when" in fault && fault.when === "after" ? Effect.asVoid(app) : Effect.void
  switch (fault._tag) {
    case "Status":
      return Effect.as(effects, statusResponse(fault.status, fault.retryAfter))
    case "Delay":
      return Effect.delay(app, fault.duration)
    case "Hang":
      return Effect.andThen(effects, Effect.never)
    case "Reset":
      return Effect.andThen(effects, Effect.fail(new ConnectionReset()))
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
const resetOnceSent = Stream.fromEffect(Effect.andThen(Effect.yieldNow, Effect.fail(new ConnectionReset())))

const drips = 10

const millisPerDrip = ({ duration }: Extract<Fault, { readonly _tag: "SlowDrip" }>) =>
  Duration.divideUnsafe(duration, drips)

const statusResponse = (status: number, retryAfter: string | undefined) =>
  HttpServerResponse.jsonUnsafe(
    { errors: faultErrors(status) },
    { status, headers: retryAfter === undefined ? {} : { "retry-after": retryAfter } },
  )

/** The same response with its body as a stream; its length is announced as it was. */
const withBody = (
  response: HttpServerResponse.HttpServerResponse,
  stream: (body: Uint8Array) => Stream.Stream<Uint8Array, ConnectionReset>,
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
