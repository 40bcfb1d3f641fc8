/** The part of the vendor's client that is measured; it ships no types. */
declare module "sunshine-conversations-client" {
  import type { Agent } from "node:http"

  export class ApiClient {
    basePath: string
    readonly authentications: { readonly basicAuth: { username?: string; password?: string } }
    requestAgent: Agent | null
  }

  export class ParticipantsApi {
    constructor(apiClient: ApiClient)
    listParticipants(
      appId: string,
      conversationId: string,
      options: { readonly page: { readonly size: number } },
    ): Promise<{ readonly participants: ReadonlyArray<unknown> }>
  }
}
