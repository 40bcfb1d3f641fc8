/**
 * One suite, every layer.
 */
import { describe, it } from "@effect/vitest"
import { Participants } from "@effect-sunco/core"
import { ParticipantsTest } from "@effect-sunco/testing"
import { Effect, Layer } from "effect"
import { type Door, inMemory, inProcess, overSockets } from "./support/doors.ts"
import { throughPromises } from "./support/promiseClient.ts"
import { behaviours } from "./support/participantsSuite.ts"

const inFront: Door = (seed) =>
  Layer.effect(
    Participants.Participants,
    Effect.map(Participants.Participants, (inner) => Participants.make(inner)),
  ).pipe(Layer.provideMerge(ParticipantsTest.layerMemory(seed)))

describe.each<{ readonly name: string; readonly door: Door }>([
  { name: "in memory", door: inMemory },
  { name: "over the in-process client", door: inProcess },
  { name: "over a real port", door: overSockets },
  { name: "through a service in front of another one", door: inFront },
  { name: "through the Promise client", door: throughPromises },
])("$name", ({ door }) => {
  // A socket needs time that runs by itself.
  it.live.each(behaviours)("$statement", ({ check, seed }) => Effect.provide(check, door(seed)))
})
