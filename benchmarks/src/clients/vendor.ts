/**
 * The vendor's client. As shipped it opens a connection for each call: superagent is told no agent, and takes none.
 */
import { Agent } from "node:http"
import { Agent as SecureAgent } from "node:https"
import { ApiClient, ParticipantsApi } from "sunshine-conversations-client"
import { conversation } from "../support/body.ts"
import { addUp, type Client, credentials, type Options } from "./client.ts"

const { appId, conversationId } = conversation

const makeWith = (agent: Agent | undefined, { baseUrl, size }: Options): Client => {
  const apiClient = new ApiClient()
  apiClient.basePath = baseUrl
  apiClient.authentications.basicAuth.username = credentials.keyId
  apiClient.authentications.basicAuth.password = credentials.secret
  if (agent !== undefined) apiClient.requestAgent = agent
  const api = new ParticipantsApi(apiClient)
  const once = async () => {
    const { participants } = await api.listParticipants(appId, conversationId, { page: { size } })
    return participants.length
  }
  return {
    list: (times, concurrency = 1) => addUp(times, concurrency, once),
    close: () => Promise.resolve(agent?.destroy()),
  }
}

export const make = (options: Options): Client => makeWith(undefined, options)

export const makeKeepAlive = (options: Options): Client => {
  const agent = options.baseUrl.startsWith("https:")
    ? new SecureAgent({ keepAlive: true })
    : new Agent({ keepAlive: true })
  return makeWith(agent, options)
}
