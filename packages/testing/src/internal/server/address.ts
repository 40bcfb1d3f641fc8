/**
 * Which operation a request is for.
 */
import * as Option from "effect/Option"
import type * as HttpServerRequest from "effect/http/HttpServerRequest"
import { Operations } from "@effect-sunco/core"

/**
 * `:appId` of a path becomes a group of that name. The vendor serves the API at the root of its own hosts, and under
 * `/sc` of a customer's host.
 */
const routes = [Operations.join, Operations.leave, Operations.list].map(({ method, name, path }) => ({
  method,
  operation: name,
  pattern: new RegExp(`^(?:/sc)?${path.replaceAll(/:(\w+)/g, "(?<$1>[^/]+)")}$`),
}))

const decode = Option.liftThrowable(decodeURIComponent)

/** The operation and the conversation that a request is for. None if there is no such address. */
export const addressOf = ({ method, url }: HttpServerRequest.HttpServerRequest) =>
  Option.gen(function* () {
    const path = url.split("?", 1)[0] ?? ""
    const route = routes.find((route) => route.method === method && route.pattern.test(path))
    const { operation, pattern } = yield* Option.fromUndefinedOr(route)
    const { appId = "", conversationId = "" } = pattern.exec(path)?.groups ?? {}
    return { operation, conversation: { appId: yield* decode(appId), conversationId: yield* decode(conversationId) } }
  })
