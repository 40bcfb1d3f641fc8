/**
 * The apps, users, conversations and memberships of a sandbox. What a test adds and contradicts what is there throws an
 * error that names the place: a test on another state than the one it wrote down would test nothing.
 */
import * as Duration from "effect/Duration"
import * as Option from "effect/Option"
import { Participant } from "@effect-sunco/core"
import { fields, oneOf } from "../checks.ts"
import { idOf } from "./ids.ts"
import type { UserReference } from "./requests.ts"
import * as Roster from "./roster.ts"
import type { Rules } from "./rules.ts"
import type * as Seed from "./seed.ts"

interface App {
  readonly users: Map<string, Seed.User>
  /** The id of a user by the external id. */
  readonly userIds: Map<string, string>
  readonly conversations: Map<string, Conversation>
}

interface Conversation {
  readonly type: Seed.Conversation["type"]
  roster: Roster.Roster
}

/** A user, in a conversation. */
export type Place = Participant.ConversationReference & Pick<Seed.Member, "userId">

/** The credentials of a seed. One of the scope `app` names its app. */
export const credentialsOf = ({ apps, credentials = [] }: Seed.Seed): ReadonlyArray<Seed.Credential> =>
  credentials.map((credential) => {
    fields("a credential", credential, ["scope", "appId", "keyId", "secret", "token"])
    const appId = credential.appId ?? (credential.scope === "app" && apps.length === 1 ? apps[0]?.id : undefined)
    if (credential.scope === "app" && appId === undefined) {
      const key = "keyId" in credential ? ` ${credential.keyId}` : ""
      throw new Error(`the credential of the scope app${key} has no app`)
    }
    return { ...credential, appId }
  })

const checkId = (taken: ReadonlyMap<string, unknown>, id: string, what: string) => {
  if (id === "") throw new Error(`${what} is empty`)
  if (taken.has(id)) throw new Error(`${what} ${id} is there twice`)
}

const found = <A>(value: A | undefined, otherwise: string): A => {
  if (value === undefined) throw new Error(otherwise)
  return value
}

export const userOf = ({ userIds, users }: App, { userExternalId = "", userId }: UserReference) =>
  users.get(userId ?? userIds.get(userExternalId) ?? "")

export type State = ReturnType<typeof make>

export const make = (seed: Seed.Seed, rules: Rules, now: number) => {
  const listDelay = Duration.toMillis(rules.listDelay)
  const apps = new Map<string, App>()
  let participantCount = 0
  let clientCount = 0

  const appOf = (appId: string) => found(apps.get(appId), `the sandbox has no app ${appId}`)

  const conversationOf = ({ appId, conversationId }: Participant.ConversationReference) =>
    found(appOf(appId).conversations.get(conversationId), `app ${appId} has no conversation ${conversationId}`)

  const addMember = ({ roster }: Conversation, user: Seed.User, shownFrom: number, member: Partial<Seed.Member>) => {
    const participant = new Participant.Participant({
      // Ids grow with time, as the vendor's do.
      id: idOf("67a0ecf880e2647c", (++participantCount).toString(16)),
      userId: user.id,
      userExternalId: Option.fromUndefinedOr(user.externalId),
      unreadCount: member.unreadCount ?? 0,
      lastRead: Option.fromUndefinedOr(member.lastRead),
      clientAssociations: (user.clients ?? []).map(
        ({ id, type }) => new Participant.ClientAssociation({ type, clientId: Option.some(id) }),
      ),
    })
    roster.push({ participant, shownFrom, hiddenFrom: undefined })
    return participant
  }

  /** Adds members by another way than a call. */
  const admitTo = (appId: string, conversation: Conversation, shownFrom: number) => {
    const joined = new Set(Roster.members(conversation.roster).map(({ participant }) => participant.userId))
    return ({ userId, ...member }: Seed.Member) => {
      fields(`a participant of app ${appId}`, member, ["userId", "unreadCount", "lastRead"])
      const user = found(appOf(appId).users.get(userId), `app ${appId} has no user ${userId}`)
      if (joined.has(userId) && rules.joiningTwice !== "another participant") {
        throw new Error(`user ${userId} has joined already`)
      }
      joined.add(userId)
      return addMember(conversation, user, shownFrom, member)
    }
  }

  const endMembership = (conversation: Conversation, membership: Roster.Membership, now: number) => {
    membership.hiddenFrom = now + listDelay
    conversation.roster = Roster.pruned(conversation.roster, now)
  }

  const addUser = (appId: string, user: Seed.User) => {
    const { userIds, users } = appOf(appId)
    fields(`a user of app ${appId}`, user, ["id", "externalId", "clients"])
    checkId(users, user.id, `the id of a user of app ${appId}`)
    if (user.externalId !== undefined) {
      checkId(userIds, user.externalId, `the external id of a user of app ${appId}`)
      userIds.set(user.externalId, user.id)
    }
    users.set(user.id, user)
  }

  const addConversation = (appId: string, { id, participants = [], type, ...rest }: Seed.Conversation, now: number) => {
    const { conversations } = appOf(appId)
    fields(`conversation ${id} of app ${appId}`, rest, ["id", "type", "participants"])
    oneOf(`the type of conversation ${id} of app ${appId}`, type, ["sdkGroup", "personal"])
    checkId(conversations, id, `the id of a conversation of app ${appId}`)
    const conversation: Conversation = { type, roster: [] }
    const admit = admitTo(appId, conversation, now)
    for (const entry of participants) admit(typeof entry === "string" ? { userId: entry } : entry)
    conversations.set(id, conversation)
  }

  fields("a seed", seed, ["apps", "credentials", "rules", "faults", "conversationIds", "userIds"])
  for (const { conversations = [], id, users = [], ...rest } of seed.apps) {
    fields(`app ${id}`, rest, ["id", "users", "conversations"])
    checkId(apps, id, "the id of an app")
    apps.set(id, { users: new Map(), userIds: new Map(), conversations: new Map() })
    for (const user of users) addUser(id, user)
    for (const conversation of conversations) addConversation(id, conversation, now)
  }

  const participants = (place: Participant.ConversationReference): ReadonlyArray<Participant.Participant> =>
    Roster.members(conversationOf(place).roster).map(({ participant }) => participant)

  return {
    apps,
    /** With a subscription, the user has a client of type `sdk`, which is made if there is none. */
    join: ({ users }: App, conversation: Conversation, user: Seed.User, subscribes: boolean, now: number) => {
      const { clients = [] } = user
      if (!subscribes || clients.some(({ type }) => type === "sdk")) {
        return addMember(conversation, user, now + listDelay, {})
      }
      const client = { type: "sdk", id: idOf("67a0ee38f0305f4b", (++clientCount).toString(16)) }
      const subscribed = { ...user, clients: [client, ...clients] }
      users.set(user.id, subscribed)
      return addMember(conversation, subscribed, now + listDelay, {})
    },
    endMembership,

    // For tests, beside the operations.
    participants,
    addUser,
    addConversation,
    addParticipant: ({ userId, ...place }: Place, now: number) =>
      admitTo(place.appId, conversationOf(place), now + listDelay)({ userId }),
    removeParticipant: ({ userId, ...place }: Place, now: number) => {
      const conversation = conversationOf(place)
      const membership = Roster.members(conversation.roster).find(({ participant }) => participant.userId === userId)
      endMembership(conversation, found(membership, `user ${userId} has not joined`), now)
    },
  }
}
