/**
 * Functions that answer in place of `fetch`, and clients over them.
 */
import { createClient, Credentials, type ClientOptions, type Fetch } from "../../src/index.ts"

export const conversation = { appId: "app", conversationId: "conversation" }

export const credentials = Credentials.basic({ keyId: "app_key", secret: "a-secret" })

export const clientOver = (fetch: Fetch, options: Omit<ClientOptions, "credentials" | "fetch"> = {}) =>
  createClient({ credentials, fetch, ...options })

export const json = (status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): Response =>
  new Response(JSON.stringify(body), { status, headers: { "content-type": "application/json", ...headers } })

export const refusal = (status: number, code: string, title: string, headers?: Readonly<Record<string, string>>) =>
  json(status, { errors: [{ code, title }] }, headers)

/** A page of so many participants. Another one follows if it has a cursor. */
export const page = (size: number, afterCursor?: string): Response =>
  json(200, {
    participants: Array.from({ length: size }, (_, index) => ({
      id: `membership-${afterCursor}-${index}`,
      userId: `user-${afterCursor}-${index}`,
    })),
    meta: { hasMore: afterCursor !== undefined, afterCursor },
  })

/** Answers one request after the other, and the last answer again and again. */
export const answering = (...answers: readonly [() => Response, ...ReadonlyArray<() => Response>]): Fetch => {
  let next = 0
  return async () => {
    const answer = answers[Math.min(next++, answers.length - 1)] ?? answers[0]
    return answer()
  }
}

/** Never answers. `started` resolves when a request has come, and `givenUp` counts those that were aborted. */
export const silence = () => {
  let resolve = () => {}
  const started = new Promise<void>((done) => {
    resolve = done
  })
  const requests = { open: 0, givenUp: 0 }
  const fetch: Fetch = (_, init) => {
    requests.open++
    resolve()
    return new Promise((_, reject) => {
      init?.signal?.addEventListener("abort", () => {
        requests.open--
        requests.givenUp++
        reject(init.signal?.reason)
      })
    })
  }
  return { fetch, requests, started }
}

/** All elements, in order. */
export const collect = async <A>(elements: AsyncIterable<A>): Promise<ReadonlyArray<A>> => {
  const all: Array<A> = []
  for await (const element of elements) all.push(element)
  return all
}

/** What a promise rejects with. */
export const rejectionOf = async (promise: Promise<unknown>): Promise<unknown> => {
  try {
    await promise
  } catch (error) {
    return error
  }
  throw new Error("nothing was rejected")
}
