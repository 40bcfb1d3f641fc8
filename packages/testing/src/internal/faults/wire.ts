/**
 * Faults of the local API: statuses, connections and bodies.
 */
import * as Data from "effect/Data"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as HttpServerRequest from "effect/http/HttpServerRequest"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as Stream from "effect/Stream"
import type * as Sandbox from "../../Sandbox.ts"
import { addressOf } from "../server/address.ts"
import type { Fault } from "./fault.ts"
import * as Messages from "./messages.ts"
import { CurrentFault } from "./page.ts"

/** In place of an answer, the connection fails. */
export class ConnectionFailure extends Data.TaggedError("ConnectionFailure")<{
  readonly code: string
  readonly description: string
}> {
  override readonly message = this.description
}

const reset = Effect.suspend(() => Effect.fail(new ConnectionFailure(Messages.reset)))

type App<R> = Effect.Effect<HttpServerResponse.HttpServerResponse, never, R | HttpServerRequest.HttpServerRequest>

/** The API, with the faults of the plan of its sandbox. */
export const withFaults = <R>(sandbox: Sandbox.Sandbox["Service"], app: App<R>) =>
  Effect.gen(function* () {
    const address = Option.getOrUndefined(addressOf(yield* HttpServerRequest.HttpServerRequest))
    const fault = address === undefined ? undefined : yield* sandbox.arrive(address.operation, address.conversation)
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
      return Effect.andThen(effects, reset)
    case "Refused":
      return Effect.fail(new ConnectionFailure(Messages.refused))
    case "HtmlBody":
      return Effect.map(app, ({ status }) =>
        HttpServerResponse.setStatus(HttpServerResponse.html(Messages.html), status),
      )
    case "WrongContentType":
      return Effect.map(app, HttpServerResponse.setHeader("content-type", "text/plain"))
    case "TruncatedBody":
      return withBody(app, (body) =>
        Stream.concat(Stream.succeed(body.slice(0, Math.ceil(body.length / 2))), resetOnceSent),
      )
    case "SlowDrip":
      return withBody(app, (body) => {
        const size = Math.max(1, Math.ceil(body.length / drips))
        return Stream.range(0, drips - 1).pipe(
          Stream.map((index) => body.slice(index * size, (index + 1) * size)),
          Stream.tap(() => Effect.sleep(Duration.divideUnsafe(fault.duration, drips))),
          Stream.filter((chunk) => chunk.length > 0),
        )
      })
    case "EmptyPage":
    case "RepeatedCursor":
    case "VanishedCursor":
      return Effect.provideService(app, CurrentFault, fault)
  }
}

/** A connection that is destroyed in the turn of a write takes with it what was written. */
const resetOnceSent = Stream.fromEffect(Effect.andThen(Effect.yieldNow, reset))

const drips = 10

const statusResponse = ({ code, retryAfter, status, title }: Extract<Fault, { readonly _tag: "Status" }>) =>
  HttpServerResponse.jsonUnsafe(
    { errors: [{ code, title }] },
    { status, headers: retryAfter === undefined ? {} : { "retry-after": retryAfter } },
  )

/** The same responses with their body as a stream; its length is announced as it was. */
const withBody = <R>(app: App<R>, stream: (body: Uint8Array) => Stream.Stream<Uint8Array, ConnectionFailure>) =>
  Effect.map(app, (response) => {
    const { body, headers, status } = response
    if (body._tag !== "Uint8Array") return response
    const { contentLength, contentType } = body
    return HttpServerResponse.stream(stream(body.body), { status, headers, contentType, contentLength })
  })

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
