import { assert, describe, it } from "@effect/vitest"
import { Page, Participant, Participants, SunshineError } from "@effect-sunco/core"
import * as ParticipantsApi from "@effect-sunco/core/ParticipantsApi"
import * as Predicate from "effect/Predicate"

/** The identifiers of the schema classes that a module exports, by the name of the class. */
const identifiersOf = (module: object): ReadonlyArray<readonly [name: string, identifier: unknown]> =>
  Object.entries(module).flatMap(([name, value]) =>
    typeof value === "function" && Predicate.hasProperty(value, "identifier") ? [[name, value.identifier]] : [],
  )

// Two copies of this package in one program, and a process that reads what another one wrote, meet by these names.
describe("the identifiers", () => {
  it.each([
    ["Page", Page, 3],
    ["Participant", Participant, 2],
    ["SunshineError", SunshineError, 16],
  ] as const)("of the classes of %s are their names", (_, module, count) => {
    const identifiers = identifiersOf(module)
    assert.strictEqual(identifiers.length, count)
    for (const [name, identifier] of identifiers) assert.strictEqual(identifier, `@effect-sunco/core/${name}`)
  })

  it("of the services are their modules", () => {
    assert.strictEqual(Participants.Participants.key, "@effect-sunco/core/Participants")
    assert.strictEqual(ParticipantsApi.Authorization.key, "@effect-sunco/core/ParticipantsApi/Authorization")
  })
})
