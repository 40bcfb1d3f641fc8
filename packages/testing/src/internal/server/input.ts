/**
 * Reads what a request says in its body or its query. One order of checks: media type, encoding, size, then the shape.
 */
import * as Effect from "effect/Effect"
import * as HttpServerRequest from "effect/http/HttpServerRequest"
import * as Schema from "effect/Schema"
import * as ParticipantsApi from "@effect-sunco/core/ParticipantsApi"
import type { Rules } from "../sandbox/rules.ts"
import { refuse } from "./answers.ts"

type Request = HttpServerRequest.HttpServerRequest

/** The vendor's limit for a JSON body: 100 kB. */
const maxBytes = 100 * 1024

const decoder =
  <S extends Schema.ConstraintDecoder<unknown>>(schema: S) =>
  (input: unknown, { unknownFields }: Rules) => {
    const onExcessProperty = unknownFields === "bad request" ? "error" : "ignore"
    return Schema.decodeUnknownEffect(schema)(input, { onExcessProperty }).pipe(
      Effect.catch(({ message }) => refuse(400, "bad_request", message)),
    )
  }

const body = <S extends Schema.ConstraintDecoder<unknown>>(schema: S) => {
  const decode = decoder(Schema.fromJsonString(schema))
  return Effect.fnUntraced(function* (request: Request, rules: Rules) {
    const { "content-encoding": encoding = "identity", "content-type": type = "" } = request.headers
    if (type.split(";", 1)[0]?.trim().toLowerCase() !== "application/json") {
      return yield* refuse(415, "unsupported_media_type", "The header content-type: application/json is required")
    }
    if (encoding.toLowerCase() !== "identity") {
      return yield* refuse(415, "unsupported_media_type", `The content encoding ${encoding} is not supported`)
    }
    const bytes = yield* Effect.orDie(request.arrayBuffer)
    if (bytes.byteLength > maxBytes) return yield* refuse(413, "payload_too_large", "The body is larger than 100 kB")
    return yield* decode(new TextDecoder().decode(bytes), rules)
  })
}

export const joinBody = body(ParticipantsApi.JoinBody)

export const leaveBody = body(ParticipantsApi.LeaveBody)

const decodeQuery = decoder(Schema.toCodecStringTree(ParticipantsApi.PageQuery))

/** A parameter that comes twice is a list, which no parameter is. */
export const pageQuery = ({ url }: Request, rules: Rules) => {
  const parameters = HttpServerRequest.searchParamsFromURL(new URL(url, "http://sandbox.invalid"))
  return Effect.map(
    decodeQuery(parameters, rules),
    ({ "page[after]": after, "page[before]": before, "page[size]": size }) => ({ after, before, size }),
  )
}
