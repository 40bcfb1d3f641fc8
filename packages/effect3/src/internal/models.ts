/**
 * Participants and pages of Effect 3 from plain values.
 */
import * as DateTime from "effect/DateTime"
import * as Option from "effect/Option"
import { PageLinks, PageMeta, ParticipantPage } from "../Page.ts"
import { ClientAssociation, Participant } from "../Participant.ts"
import type * as Boundary from "./engine/boundary.ts"

/** The `meta` of every page whose answer has none: one object. */
const unstated = new ParticipantPage({ participants: [] }).meta

/**
 * An instance whose fields the caller sets. The engine has validated them; the constructor would still copy them, twice, and
 * look for defaults.
 */
const blank = <A extends object>({ prototype }: { readonly prototype: A }): { -readonly [K in keyof A]: A[K] } =>
  // The prototype makes it an instance, and the callers set every field before anybody sees it.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  Object.create(prototype) as { -readonly [K in keyof A]: A[K] }

const option = <A>(value: A | undefined): Option.Option<A> => (value === undefined ? Option.none() : Option.some(value))

const clientOf = ({ clientId, type }: Boundary.Participant["clientAssociations"][number]): ClientAssociation => {
  const client = blank(ClientAssociation)
  client.type = type
  client.clientId = option(clientId)
  return client
}

export const participantOf = (plain: Boundary.Participant): Participant => {
  const participant = blank(Participant)
  participant.id = plain.id
  participant.userId = plain.userId
  participant.userExternalId = option(plain.userExternalId)
  participant.unreadCount = plain.unreadCount
  participant.clientAssociations = plain.clientAssociations.map(clientOf)
  participant.lastRead = option(plain.lastRead === undefined ? undefined : DateTime.unsafeMake(plain.lastRead))
  return participant
}

const metaOf = ({ afterCursor, beforeCursor, hasMore }: Boundary.PageMeta): PageMeta => {
  const meta = blank(PageMeta)
  meta.hasMore = hasMore
  meta.afterCursor = option(afterCursor)
  meta.beforeCursor = option(beforeCursor)
  return meta
}

export const pageOf = ({ links: { next, prev }, meta, participants }: Boundary.Page): ParticipantPage => {
  const links = blank(PageLinks)
  links.prev = option(prev)
  links.next = option(next)
  const page = blank(ParticipantPage)
  page.participants = participants.map(participantOf)
  page.meta = meta === undefined ? unstated : metaOf(meta)
  page.links = links
  return page
}
