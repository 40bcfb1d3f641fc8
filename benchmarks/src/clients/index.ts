/**
 * The clients that are compared, by the names under which they are shown. Each is loaded where it is measured only.
 */
import type { Client, Options } from "./client.ts"

export const clients: Readonly<Record<string, (options: Options) => Promise<Client>>> = {
  undici: async (options) => (await import("./undici.ts")).make(options),
  fetch: async (options) => (await import("./fetch.ts")).make(options),
  "Effect HttpClient": async (options) => (await import("./effect.ts")).make(options),
  "Effect HttpClient, runPromise": async (options) => (await import("./effect.ts")).makeRunPromise(options),
  "vendor, as shipped": async (options) => (await import("./vendor.ts")).make(options),
  "vendor, keep-alive": async (options) => (await import("./vendor.ts")).makeKeepAlive(options),
  ours: async (options) => (await import("./ours.ts")).make(options),
  "ours, Effect 3": async (options) => (await import("./effect3.ts")).make(options),
  "ours, runPromise": async (options) => (await import("./ours.ts")).makeRunPromise(options),
  stub: async (options) => (await import("./stub.ts")).make(options),
  "stub, without telemetry": async (options) => (await import("./stubWithoutTelemetry.ts")).make(options),
  "ours, fetch, runPromise": async (options) => (await import("./ours.ts")).makeFetch(options),
  "ours, Promise client": async (options) => (await import("./promise.ts")).make(options),
}
