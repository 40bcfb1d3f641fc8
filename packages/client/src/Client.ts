/// <reference lib="esnext.disposable" preserve="true" />
/**
 * The client: `join`, `leave`, `list` as promises; all participants and all pages as async iterables.
 */
import * as Effect from "effect/Effect"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { Paginator, Participants } from "@effect-sunco/core"
import type { ClientOptions } from "./ClientOptions.ts"
import type { Operation } from "./Failure.ts"
import * as Engine from "./internal/engine.ts"
import type { EngineError } from "./internal/failure.ts"
import { iterate } from "./internal/iteration.ts"
import { pageOf, participantOf } from "./internal/plain.ts"
import { callOf, refusalOf } from "./internal/requests.ts"
import * as Running from "./internal/running.ts"
import type { Participant, ParticipantPage } from "./Participant.ts"
import type { JoinRequest, LeaveRequest, ListRequest, PagesRequest } from "./Requests.ts"

/** What one call can be given beside its request. */
export interface CallOptions {
  /**
   * Ends the call: its request is given up, and it rejects with the reason of the signal. A write that was under way may
   * have happened; list again.
   */
  readonly signal?: AbortSignal | undefined
}

/**
 * Joins users to conversations, removes them, and lists who is in. Calls reject with a
 * `SuncoError` (`BadRequest`, `NotFound`, `SunshineError`, `PaginationError`, `InvalidOption` for their options, and
 * `ClientClosed` after `close()`), or with the reason of their `AbortSignal`.
 */
export interface Client {
  /** Adds a user to a conversation of type `sdkGroup`, and returns the new participant. */
  readonly join: (request: JoinRequest, options?: CallOptions) => Promise<Participant>
  /** Removes a user. */
  readonly leave: (request: LeaveRequest, options?: CallOptions) => Promise<void>
  /** Returns one page, by default the first one with up to 25 participants. */
  readonly list: (request: ListRequest, options?: CallOptions) => Promise<ParticipantPage>
  /** All participants, in the order of the API. A page is asked for when the consumer needs it. */
  readonly participants: (request: PagesRequest, options?: CallOptions) => AsyncIterable<Participant>
  /** All pages, one request each. */
  readonly pages: (request: PagesRequest, options?: CallOptions) => AsyncIterable<ParticipantPage>
  /** Ends all calls and iterations with `ClientClosed`, and waits for their end. Later calls reject with it too. */
  readonly close: () => Promise<void>
  /** {@link Client.close}, for `await using`. */
  readonly [Symbol.asyncDispose]: () => Promise<void>
}

/**
 * Makes a client. Throws `InvalidOption`, which names the option, for a name that is not known, a value of the wrong type
 * or out of its range, and missing credentials. Nothing is sent.
 *
 * Calls of one client share its credentials, its limits, and the pace that 429 answers ask for.
 */
export const createClient = (options: ClientOptions): Client => {
  const scope = Scope.makeUnsafe()
  const { baseUrl, service } = Engine.make(options, scope)
  const running = Running.make(scope)
  const { close } = running

  const run = <A>(
    kind: Operation,
    request: object,
    options: CallOptions | undefined,
    effect: Effect.Effect<A, EngineError>,
  ) =>
    running.run(
      callOf(kind, request, options, baseUrl),
      Effect.provideService(effect, Participants.Refusal, refusalOf(kind, request)),
    )

  const provided = <A>(stream: Stream.Stream<A, EngineError, Participants.Participants>, request: object) =>
    stream.pipe(
      Stream.provideService(Participants.Participants, service),
      Stream.provideService(Participants.Refusal, refusalOf("pages", request)),
    )

  return {
    join: async (request, options) => participantOf(await run("join", request, options, service.join(request))),
    leave: async (request, options) => run("leave", request, options, service.leave(request)),
    list: async (request, options) => pageOf(await run("list", request, options, service.list(request))),
    participants: (request, options) =>
      iterate(
        running,
        callOf("pages", request, options, baseUrl),
        provided(Paginator.stream(request), request),
        participantOf,
      ),
    pages: (request, options) =>
      iterate(running, callOf("pages", request, options, baseUrl), provided(Paginator.pages(request), request), pageOf),
    close,
    [Symbol.asyncDispose]: close,
  }
}
