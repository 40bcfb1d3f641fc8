/**
 * A Worker that answers each request with the size of a page. It makes a client for each request: see
 * docs/cloudflare-workers.md.
 */
import { createClient, Credentials } from "@effect-sunco/client"

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
    const { participants } = await client.list({ appId: "app", conversationId: "conversation" })
    return new Response(`${participants.length} participants`)
  },
}
