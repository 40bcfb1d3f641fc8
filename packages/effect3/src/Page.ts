/**
 * One page of the participants of a conversation, and how to ask for it.
 *
 * @since 0.1.0
 */
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { engine } from "./internal/engine/index.ts"
import { outlineOf } from "./internal/outline.ts"
import { type ConversationReference, Participant } from "./Participant.ts"

// ---------------------------------------------------------------------------
// Requests
// ---------------------------------------------------------------------------

/** Matches a request with both cursors. No value has it: the compiler reports its text as the property that is missing. */
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
      /** The cursor after which the page lies, as an earlier answer gave it. By default, the first page. */
      readonly after?: string | undefined
      /** Not allowed together with `after`. */
      readonly before?: undefined
      /** The largest number of participants on the page, 1 to 100. By default the API gives up to 25. */
      readonly size?: number | undefined
    }
  | {
      /** The cursor before which the page lies, as an earlier answer gave it. By default, the first page. */
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
 * @category models
 * @since 0.1.0
 */
export interface ListRequest extends ConversationReference {
  /** Which page, and how large. By default the first one, with up to 25 participants. */
  readonly page?: PageRequest | undefined
}

// ---------------------------------------------------------------------------
// Models
// ---------------------------------------------------------------------------

const orNone = Schema.optionalWith(Schema.String, { as: "Option", nullable: true }).pipe(
  Schema.withConstructorDefault(() => Option.none()),
)

/**
 * Where a page lies among the others.
 *
 * @category models
 * @since 0.1.0
 */
export class PageMeta extends Schema.Class<PageMeta>("@effect-sunco/effect3/PageMeta")({
  /** Whether more pages follow. */
  hasMore: Schema.Boolean,
  /** The cursor that asks for the next page. `Option.none()` by default, and on the last page. */
  afterCursor: orNone,
  /** The cursor that asks for the previous page. `Option.none()` by default, and on the first page. */
  beforeCursor: orNone,
}) {
  /** Whether an answer said this; false for the default of a page whose answer has no `meta`. */
  get isStated(): boolean {
    return this !== unstated
  }
}

/**
 * Links to the pages around a page. They are kept as they came and never followed.
 *
 * @category models
 * @since 0.1.0
 */
export class PageLinks extends Schema.Class<PageLinks>("@effect-sunco/effect3/PageLinks")({
  /** The URL of the previous page. `Option.none()` by default. */
  prev: orNone,
  /** The URL of the next page. `Option.none()` by default. */
  next: orNone,
}) {}

/** The `meta` of a page whose answer has none. It is one object, which tells it from an answer that says "no more". */
const unstated = new PageMeta({ hasMore: false })

/**
 * One page of the participants of a conversation, in the order of the answer.
 *
 * @see https://developer.zendesk.com/api-reference/conversations/#operation/ListParticipants
 * @category models
 * @since 0.1.0
 */
export class ParticipantPage extends Schema.Class<ParticipantPage>("@effect-sunco/effect3/ParticipantPage")({
  /** The participants on this page, in the order of the answer. */
  participants: Schema.Array(Participant),
  /** Where the page lies among the others. By default nothing follows. */
  meta: Schema.optionalWith(PageMeta, { default: () => unstated }),
  /** Links to the pages around this one, for reference. By default there are none. */
  links: Schema.optionalWith(PageLinks, { default: () => new PageLinks() }),
}) {
  /** Whether more participants follow and no cursor asks for them. */
  get isNextUnreachable(): boolean {
    return engine.isNextUnreachable(outlineOf(this))
  }

  /** Whether the answer says nothing about its place, and `links` has a previous page. */
  get isPreviousUnreachable(): boolean {
    return engine.isPreviousUnreachable(outlineOf(this))
  }
}
