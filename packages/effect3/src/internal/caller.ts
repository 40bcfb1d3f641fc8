/**
 * What the engine uses of the fiber that makes a call: its clock, its tracer, its overrides, its context.
 */
import * as Context from "effect/Context"
import type * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as FiberRef from "effect/FiberRef"
import * as FiberRefs from "effect/FiberRefs"
import * as Option from "effect/Option"
import type * as Runtime from "effect/Runtime"
import * as Tracer from "effect/Tracer"
import { Overrides } from "../RetryPolicy.ts"
import type * as Boundary from "./engine/boundary.ts"
import { plainPolicy } from "./options.ts"
import { toTask } from "./task.ts"
import { tracerOf } from "./tracer.ts"

export interface Caller extends Boundary.Caller {
  readonly runtime: Runtime.Runtime<never>
}

const clockOf = (clock: Clock.Clock, runtime: Runtime.Runtime<never>): Boundary.Clock => ({
  millis: () => clock.unsafeCurrentTimeMillis(),
  nanos: () => clock.unsafeCurrentTimeNanos(),
  sleep: (millis) => toTask(runtime)(clock.sleep(Duration.millis(millis))),
})

const none: Boundary.Policy = {}

const policyOf = (runtime: Runtime.Runtime<never>): Boundary.Policy => {
  const overrides = Context.get(runtime.context, Overrides)
  return Object.keys(overrides).length === 0 ? none : plainPolicy(overrides)
}

const isTraced = (runtime: Runtime.Runtime<never>) =>
  FiberRefs.getOrDefault(runtime.fiberRefs, FiberRef.currentTracerEnabled)

/** The fiber that runs this, as the caller of the engine. */
export const caller: Effect.Effect<Caller> = Effect.flatMap(Effect.runtime<never>(), (runtime) =>
  Effect.clockWith((clock) =>
    Effect.map(Effect.tracer, (tracer) => ({
      runtime,
      clock: clockOf(clock, runtime),
      policy: policyOf(runtime),
      tracer: isTraced(runtime)
        ? tracerOf(tracer, Option.getOrUndefined(Context.getOption(runtime.context, Tracer.ParentSpan)))
        : undefined,
    })),
  ),
)
