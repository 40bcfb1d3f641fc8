import { describe, expectTypeOf, test } from "@effect/vitest"
import { Page, Paginator, Participant, type Participants, SunshineError } from "@effect-sunco/core"

// The packages are checked with `exactOptionalPropertyTypes`, as some of their users are.
describe("an optional property may be undefined", () => {
  test("in a request", () => {
    const conversation = { appId: "app", conversationId: "conversation" }
    expectTypeOf<Parameters<Participants.Participants["Service"]["join"]>[0]>().toExtend<object>()
    const join: Participant.JoinRequest = {
      ...conversation,
      userId: "user",
      userExternalId: undefined,
      subscribeSDKClient: undefined,
    }
    const leave: Participant.LeaveRequest = {
      ...conversation,
      userId: undefined,
      userExternalId: undefined,
      participantId: "participant",
    }
    const list: Page.ListRequest = { ...conversation, page: undefined }
    const page: Page.PageRequest = { after: undefined, before: undefined, size: undefined }
    expectTypeOf(Paginator.pages).toBeCallableWith({
      ...conversation,
      pageSize: undefined,
      prefetch: undefined,
      direction: undefined,
      cursor: undefined,
    })
    expectTypeOf([join, leave, list, page]).toExtend<ReadonlyArray<object>>()
  })

  test("in a value that a test makes", () => {
    expectTypeOf(Participant.Participant).toBeConstructibleWith({
      id: "participant",
      userId: "user",
      userExternalId: undefined,
      unreadCount: undefined,
      clientAssociations: undefined,
      lastRead: undefined,
    })
    expectTypeOf(Participant.ClientAssociation).toBeConstructibleWith({ type: undefined, clientId: undefined })
    expectTypeOf(Page.ParticipantPage).toBeConstructibleWith({ participants: [], meta: undefined, links: undefined })
    expectTypeOf(Page.PageMeta).toBeConstructibleWith({
      hasMore: false,
      afterCursor: undefined,
      beforeCursor: undefined,
    })
  })

  test("in an error", () => {
    expectTypeOf(SunshineError.ErrorDetail).toBeConstructibleWith({ code: undefined, title: undefined })
    expectTypeOf(SunshineError.NotFound).toBeConstructibleWith({
      operation: "leave",
      appId: undefined,
      conversationId: undefined,
      user: undefined,
      baseUrl: undefined,
      errors: undefined,
      body: undefined,
      cursor: undefined,
    })
    expectTypeOf(SunshineError.RateLimited).toBeConstructibleWith({ errors: undefined, retryAfter: undefined })
    expectTypeOf(SunshineError.TimedOut).toBeConstructibleWith({
      after: SunshineError.TimedOut.prototype.after,
      sent: false,
      limit: undefined,
      waitingFor: undefined,
    })
  })
})
