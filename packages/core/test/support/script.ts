/**
 * A service whose `list` follows a script, to page through what no real API would give.
 */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import { Page, Participant, Participants, type SunshineError } from "@effect-sunco/core"

export const conversation = { appId: "app", conversationId: "conversation" }

/** A cursor, or an id, of the length that the API allows. */
export const at = (name: string): string => name.padEnd(Page.cursorLength, "0")

/** A page with these participants, and these cursors around it. `hasMore` follows `after` if it is left out. */
export const page = (
  ids: ReadonlyArray<string>,
  meta: { readonly hasMore?: boolean; readonly after?: string; readonly before?: string } = {},
) =>
  new Page.ParticipantPage({
    participants: ids.map((id) => new Participant.Participant({ id: at(id), userId: `user-${id}` })),
    meta: new Page.PageMeta({
      hasMore: meta.hasMore ?? meta.after !== undefined,
      afterCursor: Option.map(Option.fromUndefinedOr(meta.after), at),
      beforeCursor: Option.map(Option.fromUndefinedOr(meta.before), at),
    }),
  })

export type ListError = SunshineError.BadRequest | SunshineError.NotFound | SunshineError.SunshineError

export type Answer = (page: Page.PageRequest) => Effect.Effect<Page.ParticipantPage, ListError>

/** The service, and the pages it was asked for, in order. */
export const scripted = (answer: Answer) => {
  const calls: Array<Page.PageRequest> = []
  const layer = Layer.succeed(
    Participants.Participants,
    Participants.make({
      join: () => Effect.die("a paginator does not join"),
      leave: () => Effect.die("a paginator does not leave"),
      list: ({ page: asked }) =>
        Effect.suspend(() => {
          const { after, before, size } = asked ?? {}
          const rest = size === undefined ? {} : { size }
          const request: Page.PageRequest =
            before !== undefined ? { ...rest, before } : after !== undefined ? { ...rest, after } : rest
          calls.push(request)
          return answer(request)
        }),
    }),
  )
  return { calls, layer }
}

/** Answers by cursor, whichever way it points; `first` is the page without one. */
export const byCursor =
  (pages: {
    readonly [cursor: string]: Page.ParticipantPage | Effect.Effect<Page.ParticipantPage, ListError>
  }): Answer =>
  ({ after, before }) => {
    const cursor = after ?? before
    const answer = Object.entries(pages).find(([name]) =>
      cursor === undefined ? name === "first" : at(name) === cursor,
    )
    if (answer === undefined) return Effect.die(new Error(`the script has no page ${cursor}`))
    return answer[1] instanceof Page.ParticipantPage ? Effect.succeed(answer[1]) : answer[1]
  }

/** A conversation without end: page n has one participant, and the cursor of page n + 1. */
export const endless: Answer = ({ after }) => {
  const number = after === undefined ? 1 : Number(after.split("x")[0])
  return Effect.succeed(page([`${number}x`], { after: `${number + 1}x` }))
}
