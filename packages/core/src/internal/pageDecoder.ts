/**
 * Decodes a page of participants without walking its schema, as `participantDecoder.ts` does for one participant.
 */
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import type { PageLinks, PageMeta, ParticipantPage } from "../Page.ts"
import { Participant } from "../Participant.ts"
import { blank, install, isMissing, isRecord, text } from "./participantDecoder.ts"

interface Classes {
  readonly ParticipantPage: typeof ParticipantPage
  readonly PageMeta: typeof PageMeta
  readonly PageLinks: typeof PageLinks
}

const decodeParticipant = Schema.decodeUnknownResult(Participant)

const participants = (input: unknown): ReadonlyArray<Participant> | undefined => {
  if (!Array.isArray(input)) return undefined
  const decoded: Array<Participant> = []
  for (const entry of input) {
    const participant = decodeParticipant(entry)
    if (Result.isFailure(participant)) return undefined
    decoded.push(participant.success)
  }
  return decoded
}

/** An answer without `meta` is left to the schema, which has one object for it. */
const meta = (input: unknown, classes: Classes): PageMeta | undefined => {
  if (!isRecord(input) || typeof input["hasMore"] !== "boolean") return undefined
  const afterCursor = text(input["afterCursor"])
  const beforeCursor = text(input["beforeCursor"])
  if (afterCursor === undefined || beforeCursor === undefined) return undefined
  const decoded = blank(classes.PageMeta)
  decoded.hasMore = input["hasMore"]
  decoded.afterCursor = afterCursor
  decoded.beforeCursor = beforeCursor
  return decoded
}

const links = (input: unknown, classes: Classes): PageLinks | undefined => {
  if (!isMissing(input) && !isRecord(input)) return undefined
  const prev = text(input?.["prev"])
  const next = text(input?.["next"])
  if (prev === undefined || next === undefined) return undefined
  const decoded = blank(classes.PageLinks)
  decoded.prev = prev
  decoded.next = next
  return decoded
}

export const installPageDecoder = (classes: Classes): void =>
  install(classes.ParticipantPage, (input) => {
    if (!isRecord(input)) return undefined
    const decoded = {
      participants: participants(input["participants"]),
      meta: meta(input["meta"], classes),
      links: links(input["links"], classes),
    }
    if (decoded.participants === undefined || decoded.meta === undefined || decoded.links === undefined)
      return undefined
    const page = blank(classes.ParticipantPage)
    page.participants = decoded.participants
    page.meta = decoded.meta
    page.links = decoded.links
    return page
  })
