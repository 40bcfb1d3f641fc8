/**
 * Join, leave and list on the state of a sandbox: the vendor's rules, and the choices where there are none. Each checks
 * the request itself first, then the app and the conversation, then the user, and the membership last.
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { Operations, Page, type Participant, SunshineError } from "@effect-sunco/core"
import { CurrentFault, makePageFaults } from "../faults/page.ts"
import type { Call, PageReference, UserReference } from "./requests.ts"
import * as Roster from "./roster.ts"
import type { Rules } from "./rules.ts"
import { type State, userOf } from "./state.ts"

type ConversationReference = Participant.ConversationReference

type Operation = SunshineError.Operation

const { notFound } = SunshineError

const isCursor = Schema.is(Page.Cursor)

const badRequest = (operation: Operation, title: string) => SunshineError.badRequest(operation, "bad_request", title)

export const make = (state: State, rules: Rules) => {
  const pageFaults = makePageFaults()

  const find = Effect.fnUntraced(function* (operation: Operation, { appId, conversationId }: ConversationReference) {
    const app = state.apps.get(appId)
    if (app === undefined) return yield* notFound(operation, "app_not_found", "App not found")
    const conversation = app.conversations.get(conversationId)
    if (conversation !== undefined) return { app, conversation }
    return yield* notFound(operation, "conversation_not_found", "Conversation not found")
  })

  /** The one way in which a request names a user. */
  const reference = Effect.fnUntraced(function* (
    operation: Operation,
    request: UserReference,
    keys: ReadonlyArray<keyof UserReference>,
  ) {
    const peers = `[${keys.join(",")}]`
    const [first, ...others] = keys.filter((key) => request[key] !== undefined)
    if (first === undefined) return yield* badRequest(operation, `"value" must contain at least one of ${peers}`)
    if (others.length > 0 && rules.severalReferences === "bad request") {
      return yield* badRequest(operation, `"value" contains a conflict between exclusive peers ${peers}`)
    }
    const named: UserReference = { [first]: request[first] }
    return named
  })

  return {
    join: Effect.fnUntraced(function* (
      request: ConversationReference & UserReference & Pick<Call, "subscribeSDKClient">,
    ) {
      const named = yield* reference("join", request, ["userId", "userExternalId"])
      if (request.subscribeSDKClient === undefined && rules.missingSubscribeSDKClient === "bad request") {
        return yield* badRequest("join", `"subscribeSDKClient" is required`)
      }
      const { app, conversation } = yield* find("join", request)
      if (conversation.type === "personal" && rules.joiningPersonal === "bad request") {
        return yield* badRequest("join", "Only conversations of type sdkGroup can be joined")
      }
      const user = userOf(app, named)
      if (user === undefined) return yield* notFound("join", "user_not_found", "User not found")
      const members = Roster.members(conversation.roster)
      const existing = members.find(({ participant }) => participant.userId === user.id)
      if (existing !== undefined && rules.joiningTwice === "bad request") {
        return yield* badRequest("join", "User is already a member of the conversation")
      }
      if (existing !== undefined && rules.joiningTwice === "same participant") {
        return { value: existing.participant, changed: false }
      }
      if (members.length >= rules.maxParticipants) return yield* badRequest("join", "Too many participants")
      const now = yield* Clock.currentTimeMillis
      return { value: state.join(app, conversation, user, request.subscribeSDKClient === true, now), changed: true }
    }),

    leave: Effect.fnUntraced(function* (request: ConversationReference & UserReference) {
      const named = yield* reference("leave", request, ["userId", "userExternalId", "participantId"])
      const { app, conversation } = yield* find("leave", request)
      if (conversation.type === "personal" && rules.leavingPersonal === "bad request") {
        return yield* badRequest("leave", "Only conversations of type sdkGroup can be left")
      }
      const user = userOf(app, named)
      const namesUser = named.participantId === undefined
      if (namesUser && user === undefined && rules.unknownUserLeaving === "user_not_found") {
        return yield* notFound("leave", "user_not_found", "User not found")
      }
      const membership = Roster.members(conversation.roster).find(({ participant }) =>
        namesUser ? participant.userId === user?.id : participant.id === named.participantId,
      )
      if (membership === undefined) {
        return yield* notFound("leave", "not_found", "User is not a member of the conversation")
      }
      state.endMembership(conversation, membership, yield* Clock.currentTimeMillis)
      return { value: undefined, changed: true }
    }),

    list: Effect.fnUntraced(function* (request: ConversationReference & PageReference) {
      const { after, appId, before, conversationId, size = Page.defaultPageSize } = request
      if (after !== undefined && before !== undefined) {
        return yield* badRequest("list", `".page" contains a conflict between exclusive peers [after,before]`)
      }
      if ([after, before].some((cursor) => cursor !== undefined && !isCursor(cursor))) {
        return yield* badRequest("list", "Invalid page query parameters")
      }
      const { roster } = (yield* find("list", request)).conversation
      const cursors = { after: pageFaults.resolve(after), before: pageFaults.resolve(before) }
      const listed = Roster.page(roster, cursors, size, rules, yield* Clock.currentTimeMillis)
      if (listed === undefined) return yield* badRequest("list", "Invalid page query parameters")
      const page = pageFaults.apply(yield* CurrentFault, request, listed)
      const path = Operations.list.path.replace(":appId", () => appId).replace(":conversationId", () => conversationId)
      const link = (name: string, cursor: Option.Option<string>) =>
        Option.map(cursor, (id) => `https://sandbox.invalid${path}?page[${name}]=${id}&page[size]=${size}`)
      const { afterCursor, beforeCursor } = page.meta
      const links = new Page.PageLinks({ next: link("after", afterCursor), prev: link("before", beforeCursor) })
      return { value: new Page.ParticipantPage({ ...page, links }), changed: false }
    }),
  }
}
