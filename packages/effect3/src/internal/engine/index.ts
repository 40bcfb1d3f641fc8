/**
 * The engine: `core`, `http` and the memory layer of `testing`, on Effect 4. The published package has it as one bundle,
 * with the parts of Effect 4 that it uses.
 */
import type { Engine } from "./boundary.ts"
import { pagesErrorOf, reasonOf, sunshineErrorOf } from "./errors.ts"
import { demo, demoApps, openMemory } from "./memory.ts"
import { pageOf } from "./models.ts"
import { open, openFrom } from "./open.ts"
import { pages } from "./pages.ts"

export const engine: Engine = {
  open,
  openFrom,
  openMemory,
  pages,
  demo,
  demoApps,
  messageOf: (error) => pagesErrorOf(error).message,
  describeReason: (reason) => {
    const { message, outcome } = reasonOf(reason)
    return { message, outcome }
  },
  isRetryable: (error) => sunshineErrorOf(error).isRetryable,
  isNextUnreachable: (page) => pageOf(page).isNextUnreachable,
  isPreviousUnreachable: (page) => pageOf(page).isPreviousUnreachable,
}
