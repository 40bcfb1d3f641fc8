/**
 * The sections, in the order in which they run. Each is loaded in a process of its own, and there only.
 */
import type { Section } from "../support/section.ts"

export const sections: Readonly<Record<string, () => Promise<{ readonly run: Section }>>> = {
  list: () => import("./list.ts"),
  effects: () => import("./effects.ts"),
  chunked: () => import("./chunked.ts"),
  promise: () => import("./promise.ts"),
  effect3: () => import("./effect3.ts"),
  tls: () => import("./tls.ts"),
  queue: () => import("./queue.ts"),
  calm: () => import("./calm.ts"),
  decode: () => import("./decode.ts"),
  telemetry: () => import("./telemetry.ts"),
  paging: () => import("./paging.ts"),
  import: () => import("./import.ts"),
  bundle: () => import("./bundle.ts"),
}
