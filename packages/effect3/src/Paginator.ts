/**
 * All pages of the participants of a conversation, or all participants, as a stream.
 *
 * It pages as `Paginator` of `@effect-sunco/core` does, over any implementation of `Participants`.
 *
 * @since 0.1.0
 */
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import { withCaller } from "./internal/caller.ts"
import { engine } from "./internal/engine/index.ts"
import { pagesErrorOf } from "./internal/errors.ts"
import { pageOf } from "./internal/models.ts"
import { plainError } from "./internal/plainErrors.ts"
import { plainPage } from "./internal/plainModels.ts"
import { fromTask, toTask } from "./internal/task.ts"
import type { ListRequest, ParticipantPage } from "./Page.ts"
import type { ConversationReference, Participant } from "./Participant.ts"
import { Participants } from "./Participants.ts"
import type { BadRequest, NotFound, PaginationError, SunshineError } from "./SunshineError.ts"

// ---------------------------------------------------------------------------
// Models
// ---------------------------------------------------------------------------

/**
 * Which participants to page through, and how.
 *
 * @category models
 * @since 0.1.0
 */
export type PagesRequest = ConversationReference & {
  /** The largest number of participants per request, 1 to 100. 100 by default, because each page costs a request. */
  readonly pageSize?: number | undefined
  /** How many pages to ask for ahead of the consumer, 0 or more. 0 by default. */
  readonly prefetch?: number | undefined
} & (
    | {
        /** `"forward"` goes towards the last page. It is the default. */
        readonly direction?: "forward" | undefined
        /** Where to start: after this cursor, which an answer or an error gave. By default at the first page. */
        readonly cursor?: string | undefined
      }
    | {
        /** `"backward"` goes from `cursor` towards the first page. */
        readonly direction: "backward"
        /** Where to start: before this cursor. */
        readonly cursor: string
      }
  )

/**
 * What can end a stream of pages. Each carries the `cursor` to resume from.
 *
 * @category models
 * @since 0.1.0
 */
export type PagesError = BadRequest | NotFound | SunshineError | PaginationError

// ---------------------------------------------------------------------------
// Constructors
// ---------------------------------------------------------------------------

/**
 * The pages of a conversation, one request each, in the order of the API.
 *
 * @category constructors
 * @since 0.1.0
 */
export const pages = (request: PagesRequest): Stream.Stream<ParticipantPage, PagesError, Participants> =>
  Stream.unwrapScoped(
    Effect.flatMap(Participants, (participants) =>
      withCaller((caller) => {
        const list = (asked: ListRequest) =>
          toTask(caller.runtime)(
            Effect.mapBoth(participants.list(asked), { onSuccess: plainPage, onFailure: plainError }),
          )
        const opened = fromTask(engine.pages(request, list, caller))
        return Effect.map(
          Effect.acquireRelease(opened, ({ close }) => fromTask(close)),
          ({ pull }) =>
            Stream.repeatEffectChunkOption(
              Effect.matchEffect(fromTask(pull), {
                onFailure: (error) => Effect.fail(Option.some(pagesErrorOf(error))),
                onSuccess: (batch) =>
                  batch === undefined
                    ? Effect.fail(Option.none())
                    : Effect.succeed(Chunk.unsafeFromArray(batch.map(pageOf))),
              }),
            ),
        )
      }),
    ),
  )

/**
 * The participants of a conversation, page by page, in the order of the API; the participants of {@link pages}.
 *
 * @category constructors
 * @since 0.1.0
 */
export const stream = (request: PagesRequest): Stream.Stream<Participant, PagesError, Participants> =>
  Stream.flatMap(pages(request), (page) => Stream.fromIterable(page.participants))
