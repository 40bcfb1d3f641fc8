/**
 * One page of the participants of a conversation, and how to ask for it.
 *
 * A request names its page by a cursor: the id of a record after or before which the page starts. The links of an
 * answer are kept for reference and never followed, because they name a host, and credentials go to the configured host
 * only.
 *
 * @since 0.1.0
 */
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as SchemaTransformation from "effect/SchemaTransformation"
import { identifier, isSendable, orElse, orNone, pathSegment } from "./internal/constraints.ts"
import { defaultIfUnreadable, noneIfUnreadable } from "./internal/lenient.ts"
import { installPageDecoder } from "./internal/pageDecoder.ts"
import { type ConversationReference, Participant } from "./Participant.ts"

// ---------------------------------------------------------------------------
// Limits
// ---------------------------------------------------------------------------

/**
 * The length of a cursor in the vendor's document, in characters.
 *
 * @category constants
 * @since 0.1.0
 */
export const cursorLength = 24

/**
 * The largest page that the API returns, in participants. The smallest is 1.
 *
 * @category constants
 * @since 0.1.0
 */
export const maxPageSize = 100

/**
 * The size of a page when a request names none, in participants.
 *
 * @category constants
 * @since 0.1.0
 */
export const defaultPageSize = 25

/**
 * A cursor as the vendor's document describes it: a record id of {@link cursorLength} characters.
 *
 * A server may return other cursors. So requests and the paginator do not check the length: they send a cursor back
 * unchanged.
 *
 * **Example** (A cursor of the documented form)
 *
 * ```ts
 * import { Page } from "@effect-sunco/core"
 * import { Schema } from "effect"
 * import * as assert from "node:assert"
 *
 * const isCursor = Schema.is(Page.Cursor)
 *
 * assert.equal(isCursor("c93bb9c14dde8ffb94564eae"), true)
 * assert.equal(isCursor("c93bb9c1"), false)
 * ```
 *
 * @category schemas
 * @since 0.1.0
 */
export const Cursor = Schema.String.check(
  Schema.isBetweenCodePoints(cursorLength, cursorLength, { expected: `a record id of ${cursorLength} characters` }),
  Schema.makeFilter(isSendable, { expected: `a record id of ${cursorLength} characters` }),
)

/**
 * The number of participants on a page: a whole number from 1 to {@link maxPageSize}.
 *
 * **Example** (The largest page, and one too large)
 *
 * ```ts
 * import { Page } from "@effect-sunco/core"
 * import { Schema } from "effect"
 * import * as assert from "node:assert"
 *
 * const isPageSize = Schema.is(Page.PageSize)
 *
 * assert.equal(isPageSize(100), true)
 * assert.equal(isPageSize(101), false)
 * ```
 *
 * @category schemas
 * @since 0.1.0
 */
export const PageSize = Schema.Finite.check(
  Schema.isInt({ expected: `a whole number from 1 to ${maxPageSize}` }),
  Schema.isBetween({ minimum: 1, maximum: maxPageSize }, { expected: `a whole number from 1 to ${maxPageSize}` }),
)

// ---------------------------------------------------------------------------
// Requests
// ---------------------------------------------------------------------------

/**
 * Matches a request with both cursors. No value has this type: the compiler reports its text as the missing property.
 */
interface BothCursors {
  readonly after?: string | undefined
  readonly before?: string | undefined
  readonly size?: number | undefined
  readonly "Name after or before, not both": never
}

/**
 * Which page: the one after a cursor, or the one before it, or the first one if neither is named.
 *
 * @category models
 * @since 0.1.0
 */
export type PageRequest =
  | {
      /** The cursor after which the page starts, from an earlier answer. By default, the first page. */
      readonly after?: string | undefined
      /** Not allowed together with `after`. */
      readonly before?: undefined
      /** The largest number of participants on the page, 1 to 100. By default the API gives up to 25. */
      readonly size?: number | undefined
    }
  | {
      /** The cursor before which the page ends, from an earlier answer. By default, the first page. */
      readonly before?: string | undefined
      /** Not allowed together with `before`. */
      readonly after?: undefined
      /** The largest number of participants on the page, 1 to 100. By default the API gives up to 25. */
      readonly size?: number | undefined
    }
  | BothCursors

/**
 * Asks for one page of the participants of a conversation.
 *
 * **Example** (Validating a request from an untyped source)
 *
 * ```ts
 * import { Page } from "@effect-sunco/core"
 * import { Schema } from "effect"
 * import * as assert from "node:assert"
 *
 * const check = Schema.decodeUnknownSync(Page.ListRequest)
 *
 * assert.deepEqual(check({ appId: "app", conversationId: "conversation", page: { size: 10 } }).page, { size: 10 })
 * assert.throws(() => check({ appId: "app", conversationId: "conversation", page: { size: 0 } }), /from 1 to 100/)
 * ```
 *
 * @category models
 * @since 0.1.0
 */
export interface ListRequest extends ConversationReference {
  /** Which page, and how large. By default the first one, with up to 25 participants. */
  readonly page?: PageRequest | undefined
}

/** Whether at most one cursor is named. */
const namesOneCursor = <A extends Pick<BothCursors, "after" | "before">>(
  page: A,
): page is A & Exclude<PageRequest, BothCursors> => page.after === undefined || page.before === undefined

/**
 * Validates a {@link PageRequest} at run time.
 *
 * **Example** (Neither cursor, and both)
 *
 * ```ts
 * import { Page } from "@effect-sunco/core"
 * import { Schema } from "effect"
 * import * as assert from "node:assert"
 *
 * const check = Schema.decodeUnknownSync(Page.PageRequest)
 * const cursor = "c93bb9c14dde8ffb94564eae"
 *
 * assert.deepEqual(check({}), {})
 * assert.throws(() => check({ after: cursor, before: cursor }), /at most one of after, before/)
 * ```
 *
 * @category schemas
 * @since 0.1.0
 */
export const PageRequest = Schema.Struct({
  /** The cursor after which the page starts, from an earlier answer. By default, the first page. */
  after: Schema.optional(identifier),
  /** The cursor before which the page ends, from an earlier answer. By default, the first page. */
  before: Schema.optional(identifier),
  /** The largest number of participants on the page, 1 to 100. By default the API gives up to 25. */
  size: Schema.optional(PageSize),
})
  .check(
    Schema.makeFilter((page) =>
      namesOneCursor(page) ? undefined : { path: ["after | before"], issue: "Expected at most one of after, before" },
    ),
  )
  .pipe(Schema.refine(namesOneCursor))

/**
 * Validates a {@link ListRequest} at run time.
 *
 * @category schemas
 * @since 0.1.0
 */
export const ListRequest = Schema.Struct({
  /** The id of the app. Required: a non-empty string other than `"."` and `".."`. */
  appId: pathSegment,
  /** The id of the conversation. Required: a non-empty string other than `"."` and `".."`. */
  conversationId: pathSegment,
  /** Which page, and how large. By default the first one, with up to 25 participants. */
  page: Schema.optional(PageRequest),
})

// ---------------------------------------------------------------------------
// Models
// ---------------------------------------------------------------------------

/**
 * The position of a page among the others.
 *
 * @category models
 * @since 0.1.0
 */
export class PageMeta extends Schema.Class<PageMeta>("@effect-sunco/core/PageMeta")({
  /**
   * Whether more pages follow, according to the answer. If the answer does not say, more pages follow if it has an
   * `afterCursor`. There is no default.
   */
  hasMore: Schema.Boolean,
  /** The cursor of the next page. `Option.none()` by default, and if the answer has none, as on the last page. */
  afterCursor: orNone(Schema.String),
  /** The cursor of the previous page. `Option.none()` by default, and if the answer has none, as on the first page. */
  beforeCursor: orNone(Schema.String),
}) {}

/**
 * The `meta` of a page whose answer has none. Its identity tells it from an answer that says that no more pages follow.
 */
const unstated = new PageMeta({ hasMore: false })

const PageMetaFromWire = Schema.Struct({
  hasMore: orNone(Schema.Boolean),
  afterCursor: orNone(Schema.String),
  beforeCursor: orNone(Schema.String),
}).pipe(
  Schema.decodeTo(
    Schema.toType(PageMeta),
    SchemaTransformation.transform({
      decode: ({ hasMore, ...cursors }) =>
        Option.isNone(hasMore) && Option.isNone(cursors.afterCursor) && Option.isNone(cursors.beforeCursor)
          ? unstated
          : new PageMeta({ ...cursors, hasMore: Option.getOrElse(hasMore, () => Option.isSome(cursors.afterCursor)) }),
      encode: (meta) => ({ ...meta, hasMore: meta === unstated ? Option.none() : Option.some(meta.hasMore) }),
    }),
  ),
)

/**
 * Links to the pages around a page. They are kept unchanged and never followed.
 *
 * @category models
 * @since 0.1.0
 */
export class PageLinks extends Schema.Class<PageLinks>("@effect-sunco/core/PageLinks")({
  /** The URL of the previous page. `Option.none()` by default, and when the answer has no readable one. */
  prev: noneIfUnreadable(Schema.String),
  /** The URL of the next page. `Option.none()` by default, and when the answer has no readable one. */
  next: noneIfUnreadable(Schema.String),
}) {}

/**
 * One page of the participants of a conversation, in the order of the answer.
 *
 * An answer without `participants` does not decode: it is not an empty page. Nor does an answer whose `meta` has the
 * wrong type, because paging could end too early. Links that cannot be read count as missing.
 *
 * An answer without `meta` is the last page. If it still links to a next page, `isNextUnreachable` is `true`, and
 * paging fails with `PaginationError` instead of ending.
 *
 * **Example** (A page for a test)
 *
 * ```ts
 * import { Page, Participant } from "@effect-sunco/core"
 * import { Option } from "effect"
 * import * as assert from "node:assert"
 *
 * const ada = new Participant.Participant({ id: "c93bb9c14dde8ffb94564eae", userId: "42589ad070d43be9b00ff7e5" })
 *
 * const first = new Page.ParticipantPage({
 *   participants: [ada],
 *   meta: new Page.PageMeta({ hasMore: true, afterCursor: Option.some(ada.id) }),
 * })
 *
 * assert.equal(first.meta.hasMore, true)
 * assert.equal(new Page.ParticipantPage({ participants: [ada] }).meta.hasMore, false)
 * ```
 *
 * @see https://developer.zendesk.com/api-reference/conversations/#operation/ListParticipants
 * @category models
 * @since 0.1.0
 */
export class ParticipantPage extends Schema.Class<ParticipantPage>("@effect-sunco/core/ParticipantPage")({
  /** The participants on this page, in the order of the answer. There is no default. */
  participants: Schema.Array(Participant),
  /** The position of the page among the others. By default no page follows. */
  meta: orElse(PageMetaFromWire, unstated),
  /** Links to the pages around this one, for reference. By default there are none. */
  links: defaultIfUnreadable(PageLinks, () => new PageLinks({})),
}) {
  static {
    installPageDecoder({ ParticipantPage: this, PageMeta, PageLinks })
  }

  /**
   * Whether more participants follow without a cursor to request them: `meta` says that more follow and has no
   * `afterCursor`, or the answer has no `meta` and `links` has a next page.
   */
  get isNextUnreachable(): boolean {
    const { afterCursor, hasMore } = this.meta
    return hasMore ? Option.getOrElse(afterCursor, () => "") === "" : this.meta === unstated && hasLink(this.links.next)
  }

  /** Whether the answer has no `meta`, and `links` has a previous page. */
  get isPreviousUnreachable(): boolean {
    return this.meta === unstated && hasLink(this.links.prev)
  }
}

const hasLink = (link: Option.Option<string>): boolean => Option.getOrElse(link, () => "") !== ""
