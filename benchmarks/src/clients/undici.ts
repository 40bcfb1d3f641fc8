/**
 * The floor: undici's `request`, and `JSON.parse`.
 */
import { Agent, request } from "@effect/platform-node/Undici"
import { conversation } from "../support/body.ts"
import { addUp, authorization, type Client, countOf, listUrl, type Options } from "./client.ts"

export const make = ({ baseUrl, size }: Options): Client => {
  const dispatcher = new Agent()
  const url = listUrl(baseUrl, conversation, size)
  const headers = { authorization, accept: "application/json" }
  const once = async () => {
    const { body, statusCode } = await request(url, { dispatcher, headers })
    const text = await body.text()
    if (statusCode !== 200) throw new Error(`status ${statusCode}`)
    return countOf(JSON.parse(text))
  }
  return {
    list: (times, concurrency = 1) => addUp(times, concurrency, once),
    close: () => dispatcher.close(),
  }
}
