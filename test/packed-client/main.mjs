import { createClient, Credentials, NotFound } from "@effect-sunco/client"
import { env } from "node:process"

const conversation = { appId: "5d8cff3cd55b040010928b5b", conversationId: "029c31f25a21b47effd7be90" }

const client = createClient({ baseUrl: env.SUNCO_BASE_URL, credentials: Credentials.fromEnv(env) })

const participant = await client.join({ ...conversation, userId: "67a11490f0305f4a391e9f8a" })

let count = 0
for await (const { id } of client.participants(conversation)) if (id !== "") count += 1

const request = { ...conversation, participantId: participant.id }
await client.leave(request)
try {
  await client.leave(request)
} catch (error) {
  if (!(error instanceof NotFound)) throw error
  console.log(`${count} participants; leaving again: ${error.code}`)
}
await client.close()
