/**
 * The service in memory, and its sandbox.
 */
import * as DateTime from "effect4/DateTime"
import * as Effect from "effect4/Effect"
import * as Context from "effect4/Context"
import * as Layer from "effect4/Layer"
import { Participants } from "@effect-sunco/core"
import { ParticipantsTest, Sandbox } from "@effect-sunco/testing"
import type * as Boundary from "./boundary.ts"
import { runFor } from "./caller.ts"
import { plainParticipant } from "./models.ts"
import { serviceOf } from "./service.ts"

const conversationOf = ({ participants, ...conversation }: Boundary.Conversation): Sandbox.Conversation => ({
  ...conversation,
  participants: participants.map(({ lastRead, ...member }) => ({
    ...member,
    lastRead: lastRead === undefined ? undefined : DateTime.makeUnsafe(lastRead),
  })),
})

const seedOf = ({ apps, rules }: Boundary.Seed): Sandbox.Seed => ({
  apps: apps.map(({ conversations, ...app }) => ({ ...app, conversations: conversations.map(conversationOf) })),
  // The memory layer asks nobody for a credential.
  credentials: [],
  rules,
})

export const demo: Boundary.Engine["demo"] = Sandbox.demo

export const demoApps: Boundary.Engine["demoApps"] = (participants) =>
  Sandbox.demoSeed({ members: participants }).apps.map(({ conversations = [], id, users = [] }) => ({
    id,
    users,
    conversations: conversations.map(({ id, participants = [], type }) => ({
      id,
      type,
      participants: participants.map((member) => (typeof member === "string" ? member : member.userId)),
    })),
  }))

export const openMemory: Boundary.Engine["openMemory"] = (seed, caller) =>
  runFor(
    caller,
    Effect.scoped(
      Effect.map(Layer.build(ParticipantsTest.layerMemory(seedOf(seed))), (context) => {
        const sandbox = Context.get(context, Sandbox.Sandbox)
        return {
          service: serviceOf<Boundary.Caller>(Context.get(context, Participants.Participants), runFor),
          sandbox: {
            calls: (caller) => runFor(caller, sandbox.calls),
            participants: (conversation, caller) =>
              runFor(
                caller,
                Effect.map(sandbox.participants(conversation), (members) => members.map(plainParticipant)),
              ),
            addUser: (appId, user, caller) => runFor(caller, sandbox.addUser(appId, user)),
            addConversation: (appId, conversation, caller) =>
              runFor(caller, sandbox.addConversation(appId, conversationOf(conversation))),
            addParticipant: (request, caller) =>
              runFor(caller, Effect.map(sandbox.addParticipant(request), plainParticipant)),
            removeParticipant: (request, caller) => runFor(caller, sandbox.removeParticipant(request)),
          },
        }
      }),
    ),
  )
