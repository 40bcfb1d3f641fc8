/**
 * The apps, users and conversations of a sandbox. What contradicts itself is an error that names the place: a test with a
 * world that is not the one it wrote down would test nothing.
 */
import * as Duration from "effect/Duration"
import * as Formatter from "effect/Formatter"
import * as Option from "effect/Option"
import { Participant } from "@effect-sunco/core"
import type * as Sandbox from "../Sandbox.ts"
import * as Roster from "./roster.ts"

export interface App {
  readonly id: string
  readonly users: Map<string, Sandbox.User>
  readonly usersByExternalId: Map<string, Sandbox.User>
  readonly conversations: Map<string, Conversation>
}

export interface Conversation {
  readonly type: Sandbox.Conversation["type"]
  readonly roster: Roster.Roster
}

/** An id is there once, and is not empty. */
const checkId = (taken: { readonly has: (id: string) => boolean }, id: string, what: string) => {
  if (id === "") throw new Error(`${what} is empty`)
  if (taken.has(id)) throw new Error(`${what} ${id} is there twice`)
}

const checkRules = ({ listDelay, maxParticipants }: Sandbox.Rules) => {
  const limited = maxParticipants !== Number.POSITIVE_INFINITY
  if (limited && !(Number.isInteger(maxParticipants) && maxParticipants >= 0)) {
    throw new Error(`the rule maxParticipants is a whole number, 0 or more, not ${maxParticipants}`)
  }
  const delay = Option.getOrUndefined(Duration.fromInput(listDelay))
  if (delay === undefined || Duration.isLessThan(delay, Duration.zero)) {
    throw new Error(`the rule listDelay is a duration of zero or more, not ${Formatter.format(listDelay)}`)
  }
}

export const make = (seed: Sandbox.Seed, rules: Sandbox.Rules, now: number) => {
  checkRules(rules)
  const apps = new Map<string, App>()
  let participantCount = 0

  /** Ids grow with time, as the vendor's do. */
  const nextParticipantId = () => `67a0ecf880e2647c${(++participantCount).toString(16).padStart(8, "0")}`

  const addMember = (
    { roster }: Conversation,
    user: Sandbox.User,
    shownFrom: number,
    { lastRead, unreadCount = 0 }: Omit<Sandbox.Member, "userId"> = {},
  ): Participant.Participant => {
    const participant = new Participant.Participant({
      id: nextParticipantId(),
      userId: user.id,
      userExternalId: Option.fromUndefinedOr(user.externalId),
      unreadCount,
      lastRead: Option.fromUndefinedOr(lastRead),
      clientAssociations: (user.clients ?? []).map(
        ({ id, type }) => new Participant.ClientAssociation({ type, clientId: Option.some(id) }),
      ),
    })
    roster.push({ participant, shownFrom, hiddenFrom: undefined })
    return participant
  }

  const addUser = (app: App, user: Sandbox.User) => {
    checkId(app.users, user.id, `the id of a user of app ${app.id}`)
    if (user.externalId !== undefined) {
      checkId(app.usersByExternalId, user.externalId, `the external id of a user of app ${app.id}`)
      app.usersByExternalId.set(user.externalId, user)
    }
    app.users.set(user.id, user)
  }

  /** A user who can join: one who is there, and has not joined unless the rules allow another participant. */
  const candidate = (app: App, joined: { readonly has: (userId: string) => boolean }, userId: string): Sandbox.User => {
    const user = app.users.get(userId)
    if (user === undefined) throw new Error(`app ${app.id} has no user ${userId}`)
    if (joined.has(userId) && rules.joiningTwice !== "another participant") {
      throw new Error(`user ${userId} has joined already`)
    }
    return user
  }

  const addConversation = (app: App, { id, participants = [], type }: Sandbox.Conversation, shownFrom: number) => {
    checkId(app.conversations, id, `the id of a conversation of app ${app.id}`)
    const joined = new Set<string>()
    const members = participants.map((entry) => {
      const { userId, ...member } = typeof entry === "string" ? { userId: entry } : entry
      const user = candidate(app, joined, userId)
      joined.add(userId)
      return { member, user }
    })
    const conversation: Conversation = { type, roster: [] }
    app.conversations.set(id, conversation)
    for (const { member, user } of members) addMember(conversation, user, shownFrom, member)
  }

  for (const { conversations = [], id, users = [] } of seed.apps) {
    checkId(apps, id, "the id of an app")
    const app: App = { id, users: new Map(), usersByExternalId: new Map(), conversations: new Map() }
    apps.set(id, app)
    for (const user of users) addUser(app, user)
    for (const conversation of conversations) addConversation(app, conversation, now)
  }

  const appOf = (appId: string): App => {
    const app = apps.get(appId)
    if (app === undefined) throw new Error(`the sandbox has no app ${appId}`)
    return app
  }
  const conversationOf = ({ appId, conversationId }: Participant.ConversationReference) => {
    const app = appOf(appId)
    const conversation = app.conversations.get(conversationId)
    if (conversation === undefined) throw new Error(`app ${appId} has no conversation ${conversationId}`)
    return { app, conversation }
  }

  return {
    apps,
    appOf,
    conversationOf,
    addMember,
    addUser,
    addConversation,
    /** A user joins, by another way than a call. */
    addParticipant: (
      { userId, ...reference }: Participant.ConversationReference & { readonly userId: string },
      shownFrom: number,
    ) => {
      const { app, conversation } = conversationOf(reference)
      const joined = new Set(conversation.roster.filter(Roster.isMember).map(({ participant }) => participant.userId))
      return addMember(conversation, candidate(app, joined, userId), shownFrom)
    },
  }
}
