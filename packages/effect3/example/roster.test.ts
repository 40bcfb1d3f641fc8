/**
 * Tests the program without HTTP, on the rules of the local API.
 */
import { ParticipantsTest } from "@effect-sunco/effect3"
import { Effect } from "effect"
import * as assert from "node:assert/strict"
import { test } from "node:test"
import { count, letIn } from "./roster.ts"

const { appId, conversationId, userId } = ParticipantsTest.demo
const conversation = { appId, conversationId }

const run = <A, E>(program: Effect.Effect<A, E, Effect.Effect.Context<typeof joined>>) =>
  Effect.runPromise(Effect.provide(program, ParticipantsTest.layerMemory()))

const joined = Effect.zip(letIn(conversation, userId), count(conversation))

void test("a user who exists is let in", async () => {
  const [sentence, participants] = await run(joined)
  assert.match(sentence, new RegExp(`^${userId} joined as `))
  assert.equal(participants, 251)
})

void test("a user who does not exist is not", async () => {
  assert.equal(await run(letIn(conversation, "nobody")), "nobody cannot join: user_not_found")
})
