/**
 * Reports that a layer uses another credential than before, once for each, by the call that is the first to have it.
 */
import type { Header } from "./authentication.ts"
import type { Call } from "./call.ts"

export interface CredentialWatch {
  readonly acquired: (call: Call, header: Header) => void
  readonly refused: (header: Header) => void
}

export const make = (): CredentialWatch => {
  let newest: Header | undefined
  /** Calls that waited for an older one can come later. */
  const known = new WeakSet<Header>()
  const refusedOnes = new WeakSet<Header>()
  return {
    acquired: (call, header) => {
      if (header === newest || known.has(header)) return
      known.add(header)
      if (newest !== undefined) {
        call.report({ _tag: "CredentialRenewed", cause: refusedOnes.has(newest) ? "refused" : "expired" })
      }
      newest = header
    },
    refused: (header) => {
      refusedOnes.add(header)
    },
  }
}
