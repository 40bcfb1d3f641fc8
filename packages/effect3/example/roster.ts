/**
 * Lets a user join a conversation, and says who is in it: what an application on Effect 3 writes.
 */
import { Paginator, Participants } from "@effect-sunco/effect3"
import { Effect, Stream } from "effect"

interface Conversation {
  readonly appId: string
  readonly conversationId: string
}

/** Joins the user, and returns what came of it in a sentence. */
export const letIn = (conversation: Conversation, userId: string) =>
  Effect.gen(function* () {
    const participants = yield* Participants.Participants
    const participant = yield* participants.join({ ...conversation, userId })
    return `${userId} joined as ${participant.id}`
  }).pipe(
    Effect.catchTag("NotFound", ({ code }) => Effect.succeed(`${userId} cannot join: ${code}`)),
    Effect.withSpan("letIn"),
  )

/** Counts all participants, page by page. */
export const count = (conversation: Conversation) => Stream.runCount(Paginator.stream(conversation))
