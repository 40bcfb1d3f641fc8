/**
 * Answers one request. Every request is checked in the same order: address, credential, app, then its body or query, and
 * then the rules of the sandbox.
 */
import * as Effect from "effect/Effect"
import * as HttpServerRequest from "effect/http/HttpServerRequest"
import type * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as Option from "effect/Option"
import type { Sandbox } from "../../Sandbox.ts"
import { fromHeader } from "../credentials.ts"
import { addressOf } from "./address.ts"
import * as Input from "./input.ts"
import * as Output from "./output.ts"
import { Refusal, refusal, toResponse } from "./refusal.ts"

const handle = Effect.fnUntraced(function* (sandbox: Sandbox["Service"]) {
  const { rules } = sandbox
  const request = yield* HttpServerRequest.HttpServerRequest
  const address = addressOf(request)
  if (Option.isNone(address)) return yield* refusal(404, "not_found", "Resource not found")
  const { conversation, operation } = address.value

  const credential = yield* fromHeader(sandbox.credentials, request.headers["authorization"] ?? "")
  if (credential === undefined) return yield* refusal(401, "unauthorized", "Authorization is required")
  if (credential.appId !== undefined && credential.appId !== conversation.appId) {
    return yield* rules.wrongApp === "forbidden"
      ? refusal(403, "forbidden", "Forbidden")
      : refusal(404, "app_not_found", "App not found")
  }

  switch (operation) {
    case "join": {
      const body = yield* Input.joinBody(request, rules)
      return yield* Output.joined(yield* sandbox.join({ ...conversation, ...body }), rules)
    }
    case "leave": {
      const body = yield* Input.leaveBody(request, rules)
      yield* sandbox.leave({ ...conversation, ...body })
      return Output.left
    }
    case "list": {
      const page = yield* Input.pageQuery(request, rules)
      return yield* Output.listed(yield* sandbox.list({ ...conversation, ...page }), rules)
    }
  }
})

export const respond = (
  sandbox: Sandbox["Service"],
): Effect.Effect<HttpServerResponse.HttpServerResponse, never, HttpServerRequest.HttpServerRequest> =>
  handle(sandbox).pipe(
    Effect.catchTags({
      BadRequest: ({ errors }) => Effect.fail(new Refusal({ status: 400, errors })),
      NotFound: ({ errors }) => Effect.fail(new Refusal({ status: 404, errors })),
    }),
    Effect.catchTag("Refusal", (refusal) => Effect.succeed(toResponse(refusal))),
  )
