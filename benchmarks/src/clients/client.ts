/**
 * What the clients have in common that are compared.
 */

export interface Client {
  /** Lists a page so many times, so many calls at once, and returns how many participants were listed. */
  readonly list: (times: number, concurrency?: number) => Promise<number>
  readonly close: () => Promise<void>
}

export interface Options {
  readonly baseUrl: string
  /** Participants of a page. */
  readonly size: number
}

export const credentials = { keyId: "app_benchmark", secret: "benchmark-secret" }

export const authorization = `Basic ${btoa(`${credentials.keyId}:${credentials.secret}`)}`

/** Calls `once` so many times, so many at once, and adds up what it returns. */
export const addUp = async (times: number, concurrency: number, once: () => Promise<number>): Promise<number> => {
  let started = 0
  let sum = 0
  const work = async () => {
    while (started < times) {
      started++
      const count = await once()
      sum += count
    }
  }
  await Promise.all(Array.from({ length: concurrency }, work))
  return sum
}

/** The URL of a list, for the clients that are written by hand. */
export const listUrl = (
  baseUrl: string,
  { appId, conversationId }: { appId: string; conversationId: string },
  size: number,
) => `${baseUrl}/v2/apps/${appId}/conversations/${conversationId}/participants?page[size]=${size}`

/** How many participants a parsed answer has; it is not decoded. */
export const countOf = (body: unknown): number => {
  if (typeof body !== "object" || body === null || !("participants" in body) || !Array.isArray(body.participants)) {
    throw new Error("an answer without participants")
  }
  return body.participants.length
}
