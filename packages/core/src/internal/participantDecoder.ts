/**
 * Decodes a participant without walking its schema, which takes several times as long as parsing the JSON.
 *
 * It decodes what the API normally sends, and leaves everything else to the schema, so the schema alone decides which
 * answers are errors. Both return equal values: a test decodes random answers both ways.
 */
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type * as Schema from "effect/Schema"
import type * as SchemaAST from "effect/SchemaAST"
import * as SchemaParser from "effect/SchemaParser"
import * as SchemaCompiler from "effect/schema/SchemaCompiler"
import { epochMillis } from "./isoTime.ts"
import type { ClientAssociation, Participant } from "../Participant.ts"

interface Classes {
  readonly Participant: typeof Participant
  readonly ClientAssociation: typeof ClientAssociation
}

// ---------------------------------------------------------------------------
// Fields: `undefined` means that the schema has to decode the value
// ---------------------------------------------------------------------------

export const isRecord = (input: unknown): input is { readonly [key: string]: unknown } =>
  typeof input === "object" && input !== null && !Array.isArray(input)

export const isMissing = (input: unknown): input is undefined | null => input === undefined || input === null

export const text = (input: unknown): Option.Option<string> | undefined => {
  if (typeof input === "string") return Option.some(input)
  return isMissing(input) ? Option.none() : undefined
}

const count = (input: unknown): number | undefined => {
  if (typeof input === "number" && Number.isSafeInteger(input)) return input
  return isMissing(input) ? 0 : undefined
}

const time = (input: unknown): Option.Option<DateTime.Utc> | undefined => {
  if (isMissing(input)) return Option.none()
  if (typeof input !== "string") return undefined
  const millis = epochMillis(input)
  return Number.isNaN(millis) ? undefined : Option.some(DateTime.makeUnsafe(millis))
}

const clients = (input: unknown, classes: Classes): ReadonlyArray<ClientAssociation> | undefined => {
  if (isMissing(input)) return []
  if (!Array.isArray(input)) return undefined
  const decoded: Array<ClientAssociation> = []
  for (const entry of input) {
    if (!isRecord(entry)) return undefined
    const type = entry["type"] ?? ""
    const clientId = text(entry["clientId"])
    if (typeof type !== "string" || clientId === undefined) return undefined
    const client = blank(classes.ClientAssociation)
    client.type = type
    client.clientId = clientId
    decoded.push(client)
  }
  return decoded
}

// ---------------------------------------------------------------------------
// Instances
// ---------------------------------------------------------------------------

/**
 * An instance whose fields the caller sets, in the order of the schema, so that both ways print alike. The constructor
 * would validate each field a second time.
 */
export const blank = <A extends object>(constructor: { readonly prototype: A }): { -readonly [K in keyof A]: A[K] } =>
  // The prototype makes it an instance, and the callers set every field before anybody sees it.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  Object.create(constructor.prototype) as { -readonly [K in keyof A]: A[K] }

const decodeParticipant = (input: unknown, classes: Classes): Participant | undefined => {
  if (!isRecord(input)) return undefined
  const { id, userId } = input
  if (typeof id !== "string" || typeof userId !== "string") return undefined
  const userExternalId = text(input["userExternalId"])
  const unreadCount = count(input["unreadCount"])
  const clientAssociations = clients(input["clientAssociations"], classes)
  const lastRead = time(input["lastRead"])
  if (
    userExternalId === undefined ||
    unreadCount === undefined ||
    clientAssociations === undefined ||
    lastRead === undefined
  ) {
    return undefined
  }
  const participant = blank(classes.Participant)
  participant.id = id
  participant.userId = userId
  participant.userExternalId = userExternalId
  participant.unreadCount = unreadCount
  participant.clientAssociations = clientAssociations
  participant.lastRead = lastRead
  return participant
}

// ---------------------------------------------------------------------------
// Installation
// ---------------------------------------------------------------------------

/**
 * Installs a decoder for every parser of a class. It must run before the first parser is made, because a parser keeps
 * the decoder that it finds. The decoder returns `undefined` for what the schema has to decode.
 */
export const install = <A>(
  schema: Schema.Top & { readonly ast: SchemaAST.AST },
  decode: (input: unknown) => A | undefined,
): void => {
  // The same schema as another object: the decoder that is installed for the class does not apply to it.
  const decodeWithSchema = SchemaParser.decodeUnknownEffect(schema.annotate({}))
  SchemaCompiler.set(schema.ast, {
    decode: (input: unknown, { onExcessProperty }: SchemaAST.ParseOptions) =>
      (onExcessProperty === "error" ? undefined : decode(input)) ?? SchemaCompiler.invalid,
    decodeEffect: (input, options) =>
      input === SchemaCompiler.missing ? Effect.succeed(input) : decodeWithSchema(input, options),
  })
}

export const installParticipantDecoder = (classes: Classes): void =>
  install(classes.Participant, (input) => decodeParticipant(input, classes))
