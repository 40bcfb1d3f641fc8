import { assert, describe, it } from "@effect/vitest"
import { Effect, Redacted } from "effect"
import { vi } from "vitest"
import * as Credentials from "../src/Credentials.ts"

const loaded = vi.hoisted(() => ({ times: 0 }))

vi.mock("jose/jwt/sign", async (importOriginal) => {
  loaded.times++
  return importOriginal()
})

describe("jose/jwt/sign", () => {
  it.effect("is loaded when the first JWT is signed, and not before", () =>
    Effect.gen(function* () {
      const key = { keyId: "app_key", secret: Redacted.make("secret") }
      yield* (yield* Credentials.basic(key).open).current
      const { current } = yield* Credentials.jwt({ ...key, scope: "app" }).open
      assert.strictEqual(loaded.times, 0)
      yield* current
      assert.strictEqual(loaded.times, 1)
    }),
  )
})
