/**
 * The package for programs without Effect, over the `fetch` of Node.
 */
import { createClient, Credentials } from "@effect-sunco/client"
import { conversation } from "../support/body.ts"
import { addUp, type Client, credentials, type Options } from "./client.ts"

export const make = ({ baseUrl, size }: Options): Promise<Client> => {
  const client = createClient({ baseUrl, credentials: Credentials.basic(credentials) })
  const once = async () => (await client.list({ ...conversation, page: { size } })).participants.length
  return Promise.resolve({
    list: (times, concurrency = 1) => addUp(times, concurrency, once),
    close: () => client.close(),
  })
}
