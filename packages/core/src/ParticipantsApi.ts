/**
 * The contract as an `HttpApi`, made from `Operations`.
 *
 * A test makes an OpenAPI document from it and compares that with the vendor's. The local API that stands in for
 * Sunshine Conversations reads its schemas. Applications use `Participants`; use this module to write a server or
 * another client.
 *
 * **Example** (The OpenAPI document of the contract)
 *
 * ```ts
 * import * as ParticipantsApi from "@effect-sunco/core/ParticipantsApi"
 * import { OpenApi } from "effect/http-api"
 * import * as assert from "node:assert"
 *
 * const document = OpenApi.fromApi(ParticipantsApi.ParticipantsApi)
 *
 * assert.deepEqual(Object.keys(document.paths), [
 *   "/v2/apps/{appId}/conversations/{conversationId}/join",
 *   "/v2/apps/{appId}/conversations/{conversationId}/leave",
 *   "/v2/apps/{appId}/conversations/{conversationId}/participants",
 * ])
 * ```
 *
 * @see https://developer.zendesk.com/api-reference/conversations/#tag/Participants
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import * as SchemaTransformation from "effect/SchemaTransformation"
import * as HttpApi from "effect/http-api/HttpApi"
import * as HttpApiEndpoint from "effect/http-api/HttpApiEndpoint"
import * as HttpApiGroup from "effect/http-api/HttpApiGroup"
import * as HttpApiMiddleware from "effect/http-api/HttpApiMiddleware"
import * as HttpApiSchema from "effect/http-api/HttpApiSchema"
import * as HttpApiSecurity from "effect/http-api/HttpApiSecurity"
import * as OpenApi from "effect/http-api/OpenApi"
import { identifier, pathSegment } from "./internal/constraints.ts"
import { join, leave, list } from "./Operations.ts"
import { Cursor, defaultPageSize, maxPageSize, PageSize } from "./Page.ts"
import { type BadRequest, ErrorDetail, type NotFound, type Operation } from "./SunshineError.ts"

// ---------------------------------------------------------------------------
// Security
// ---------------------------------------------------------------------------

/**
 * Both ways to authenticate: `basic` with a key id and its secret, `bearer` with a JWT or an OAuth token.
 *
 * A client without credentials does not compile.
 *
 * @effect-expect-leaking HttpServerRequest | ParsedSearchParams | RouteContext
 * @category security
 * @since 0.1.0
 */
export class Authorization extends HttpApiMiddleware.Service<Authorization>()(
  "@effect-sunco/core/ParticipantsApi/Authorization",
  {
    security: {
      /** A key id as the user name, and its secret as the password. */
      basicAuth: HttpApiSecurity.basic,
      /** A JWT, or an OAuth token. */
      bearerAuth: HttpApiSecurity.bearer,
    },
    requiredForClient: true,
  },
) {}

// ---------------------------------------------------------------------------
// Bodies
// ---------------------------------------------------------------------------

/**
 * The vendor's error body.
 *
 * **Example** (An answer of the API)
 *
 * ```ts
 * import * as ParticipantsApi from "@effect-sunco/core/ParticipantsApi"
 * import { Schema } from "effect"
 * import * as assert from "node:assert"
 *
 * const { errors } = Schema.decodeSync(ParticipantsApi.ErrorBody)({
 *   errors: [{ code: "conversation_not_found", title: "Conversation not found" }],
 * })
 *
 * assert.equal(errors[0]?.code, "conversation_not_found")
 * ```
 *
 * @category schemas
 * @since 0.1.0
 */
export const ErrorBody = Schema.Struct({
  /** What is wrong, one entry for each problem. */
  errors: Schema.Array(ErrorDetail),
})

/**
 * The body of a join. All fields are optional, as in the vendor's document. The service checks that exactly one id is
 * named before it sends a request, and the server checks it, too.
 *
 * @category schemas
 * @since 0.1.0
 */
export const JoinBody = Schema.Struct({
  /** The id that Sunshine Conversations gave the user. */
  userId: Schema.optionalKey(identifier),
  /** The id that you gave the user. */
  userExternalId: Schema.optionalKey(identifier),
  /**
   * Whether the user's SDK client is subscribed, so that push notifications arrive before the user has opened the
   * conversation.
   */
  subscribeSDKClient: Schema.optionalKey(Schema.Boolean),
})

/**
 * The body of a leave.
 *
 * @category schemas
 * @since 0.1.0
 */
export const LeaveBody = Schema.Struct({
  /** The id that Sunshine Conversations gave the user. */
  userId: Schema.optionalKey(identifier),
  /** The id that you gave the user. */
  userExternalId: Schema.optionalKey(identifier),
  /** The id of the membership, which is the `id` of a participant. */
  participantId: Schema.optionalKey(identifier),
})

/**
 * The paging parameters of a list, as they are in the query.
 *
 * **Example** (The query of a second page)
 *
 * ```ts
 * import * as ParticipantsApi from "@effect-sunco/core/ParticipantsApi"
 * import { Schema } from "effect"
 * import * as assert from "node:assert"
 *
 * const query = Schema.encodeSync(ParticipantsApi.PageQuery)({ "page[after]": "c93bb9c14dde8ffb94564eae", "page[size]": 100 })
 *
 * assert.deepEqual(query, { "page[after]": "c93bb9c14dde8ffb94564eae", "page[size]": 100 })
 * ```
 *
 * @category schemas
 * @since 0.1.0
 */
export const PageQuery = Schema.Struct({
  /** The cursor after which the page starts. By default, the first page. */
  "page[after]": Schema.optionalKey(Cursor),
  /** The cursor before which the page ends. By default, the first page. */
  "page[before]": Schema.optionalKey(Cursor),
  /** The largest number of participants on the page, 1 to 100. 25 by default. */
  "page[size]": Schema.optionalKey(PageSize),
})

/** The vendor's body for a documented error. */
const badRequest = (operation: { readonly name: Operation; readonly errors: { readonly 400: typeof BadRequest } }) =>
  ErrorBody.pipe(
    Schema.decodeTo(
      Schema.toType(operation.errors[400]),
      SchemaTransformation.transform({
        decode: ({ errors }) => new operation.errors[400]({ operation: operation.name, errors }),
        encode: ({ errors }) => ({ errors }),
      }),
    ),
    HttpApiSchema.status(400),
  )

const notFound = (operation: { readonly name: Operation; readonly errors: { readonly 404: typeof NotFound } }) =>
  ErrorBody.pipe(
    Schema.decodeTo(
      Schema.toType(operation.errors[404]),
      SchemaTransformation.transform({
        decode: ({ errors }) => new operation.errors[404]({ operation: operation.name, errors }),
        encode: ({ errors }) => ({ errors }),
      }),
    ),
    HttpApiSchema.status(404),
  )

/** The generator documents a number in a query as a string; this documents it as the number that it is. */
const withPageSize = ({ parameters, ...operation }: Record<string, unknown>): Record<string, unknown> => ({
  ...operation,
  parameters: Array.isArray(parameters)
    ? parameters.map((parameter: { readonly name: string }) =>
        parameter.name === "page[size]"
          ? { ...parameter, schema: { type: "integer", minimum: 1, maximum: maxPageSize, default: defaultPageSize } }
          : parameter,
      )
    : parameters,
})

// ---------------------------------------------------------------------------
// Endpoints
// ---------------------------------------------------------------------------

const params = { appId: pathSegment, conversationId: pathSegment }

/**
 * The three operations, as one group named `participants`.
 *
 * @category contract
 * @since 0.1.0
 */
export class ParticipantsGroup extends HttpApiGroup.make("participants")
  .add(
    HttpApiEndpoint.post("join", join.path, {
      params,
      payload: JoinBody,
      success: join.success.schema.pipe(HttpApiSchema.status(join.success.status)),
      error: [badRequest(join), notFound(join)],
    }).annotate(OpenApi.Identifier, "JoinConversation"),
    HttpApiEndpoint.post("leave", leave.path, {
      params,
      payload: LeaveBody,
      success: leave.success.schema.pipe(HttpApiSchema.status(leave.success.status)),
      error: notFound(leave),
    }).annotate(OpenApi.Identifier, "LeaveConversation"),
    HttpApiEndpoint.get("list", list.path, {
      params,
      query: PageQuery,
      success: list.success.schema.pipe(HttpApiSchema.status(list.success.status)),
      error: [badRequest(list), notFound(list)],
    })
      .annotate(OpenApi.Identifier, "ListParticipants")
      .annotate(OpenApi.Transform, withPageSize),
  )
  .middleware(Authorization) {}

/**
 * The contract as an `HttpApi`.
 *
 * @category contract
 * @since 0.1.0
 */
export class ParticipantsApi extends HttpApi.make("SunshineConversationsParticipants")
  .add(ParticipantsGroup)
  .annotate(OpenApi.Title, "Sunshine Conversations Participants")
  .annotate(OpenApi.Version, "2")
  .annotate(OpenApi.Servers, [
    { url: "https://{subdomain}.zendesk.com/sc" },
    { url: "https://api.smooch.io" },
    { url: "https://api.eu-1.smooch.io" },
  ]) {}
