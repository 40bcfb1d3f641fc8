/**
 * A program that knows the service alone: `pnpm run check:consumer` bundles it, and looks at what comes with it.
 */
import { Participants } from "@effect-sunco/core"
import * as Effect from "effect/Effect"

export const listOnce = Effect.flatMap(Participants.Participants, (participants) =>
  participants.list({ appId: "app", conversationId: "conversation" }),
)
