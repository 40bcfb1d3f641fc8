/**
 * Lets a user join a conversation, counts who is in it by channel, and lets the user leave again.
 *
 *     node main.mjs
 *
 * `SUNCO_BASE_URL`, and `SUNCO_KEY_ID` with `SUNCO_KEY_SECRET` or `SUNCO_TOKEN`, name the API. The ids are those of the
 * sandbox, if `SUNCO_APP_ID`, `SUNCO_CONVERSATION_ID` and `SUNCO_USER_ID` name no others.
 */
import { createClient, Credentials, NotFound } from "@effect-sunco/client"
import { env } from "node:process"

const conversation = {
  appId: env.SUNCO_APP_ID ?? "5d8cff3cd55b040010928b5b",
  conversationId: env.SUNCO_CONVERSATION_ID ?? "029c31f25a21b47effd7be90",
}
const userId = env.SUNCO_USER_ID ?? "67a11490f0305f4a391e9f8a"

const client = createClient({
  baseUrl: env.SUNCO_BASE_URL,
  credentials: Credentials.fromEnv(env),
  retryPolicy: { deadlineMs: 30_000 },
  onEvent: (event) => {
    if (event._tag === "Retried") console.error(`sends the ${event.operation} again: ${event.cause}`)
  },
})

try {
  const participant = await client.join({ ...conversation, userId })
  console.log(`${participant.userId} joined, with ${participant.unreadCount} unread messages`)

  // Each page is asked for when the loop needs it.
  /** @type {Map<string, number>} */
  const channels = new Map()
  let count = 0
  for await (const { clientAssociations } of client.participants(conversation)) {
    const channel = clientAssociations[0]?.type ?? "no channel"
    channels.set(channel, (channels.get(channel) ?? 0) + 1)
    count += 1
  }
  console.log(`${count} participants: ${[...channels].map(([channel, users]) => `${users} ${channel}`).join(", ")}`)

  // A call that takes longer than this is given up.
  const signal = AbortSignal.timeout(10_000)
  await client.leave({ ...conversation, participantId: participant.id }, { signal })
  console.log(`${userId} left`)

  // Match on the class and the code of an error, never on its message.
  try {
    await client.leave({ ...conversation, userId }, { signal })
  } catch (error) {
    if (!(error instanceof NotFound)) throw error
    console.log(`leaving again: ${error.code}`)
  }
} finally {
  await client.close()
}
