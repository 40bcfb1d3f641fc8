/**
 * Participants and pages of Effect 3 from plain values.
 */
import * as DateTime from "effect/DateTime"
import * as Option from "effect/Option"
import * as Page from "../Page.ts"
import { ClientAssociation, Participant } from "../Participant.ts"
import type * as Boundary from "./engine/boundary.ts"

/** The engine has validated what it gives. */
const valid = { disableValidation: true } as const

export const participantOf = (plain: Boundary.Participant): Participant =>
  new Participant(
    {
      id: plain.id,
      userId: plain.userId,
      userExternalId: Option.fromNullable(plain.userExternalId),
      unreadCount: plain.unreadCount,
      clientAssociations: plain.clientAssociations.map(
        ({ clientId, type }) => new ClientAssociation({ type, clientId: Option.fromNullable(clientId) }, valid),
      ),
      lastRead: Option.map(Option.fromNullable(plain.lastRead), (millis) => DateTime.unsafeMake(millis)),
    },
    valid,
  )

export const pageOf = ({ links, meta, participants }: Boundary.Page): Page.ParticipantPage =>
  new Page.ParticipantPage(
    {
      participants: participants.map(participantOf),
      links: new Page.PageLinks(
        { prev: Option.fromNullable(links.prev), next: Option.fromNullable(links.next) },
        valid,
      ),
      ...(meta === undefined
        ? {}
        : {
            meta: new Page.PageMeta(
              {
                hasMore: meta.hasMore,
                afterCursor: Option.fromNullable(meta.afterCursor),
                beforeCursor: Option.fromNullable(meta.beforeCursor),
              },
              valid,
            ),
          }),
    },
    valid,
  )
