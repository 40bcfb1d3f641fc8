/**
 * `fetch` of Node, and its `json()`.
 */
import { conversation } from "../support/body.ts"
import { addUp, authorization, type Client, countOf, listUrl, type Options } from "./client.ts"

export const make = ({ baseUrl, size }: Options): Client => {
  const url = listUrl(baseUrl, conversation, size)
  const headers = { authorization, accept: "application/json" }
  const once = async () => {
    const response = await fetch(url, { headers })
    if (!response.ok) throw new Error(`status ${response.status}`)
    return countOf(await response.json())
  }
  return {
    list: (times, concurrency = 1) => addUp(times, concurrency, once),
    close: () => Promise.resolve(),
  }
}
