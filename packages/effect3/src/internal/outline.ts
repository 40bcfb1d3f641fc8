/**
 * What the paginator of the engine reads of a page.
 */
import * as Option from "effect/Option"
import type { ParticipantPage } from "../Page.ts"
import type * as Boundary from "./engine/boundary.ts"

export const outlineOf = ({ links, meta, participants }: ParticipantPage): Boundary.Outline => ({
  ids: participants.map(({ id }) => id),
  meta: meta.isStated
    ? {
        hasMore: meta.hasMore,
        afterCursor: Option.getOrUndefined(meta.afterCursor),
        beforeCursor: Option.getOrUndefined(meta.beforeCursor),
      }
    : undefined,
  links: { prev: Option.getOrUndefined(links.prev), next: Option.getOrUndefined(links.next) },
})
