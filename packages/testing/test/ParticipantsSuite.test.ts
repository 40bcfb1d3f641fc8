/**
 * The suite finds what is wrong with an implementation.
 */
import { assert, describe, it } from "@effect/vitest"
import { Page, Participants } from "@effect-sunco/core"
import { ParticipantsSuite, ParticipantsTest } from "@effect-sunco/testing"
import { Effect, Exit, Layer } from "effect"

/** The statements that do not hold for a change of the memory layer. */
const brokenBy = (
  change: (inner: Participants.Participants["Service"]) => Partial<Participants.Participants["Service"]>,
) =>
  Effect.gen(function* () {
    const broken: Array<string> = []
    for (const { check, seed, statement } of ParticipantsSuite.behaviours) {
      const layer = Layer.effect(
        Participants.Participants,
        Effect.map(Participants.Participants, (inner) => ({ ...inner, ...change(inner) })),
      ).pipe(Layer.provideMerge(ParticipantsTest.layerMemory(seed)))
      if (Exit.isFailure(yield* Effect.exit(Effect.provide(check, layer)))) broken.push(statement)
    }
    return broken
  })

describe("the suite", () => {
  it.effect("holds for the memory layer", () =>
    Effect.gen(function* () {
      assert.deepEqual(yield* brokenBy(() => ({})), [])
    }),
  )

  it.effect("finds a leave that does nothing", () =>
    Effect.gen(function* () {
      const broken = yield* brokenBy(() => ({ leave: () => Effect.void }))
      assert.include(broken, "a leave by userId ends the membership")
      assert.include(broken, "a leave of a user who is no member is NotFound")
    }),
  )

  it.effect("finds a join that is sent twice", () =>
    Effect.gen(function* () {
      const broken = yield* brokenBy(({ join, leave }) => ({
        join: (request) =>
          join(request).pipe(
            Effect.tap(({ id }) =>
              leave({ appId: request.appId, conversationId: request.conversationId, participantId: id }),
            ),
            Effect.andThen(join(request)),
          ),
      }))
      assert.include(broken, "a user who joins twice is a participant once")
    }),
  )

  it.effect("finds a list that loses the last participant of a page", () =>
    Effect.gen(function* () {
      const broken = yield* brokenBy(({ list }) => ({
        list: (request) =>
          Effect.map(
            list(request),
            (page) => new Page.ParticipantPage({ ...page, participants: page.participants.slice(0, -1) }),
          ),
      }))
      assert.include(broken, "a stream gives all of 1 participants, in order")
      assert.include(broken, "a page holds up to 100")
    }),
  )

  it.effect("finds a service that does not check its requests", () =>
    Effect.gen(function* () {
      const broken = yield* brokenBy(() => ({
        list: () => Effect.succeed(new Page.ParticipantPage({ participants: [] })),
      }))
      assert.include(broken, "a page of size 101 is refused")
    }),
  )
})
