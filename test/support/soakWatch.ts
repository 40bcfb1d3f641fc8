/**
 * Looks for credentials in all that a program can show of a call: errors, logs and spans.
 */
import { Sandbox } from "@effect-sunco/testing"
import { Cause, Effect, Exit, Layer, Logger, Tracer } from "effect"
import { inspect } from "node:util"
import { token } from "./soakCounts.ts"

const { keyId, secret } = Sandbox.demo

const spellings = [secret, token, Buffer.from(`${keyId}:${secret}`).toString("base64")].flatMap((credential) => [
  credential,
  encodeURIComponent(credential),
])

const inspected = (value: unknown) => inspect(value, { depth: Infinity, maxStringLength: null, maxArrayLength: null })

export const makeWatch = () => {
  let secrets = 0
  let defects = 0
  /** The first one of each, for whoever has to find the reason. */
  const samples = new Set<string>()

  const sample = (what: string, text: string) => {
    if (samples.size < 5) samples.add(`${what}: ${text.slice(0, 1000)}`)
  }

  const look = (where: string, text: string) => {
    if (!spellings.some((spelling) => text.includes(spelling))) return
    secrets++
    sample(`a credential in ${where}`, text)
  }

  const lookAtCause = <E>(cause: Cause.Cause<E>) => {
    look("a cause", Cause.pretty(cause))
    for (const reason of cause.reasons) {
      if (reason._tag === "Die") {
        defects++
        sample("a defect", inspected(reason.defect))
      }
      if (reason._tag !== "Fail") continue
      look("an error", `${String(reason.error)}\n${inspected(reason.error)}`)
      look("the JSON of an error", JSON.stringify(reason.error))
    }
  }

  class WatchedSpan extends Tracer.NativeSpan {
    override end(endTime: bigint, exit: Exit.Exit<unknown, unknown>): void {
      super.end(endTime, exit)
      const status = Exit.isFailure(exit) ? Cause.pretty(exit.cause) : ""
      look("a span", `${this.name} ${inspected([...this.attributes])} ${inspected(this.events)} ${status}`)
    }
  }

  const logger = Logger.make<unknown, void>((options) => {
    look("a log", `${Logger.formatLogFmt.log(options)}\n${Logger.formatJson.log(options)}`)
  })

  return {
    found: () => ({ secrets, defects, samples: [...samples] }),
    /** Watches a call, and logs its failure. */
    watched: <A, E, R>(call: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
      call.pipe(
        Effect.tapCause((cause) => Effect.logError("the call failed", cause)),
        Effect.onExit((exit) => Effect.sync(() => Exit.isFailure(exit) && lookAtCause(exit.cause))),
        Effect.withTracer(Tracer.make({ span: (options) => new WatchedSpan(options) })),
        Effect.provide(Layer.fresh(Logger.layer([logger]))),
      ),
  }
}
