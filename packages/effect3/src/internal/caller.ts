/**
 * What the engine uses of the fiber that makes a call: its clock, its tracer, its overrides, its context.
 */
import * as Context from "effect/Context"
import * as Clock from "effect/Clock"
import * as DefaultServices from "effect/DefaultServices"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as FiberRef from "effect/FiberRef"
import * as Option from "effect/Option"
import * as Runtime from "effect/Runtime"
import * as RuntimeFlags from "effect/RuntimeFlags"
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

/** The clock of the machine. The engine reads the same one, for less than a bridge costs. */
const machineClock = Context.get(DefaultServices.liveServices, Clock.Clock)

/** Runs `use` with the fiber that runs it as the caller of the engine. */
export const withCaller = <A, E, R>(use: (caller: Caller) => Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.withFiberRuntime<A, E, R>((fiber, { runtimeFlags }) => {
    const runtime = Runtime.make({
      context: fiber.currentContext,
      fiberRefs: fiber.getFiberRefs(),
      // The caller may not be interruptible. The engine's timeouts still have to end its tasks.
      runtimeFlags: RuntimeFlags.enable(runtimeFlags, RuntimeFlags.Interruption),
    })
    const services = fiber.getFiberRef(DefaultServices.currentServices)
    const clock = Context.get(services, Clock.Clock)
    const parent = Option.getOrUndefined(Context.getOption(runtime.context, Tracer.ParentSpan))
    return use({
      runtime,
      clock: clock === machineClock ? undefined : clockOf(clock, runtime),
      overrides: Context.get(runtime.context, Overrides).map(plainPolicy),
      tracer: fiber.getFiberRef(FiberRef.currentTracerEnabled)
        ? tracerOf(Context.get(services, Tracer.Tracer), parent)
        : undefined,
    })
  })
