/**
 * The client of this package for the benchmarks, which are on Effect 4: over undici, basic credentials, the default policy.
 */
import { NodeHttpClient } from "@effect/platform-node"
import { Credentials, Participants, ParticipantsHttp } from "@effect-sunco/effect3"
import { Effect, Layer, ManagedRuntime, Redacted } from "effect"

export const make = async (options: {
  readonly baseUrl: string
  readonly size: number
  readonly keyId: string
  readonly secret: string
  readonly conversation: { readonly appId: string; readonly conversationId: string }
}) => {
  const { baseUrl, conversation, keyId, secret, size } = options
  const credentials = Credentials.basic({ keyId, secret: Redacted.make(secret) })
  const runtime = ManagedRuntime.make(
    ParticipantsHttp.layer({ baseUrl, credentials }).pipe(Layer.provide(NodeHttpClient.layerUndici)),
  )
  const { list } = await runtime.runPromise(Participants.Participants)
  const once = Effect.map(list({ ...conversation, page: { size } }), ({ participants }) => participants.length)
  return {
    list: (times: number, concurrency = 1): Promise<number> =>
      runtime.runPromise(
        Effect.map(
          Effect.forEach(Array.from({ length: times }), () => once, { concurrency }),
          (counts) => counts.reduce((sum, count) => sum + count, 0),
        ),
      ),
    close: (): Promise<void> => runtime.dispose(),
  }
}
