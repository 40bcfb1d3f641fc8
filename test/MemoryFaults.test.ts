/**
 * The table of faults in memory, of docs/testing.md, says what is.
 */
import { assert, describe, it } from "@effect/vitest"
import { Participants, SunshineError } from "@effect-sunco/core"
import { Faults, ParticipantsTest, Sandbox } from "@effect-sunco/testing"
import { Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
import { readFileSync } from "node:fs"
import { join } from "node:path"

const { appId, conversationId, userId } = Sandbox.demo
const conversation = { appId, conversationId }
const member = "67179a2930a150d500000001"

type Service = Participants.Participants["Service"]

const calls = {
  join: (service: Service) => service.join({ ...conversation, userId }),
  leave: (service: Service) => service.leave({ ...conversation, userId: member }),
  list: (service: Service) => service.list(conversation),
}

const rows = readFileSync(join(import.meta.dirname, "../docs/testing.md"), "utf8")
  .split("\n")
  .filter((line) => line.startsWith("| `Faults."))
  .map((line) => {
    const [fault = "", ...names] = line.split("|").flatMap((cell) => /`(.+)`/.exec(cell)?.[1] ?? [])
    return { fault, names }
  })

/** The fault that a row names. */
const faultOf = (name: string): Faults.Fault => {
  const [, status] = /^Faults\.status\((\d+)\)$/.exec(name) ?? []
  if (status !== undefined) return Faults.status(Number(status))
  const faults: Readonly<Record<string, Faults.Fault>> = {
    "Faults.refused": Faults.refused,
    "Faults.reset()": Faults.reset(),
    "Faults.hang()": Faults.hang(),
    "Faults.truncatedBody": Faults.truncatedBody,
    "Faults.htmlBody": Faults.htmlBody,
  }
  const fault = faults[name]
  if (fault === undefined) throw new Error(`the table has a fault that this test does not know: ${name}`)
  return fault
}

const failureOf = Effect.fnUntraced(function* (operation: SunshineError.Operation, fault: Faults.Fault) {
  const seed = Sandbox.demoSeed({ members: 3, faults: { next: () => Effect.succeed(fault) } })
  const call = Effect.flatMap(Participants.Participants, (service) =>
    Effect.matchEffect(calls[operation](service), { onFailure: Effect.succeed, onSuccess: Effect.fail }),
  )
  const failing = yield* Effect.forkChild(Effect.provide(call, ParticipantsTest.layerMemory(seed)))
  yield* TestClock.adjust("15 seconds")
  return yield* Fiber.join(failing)
})

const nameOf = (error: Effect.Success<ReturnType<typeof failureOf>>) =>
  error._tag === "SunshineError" ? error.reason._tag : error._tag

describe("the table of faults in memory", () => {
  it.effect.each(rows)("is right about $fault", ({ fault, names }) =>
    Effect.gen(function* () {
      const errors = yield* Effect.forEach(SunshineError.Operation.literals, (operation) =>
        failureOf(operation, faultOf(fault)),
      )
      assert.deepStrictEqual(errors.map(nameOf), names)
      for (const error of errors) {
        if (error._tag === "SunshineError" && error.reason._tag === "OutcomeUnknown") {
          const tried = error.reason.attempts.map(({ _tag }) => _tag)
          assert.deepStrictEqual(tried, names.slice(2), "the attempts have the reason that a list has")
        }
      }
    }),
  )

  it("has every error and every reason, but for the one that no layer sends", () => {
    const named = new Set(rows.flatMap(({ names }) => names))
    const reasons = SunshineError.Reason.members.map(({ fields }) => fields._tag.schema.literal)
    const expected = ["BadRequest", "NotFound", ...reasons.filter((reason) => reason !== "InvalidRequest")]
    assert.deepStrictEqual([...named].toSorted(), expected.toSorted())
  })
})
