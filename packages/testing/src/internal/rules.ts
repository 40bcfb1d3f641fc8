/**
 * The operations on the state of a sandbox, with the vendor's rules, and with the choices where there are none.
 */
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { Page, Participant, SunshineError } from "@effect-sunco/core"
import * as Faults from "../Faults.ts"
import type * as Sandbox from "../Sandbox.ts"
import { CurrentFault, makePageFaults } from "./page-faults.ts"
import * as Roster from "./roster.ts"

interface AppState {
  readonly users: Map<string, Sandbox.User>
  readonly conversations: Map<string, { readonly type: Sandbox.Conversation["type"]; readonly roster: Roster.Roster }>
}

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
  const apps = new Map<string, AppState>()
  const plan = seed.faults ?? Faults.none
  const calls: Array<Sandbox.Call> = []
  const arrivals: Array<Sandbox.Arrival> = []
  const arrived = { join: 0, leave: 0, list: 0 }
  const pageFaults = makePageFaults()
  let participantCount = 0

  const startedAt = yield* Clock.currentTimeMillis

  /** Ids grow with time, as the vendor's do. */
  const nextParticipantId = () => `67a0ecf880e2647c${(++participantCount).toString(16).padStart(8, "0")}`

  const addMember = (roster: Roster.Roster, user: Sandbox.User, shownFrom: number): Participant.Participant => {
    const participant = new Participant.Participant({
      id: nextParticipantId(),
      userId: user.id,
      userExternalId: Option.fromUndefinedOr(user.externalId),
      clientAssociations: (user.clients ?? []).map(
        ({ id, type }) => new Participant.ClientAssociation({ type, clientId: Option.some(id) }),
      ),
    })
    roster.push({ participant, shownFrom, hiddenFrom: undefined })
    return participant
  }

  const addConversation = (app: AppState, { id, participants = [], type }: Sandbox.Conversation) => {
    const roster: Roster.Roster = []
    app.conversations.set(id, { type, roster })
    for (const userId of participants) addMember(roster, userOf(app, userId), startedAt)
  }

  for (const { conversations = [], id, users = [] } of seed.apps) {
    const app: AppState = { users: new Map(users.map((user) => [user.id, user])), conversations: new Map() }
    apps.set(id, app)
    for (const conversation of conversations) addConversation(app, conversation)
  }

  /** The conversation a request names. */
  const find = (operation: SunshineError.Operation, { appId, conversationId }: Participant.ConversationReference) => {
    const app = apps.get(appId)
    if (app === undefined) return Effect.fail(notFound(operation, "app_not_found", "App not found"))
    const conversation = app.conversations.get(conversationId)
    if (conversation === undefined) {
      return Effect.fail(notFound(operation, "conversation_not_found", "Conversation not found"))
    }
    return Effect.succeed({ app, ...conversation })
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
    {
      appId,
      conversationId,
      participantId,
      userExternalId,
      userId,
    }: Participant.ConversationReference & Sandbox.UserReference,
    changed: boolean,
  ) => calls.push({ operation, appId, conversationId, user: { participantId, userExternalId, userId }, changed })

  /** Runs an operation, and records it whatever comes of it. */
  const recorded = <A, E>(
    operation: SunshineError.Operation,
    request: Participant.ConversationReference & Sandbox.UserReference,
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
          const { app, roster, type } = yield* find("join", request)
          const { userExternalId, userId } = yield* reference("join", request, ["userId", "userExternalId"])
          if (request.subscribeSDKClient === undefined && rules.missingSubscribeSDKClient === "bad request") {
            return yield* badRequest("join", `"subscribeSDKClient" is required`)
          }
          if (type === "personal" && rules.joiningPersonal === "bad request") {
            return yield* badRequest("join", "Only conversations of type sdkGroup can be joined")
          }
          const user =
            userId === undefined
              ? [...app.users.values()].find(({ externalId }) => externalId === userExternalId)
              : app.users.get(userId)
          if (user === undefined) return yield* notFound("join", "user_not_found", "User not found")
          const members = roster.filter(Roster.isMember)
          const existing = members.find(({ participant }) => participant.userId === user.id)
          if (existing !== undefined && rules.joiningTwice !== "another participant") {
            if (rules.joiningTwice === "bad request") {
              return yield* badRequest("join", "User is already a member of the conversation")
            }
            return { value: existing.participant, changed: false }
          }
          if (members.length >= rules.maxParticipants) return yield* badRequest("join", "Too many participants")
          return { value: addMember(roster, user, now + delay), changed: true }
        }),
      ),

    leave: (request) =>
      recorded("leave", request, (now) =>
        Effect.gen(function* () {
          const { roster } = yield* find("leave", request)
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
          const { roster } = yield* find("list", request)
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

    arrive: (operation) =>
      Effect.suspend(() => plan.next(operation, ++arrived[operation])).pipe(
        Effect.tap((fault) => Effect.sync(() => arrivals.push({ operation, fault }))),
      ),

    arrivals: Effect.sync(() => [...arrivals]),

    calls: Effect.sync(() => [...calls]),

    participants: (conversation) =>
      Effect.map(Effect.orDie(find("list", conversation)), ({ roster }) =>
        roster.filter(Roster.isMember).map(({ participant }) => participant),
      ),

    addUser: (appId, user) => Effect.sync(() => appOf(apps, appId).users.set(user.id, user)),

    addConversation: (appId, conversation) => Effect.sync(() => addConversation(appOf(apps, appId), conversation)),

    addParticipant: (request) =>
      Effect.gen(function* () {
        const { app, roster } = yield* Effect.orDie(find("join", request))
        return addMember(roster, userOf(app, request.userId), (yield* Clock.currentTimeMillis) + delay)
      }),

    removeParticipant: (request) =>
      Effect.gen(function* () {
        const { roster } = yield* Effect.orDie(find("leave", request))
        const member = roster.find((member) => Roster.isMember(member) && member.participant.userId === request.userId)
        if (member === undefined) return yield* Effect.die(new Error(`user ${request.userId} has not joined`))
        member.hiddenFrom = (yield* Clock.currentTimeMillis) + delay
      }),
  }
})

const appOf = (apps: ReadonlyMap<string, AppState>, appId: string): AppState => {
  const app = apps.get(appId)
  if (app === undefined) throw new Error(`the sandbox has no app ${appId}`)
  return app
}

const userOf = (app: AppState, userId: string): Sandbox.User => {
  const user = app.users.get(userId)
  if (user === undefined) throw new Error(`the sandbox has no user ${userId}`)
  return user
}
