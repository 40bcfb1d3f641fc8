import { createClient, Credentials } from "@effect-sunco/client"
import type { Client, ParticipantPage } from "@effect-sunco/client"

const client: Client = createClient({ credentials: Credentials.basic({ keyId: "app_key", secret: "a-secret" }) })

export const page: Promise<ParticipantPage> = client.list({ appId: "app", conversationId: "conversation" })
