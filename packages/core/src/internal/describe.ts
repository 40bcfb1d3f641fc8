/**
 * How the message of an error names its call. It names no user, because messages end up in logs.
 */
import type { Operation } from "../SunshineError.ts"

interface Call {
  readonly operation: Operation
  readonly appId?: string | undefined
  readonly conversationId?: string | undefined
  readonly baseUrl?: string | undefined
  readonly cursor?: string | undefined
}

/** Ids of callers can be of any length. */
const longestId = 100

/** Characters that end a line, move a cursor, or change the direction of the text. */
const unsafe = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}\p{Cs}]/gu

const onOneLine = (text: string): string =>
  text.length > longestId ? `${text.slice(0, longestId).replace(unsafe, "\ufffd")}...` : text.replace(unsafe, "\ufffd")

/** A part of a message, if it has a text. */
const part = (before: string, text: string | undefined): string => (text === undefined ? "" : before + onOneLine(text))

/** Says that the base URL may be wrong, if an answer is not what the vendor documents. */
const wrongAddress = ({ baseUrl }: Call, isFromElsewhere: boolean, isDocumentedCode: boolean): string => {
  if (baseUrl === undefined) return ""
  if (isFromElsewhere) return "; the API answers in another form, so the base URL may be wrong"
  return isDocumentedCode
    ? ""
    : "; this code is not documented for the operation, so an id or the base URL may be wrong"
}

/**
 * What went wrong with a call, and where a stream of pages can continue. For instance `join in conversation
 * 029c31f25a21b47effd7be90 of app 5d8cff3cd55b040010928b5b at https://api.smooch.io: 400 bad_request`.
 */
export const describe = (call: Call, what: string, isFromElsewhere = false, isDocumentedCode = true): string => {
  const { appId, baseUrl, conversationId, cursor, operation } = call
  const name = `${operation}${part(" in conversation ", conversationId)}${part(" of app ", appId)}${part(" at ", baseUrl)}`
  return `${name}: ${what}${wrongAddress(call, isFromElsewhere, isDocumentedCode)}${part("; resume from ", cursor)}`
}
