import type * as Stream from "effect/Stream"
import { describe, expectTypeOf, test } from "@effect/vitest"
import { type Page, Paginator, type Participant, type Participants, type SunshineError } from "@effect-sunco/core"

const conversation = { appId: "app", conversationId: "conversation" }

/** Asks for pages, without the stream that comes of it: a stream has to be used. */
declare const request: (request: Paginator.PagesRequest) => void

describe("Paginator", () => {
  test("pages is a stream of pages that needs the service alone", () => {
    expectTypeOf(Paginator.pages).returns.toEqualTypeOf<
      Stream.Stream<
        Page.ParticipantPage,
        SunshineError.BadRequest | SunshineError.NotFound | SunshineError.SunshineError | SunshineError.PaginationError,
        Participants.Participants
      >
    >()
  })

  test("stream is a stream of participants with the same errors", () => {
    expectTypeOf(Paginator.stream).returns.toEqualTypeOf<
      Stream.Stream<Participant.Participant, Paginator.PagesError, Participants.Participants>
    >()
  })

  test("both take the same request", () => {
    expectTypeOf(Paginator.pages).parameters.toEqualTypeOf<[request: Paginator.PagesRequest]>()
    expectTypeOf(Paginator.stream).parameters.toEqualTypeOf<[request: Paginator.PagesRequest]>()
  })

  test("goes forward with a cursor or without one", () => {
    expectTypeOf(request).toBeCallableWith(conversation)
    expectTypeOf(request).toBeCallableWith({ ...conversation, cursor: "cursor", pageSize: 10, prefetch: 1 })
    expectTypeOf(request).toBeCallableWith({ ...conversation, direction: "forward" })
    expectTypeOf(request).toBeCallableWith({ ...conversation, direction: "forward", cursor: "cursor" })
  })

  test("goes backward from a cursor only", () => {
    expectTypeOf(request).toBeCallableWith({ ...conversation, direction: "backward", cursor: "cursor" })
    // @ts-expect-error there is no cursor to go backward from
    request({ ...conversation, direction: "backward" })
  })

  test("knows no other direction", () => {
    expectTypeOf<Paginator.PagesRequest["direction"]>().toEqualTypeOf<"forward" | "backward" | undefined>()
    // @ts-expect-error no such direction
    request({ ...conversation, direction: "sideways", cursor: "cursor" })
  })
})
