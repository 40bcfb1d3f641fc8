/**
 * Mistakes that users make. The line after each comment does not compile, and the compiler says what the comment quotes.
 * `UserMistakes.test.ts` checks both.
 *
 * One mistake compiles: an app id in the place of a conversation id. Both are strings.
 */
import { Paginator, type Participant, Participants } from "@effect-sunco/core"
import { Credentials, ParticipantsHttp } from "@effect-sunco/http"
import { Effect, Redacted } from "effect"

const conversation = { appId: "app", conversationId: "conversation" }
const credentials = Credentials.basic({ keyId: "app_key", secret: Redacted.make("secret") })

declare const participant: Participant.Participant
declare const participants: Participants.Participants["Service"]

// says: Name the user by exactly one of userId and userExternalId
export const nobody = participants.join({ ...conversation })

// says: Name the user by exactly one of userId and userExternalId
export const twoNames = participants.join({ ...conversation, userId: "ada", userExternalId: "crm-1" })

// says: 'id' does not exist in type 'LeaveRequest'
export const idOfNothing = participants.leave({ ...conversation, id: participant.id })

export const bothCursors = participants.list({
  ...conversation,
  // says: Property '"Name after or before, not both"' is missing in type
  page: { after: "one", before: "other" },
})

// says: Property 'cursor' is missing in type '{ appId: string; conversationId: string; direction: "backward"; }'
export const backwardFromNowhere = Paginator.stream({ ...conversation, direction: "backward" })

// says: Type 'string' is not assignable to type 'Redacted<string>'
export const plainSecret = Credentials.basic({ keyId: "app_key", secret: "secret" })

// says: Property 'credentials' is missing in type '{ baseUrl: string; }'
export const noCredentials = ParticipantsHttp.layer({ baseUrl: "https://api.smooch.io" })

// says: 'retries' does not exist in type 'Options'
export const unknownOption = ParticipantsHttp.layer({ credentials, retries: 3 })

// says: Type '"30s"' is not assignable to type 'Input | undefined'
export const noDuration = ParticipantsHttp.layer({ credentials, retryPolicy: { deadline: "30s" } })

// says: Type 'true' is not assignable to type 'false | Verify | undefined'
export const verifyTrue = ParticipantsHttp.layer({ credentials, retryPolicy: { verify: true } })

const list = Effect.flatMap(Participants.Participants, (service) => service.list(conversation))

// says: Type 'HttpClient' is not assignable to type 'never'
export const noHttpClient = Effect.runPromise(Effect.provide(list, ParticipantsHttp.layer({ credentials })))

// says: Type 'Participants' is not assignable to type 'never'
export const noLayer = Effect.runPromise(list)

// says: Type 'BadRequest | NotFound | SunshineError' is not assignable to type 'never'
export const unhandled: Effect.Effect<unknown> = participants.list(conversation)

// says: '"RateLimited"' is not assignable to parameter of type '"BadRequest" | "NotFound" | "SunshineError"
export const reasonAsTag = participants.list(conversation).pipe(Effect.catchTag("RateLimited", () => Effect.void))

// says: Type 'Option<string>' is not assignable to type 'string'
export const optionAsText: string = participant.userExternalId
