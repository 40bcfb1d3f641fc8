/**
 * An implementation of the service that keeps what it was asked.
 */
import * as Effect from "effect/Effect"
import { Page, Participant, Participants } from "@effect-sunco/core"

export interface Call {
  readonly operation: "join" | "leave" | "list"
  readonly request: object
}

/** Answers every request, and keeps each one as the implementation got it. */
export const recording = () => {
  const calls: Array<Call> = []
  const participants = Participants.make({
    join: (request) =>
      Effect.sync(() => {
        calls.push({ operation: "join", request })
        return new Participant.Participant({ id: "participant", userId: request.userId ?? "user" })
      }),
    leave: (request) => Effect.sync(() => void calls.push({ operation: "leave", request })),
    list: (request) =>
      Effect.sync(() => {
        calls.push({ operation: "list", request })
        return new Page.ParticipantPage({ participants: [] })
      }),
  })
  return { calls, participants }
}
