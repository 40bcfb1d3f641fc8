/**
 * Adds the fields of its call to an error.
 */
import * as Predicate from "effect/Predicate"
import * as Record from "effect/Record"
import { BadRequest, type NamedUser, NotFound, SunshineError } from "../SunshineError.ts"

/** The fields of a request that identify its call. */
export interface CallReference {
  readonly appId?: string | undefined
  readonly conversationId?: string | undefined
  readonly user?: NamedUser | undefined
}

const defined = <Fields extends Record<string, unknown>>(fields: Fields) =>
  Record.filter(fields, Predicate.isNotUndefined)

const stringOf = (record: object, key: string): string | undefined => {
  const value: unknown = Reflect.get(record, key)
  return typeof value === "string" ? value : undefined
}

/** Reads the fields that are readable: the request may be invalid. */
export const ofRequest = (request: unknown): CallReference => {
  if (typeof request !== "object" || request === null) return {}
  try {
    const user: NamedUser = defined({
      userId: stringOf(request, "userId"),
      userExternalId: stringOf(request, "userExternalId"),
      participantId: stringOf(request, "participantId"),
    })
    return {
      appId: stringOf(request, "appId"),
      conversationId: stringOf(request, "conversationId"),
      user: Object.keys(user).length === 0 ? undefined : user,
    }
  } catch {
    // A getter throws, or the request is a revoked proxy. The error already says that the request cannot be read.
    return {}
  }
}

type Fields = CallReference & { readonly cursor?: string | undefined }

/** The same error with fields replaced. */
export function withFields(error: NotFound | SunshineError, fields: Fields): NotFound | SunshineError
export function withFields(
  error: BadRequest | NotFound | SunshineError,
  fields: Fields,
): BadRequest | NotFound | SunshineError
export function withFields(
  error: BadRequest | NotFound | SunshineError,
  fields: Fields,
): BadRequest | NotFound | SunshineError {
  if (error._tag === "BadRequest") return new BadRequest({ ...error, ...fields })
  if (error._tag === "NotFound") return new NotFound({ ...error, ...fields })
  // The cause of an error is not among its enumerable properties.
  return new SunshineError({ ...error, cause: withMissingFields(error.cause, fields), ...fields })
}

/** An error as a cause, such as that of a read of the roster, belongs to the same call. A list names no user. */
const withMissingFields = (cause: unknown, fields: Fields): unknown =>
  cause instanceof BadRequest || cause instanceof NotFound || cause instanceof SunshineError
    ? withFields(cause, missingFields(cause, cause.operation === "list" ? { ...fields, user: undefined } : fields))
    : cause

/** Fills in the call fields that an error lacks, and keeps those that it has: it may come from another service. */
export const missingFields = (
  { appId, conversationId, user }: CallReference,
  { appId: ofApp, conversationId: ofConversation, user: ofUser }: CallReference,
): CallReference => ({
  appId: appId ?? ofApp,
  conversationId: conversationId ?? ofConversation,
  user: user ?? ofUser,
})
