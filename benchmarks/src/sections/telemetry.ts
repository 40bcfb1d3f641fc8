/**
 * What traces and metrics add to one `list` when nobody exports them, over an HTTP client without a socket.
 *
 * Spans can be turned off, metrics cannot. So the updates that the metrics of a call take are measured by themselves, and
 * added to what spans cost.
 */
import { Participants } from "@effect-sunco/core"
import { Credentials, ParticipantsHttp } from "@effect-sunco/http"
import { Context, Effect, Layer, ManagedRuntime, Metric, Redacted } from "effect"
import { HttpClient, HttpClientResponse } from "effect/http"
import { credentials } from "../clients/client.ts"
import { addUpFibers } from "../clients/fibers.ts"
import { conversation, page } from "../support/body.ts"
import { measure } from "../support/cost.ts"
import { costTable } from "../support/costTable.ts"
import { type Contender, interleave } from "../support/rounds.ts"
import { atMost, type Section } from "../support/section.ts"

const text = page(1)

const StubClient = Layer.succeed(
  HttpClient.HttpClient,
  HttpClient.make((request) =>
    Effect.sync(() =>
      HttpClientResponse.fromWeb(request, new Response(text, { headers: { "content-type": "application/json" } })),
    ),
  ),
)

const runtime = ManagedRuntime.make(
  ParticipantsHttp.layer({
    credentials: Credentials.basic({ keyId: credentials.keyId, secret: Redacted.make(credentials.secret) }),
  }).pipe(Layer.provide(StubClient)),
)

const contender = (name: string, run: (times: number) => Promise<number> | number): Contender => ({
  name,
  measure: (times) => measure({ run, yields: 1 }, times),
})

const boundaries = Array.from({ length: 17 }, (_, index) => 2 ** index / 200)
const histogram = (name: string) =>
  Metric.histogram(name, { boundaries, attributes: { unit: "s", operation: "list", outcome: "success" } })
const histograms = [histogram("request duration"), histogram("call duration"), histogram("participants")]
const active = Metric.counter("active requests", { attributes: { unit: "{request}" } })

/** The updates of a call that succeeds at once. */
const updateMetrics = (context: Context.Context<never>) => {
  active.updateUnsafe(1, context)
  active.updateUnsafe(-1, context)
  for (const metric of histograms) metric.updateUnsafe(0.001, context)
  return 1
}

const withSpans = "list, as it comes"
const withoutSpans = "list, tracer disabled"
const metrics = "metric updates of a call"

export const run: Section = async (length) => {
  const { list } = await runtime.runPromise(Participants.Participants)
  const once = Effect.map(list(conversation), ({ participants }) => participants.length)
  const measured = await interleave(
    [
      contender(withSpans, (times) => Effect.runPromise(addUpFibers(times, 1, once))),
      contender(withoutSpans, (times) =>
        Effect.runPromise(Effect.withTracerEnabled(addUpFibers(times, 1, once), false)),
      ),
      contender(metrics, (times) => {
        let sum = 0
        for (let time = 0; time < times; time++) sum += updateMetrics(Context.empty())
        return sum
      }),
    ],
    length === "full" ? { rounds: 31, times: 2000, warmUp: 6 } : { rounds: 15, times: 2000, warmUp: 6 },
  )
  await runtime.dispose()
  const cost = (name: string) => measured.median(name, "cpu")
  return {
    tables: [costTable("One list without a socket", measured, "cpu", measured.names, [withoutSpans])],
    targets: [
      atMost("CPU of spans and metrics", cost(withSpans) - cost(withoutSpans) + cost(metrics), 10, {
        unit: "µs",
        margin: 0.5,
      }),
    ],
  }
}
