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
import { outlineOf } from "./internal/outline.ts"
import { plainError } from "./internal/plainErrors.ts"
import { fromTask, toTask } from "./internal/task.ts"
import { type ListRequest, ParticipantPage } from "./Page.ts"
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
        /** The pages that were listed and have not been given yet. */
        const listed: Array<ParticipantPage> = []
        const list = (asked: ListRequest) =>
          toTask(caller.runtime)(
            Effect.mapBoth(participants.list(asked), {
              onSuccess: (page) => {
                listed.push(page)
                return outlineOf(page)
              },
              onFailure: plainError,
            }),
          )
        /** The next page that was listed, with the participants that are left of it. */
        const given = (ids: ReadonlyArray<string>) =>
          Option.map(Option.fromNullable(listed.shift()), (page) => {
            if (ids.length === page.participants.length) return page
            const left = [...ids]
            const participants = page.participants.filter(({ id }) => id === left[0] && left.shift() !== undefined)
            return new ParticipantPage({ ...page, participants }, { disableValidation: true })
          })
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
                    : Effect.succeed(Chunk.filterMap(Chunk.unsafeFromArray(batch), given)),
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
