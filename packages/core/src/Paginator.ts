/**
 * All pages of the participants of a conversation, or all participants, as a stream.
 *
 * A stream requests a page when its consumer pulls it, and keeps no other page. Its memory is bounded: it remembers
 * only the latest cursors and ids, to detect a cursor that repeats and a participant that comes twice.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { identifier, isSendable, pathSegment } from "./internal/constraints.ts"
import * as CallReference from "./internal/callReference.ts"
import * as Cycle from "./internal/cycle.ts"
import * as Recent from "./internal/recent.ts"
import { validate } from "./internal/validation.ts"
import * as Page from "./Page.ts"
import type { ConversationReference, Participant } from "./Participant.ts"
import { Participants } from "./Participants.ts"
import { type BadRequest, type NotFound, PaginationError, SunshineError } from "./SunshineError.ts"

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
  /** How many pages to request ahead of the consumer, 0 or more. 0 by default. */
  readonly prefetch?: number | undefined
} & (
    | {
        /** `"forward"` goes towards the last page. It is the default. */
        readonly direction?: "forward" | undefined
        /** Where to start: after this cursor, from an answer or an error. By default at the first page. */
        readonly cursor?: string | undefined
      }
    | {
        /** `"backward"` goes from `cursor` towards the first page. */
        readonly direction: "backward"
        /** Where to start: before this cursor. Required, because the API cannot return its last page. */
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
 * Forward, a page is the last one if it says that no more pages follow. Backward, it is the last one if it has no
 * `beforeCursor`, because the vendor does not say what `hasMore` means in that direction. An empty page can have more
 * pages after it, and then is not the end.
 *
 * Cursors are sent back as the server gave them. A page whose next cursor cannot be used is delivered; then the stream
 * fails with `PaginationError`. This happens if:
 *
 * - More pages follow, and the answer has no cursor, or an empty one, or one that cannot be sent.
 * - The answer has no `meta`, and links to a page in this direction.
 * - The cursor is one that an earlier page had. A cycle of up to 1,000 pages is detected before a page is requested
 *   again, a longer one within three times its length.
 * - 100 pages in a row had no new participants. Fewer are allowed, because an empty page can have more pages after it.
 *
 * The `cursor` of that error is the id of the last participant that was delivered (going backward, the first one on the
 * last page), which the vendor's document allows as a cursor. Paging from it neither skips nor repeats a participant,
 * as long as nobody joins or leaves. After an empty page it is the cursor of that page; after 100 pages without new
 * participants it is the cursor of the next page.
 *
 * A participant can appear on two pages if others join or leave between two requests. If it is among the last 10,000
 * delivered, it is left out of the later page. Otherwise it is delivered again, because memory is bounded.
 *
 * Each run of the stream starts again at the first page, or at `cursor`.
 *
 * **Example** (Counting requests)
 *
 * ```ts
 * import { Paginator } from "@effect-sunco/core"
 * import { ParticipantsTest } from "@effect-sunco/testing"
 * import { Effect, Stream } from "effect"
 * import * as assert from "node:assert"
 *
 * const sizes = Paginator.pages({
 *   appId: "5d8cff3cd55b040010928b5b",
 *   conversationId: "029c31f25a21b47effd7be90",
 * }).pipe(
 *   Stream.map((page) => page.participants.length),
 *   Stream.runCollect,
 *   Effect.provide(ParticipantsTest.layerMemory()),
 * )
 *
 * assert.deepEqual(await Effect.runPromise(sizes), [100, 100, 50])
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const pages = (request: PagesRequest): Stream.Stream<Page.ParticipantPage, PagesError, Participants> =>
  paginate(request, (page) => [page])

/**
 * The participants of a conversation, page by page, in the order of the API; the participants of {@link pages}.
 *
 * **Example** (The first ten)
 *
 * ```ts
 * import { Paginator } from "@effect-sunco/core"
 * import { ParticipantsTest } from "@effect-sunco/testing"
 * import { Effect, Stream } from "effect"
 * import * as assert from "node:assert"
 *
 * const ten = Paginator.stream({
 *   appId: "5d8cff3cd55b040010928b5b",
 *   conversationId: "029c31f25a21b47effd7be90",
 *   pageSize: 5,
 * }).pipe(Stream.take(10), Stream.runCollect, Effect.provide(ParticipantsTest.layerMemory()))
 *
 * assert.equal((await Effect.runPromise(ten)).length, 10)
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const stream = (request: PagesRequest): Stream.Stream<Participant, PagesError, Participants> =>
  paginate(request, (page) => page.participants)

// ---------------------------------------------------------------------------
// Internals
// ---------------------------------------------------------------------------

/** How many pages in a row may have no new participants. */
const maxPagesWithoutNew = 100

/** How many participants are remembered, to leave out those that come again. */
const recentParticipants = 10_000

const wholeNumber = "a whole number, 0 or more"

const PagesRequestSchema = Schema.Struct({
  appId: pathSegment,
  conversationId: pathSegment,
  pageSize: Schema.optional(Page.PageSize),
  prefetch: Schema.optional(
    Schema.Number.check(
      Schema.isInt({ expected: wholeNumber }),
      Schema.isGreaterThanOrEqualTo(0, { expected: wholeNumber }),
    ),
  ),
  direction: Schema.optional(
    Schema.Literals(["forward", "backward"]).annotate({ expected: `"forward" or "backward"` }),
  ),
  cursor: Schema.optional(identifier),
}).check(
  Schema.makeFilter(({ cursor, direction }) =>
    direction === "backward" && cursor === undefined
      ? {
          path: ["cursor"],
          issue: "Expected a cursor to go backward from: the API cannot return its last page",
        }
      : undefined,
  ),
)

const validated = (request: unknown) =>
  Effect.mapError(validate("list", PagesRequestSchema)(request), (error) => {
    const { appId, conversationId } = CallReference.ofRequest(request)
    return new SunshineError({ ...error, cause: error.cause, appId, conversationId })
  })

/** A stream of what `give` returns for each page. */
const paginate = <A>(
  request: PagesRequest,
  give: (page: Page.ParticipantPage) => ReadonlyArray<A>,
): Stream.Stream<A, PagesError, Participants> =>
  Stream.unwrap(
    Effect.map(validated(request), (valid) => {
      const { prefetch = 0 } = valid
      const all = run(valid, give)
      // One page waits outside the buffer for a free place in it. Each page is one chunk of the buffer.
      return prefetch === 0 ? all : Stream.bufferArray(all, { capacity: prefetch - 1 })
    }),
  )

const run = <A>(
  { appId, conversationId, direction, cursor: start, pageSize = Page.maxPageSize }: (typeof PagesRequestSchema)["Type"],
  give: (page: Page.ParticipantPage) => ReadonlyArray<A>,
) =>
  Stream.suspend(() => {
    const backward = direction === "backward"
    const repeats = Cycle.make()
    const given = Recent.make(recentParticipants)
    let pagesWithoutNew = 0
    if (start !== undefined) repeats(start)

    /** The page without participants that were delivered before; the same object if there are none. */
    const withoutGiven = (page: Page.ParticipantPage) => {
      const fresh = page.participants.filter(({ id }) => {
        const isNew = !given.has(id)
        if (isNew) given.add(id)
        return isNew
      })
      return fresh.length === page.participants.length
        ? page
        : new Page.ParticipantPage({ ...page, participants: fresh })
    }

    /** What follows a page: the cursor of the next one, the error that ends the stream, or nothing. */
    const following = (page: Page.ParticipantPage, cursor: string | undefined) => {
      const id = (backward ? page.participants.at(0) : page.participants.at(-1))?.id
      const last = id !== undefined && isSendable(id) ? id : cursor
      const fail = (description: string, from = last) =>
        Option.some(new PaginationError({ description, appId, conversationId, cursor: from }))
      if (backward ? page.isPreviousUnreachable : page.isNextUnreachable) {
        return fail("more participants follow, but the answer has no cursor for the next page")
      }
      const { afterCursor, beforeCursor, hasMore } = page.meta
      const next = Option.getOrElse(backward ? beforeCursor : hasMore ? afterCursor : Option.none<string>(), () => "")
      if (next === "") return Option.none()
      if (!isSendable(next)) return fail("the cursor of the next page is not valid Unicode without control characters")
      if (repeats(next)) return fail("the cursor of the next page repeats that of an earlier page")
      return pagesWithoutNew < maxPagesWithoutNew
        ? Option.some(next)
        : fail(`${maxPagesWithoutNew} pages in a row had no new participants`, next)
    }

    return Stream.paginate(
      start,
      Effect.fnUntraced(function* (from: string | PaginationError | undefined) {
        // The page before this error has been delivered.
        if (from instanceof PaginationError) return yield* from
        const participants = yield* Participants
        const answer = yield* participants
          .list({
            appId,
            conversationId,
            page: {
              size: pageSize,
              ...(from === undefined ? {} : backward ? { before: from } : { after: from }),
            },
          })
          .pipe(Effect.mapError((error) => CallReference.withFields(error, { cursor: from })))
        const page = withoutGiven(answer)
        pagesWithoutNew = page.participants.length > 0 ? 0 : pagesWithoutNew + 1
        return [give(page), following(answer, from)] as const
      }),
    )
  })
