/**
 * The types are those of `core`, on Effect 3.
 */
import type { HttpClient } from "@effect/platform"
import type * as Core from "@effect-sunco/core"
import { Paginator, Participants, ParticipantsHttp, RetryPolicy, type SunshineError } from "@effect-sunco/effect3"
import type * as Effect3 from "@effect-sunco/effect3"
import { type ConfigError, Effect, type Layer, type Stream } from "effect"
import { expectTypeOf, test } from "vitest"

const conversation = { appId: "app", conversationId: "conversation" }

test("requests are those of core", () => {
  expectTypeOf<Effect3.Participant.JoinRequest>().toEqualTypeOf<Core.Participant.JoinRequest>()
  expectTypeOf<Effect3.Participant.LeaveRequest>().toEqualTypeOf<Core.Participant.LeaveRequest>()
  expectTypeOf<Effect3.Page.ListRequest>().toEqualTypeOf<Core.Page.ListRequest>()
  expectTypeOf<Paginator.PagesRequest>().toEqualTypeOf<Core.Paginator.PagesRequest>()
})

test("errors have the tags and the fields of core", () => {
  expectTypeOf<Paginator.PagesError["_tag"]>().toEqualTypeOf<Core.Paginator.PagesError["_tag"]>()
  expectTypeOf<SunshineError.Reason["_tag"]>().toEqualTypeOf<Core.SunshineError.Reason["_tag"]>()
  expectTypeOf<SunshineError.Outcome>().toEqualTypeOf<Core.SunshineError.Outcome>()
})

test("a call fails with domain errors, and needs nothing", () => {
  const program = Effect.flatMap(Participants.Participants, ({ leave }) => leave({ ...conversation, userId: "ada" }))
  expectTypeOf(program).toEqualTypeOf<
    Effect.Effect<void, SunshineError.NotFound | SunshineError.SunshineError, Participants.Participants>
  >()
})

test("a request names one user", () => {
  type Join = Participants.Participants["Type"]["join"]
  expectTypeOf({ ...conversation, userId: "ada" }).toExtend<Parameters<Join>[0]>()
  expectTypeOf({ ...conversation, userId: "ada", userExternalId: "crm-1" }).not.toExtend<Parameters<Join>[0]>()
  expectTypeOf(conversation).not.toExtend<Parameters<Join>[0]>()
})

test("the layer needs the HttpClient of the application", () => {
  expectTypeOf(ParticipantsHttp.layerConfig).toEqualTypeOf<
    Layer.Layer<Participants.Participants, ConfigError.ConfigError, HttpClient.HttpClient>
  >()
})

test("a stream gives participants, and its errors can be caught by tag", () => {
  expectTypeOf(Paginator.stream(conversation)).toEqualTypeOf<
    Stream.Stream<Effect3.Participant.Participant, Paginator.PagesError, Participants.Participants>
  >()
  expectTypeOf({ ...conversation, direction: "backward" as const }).not.toExtend<Paginator.PagesRequest>()
})

test("an override keeps the type of the effect", () => {
  expectTypeOf(RetryPolicy.override(Effect.succeed(1), { attempts: 1 })).toEqualTypeOf<Effect.Effect<number>>()
})
