/**
 * The operations on the state of a sandbox, with the vendor's rules, and with the choices where there are none.
 */
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as Record from "effect/Record"
import { Page, type Participant, SunshineError } from "@effect-sunco/core"
import * as Faults from "../Faults.ts"
import type * as Sandbox from "../Sandbox.ts"
import { CurrentFault, makePageFaults } from "./page-faults.ts"
import * as Roster from "./roster.ts"
import * as World from "./world.ts"

const detail = (code: string, title: string) => [new SunshineError.ErrorDetail({ code, title })]

const badRequest = (operation: SunshineError.Operation, title: string) =>
  new SunshineError.BadRequest({ operation, errors: detail("bad_request", title) })

const notFound = (operation: SunshineError.Operation, code: string, title: string) =>
  new SunshineError.NotFound({ operation, errors: detail(code, title) })

const notMember = notFound("leave", "not_found", "User is not a member of the conversation")

/** Makes the service of a sandbox. Its rules are complete: the seed has been merged with the defaults. */
export const make = Effect.fnUntraced(function* (
  seed: Sandbox.Seed,
  rules: Sandbox.Rules,
): Effect.fn.Return<Sandbox.Sandbox["Service"]> {
  const delay = Duration.toMillis(Duration.fromInputUnsafe(rules.listDelay))
  const plan = seed.faults ?? Faults.none
  const calls: Array<Sandbox.Call> = []
  const arrivals: Array<Sandbox.Arrival> = []
  const arrived = { join: 0, leave: 0, list: 0 }
  const pageFaults = makePageFaults()
  const world = World.make(seed, rules, yield* Clock.currentTimeMillis)

  /** The conversation a request names. */
  const find = (operation: SunshineError.Operation, { appId, conversationId }: Participant.ConversationReference) => {
    const app = world.apps.get(appId)
    if (app === undefined) return Effect.fail(notFound(operation, "app_not_found", "App not found"))
    const conversation = app.conversations.get(conversationId)
    if (conversation === undefined) {
      return Effect.fail(notFound(operation, "conversation_not_found", "Conversation not found"))
    }
    return Effect.succeed({ app, conversation })
  }

  /** The one way in which a request names a user. */
  const reference = (
    operation: SunshineError.Operation,
    request: Sandbox.UserReference,
    keys: ReadonlyArray<keyof Sandbox.UserReference>,
  ) => {
    const named = keys.filter((key) => request[key] !== undefined)
    const [first] = named
    if (first === undefined)
      return Effect.fail(badRequest(operation, `"value" must contain at least one of [${keys.join(",")}]`))
    if (named.length > 1 && rules.severalReferences === "bad request") {
      return Effect.fail(
        badRequest(operation, `"value" contains a conflict between exclusive peers [${keys.join(",")}]`),
      )
    }
    return Effect.succeed<Sandbox.UserReference>({ [first]: request[first] })
  }

  const record = (
    operation: SunshineError.Operation,
    request: Participant.ConversationReference & Sandbox.UserReference & Asked,
    changed: boolean,
  ) => {
    const { appId, conversationId, participantId, subscribeSDKClient, userExternalId, userId } = request
    const page = present({ after: request.after, before: request.before, size: request.size })
    calls.push({
      operation,
      appId,
      conversationId,
      user: present({ userId, userExternalId, participantId }),
      ...(subscribeSDKClient === undefined ? {} : { subscribeSDKClient }),
      ...(Record.isEmptyRecord(page) ? {} : { page }),
      changed,
    })
  }

  /** Runs an operation, and records it whatever comes of it. */
  const recorded = <A, E>(
    operation: SunshineError.Operation,
    request: Participant.ConversationReference & Sandbox.UserReference & Asked,
    run: (now: number) => Effect.Effect<{ readonly value: A; readonly changed: boolean }, E>,
  ): Effect.Effect<A, E> =>
    Effect.flatMap(Clock.currentTimeMillis, run).pipe(
      Effect.tapError(() => Effect.sync(() => record(operation, request, false))),
      Effect.map(({ changed, value }) => {
        record(operation, request, changed)
        return value
      }),
    )

  return {
    credentials: seed.credentials,

    join: (request) =>
      recorded("join", request, (now) =>
        Effect.gen(function* () {
          const { app, conversation } = yield* find("join", request)
          const { userExternalId, userId } = yield* reference("join", request, ["userId", "userExternalId"])
          if (request.subscribeSDKClient === undefined && rules.missingSubscribeSDKClient === "bad request") {
            return yield* badRequest("join", `"subscribeSDKClient" is required`)
          }
          if (conversation.type === "personal" && rules.joiningPersonal === "bad request") {
            return yield* badRequest("join", "Only conversations of type sdkGroup can be joined")
          }
          const user = userId === undefined ? app.usersByExternalId.get(userExternalId ?? "") : app.users.get(userId)
          if (user === undefined) return yield* notFound("join", "user_not_found", "User not found")
          const members = conversation.roster.filter(Roster.isMember)
          const existing = members.find(({ participant }) => participant.userId === user.id)
          if (existing !== undefined && rules.joiningTwice !== "another participant") {
            if (rules.joiningTwice === "bad request") {
              return yield* badRequest("join", "User is already a member of the conversation")
            }
            return { value: existing.participant, changed: false }
          }
          if (members.length >= rules.maxParticipants) return yield* badRequest("join", "Too many participants")
          return { value: world.addMember(conversation, user, now + delay), changed: true }
        }),
      ),

    leave: (request) =>
      recorded("leave", request, (now) =>
        Effect.gen(function* () {
          const { roster } = (yield* find("leave", request)).conversation
          const named = yield* reference("leave", request, ["userId", "userExternalId", "participantId"])
          const member = roster.find(
            (member) =>
              Roster.isMember(member) &&
              (member.participant.id === named.participantId ||
                member.participant.userId === named.userId ||
                (named.userExternalId !== undefined &&
                  Option.contains(member.participant.userExternalId, named.userExternalId))),
          )
          if (member === undefined) return yield* notMember
          member.hiddenFrom = now + delay
          Roster.prune(roster, now)
          return { value: undefined, changed: true }
        }),
      ),

    list: (request) =>
      recorded("list", request, (now) =>
        Effect.gen(function* () {
          const { roster } = (yield* find("list", request)).conversation
          if (request.after !== undefined && request.before !== undefined) {
            return yield* badRequest("list", `".page" contains a conflict between exclusive peers [after,before]`)
          }
          Roster.prune(roster, now)
          const page = Roster.page(roster, {
            after: pageFaults.resolve(request.after),
            before: pageFaults.resolve(request.before),
            size: request.size ?? Page.defaultPageSize,
            now,
            newestFirst: rules.order === "newest first",
            cursorMustExist: rules.goneCursor === "bad request",
            hasMoreBefore: rules.hasMoreBefore,
            url: `https://sandbox.invalid/v2/apps/${request.appId}/conversations/${request.conversationId}/participants`,
          })
          if (Option.isNone(page)) return yield* badRequest("list", "Invalid page query parameters")
          return { value: pageFaults.apply(yield* CurrentFault, request, page.value), changed: false }
        }),
      ),

    arrive: (operation, { appId, conversationId }) =>
      Effect.suspend(() => plan.next(operation, ++arrived[operation], { appId, conversationId })).pipe(
        Effect.tap((fault) => Effect.sync(() => arrivals.push({ operation, appId, conversationId, fault }))),
      ),

    arrivals: Effect.sync(() => [...arrivals]),

    calls: Effect.sync(() => [...calls]),

    participants: (reference) =>
      Effect.sync(() =>
        world
          .conversationOf(reference)
          .conversation.roster.filter(Roster.isMember)
          .map(({ participant }) => participant),
      ),

    addUser: (appId, user) => Effect.sync(() => world.addUser(world.appOf(appId), user)),

    addConversation: (appId, conversation) =>
      Effect.map(Clock.currentTimeMillis, (now) => world.addConversation(world.appOf(appId), conversation, now)),

    addParticipant: (request) =>
      Effect.map(Clock.currentTimeMillis, (now) => world.addParticipant(request, now + delay)),

    removeParticipant: ({ userId, ...reference }) =>
      Effect.map(Clock.currentTimeMillis, (now) => {
        const member = world
          .conversationOf(reference)
          .conversation.roster.find((member) => Roster.isMember(member) && member.participant.userId === userId)
        if (member === undefined) throw new Error(`user ${userId} has not joined`)
        member.hiddenFrom = now + delay
      }),
  }
})

/** What else a request on the wire can name. */
interface Asked extends Sandbox.PageReference {
  readonly subscribeSDKClient?: boolean | undefined
}

/** The fields that were named. */
const present = <Fields extends Record<string, unknown>>(fields: Fields) =>
  Record.filter(fields, Predicate.isNotUndefined)
