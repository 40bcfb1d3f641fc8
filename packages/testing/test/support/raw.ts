/**
 * Requests as they stand on the wire, to ask the local API what no typed client would.
 */
import * as Effect from "effect/Effect"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import * as Schema from "effect/Schema"
import { Sandbox } from "@effect-sunco/testing"

export interface Request {
  readonly method?: "GET" | "POST" | "PUT" | "DELETE"
  readonly app?: string
  readonly conversation?: string
  /** What comes after the conversation, with its query. */
  readonly path: string
  /** The authorization header; that of the demo key unless told. */
  readonly authorization?: string | undefined
  /** An object is sent as JSON. */
  readonly body?: object | string
  /** `application/json` unless told; undefined sends none. */
  readonly contentType?: string | undefined
  /** The encoding that the body claims. */
  readonly contentEncoding?: string
  /** Where the API begins; at the root unless told. */
  readonly base?: string
}

export const basic = (keyId: string, secret: string): string => `Basic ${btoa(`${keyId}:${secret}`)}`

export const demoAuthorization = basic(Sandbox.demo.keyId, Sandbox.demo.secret)

const parse = Schema.decodeUnknownEffect(Schema.fromJsonString(Schema.Json))

/** Sends a request; gives the status, the content type and the body, which is JSON where it says so. */
export const send = Effect.fnUntraced(function* ({
  app = Sandbox.demo.appId,
  base = "https://api.example",
  body,
  contentEncoding,
  conversation = Sandbox.demo.conversationId,
  method = body === undefined ? "GET" : "POST",
  path,
  ...rest
}: Request) {
  const authorization = "authorization" in rest ? rest.authorization : demoAuthorization
  const client = yield* HttpClient.HttpClient
  const contentType = "contentType" in rest ? rest.contentType : "application/json"
  const url = `${base}/v2/apps/${app}/conversations/${conversation}${path}`
  const response = yield* client.execute(
    HttpClientRequest.make(method)(url).pipe(
      authorization === undefined ? (request) => request : HttpClientRequest.setHeader("authorization", authorization),
      body === undefined
        ? (request) => request
        : HttpClientRequest.bodyText(typeof body === "string" ? body : JSON.stringify(body), contentType),
      contentType === undefined ? HttpClientRequest.removeHeader("content-type") : (request) => request,
      contentEncoding === undefined
        ? (request) => request
        : HttpClientRequest.setHeader("content-encoding", contentEncoding),
    ),
  )
  const type = response.headers["content-type"]
  const text = yield* response.text
  return { status: response.status, type, body: type?.startsWith("application/json") ? yield* parse(text) : text }
})

const Errors = Schema.Struct({
  errors: Schema.Array(Schema.Struct({ code: Schema.String, title: Schema.NonEmptyString })),
})

/** The codes of the vendor's error body, and nothing but that body. */
export const codesOf = (body: unknown) =>
  Schema.decodeUnknownEffect(Errors)(body, { onExcessProperty: "error" }).pipe(
    Effect.map(({ errors }) => errors.map(({ code }) => code)),
  )

/** The title of the first error of the vendor's error body. */
export const titleOf = (body: unknown) =>
  Schema.decodeUnknownEffect(Errors)(body).pipe(Effect.map(({ errors }) => errors[0]?.title ?? ""))
