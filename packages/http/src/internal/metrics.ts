/**
 * The metrics of calls and requests, by OpenTelemetry's conventions for names and units. All labels come from short lists, and
 * each metric with its labels is made once.
 */
import type * as Context from "effect/Context"
import * as Metric from "effect/Metric"
import type { Event } from "../Events.ts"
import type { Happened } from "./telemetry.ts"

type Operation = Event["operation"] | "verify"

/** Makes the metric of each label the first time it is needed. */
const byLabel = <Label, A>(make: (label: Label) => A): ((label: Label) => A) => {
  const made = new Map<Label, A>()
  return (label) => {
    const found = made.get(label)
    if (found !== undefined) return found
    const metric = make(label)
    made.set(label, metric)
    return metric
  }
}

/** The boundaries that OpenTelemetry recommends for durations of HTTP requests, and longer ones for calls that wait. */
const seconds = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 30, 60, 120]

const duration = (name: string, description: string, labels: Record<string, string>) =>
  Metric.histogram(name, { description, boundaries: seconds, attributes: { unit: "s", ...labels } })

const counter = (name: string, unit: string, description: string, labels: Record<string, string>) =>
  Metric.counter(name, { description, incremental: true, attributes: { unit, ...labels } })

const requestDuration = byLabel((operation: Operation) =>
  byLabel((statusClass: string) =>
    duration("sunco.client.request.duration", "Duration of requests, to the last byte of the answer", {
      "sunco.operation": operation,
      "http.response.status_class": statusClass,
    }),
  ),
)

const callDuration = byLabel((operation: Operation) =>
  byLabel((outcome: string) =>
    duration("sunco.client.call.duration", "Duration of calls, with all attempts and waits", {
      "sunco.operation": operation,
      "sunco.outcome": outcome,
    }),
  ),
)

const waitDuration = byLabel((cause: string) =>
  duration("sunco.client.wait.duration", "Time that calls waited", { "sunco.wait.cause": cause }),
)

const retries = byLabel((cause: string) =>
  counter("sunco.client.retries", "{request}", "Requests that were sent again", { "error.type": cause }),
)

const writesInDoubt = byLabel((operation: Operation) =>
  byLabel((settledAs: string) =>
    counter("sunco.client.writes_in_doubt", "{write}", "Writes that were in doubt, by how they ended", {
      "sunco.operation": operation,
      "sunco.write.settled_as": settledAs,
    }),
  ),
)

const pageParticipants = Metric.histogram("sunco.client.page.participants", {
  description: "Participants per page of a list",
  boundaries: [0, 1, 2, 5, 10, 25, 50, 75, 100],
  attributes: { unit: "{participant}" },
})

/** A counter that can go down, which OpenTelemetry has for what is going on now. */
export const activeRequests = Metric.counter("sunco.client.active_requests", {
  description: "Requests in flight",
  attributes: { unit: "{request}" },
})

/** The same for calls that wait. */
export const waitingCalls = Metric.counter("sunco.client.waiting_calls", {
  description: "Calls that wait",
  attributes: { unit: "{call}" },
})

/** Updates the metrics in the registry of a context. */
export const record = (operation: Event["operation"], event: Happened, context: Context.Context<never>): void => {
  switch (event._tag) {
    case "RequestEnded": {
      const statusClass = event.status === undefined ? "none" : `${Math.floor(event.status / 100)}xx`
      const duration = requestDuration(event.purpose === "verification" ? "verify" : operation)(statusClass)
      duration.updateUnsafe(event.millis / 1000, context)
      return
    }
    case "Retried":
      retries(event.cause).updateUnsafe(1, context)
      return
    case "Waited":
      waitDuration(event.cause).updateUnsafe(event.millis / 1000, context)
      return
    case "WriteSettled":
      writesInDoubt(operation)(event.as).updateUnsafe(1, context)
      return
    case "CallEnded":
      callDuration(operation)(event.outcome).updateUnsafe(event.millis / 1000, context)
      if (event.participants !== undefined) pageParticipants.updateUnsafe(event.participants, context)
      return
    case "CredentialRenewed":
    case "Verified":
    case "WriteInDoubt":
  }
}
