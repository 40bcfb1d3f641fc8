/**
 * A Worker that joins a user, and answers with the size of a page. It makes a client for each request: see
 * docs/cloudflare-workers.md.
 */
import { createClient, Credentials } from "@effect-sunco/client"

const conversation = { appId: "app", conversationId: "conversation" }

export default {
  /**
   * @param {unknown} _request
   * @param {{ SUNCO_BASE_URL: string, SUNCO_KEY_ID: string, SUNCO_KEY_SECRET: string }} env
   */
  async fetch(_request, env) {
    await using client = createClient({
      credentials: Credentials.basic({ keyId: env.SUNCO_KEY_ID, secret: env.SUNCO_KEY_SECRET }),
      baseUrl: env.SUNCO_BASE_URL,
    })
    const { userId } = await client.join({ ...conversation, userId: "user" })
    const { participants } = await client.list(conversation)
    return new Response(`joined as ${userId}, ${participants.length} participants`)
  },
}
