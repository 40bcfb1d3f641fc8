/**
 * One suite, every layer.
 */
import { describe, it } from "@effect/vitest"
import { Participants, SunshineError } from "@effect-sunco/core"
import { ParticipantsTest, Sandbox } from "@effect-sunco/testing"
import { Effect, Layer } from "effect"
import { type Door, inMemory, inProcess, overSockets } from "./support/doors.ts"
import { throughPromises } from "./support/promiseClient.ts"
import { behaviours, overriding } from "./support/participantsSuite.ts"

const inFront: Door = (seed) =>
  Layer.effect(
    Participants.Participants,
    Effect.map(Participants.Participants, (inner) => Participants.make(inner)),
  ).pipe(Layer.provideMerge(ParticipantsTest.layerMemory(seed)))

/** A mock that has nothing but its handlers: the sandbox below them checks no request and no policy. */
const throughMock: Door = (seed) =>
  Layer.unwrap(
    Effect.map(Sandbox.Sandbox, ({ join, leave, list }) =>
      ParticipantsTest.layerMock({
        join,
        leave: (request) =>
          Effect.catchTag(leave(request), "BadRequest", ({ errors }) =>
            Effect.fail(SunshineError.failure("leave", SunshineError.reasonOfStatus(400, { errors }))),
          ),
        list: ({ page, ...conversation }) => list({ ...conversation, ...page }),
      }),
    ),
  ).pipe(Layer.provideMerge(Sandbox.layer(seed)))

const onEffect = [...behaviours, ...overriding]

describe.each([
  { name: "in memory", door: inMemory, holds: onEffect },
  { name: "over the in-process client", door: inProcess, holds: onEffect },
  { name: "over a real port", door: overSockets, holds: onEffect },
  { name: "through a service in front of another one", door: inFront, holds: onEffect },
  { name: "through a mock of a sandbox", door: throughMock, holds: onEffect },
  // The policy of the Promise client is that of its options, which are checked when it is made.
  { name: "through the Promise client", door: throughPromises, holds: behaviours },
])("$name", ({ door, holds }) => {
  // A socket needs time that runs by itself.
  it.live.each(holds)("$statement", ({ check, seed }) => Effect.provide(check, door(seed)))
})
