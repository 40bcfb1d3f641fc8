/**
 * The answers of the server: as the vendor's document describes them.
 */
export const conversation = { appId: "5d8cff3cd55b040010928b5b", conversationId: "029c31f25a21b47effd7be90" }

const hex = (value: number) => value.toString(16).padStart(24, "0")

/** The id of a participant, which is also the cursor of the page after it. */
export const idOf = (index: number): string => hex(0xc93b_0000 + index)

/** A participant as the API writes it; every second one has an external id. */
const participant = (index: number) => ({
  id: idOf(index),
  userId: hex(0x4258_0000 + index),
  ...(index % 2 === 0 ? { userExternalId: `customer-${index}` } : {}),
  unreadCount: index % 7,
  clientAssociations: [{ type: index % 3 === 0 ? "whatsapp" : "sdk", clientId: hex(0x67a0_0000 + index) }],
  lastRead: new Date(Date.UTC(2026, 0, 1) + index * 61_417).toISOString(),
})

/** A page of participants; the last page has no cursor to go on from. */
export const page = (size: number, { first = 0, last = false } = {}): string => {
  const participants = Array.from({ length: size }, (_, index) => participant(first + index))
  const beforeCursor = participants.at(0)?.id
  const afterCursor = participants.at(-1)?.id
  const path = `https://api.smooch.io/v2/apps/${conversation.appId}/conversations/${conversation.conversationId}/participants`
  return JSON.stringify({
    participants,
    meta: { hasMore: !last, beforeCursor, ...(last ? {} : { afterCursor }) },
    links: {
      prev: `${path}?page%5Bbefore%5D=${beforeCursor}`,
      ...(last ? {} : { next: `${path}?page%5Bafter%5D=${afterCursor}` }),
    },
  })
}

const joiningUserId = "67a11490f0305f4a391e9f8a"

export const joined: string = JSON.stringify({ participant: { ...participant(1), userId: joiningUserId } })

export const conversationNotFound: string = JSON.stringify({
  errors: [{ code: "conversation_not_found", title: "Conversation not found" }],
})
