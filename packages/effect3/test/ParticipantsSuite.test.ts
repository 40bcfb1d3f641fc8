/**
 * The suite that holds every layer, over the layers of Effect 3.
 */
import { FetchHttpClient } from "@effect/platform"
import { NodeHttpClient } from "@effect/platform-node"
import { Participants as Core } from "@effect-sunco/core"
import { ParticipantsTest as CoreTest, Sandbox } from "@effect-sunco/testing"
import { Credentials, Participants, ParticipantsHttp } from "@effect-sunco/effect3"
import { Effect, Exit, Layer, Redacted, Scope } from "effect"
import type { HttpClient } from "@effect/platform"
import * as Effect4 from "effect4/Effect"
import * as Layer4 from "effect4/Layer"
import { describe, expect, it } from "vitest"
import { baseUrl, localServer } from "../../../test/support/localServer.ts"
import { behaviours } from "../../../test/support/participantsSuite.ts"
import { runFor } from "../src/internal/engine/caller.ts"
import { serviceOf as engineServiceOf } from "../src/internal/engine/service.ts"
import { serviceOf } from "../src/internal/service.ts"
import { bridged } from "./support/bridge.ts"

type Door = (seed: Sandbox.Seed) => Layer4.Layer<Core.Participants | Sandbox.Sandbox>

/** The service of a layer of Effect 3, until the scope of the test closes. */
const opened = (layer: Layer.Layer<Participants.Participants>) =>
  Effect4.map(
    Effect4.acquireRelease(
      Effect4.promise(async () => {
        const scope = Effect.runSync(Scope.make())
        const context = await Effect.runPromise(Layer.buildWithScope(layer, scope))
        return { context, scope }
      }),
      ({ scope }) => Effect4.promise(() => Effect.runPromise(Scope.close(scope, Exit.void))),
    ),
    ({ context }) => bridged(Effect.runSync(Effect.provide(Participants.Participants, context))),
  )

const overHttp =
  (client: Layer.Layer<HttpClient.HttpClient>): Door =>
  (seed) =>
    Layer4.effect(
      Core.Participants,
      Effect4.flatMap(baseUrl, (baseUrl) =>
        opened(
          ParticipantsHttp.layer({
            baseUrl,
            credentials: Credentials.basic({
              keyId: Sandbox.demo.keyId,
              secret: Redacted.make(Sandbox.demo.secret),
            }),
          }).pipe(Layer.provide(client), Layer.orDie),
        ),
      ),
    ).pipe(Layer4.provideMerge(localServer(seed)))

/** As `ParticipantsTest.layerMemory` does it, over a sandbox that the suite can look into. */
const inMemory: Door = (seed) =>
  Layer4.effect(
    Core.Participants,
    Effect4.map(Core.Participants, (participants) =>
      bridged(serviceOf(engineServiceOf(participants, runFor), (caller) => caller)),
    ),
  ).pipe(Layer4.provideMerge(CoreTest.layerMemory(seed)))

describe.each<{ readonly name: string; readonly door: Door }>([
  { name: "over undici", door: overHttp(NodeHttpClient.layerUndici) },
  { name: "over fetch", door: overHttp(FetchHttpClient.layer) },
  { name: "in memory", door: inMemory },
])("Effect 3, $name", ({ door }) => {
  it.each(behaviours)("$statement", ({ check, seed }) =>
    expect(Effect4.runPromise(Effect4.provide(check, door(seed)))).resolves.toBeUndefined(),
  )
})
