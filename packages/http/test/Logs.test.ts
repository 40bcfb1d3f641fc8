/**
 * The log lines that are made of events.
 */
import { assert, describe } from "@effect/vitest"
import { Effect, Logger, References } from "effect"
import type * as ParticipantsHttp from "../src/ParticipantsHttp.ts"
import * as Observed from "./support/observed.ts"
import {
  type Api,
  it,
  join,
  joined,
  list,
  over,
  renewable,
  reset,
  roster,
  scripted,
  settle,
  status,
} from "./support/retry.ts"

const lostJoin = () => scripted({ join: [reset], list: [roster("other"), roster("other", "user")] })

/** The log lines of calls, at the level that Effect does not print by default. */
const linesOf = Effect.fnUntraced(function* (api: Api, options: Partial<ParticipantsHttp.Options> = {}) {
  const observed = Observed.make()
  const service = yield* over(api, options)
  yield* observed.within(settle(join(service))).pipe(Effect.provideService(References.MinimumLogLevel, "Debug"))
  return observed.logs
})

const POST = "POST /v2/apps/{appId}/conversations/{conversationId}/join"
const GET = "GET /v2/apps/{appId}/conversations/{conversationId}/participants"

describe("logs", () => {
  it.effect("have a line for each attempt, each wait of more than a second, and each write in doubt", () =>
    Effect.gen(function* () {
      const lines = yield* linesOf(lostJoin(), { retryPolicy: { verify: { attempts: 2, delay: "600 millis" } } })
      assert.deepEqual(lines, [
        `Debug Participants.join: ${POST} ended: Transport sunco.operation=join http.request.resend_count=0 sunco.duration_ms=0 sunco.outcome=ambiguous sunco.purpose=call error.type=Transport`,
        "Debug Participants.join: write in doubt: Transport sunco.operation=join error.type=Transport",
        `Debug Participants.join: ${GET} ended: 200 sunco.operation=join http.request.resend_count=0 http.response.status_code=200 sunco.duration_ms=0 sunco.outcome=success sunco.purpose=verification`,
        "Debug Participants.join: waited 1200 ms: verification sunco.operation=join sunco.wait.cause=verification sunco.duration_ms=1200",
        `Debug Participants.join: ${GET} ended: 200 sunco.operation=join http.request.resend_count=0 http.response.status_code=200 sunco.duration_ms=0 sunco.outcome=success sunco.purpose=verification`,
        "Debug Participants.join: write settled: shown sunco.operation=join sunco.write.settled_as=shown",
      ])
    }),
  )

  it.effect("have a line for each renewed credential", () =>
    Effect.gen(function* () {
      const lines = yield* linesOf(scripted({ join: [status(401), joined] }), { credentials: renewable() })
      assert.include(
        lines,
        "Debug Participants.join: credential renewed: refused sunco.operation=join sunco.renewal.cause=refused",
      )
    }),
  )

  it.effect("name the app and the conversation", () =>
    Effect.gen(function* () {
      const fields: Array<unknown> = []
      const logger = Logger.make<unknown, void>(({ fiber }) => {
        const annotations = fiber.getRef(References.CurrentLogAnnotations)
        fields.push([annotations["sunco.app_id"], annotations["sunco.conversation_id"]])
      })
      const service = yield* over(scripted({}))
      yield* settle(list(service)).pipe(
        Effect.provide(Logger.layer([logger])),
        Effect.provideService(References.MinimumLogLevel, "Debug"),
      )
      assert.deepEqual(fields, [["app", "conversation"]])
    }),
  )

  it.effect("have the level that logLevel names", () =>
    Effect.gen(function* () {
      const observed = Observed.make()
      const service = yield* over(lostJoin(), { logLevel: "Warn" })
      yield* observed.within(settle(join(service)))
      assert.isAbove(observed.logs.length, 0)
      assert.deepEqual(
        observed.logs.filter((line) => !line.startsWith("Warn ")),
        [],
      )
    }),
  )
})
