/**
 * What a request may hold, and what it says of its call.
 */
import { SunshineError } from "@effect-sunco/core"
import type { CallNamed } from "../Failure.ts"
import * as Check from "./checks.ts"
import type { Call } from "./running.ts"

type Request = "join" | "leave" | "list" | "pages"

const conversation = ["appId", "conversationId"]
const users = ["userId", "userExternalId", "participantId"]

const fieldsOf: Readonly<Record<Request, ReadonlyArray<string>>> = {
  join: [...conversation, "userId", "userExternalId", "subscribeSDKClient"],
  leave: [...conversation, ...users],
  list: [...conversation, "page"],
  pages: [...conversation, "pageSize", "prefetch", "direction", "cursor"],
}

/** Reads a request. If it cannot be read, such as one whose getter throws, the service refuses it. */
const readable = <A>(read: () => A): A | undefined => {
  try {
    return read()
  } catch {
    return undefined
  }
}

const refuseUnknown = (request: object, known: ReadonlyArray<string>, path = "") => {
  const name = Object.keys(request).find((name) => !known.includes(name))
  if (name === undefined) return undefined
  const hint = name === "signal" ? "; a signal goes into the second argument, as { signal }" : ""
  return new SunshineError.InvalidRequest({
    field: path + name,
    expected: `Expected one of the fields ${known.join(", ")}${hint}`,
  })
}

/** Why a request is refused that has a field that does not exist, such as a misspelled one. */
export const refusalOf = (kind: Request, request: { readonly page?: object | undefined }) =>
  readable(
    () =>
      refuseUnknown(request, fieldsOf[kind]) ?? refuseUnknown(request.page ?? {}, ["after", "before", "size"], "page."),
  )

const namesOf = (request: object, names: ReadonlyArray<string>): Readonly<Record<string, string>> =>
  readable(() =>
    Object.fromEntries(
      names
        .map((name): [string, unknown] => [name, Reflect.get(request, name)])
        .filter((entry): entry is [string, string] => typeof entry[1] === "string"),
    ),
  ) ?? {}

const isSignal = (value: unknown) => value instanceof AbortSignal

const checkOptions = Check.fields({}, { signal: Check.check("an AbortSignal", isSignal) })

/** A signal has no fields of its own, so it would pass as options without any. */
const checkNoSignal = Check.check("{ signal } in place of the signal itself", (value) => !isSignal(value))

export const callOf = (
  kind: Request,
  request: object,
  options: { readonly signal?: AbortSignal | undefined } = {},
  baseUrl: string,
): Call => {
  checkNoSignal(options, "options")
  checkOptions(options, "options")
  const user = namesOf(request, users)
  const call: CallNamed = {
    ...namesOf(request, conversation),
    user: Object.keys(user).length > 0 ? user : undefined,
    baseUrl,
  }
  return { operation: kind === "pages" ? "list" : kind, call, signal: options.signal }
}
