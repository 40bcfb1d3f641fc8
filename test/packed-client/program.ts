/**
 * What somebody writes in TypeScript who compiles to CommonJS: `pnpm run check:client` type-checks, compiles and runs it.
 */
import { type Client, createClient, Credentials, NotFound, type ParticipantPage } from "@effect-sunco/client"

const conversation = { appId: "5d8cff3cd55b040010928b5b", conversationId: "029c31f25a21b47effd7be90" }

export const run = async (env: Readonly<Record<string, string | undefined>>): Promise<string> => {
  const client: Client = createClient({ baseUrl: env.SUNCO_BASE_URL, credentials: Credentials.fromEnv(env) })
  try {
    const page: ParticipantPage = await client.list(conversation)
    const [first] = page.participants
    const lastRead: Date | undefined = first?.lastRead
    // @ts-expect-error a request names one user, not two
    const both = client.leave({ ...conversation, userId: "user", participantId: "membership" })
    const refused: unknown = await both.catch((error: unknown) => error)
    if (refused instanceof NotFound || lastRead?.getTime() === 0) return "unexpected"
    return `${page.participants.length} participants on the first page`
  } finally {
    await client.close()
  }
}
