/// <reference lib="esnext.disposable" preserve="true" />
/**
 * The client: `join`, `leave`, `list` as promises; all participants and all pages as async iterables.
 */
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { Paginator, Participants } from "@effect-sunco/core"
import type { ClientOptions } from "./ClientOptions.ts"
import * as Engine from "./internal/engine.ts"
import { iterate } from "./internal/iteration.ts"
import { pageOf, participantOf } from "./internal/plain.ts"
import * as Running from "./internal/running.ts"
import type { Participant, ParticipantPage } from "./Participant.ts"
import type { JoinRequest, LeaveRequest, ListRequest, PagesRequest } from "./Requests.ts"

/** What one call can be given beside its request. */
export interface CallOptions {
  /** Ends the call: its request is given up, and it rejects with the reason of the signal. A write may have happened. */
  readonly signal?: AbortSignal | undefined
}

/**
 * Joins users to conversations, removes them, and lists who is in. Calls reject with a
 * `SuncoError` (`BadRequest`, `NotFound`, `SunshineError`, `PaginationError`, and `ClientClosed` after `close()`), or with
 * the reason of their `AbortSignal`.
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
  const service = Engine.make(options, scope)
  const running = Running.make(scope)
  const provided = Stream.provideService(Participants.Participants, service)
  const { close } = running
  return {
    join: async (request, options) =>
      participantOf(await running.run(service.join(request), Running.signalOf(options))),
    leave: async (request, options) => running.run(service.leave(request), Running.signalOf(options)),
    list: async (request, options) => pageOf(await running.run(service.list(request), Running.signalOf(options))),
    participants: (request, options) =>
      iterate(running, provided(Paginator.stream(request)), participantOf, Running.signalOf(options)),
    pages: (request, options) =>
      iterate(running, provided(Paginator.pages(request)), pageOf, Running.signalOf(options)),
    close,
    [Symbol.asyncDispose]: close,
  }
}
