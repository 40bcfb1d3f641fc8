/**
 * One request: sends it, reads its answer within the bounds of time and size, and decodes it.
 */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import type * as HttpClientResponse from "effect/http/HttpClientResponse"
import * as TraceContext from "effect/http/HttpTraceContext"
import * as Scope from "effect/Scope"
import type { SunshineError } from "@effect-sunco/core"
import * as RetryAfter from "@effect-sunco/core/RetryAfter"
import * as Body from "./body.ts"
import type { Call } from "./call.ts"
import type { Client } from "./client.ts"
import * as Connection from "./connection.ts"
import type { Exchange } from "./exchange.ts"
import * as Observe from "./observe.ts"
import * as Response from "./response.ts"
import * as ServerText from "./serverText.ts"

/** Receives the status of an answer as soon as its headers have arrived. */
export type Answered = (status: number, retryAfter: Duration.Duration | undefined) => void

export interface Send {
  <A, E extends SunshineError.Documented>(options: {
    readonly call: Call
    readonly exchange: Exchange<A, E>
    readonly authorization: string
    readonly answered: Answered
  }): Effect.Effect<A, E | SunshineError.SunshineError>
}

export const make =
  (client: Client, options: { readonly maxBodySize: number; readonly propagateTraces: boolean | undefined }): Send =>
  ({ answered, authorization, call, exchange }) => {
    const scope = Scope.makeUnsafe()
    /** Gives up the answer and closes its connection. */
    const abort = Scope.close(scope, Exit.void)
    let isWhole = false

    const hidden = () =>
      [...call.authorizations].flatMap((authorization) => ServerText.hiddenOf(authorization, exchange.request.headers))

    const receive = (response: HttpClientResponse.HttpClientResponse) => {
      // The HTTP client recomputes both each time they are read.
      const { headers, status } = response
      const retryAfter = RetryAfter.parse(headers, call.clock.currentTimeMillisUnsafe())
      call.status = status
      answered(status, retryAfter)
      const interpret = (body: Body.Body) => {
        isWhole = body.problem === undefined
        return Response.interpret(call, exchange, { status, headers, body, retryAfter, hidden })
      }
      const body = Body.read(response, options.maxBodySize)
      if (status === exchange.operation.success.status) return Effect.flatMap(body, interpret)
      // The status alone decides an error, so its body gets half of the remaining time.
      const remaining = Math.max(0, startedAt + Duration.toMillis(limit.duration) - call.now())
      const timeout = { duration: Duration.millis(remaining / 2), orElse: () => Effect.succeed(Body.tooLate) }
      return Effect.flatMap(Effect.timeoutOrElse(body, timeout), interpret)
    }

    const startedAt = call.now()
    const limit = call.timeout(startedAt, true, "answer")
    const request = HttpClientRequest.setHeader(exchange.request, "authorization", authorization)
    return Observe.request(call, exchange.target, (span) =>
      client(
        options.propagateTraces ? HttpClientRequest.setHeaders(request, TraceContext.toHeaders(span)) : request,
        span,
        scope,
      ).pipe(
        Effect.mapError((failure) => {
          const { cause, reason } = Connection.fromHttpClientError(failure, hidden())
          return call.fail(reason, cause)
        }),
        Effect.flatMap(receive),
        Effect.timeoutOrElse(limit),
        (received) => Effect.onExitPrimitive(received, () => (isWhole ? undefined : abort)),
      ),
    )
  }
