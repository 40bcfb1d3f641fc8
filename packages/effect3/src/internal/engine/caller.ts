/**
 * What a call uses of the application, as services of Effect 4: its clock, its tracer, its HTTP client.
 */
import * as Clock from "effect4/Clock"
import * as Context from "effect4/Context"
import * as Duration from "effect4/Duration"
import * as Effect from "effect4/Effect"
import * as References from "effect4/References"
import { RetryPolicy } from "@effect-sunco/http"
import type { Caller, Clock as CallersClock, HttpCaller, Task } from "./boundary.ts"
import { fromTask, toTask } from "./task.ts"
import { tracerOf } from "./tracer.ts"
import * as Tracer from "effect4/Tracer"

/** The application of the call that runs. */
export class Http extends Context.Service<Http, Pick<HttpCaller, "send">>()("@effect-sunco/effect3/Http") {}

const clockOf = ({ millis, nanos, sleep }: CallersClock): Clock.Clock => ({
  currentTimeMillisUnsafe: millis,
  currentTimeMillis: Effect.sync(millis),
  // A clock of Effect 3 counts nanoseconds on a monotonic clock, from the time at which the process started.
  currentTimeNanosUnsafe: nanos,
  currentTimeNanos: Effect.sync(nanos),
  monotonicTimeNanosUnsafe: nanos,
  monotonicTimeNanos: Effect.sync(nanos),
  sleep: (duration) => fromTask(sleep(Duration.toMillis(duration))),
})

const servicesOf = ({ clock, tracer }: Caller): Context.Context<never> => {
  const timed = clock === undefined ? Context.empty() : Context.make(Clock.Clock, clockOf(clock))
  return tracer === undefined
    ? Context.add(timed, References.TracerEnabled, false)
    : Context.add(timed, Tracer.Tracer, tracerOf(tracer))
}

const overridden = <A, E>({ overrides }: Caller, effect: Effect.Effect<A, E>): Effect.Effect<A, E> =>
  overrides.reduceRight((inner, policy) => RetryPolicy.override(inner, policy), effect)

/** Runs an effect with the clock, the tracer and the overrides of the caller. */
export const runFor = <A, E>(caller: Caller, effect: Effect.Effect<A, E>): Task<A, E> =>
  toTask(servicesOf(caller))(overridden(caller, effect))

/** The same with its HTTP client. */
export const runOverHttp = <A, E>(caller: HttpCaller, effect: Effect.Effect<A, E>): Task<A, E> =>
  toTask(Context.add(servicesOf(caller), Http, caller))(overridden(caller, effect))
