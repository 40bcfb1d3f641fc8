/**
 * All pages of the participants of a conversation, or all participants, as a stream.
 *
 * A stream asks for a page when its consumer wants one and keeps no page but that one. It remembers the cursors it has
 * used and the ids it has given, to notice a cursor that repeats and a participant that comes twice.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as Page from "./Page.ts"
import type { ConversationReference, Participant } from "./Participant.ts"
import { Participants } from "./Participants.ts"
import { BadRequest, InvalidRequest, NotFound, PaginationError, SunshineError } from "./SunshineError.ts"

// ---------------------------------------------------------------------------
// Models
// ---------------------------------------------------------------------------

/**
 * Which participants to page through, and how.
 *
 * - `pageSize`: participants per request, 1 to 100; 100 if left out, since each page costs one request
 * - `direction`: `"forward"` if left out. `"backward"` goes from a cursor towards the first page. The API has no way to
 *   ask for its last page, so it needs a `cursor` to start before.
 * - `cursor`: where to start: after it when going forward, before it when going backward. Each error of a page carries
 *   the cursor that asked for it, so that paging can go on where it stopped.
 * - `prefetch`: pages to ask for ahead of the consumer; 0 if left out
 *
 * @category models
 * @since 0.1.0
 */
export type PagesRequest = ConversationReference & {
  readonly pageSize?: number
  readonly prefetch?: number
} & (
    | { readonly direction?: "forward"; readonly cursor?: string | undefined }
    | { readonly direction: "backward"; readonly cursor: string }
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
 * Forward, a page is the last one when it says that there is no more. Backward, it is the last one when it gives no
 * cursor to go before it: the vendor does not say what `hasMore` means in that direction. A page without participants
 * that has more after it is not the end.
 *
 * A participant that comes a second time, because others joined or left in between, is left out of the later page.
 *
 * Each run of the stream starts afresh.
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
export const pages = (request: PagesRequest): Stream.Stream<Page.ParticipantPage, PagesError, Participants> => {
  const { prefetch = 0 } = request
  const invalid = invalidRequest(request)
  if (invalid !== undefined) return Stream.fail(invalid)
  const stream = Stream.suspend(() => run(request))
  // One page waits outside the buffer, for a place in it. A page is a chunk of its own, so chunks keep them apart.
  return prefetch === 0 ? stream : Stream.bufferArray(stream, { capacity: prefetch - 1 })
}

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
  Stream.flatMap(pages(request), (page) => Stream.fromArray(page.participants))

// ---------------------------------------------------------------------------
// Internals
// ---------------------------------------------------------------------------

/** What the types say already, for callers without types, and the names that a page has here; ids are checked by `list`. */
const invalidRequest = ({
  cursor,
  direction,
  pageSize = Page.maxPageSize,
  prefetch = 0,
}: PagesRequest): SunshineError | undefined => {
  const refuse = (field: string, expected: string) =>
    new SunshineError({ operation: "list", reason: new InvalidRequest({ field, expected }) })
  if (direction !== undefined && direction !== "forward" && direction !== "backward") {
    return refuse("direction", `Expected "forward" or "backward"`)
  }
  if (direction === "backward" && cursor === undefined) {
    return refuse("cursor", "Expected a cursor to go backward from: the API has no way to ask for its last page")
  }
  if (!Schema.is(Page.PageSize)(pageSize)) {
    return refuse("pageSize", `Expected a whole number from 1 to ${Page.maxPageSize}`)
  }
  if (cursor !== undefined && !isCursor(cursor)) {
    return refuse("cursor", `Expected a record id of ${Page.cursorLength} characters`)
  }
  if (!Number.isInteger(prefetch) || prefetch < 0) return refuse("prefetch", "Expected a whole number, 0 or more")
  return undefined
}

const isCursor = Schema.is(Page.Cursor)

const run = ({ appId, conversationId, direction, cursor: start, pageSize = Page.maxPageSize }: PagesRequest) => {
  const backward = direction === "backward"
  const usedCursors = new Set<string>()
  const givenIds = new Set<string>()

  return Stream.paginate(
    start,
    Effect.fnUntraced(function* (cursor: string | undefined) {
      if (cursor !== undefined) usedCursors.add(cursor)
      const participants = yield* Participants
      const page = yield* participants
        .list({
          appId,
          conversationId,
          page: {
            size: pageSize,
            ...(cursor === undefined ? {} : backward ? { before: cursor } : { after: cursor }),
          },
        })
        .pipe(Effect.mapError((error) => resumableFrom(error, cursor)))

      const fail = (description: string) => Effect.fail(new PaginationError({ description, cursor }))
      const { afterCursor, beforeCursor, hasMore } = page.meta
      const named = backward ? beforeCursor : hasMore ? afterCursor : Option.none<string>()
      const next = Option.filter(named, (name) => name !== "")
      if (!backward && hasMore && Option.isNone(next)) {
        return yield* fail("there is more, and no cursor to ask for it")
      }
      if (Option.isSome(next) && !isCursor(next.value)) {
        return yield* fail(`the cursor of the next page is no record id of ${Page.cursorLength} characters`)
      }
      if (Option.isSome(next) && usedCursors.has(next.value)) return yield* fail(`cursor ${next.value} came again`)

      const fresh = page.participants.filter(({ id }) => {
        const isNew = !givenIds.has(id)
        givenIds.add(id)
        return isNew
      })
      return [[new Page.ParticipantPage({ ...page, participants: fresh })], next] as const
    }),
  )
}

/** The same error with the cursor of the page that failed. */
const resumableFrom = <E extends BadRequest | NotFound | SunshineError>(error: E, cursor: string | undefined) =>
  error._tag === "BadRequest"
    ? new BadRequest({ ...error, cursor })
    : error._tag === "NotFound"
      ? new NotFound({ ...error, cursor })
      : // The cause of an error is not among its enumerable properties.
        new SunshineError({ ...error, cause: error.cause, cursor })
