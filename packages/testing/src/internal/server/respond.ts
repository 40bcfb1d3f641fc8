/**
 * Answers one request. Every request is checked in the same order: address, credential, app, then its body or query, and
 * then the rules of the sandbox.
 */
import * as Effect from "effect/Effect"
import * as HttpServerRequest from "effect/http/HttpServerRequest"
import * as Option from "effect/Option"
import type { Sandbox } from "../../Sandbox.ts"
import { fromHeader } from "../credentials.ts"
import { addressOf } from "./address.ts"
import * as Answers from "./answers.ts"
import * as Input from "./input.ts"

const handle = Effect.fnUntraced(function* (sandbox: Sandbox["Service"]) {
  const { rules } = sandbox
  const request = yield* HttpServerRequest.HttpServerRequest
  const address = addressOf(request)
  if (Option.isNone(address)) return yield* Answers.refuse(404, "not_found", "Resource not found")
  const { conversation, operation } = address.value

  const credential = yield* fromHeader(sandbox.credentials, request.headers["authorization"] ?? "")
  const why = sandbox.credentials.length === 0 ? ": the seed of the local API has no credentials" : ""
  if (credential === undefined) return yield* Answers.refuse(401, "unauthorized", `Authorization is required${why}`)
  if (credential.appId !== undefined && credential.appId !== conversation.appId) {
    if (rules.wrongApp === "forbidden") return yield* Answers.refuse(403, "forbidden", "Forbidden")
    return yield* Answers.refuse(404, "app_not_found", "App not found")
  }

  switch (operation) {
    case "join": {
      const participant = yield* sandbox.join({ ...conversation, ...(yield* Input.joinBody(request, rules)) })
      return yield* Answers.joined(participant, rules)
    }
    case "leave":
      yield* sandbox.leave({ ...conversation, ...(yield* Input.leaveBody(request, rules)) })
      return Answers.left
    case "list": {
      const page = yield* sandbox.list({ ...conversation, ...(yield* Input.pageQuery(request, rules)) })
      return yield* Answers.listed(page, rules)
    }
  }
})

export const respond = (sandbox: Sandbox["Service"]) =>
  handle(sandbox).pipe(
    Effect.catchTags({
      BadRequest: ({ errors }) => Effect.succeed(Answers.failed(400, errors)),
      NotFound: ({ errors }) => Effect.succeed(Answers.failed(404, errors)),
    }),
    Effect.catch(Effect.succeed),
  )
