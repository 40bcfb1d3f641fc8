/**
 * A program to bundle: it decodes two pages, and prints how often the schema asked for a key of their participants.
 */
import * as Schema from "effect/Schema"
import { Page } from "@effect-sunco/core"
import { watched } from "./watched.ts"

const decode = Schema.decodeUnknownSync(Page.ParticipantPage)

const askedFor = (participant: object) => {
  const { asked, value } = watched(participant)
  const page = decode({ participants: [value] })
  return { asked: asked(), isInstance: page.participants[0]?.constructor.name !== "Object" }
}

const member = {
  id: "c93bb9c14dde8ffb94564eae",
  userId: "42589ad070d43be9b00ff7e5",
  lastRead: "2019-01-14T18:55:12.515Z",
}

console.log(JSON.stringify({ plain: askedFor(member), odd: askedFor({ ...member, lastRead: "yesterday" }) }))
