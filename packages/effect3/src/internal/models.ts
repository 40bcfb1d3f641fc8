/**
 * Participants and pages of Effect 3 from plain values.
 */
import * as DateTime from "effect/DateTime"
import * as Option from "effect/Option"
import type * as Schema from "effect/Schema"
import { PageLinks, PageMeta, ParticipantPage } from "../Page.ts"
import { ClientAssociation, Participant } from "../Participant.ts"
import type * as Boundary from "./engine/boundary.ts"

/** The `meta` of every page whose answer has none: one object. */
const unstated = new ParticipantPage({ participants: [] }).meta

/**
 * An instance with these fields. The engine has validated them; the constructor would still copy them, twice, and look for
 * defaults.
 */
const instance = <Fields extends Schema.Struct.Fields, A extends object>(
  { prototype }: { readonly fields: Fields; readonly prototype: A },
  fields: Schema.Struct.Type<Fields>,
): A =>
  // The prototype and the fields make it an instance.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  Object.assign(Object.create(prototype) as A, fields)

const option = <A>(value: A | undefined): Option.Option<A> => (value === undefined ? Option.none() : Option.some(value))

export const participantOf = (plain: Boundary.Participant): Participant =>
  instance(Participant, {
    id: plain.id,
    userId: plain.userId,
    userExternalId: option(plain.userExternalId),
    unreadCount: plain.unreadCount,
    clientAssociations: plain.clientAssociations.map(({ clientId, type }) =>
      instance(ClientAssociation, { type, clientId: option(clientId) }),
    ),
    lastRead: option(plain.lastRead === undefined ? undefined : DateTime.unsafeMake(plain.lastRead)),
  })

export const pageOf = ({ links, meta, participants }: Boundary.Page): ParticipantPage =>
  instance(ParticipantPage, {
    participants: participants.map(participantOf),
    meta:
      meta === undefined
        ? unstated
        : instance(PageMeta, {
            hasMore: meta.hasMore,
            afterCursor: option(meta.afterCursor),
            beforeCursor: option(meta.beforeCursor),
          }),
    links: instance(PageLinks, { prev: option(links.prev), next: option(links.next) }),
  })
