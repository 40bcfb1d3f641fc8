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
import { failed } from "../server/answers.ts"
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
export const withFaults = <R>(sandbox: Sandbox.Sandbox["Service"], api: App<R>) =>
  Effect.gen(function* () {
    const address = Option.getOrUndefined(addressOf(yield* HttpServerRequest.HttpServerRequest))
    const fault = address && (yield* sandbox.arrive(address.operation, address.conversation))
    if (fault === undefined) return yield* api
    const app = Effect.provideService(api, CurrentFault, fault)
    if ("when" in fault && fault.when === "after") yield* app

    switch (fault._tag) {
      case "Status": {
        const { code, retryAfter, status, title } = fault
        const response = failed(status, [{ code, title }])
        return retryAfter === undefined ? response : HttpServerResponse.setHeader(response, "retry-after", retryAfter)
      }
      case "Delay":
        return yield* Effect.delay(app, fault.duration)
      case "Hang":
        return yield* Effect.never
      case "Reset":
        return yield* reset
      case "Refused":
        return yield* new ConnectionFailure(Messages.refused)
      case "HtmlBody":
        return HttpServerResponse.html(Messages.html).pipe(HttpServerResponse.setStatus((yield* app).status))
      case "WrongContentType":
        return HttpServerResponse.setHeader(yield* app, "content-type", "text/plain")
      case "TruncatedBody":
        return withBody(yield* app, (body) =>
          Stream.concat(Stream.succeed(body.slice(0, Math.ceil(body.length / 2))), resetOnceSent),
        )
      case "SlowDrip":
        return withBody(yield* app, (body) => {
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
        return yield* app
    }
  })

/** A connection that is destroyed in the turn of a write takes with it what was written. */
const resetOnceSent = Stream.fromEffect(Effect.andThen(Effect.yieldNow, reset))

const drips = 10

/** The same response with its body as a stream; its length is announced as it was. */
const withBody = (
  response: HttpServerResponse.HttpServerResponse,
  stream: (body: Uint8Array) => Stream.Stream<Uint8Array, ConnectionFailure>,
) => {
  const { body, headers, status } = response
  if (body._tag !== "Uint8Array") return response
  const { contentLength, contentType } = body
  return HttpServerResponse.stream(stream(body.body), { status, headers, contentType, contentLength })
}

const isDestroyable = (value: unknown): value is { readonly destroy: () => void } =>
  Predicate.hasProperty(value, "destroy") && typeof value.destroy === "function"

/** Destroys the socket under a request, where there is one. */
export const destroyConnection = Effect.flatMap(HttpServerRequest.HttpServerRequest, ({ source }) => {
  const socket = "socket" in source ? source.socket : undefined
  if (isDestroyable(socket)) socket.destroy()
  return Effect.never
})
