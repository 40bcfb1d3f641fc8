/**
 * The Promise client as one more door to a sandbox: what it rejects with and returns, as errors and models of core.
 */
import * as Cause from "effect/Cause"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import { Page, Participant as Core, Participants, SunshineError as CoreError } from "@effect-sunco/core"
import {
  BadRequest,
  type Client,
  createClient,
  Credentials,
  type Fetch,
  NotFound,
  type Participant,
  type ParticipantPage,
  SunshineError,
} from "@effect-sunco/client"
import { LocalApi, Sandbox } from "@effect-sunco/testing"
import type { Door } from "./doors.ts"

/** A `fetch` that an Effect `HttpClient` answers. */
const fetchOf =
  (client: HttpClient.HttpClient): Fetch =>
  (url, init) => {
    const request = HttpClientRequest.fromWeb(new Request(url, init))
    const answer = Effect.gen(function* () {
      const response = yield* client.execute(request)
      const body = yield* response.text
      return new Response(body === "" ? null : body, { status: response.status, headers: response.headers })
    })
    return Effect.runPromise(answer, { signal: init?.signal ?? undefined })
  }

/** Core's error for one of the client's. Everything else is a defect. */
const coreErrorOf = (error: unknown): CoreError.BadRequest | CoreError.NotFound | CoreError.SunshineError => {
  const details = (errors: ReadonlyArray<{ readonly code: string; readonly title: string }>) =>
    errors.map((entry) => new CoreError.ErrorDetail(entry))
  if (error instanceof BadRequest) {
    return new CoreError.BadRequest({ operation: error.operation, errors: details(error.errors) })
  }
  if (error instanceof NotFound) {
    return new CoreError.NotFound({ operation: error.operation, errors: details(error.errors) })
  }
  if (error instanceof SunshineError && error.reason === "InvalidRequest") {
    const { expected = "", field = "", operation } = error
    return new CoreError.SunshineError({ operation, reason: new CoreError.InvalidRequest({ field, expected }) })
  }
  if (error instanceof SunshineError && error.reason === "UnexpectedStatus" && error.status !== undefined) {
    const { errors, operation, status } = error
    const reason = new CoreError.UnexpectedStatus({ status, errors: details(errors) })
    return new CoreError.SunshineError({ operation, reason })
  }
  throw error
}

const participantOf = (plain: Participant) =>
  new Core.Participant({
    ...plain,
    userExternalId: Option.fromUndefinedOr(plain.userExternalId),
    clientAssociations: plain.clientAssociations.map(
      ({ clientId, type }) => new Core.ClientAssociation({ type, clientId: Option.fromUndefinedOr(clientId) }),
    ),
    lastRead: Option.map(Option.fromUndefinedOr(plain.lastRead), (date) => DateTime.makeUnsafe(date)),
  })

const pageOf = ({ links, meta, participants }: ParticipantPage) =>
  new Page.ParticipantPage({
    participants: participants.map(participantOf),
    meta: new Page.PageMeta({
      hasMore: meta.hasMore,
      afterCursor: Option.fromUndefinedOr(meta.afterCursor),
      beforeCursor: Option.fromUndefinedOr(meta.beforeCursor),
    }),
    links: new Page.PageLinks({ prev: Option.fromUndefinedOr(links.prev), next: Option.fromUndefinedOr(links.next) }),
  })

const call = <A>(run: () => Promise<A>) =>
  Effect.catchCause(Effect.promise(run), (cause) => Effect.fail(coreErrorOf(Cause.squash(cause))))

/** The service over a client. It checks no request itself. */
const bridge = ({ join, leave, list }: Client): Participants.Participants["Service"] => ({
  join: (request) =>
    Effect.map(
      call(() => join(request)),
      participantOf,
    ),
  leave: (request) =>
    Effect.catchTag(
      call(() => leave(request)),
      "BadRequest",
      Effect.die,
    ),
  list: (request) =>
    Effect.map(
      call(() => list(request)),
      pageOf,
    ),
})

const { keyId, secret } = Sandbox.demo

export const throughPromises: Door = (seed) =>
  Layer.effect(
    Participants.Participants,
    Effect.map(
      Effect.acquireRelease(
        Effect.map(HttpClient.HttpClient, (client) =>
          createClient({ credentials: Credentials.basic({ keyId, secret }), fetch: fetchOf(client) }),
        ),
        (client) => Effect.promise(client.close),
      ),
      bridge,
    ),
  ).pipe(Layer.provideMerge(LocalApi.layerHttpClient(seed)))
