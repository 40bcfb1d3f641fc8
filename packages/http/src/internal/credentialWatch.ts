/**
 * Reports each new credential of a layer once, in the first call that uses it.
 */
import type { Header } from "./authentication.ts"
import type { Call } from "./call.ts"

export interface CredentialWatch {
  readonly acquired: (call: Call, header: Header) => void
  readonly refused: (header: Header) => void
}

export const make = (): CredentialWatch => {
  let newest: Header | undefined
  let isRefused = false
  return {
    acquired: (call, header) => {
      if (header === newest) return
      if (newest !== undefined) {
        call.report({ _tag: "CredentialRenewed", cause: isRefused ? "refused" : "expired" })
      }
      newest = header
      isRefused = false
    },
    refused: (header) => {
      if (header === newest) isRefused = true
    },
  }
}
