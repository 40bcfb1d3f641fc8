import type * as Effect from "effect/Effect"
import { describe, expectTypeOf, test } from "@effect/vitest"
import { type Page, type Participant, Participants, type SunshineError } from "@effect-sunco/core"

type Service = Participants.Participants["Service"]

/** The methods, without the effects that they give: an effect has to be used. */
declare const participants: {
  readonly [Method in keyof Service]: (request: Parameters<Service[Method]>[0]) => void
}

const conversation = { appId: "app", conversationId: "conversation" }

describe("the service", () => {
  test("has three methods and no more", () => {
    expectTypeOf<keyof Service>().toEqualTypeOf<"join" | "leave" | "list">()
  })

  test("join gives a participant, or BadRequest, NotFound or SunshineError", () => {
    expectTypeOf<Service["join"]>().toEqualTypeOf<
      (
        request: Participant.JoinRequest,
      ) => Effect.Effect<
        Participant.Participant,
        SunshineError.BadRequest | SunshineError.NotFound | SunshineError.SunshineError
      >
    >()
  })

  test("leave gives nothing, or NotFound or SunshineError", () => {
    expectTypeOf<Service["leave"]>().toEqualTypeOf<
      (request: Participant.LeaveRequest) => Effect.Effect<void, SunshineError.NotFound | SunshineError.SunshineError>
    >()
  })

  test("list gives a page, or BadRequest, NotFound or SunshineError", () => {
    expectTypeOf<Service["list"]>().toEqualTypeOf<
      (
        request: Page.ListRequest,
      ) => Effect.Effect<
        Page.ParticipantPage,
        SunshineError.BadRequest | SunshineError.NotFound | SunshineError.SunshineError
      >
    >()
  })

  test("is made from an implementation that gets checked requests", () => {
    expectTypeOf(Participants.make).returns.toEqualTypeOf<Service>()
    type Join = Parameters<Participants.Implementation["join"]>[0]
    expectTypeOf<Join["subscribeSDKClient"]>().toEqualTypeOf<boolean>()
    expectTypeOf<Join["appId"]>().toEqualTypeOf<string>()
  })
})

describe("join", () => {
  test("names a user in exactly one way", () => {
    expectTypeOf(participants.join).toBeCallableWith({ ...conversation, userId: "user" })
    expectTypeOf(participants.join).toBeCallableWith({ ...conversation, userExternalId: "external" })
    // @ts-expect-error no user is named
    participants.join(conversation)
    // @ts-expect-error a user is named twice
    participants.join({ ...conversation, userId: "user", userExternalId: "external" })
    // @ts-expect-error a participant cannot join
    participants.join({ ...conversation, participantId: "participant" })
  })

  test("names an app and a conversation", () => {
    expectTypeOf<Participant.JoinRequest>().toExtend<Participant.ConversationReference>()
    // @ts-expect-error no app is named
    participants.join({ conversationId: "conversation", userId: "user" })
    // @ts-expect-error no conversation is named
    participants.join({ appId: "app", userId: "user" })
  })

  test("may subscribe, with a boolean", () => {
    expectTypeOf(participants.join).toBeCallableWith({ ...conversation, userId: "user", subscribeSDKClient: true })
    // @ts-expect-error text is no boolean
    participants.join({ ...conversation, userId: "user", subscribeSDKClient: "true" })
  })
})

describe("a request that names no user, or several", () => {
  /** The names of all properties of a union, which the compiler reports if they are missing. */
  type Names<Request> = Request extends unknown ? keyof Request : never
  type Prose<Request> = Extract<Names<Request>, `Name the user ${string}`>

  test("is told what to do: it lacks a property of this name", () => {
    expectTypeOf<
      Prose<Participant.JoinRequest>
    >().toEqualTypeOf<"Name the user by exactly one of userId and userExternalId">()
    expectTypeOf<
      Prose<Participant.LeaveRequest>
    >().toEqualTypeOf<"Name the user by exactly one of userId, userExternalId and participantId">()
  })

  test("has no such property when an implementation gets it", () => {
    expectTypeOf<Prose<Parameters<Participants.Implementation["join"]>[0]>>().toEqualTypeOf<never>()
    expectTypeOf<Prose<Parameters<Participants.Implementation["leave"]>[0]>>().toEqualTypeOf<never>()
  })
})

describe("leave", () => {
  test("names a user in exactly one of three ways", () => {
    expectTypeOf(participants.leave).toBeCallableWith({ ...conversation, userId: "user" })
    expectTypeOf(participants.leave).toBeCallableWith({ ...conversation, userExternalId: "external" })
    expectTypeOf(participants.leave).toBeCallableWith({ ...conversation, participantId: "participant" })
    // @ts-expect-error no user is named
    participants.leave(conversation)
    // @ts-expect-error a user is named twice
    participants.leave({ ...conversation, userId: "user", userExternalId: "external" })
    // @ts-expect-error a user is named twice
    participants.leave({ ...conversation, userId: "user", participantId: "participant" })
    // @ts-expect-error a user is named twice
    participants.leave({ ...conversation, userExternalId: "external", participantId: "participant" })
  })

  test("does not subscribe", () => {
    expectTypeOf<Participant.LeaveRequest>().not.toHaveProperty("subscribeSDKClient")
    // @ts-expect-error only a join subscribes
    participants.leave({ ...conversation, userId: "user", subscribeSDKClient: true })
  })
})

describe("list", () => {
  test("asks for a page after a cursor, or before one, or for neither", () => {
    expectTypeOf(participants.list).toBeCallableWith(conversation)
    expectTypeOf(participants.list).toBeCallableWith({ ...conversation, page: {} })
    expectTypeOf(participants.list).toBeCallableWith({ ...conversation, page: { size: 10 } })
    expectTypeOf(participants.list).toBeCallableWith({ ...conversation, page: { after: "cursor", size: 10 } })
    expectTypeOf(participants.list).toBeCallableWith({ ...conversation, page: { before: "cursor" } })
    // @ts-expect-error both cursors are named
    participants.list({ ...conversation, page: { after: "cursor", before: "cursor" } })
    // @ts-expect-error a size is a number
    participants.list({ ...conversation, page: { size: "10" } })
  })

  test("of both cursors is told what to do: it lacks a property of this name", () => {
    type Names<Request> = Request extends unknown ? keyof Request : never
    expectTypeOf<
      Exclude<Names<Page.PageRequest>, "after" | "before" | "size">
    >().toEqualTypeOf<"Name after or before, not both">()
    expectTypeOf<{ after: string; before: string }>().not.toExtend<Page.PageRequest>()
  })
})

describe("a client type", () => {
  test("is any text, and the known ones are offered", () => {
    expectTypeOf<(typeof Participant.knownClientTypes)[number]>().toExtend<Participant.ClientType>()
    expectTypeOf<string>().toExtend<Participant.ClientType>()
  })
})
