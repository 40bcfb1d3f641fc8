/**
 * What an OpenAPI document says of the three participants operations, in one form that two documents can be compared in:
 * references are followed, alternatives of objects are one object with the fields of all, a parameter that is an object
 * is a parameter for each of its fields, and `null` is a mark on what it stands beside.
 */
import * as Predicate from "effect/Predicate"

// ---------------------------------------------------------------------------
// Models
// ---------------------------------------------------------------------------

/** A value on the wire. */
export interface Shape {
  readonly type: string
  readonly nullable?: boolean
  readonly minLength?: number
  readonly maxLength?: number
  readonly minimum?: number
  readonly maximum?: number
  readonly default?: string | number | boolean
  /** The values that are allowed; with `open`, others too. */
  readonly values?: ReadonlyArray<string>
  readonly open?: boolean
  readonly items?: Shape
  readonly fields?: Readonly<Record<string, Field>>
}

export interface Field extends Shape {
  readonly required?: boolean
}

export interface Operation {
  readonly method: string
  readonly path: string
  readonly parameters: Readonly<Record<string, Field>>
  readonly body?: Field
  readonly responses: Readonly<Record<string, Shape>>
  /** The errors that the examples of a status show. */
  readonly errors: Readonly<Record<string, ReadonlyArray<ErrorExample>>>
  readonly security: Readonly<Record<string, ReadonlyArray<string>>>
}

export interface ErrorExample {
  readonly code: string
  readonly title: string
}

export interface Contract {
  readonly version: string
  /** Where the API is, with `{name}` where a server has a variable. */
  readonly servers: ReadonlyArray<string>
  readonly operations: Readonly<Record<string, Operation>>
  readonly securitySchemes: Readonly<Record<string, string>>
}

export interface Difference {
  readonly at: string
  readonly vendor: string
  readonly ours: string
}

// ---------------------------------------------------------------------------
// Reading a document
// ---------------------------------------------------------------------------

type Json = unknown
type JsonObject = { readonly [key: string]: Json }

const isObject = (value: Json): value is JsonObject => Predicate.isObject(value) && !Array.isArray(value)
const object = (value: Json): JsonObject => (isObject(value) ? value : {})
const list = (value: Json): ReadonlyArray<Json> => (Array.isArray(value) ? value : [])
const text = (value: Json): string => (typeof value === "string" ? value : "")

const operationIds: ReadonlySet<string> = new Set(["JoinConversation", "LeaveConversation", "ListParticipants"])

/** Reads the three operations. One that is missing is missing in the result. */
export const read = (input: Json): Contract => {
  const document = object(input)

  const resolve = (value: Json): JsonObject => {
    const found = object(value)
    if (typeof found["$ref"] !== "string") return found
    const path = found["$ref"].replace(/^#\//, "").split("/")
    return resolve(
      path.reduce<Json>((at, key) => object(at)[key.replaceAll("~1", "/").replaceAll("~0", "~")], document),
    )
  }

  const shape = (value: Json): Shape => {
    const schema = resolve(value)
    const alternatives = [...list(schema["anyOf"]), ...list(schema["oneOf"])].map(shape)
    const parts = list(schema["allOf"]).map(shape)
    const own = ownShape(schema)
    const merged = [...parts, ...(alternatives.length === 0 ? [] : [alternativesOf(alternatives)])].reduce(both, own)
    return schema["nullable"] === true ? { ...merged, nullable: true } : merged
  }

  const ownShape = (schema: JsonObject): Shape => {
    const required = new Set(list(schema["required"]).map(text))
    const fields = Object.entries(object(schema["properties"])).map(([name, property]): [string, Field] => [
      name,
      required.has(name) ? { ...shape(property), required: true } : shape(property),
    ])
    const fallback = schema["default"]
    return {
      type: text(schema["type"]),
      ...limit(schema, "minLength"),
      ...limit(schema, "maxLength"),
      ...limit(schema, "minimum"),
      ...limit(schema, "maximum"),
      ...(typeof fallback === "string" || typeof fallback === "number" || typeof fallback === "boolean"
        ? { default: fallback }
        : {}),
      ...(Array.isArray(schema["enum"]) ? { values: schema["enum"].map(text).toSorted() } : {}),
      ...("items" in schema ? { items: shape(schema["items"]) } : {}),
      ...(fields.length === 0 ? {} : { fields: Object.fromEntries(fields) }),
    }
  }

  const parameters = (values: ReadonlyArray<Json>): ReadonlyArray<[string, Field]> =>
    values.map(resolve).flatMap((parameter): ReadonlyArray<[string, Field]> => {
      const name = text(parameter["name"])
      const field = shape(parameter["schema"])
      if (field.fields !== undefined && parameter["style"] === "deepObject") {
        return Object.entries(field.fields).map(([key, value]) => [`${name}[${key}]`, value])
      }
      return [[name, parameter["required"] === true ? { ...field, required: true } : field]]
    })

  const json = (value: Json): Json => object(object(object(value)["content"])["application/json"])["schema"]

  /** The errors in the examples of a response. */
  const errors = (response: Json): ReadonlyArray<ErrorExample> => {
    const examples = object(object(object(response)["content"])["application/json"])["examples"]
    return Object.values(object(examples)).flatMap((example) =>
      list(object(resolve(example)["value"])["errors"])
        .map(object)
        .map(({ code, title }) => ({ code: text(code), title: text(title) })),
    )
  }

  const operation = (path: string, method: string, shared: ReadonlyArray<Json>, value: JsonObject): Operation => {
    const body = resolve(value["requestBody"])
    return {
      method: method.toUpperCase(),
      path,
      parameters: Object.fromEntries(parameters([...shared, ...list(value["parameters"])])),
      ...("content" in body
        ? { body: body["required"] === true ? { ...shape(json(body)), required: true } : shape(json(body)) }
        : {}),
      responses: Object.fromEntries(
        Object.entries(object(value["responses"])).map(([status, response]) => [
          status,
          shape(json(resolve(response))),
        ]),
      ),
      errors: Object.fromEntries(
        Object.entries(object(value["responses"])).flatMap(([status, response]) => {
          const found = errors(resolve(response))
          return found.length === 0 ? [] : [[status, found]]
        }),
      ),
      security: Object.fromEntries(
        list(value["security"]).flatMap((entry) =>
          Object.entries(object(entry)).map(([name, scopes]) => [name, list(scopes).map(text).toSorted()]),
        ),
      ),
    }
  }

  return {
    version: text(object(document["info"])["version"]),
    servers: list(document["servers"]).map((server) => text(object(server)["url"])),
    operations: Object.fromEntries(
      Object.entries(object(document["paths"])).flatMap(([path, item]) =>
        Object.entries(object(item)).flatMap(([method, value]): ReadonlyArray<[string, Operation]> => {
          const id = text(object(value)["operationId"])
          return operationIds.has(id)
            ? [[id, operation(path, method, list(object(item)["parameters"]), object(value))]]
            : []
        }),
      ),
    ),
    securitySchemes: Object.fromEntries(
      Object.entries(object(object(document["components"])["securitySchemes"])).map(([name, value]) => [
        name,
        `${text(object(value)["type"])} ${text(object(value)["scheme"]).toLowerCase()}`,
      ]),
    ),
  }
}

/** The bounds of a whole number in JavaScript are no limit of an API. */
const limit = (schema: JsonObject, key: "minLength" | "maxLength" | "minimum" | "maximum") => {
  const value = schema[key]
  return typeof value === "number" && Math.abs(value) !== Number.MAX_SAFE_INTEGER ? { [key]: value } : {}
}

/** What holds when both shapes hold: the parts of an `allOf`. */
const both = (one: Shape, other: Shape): Shape => ({
  ...one,
  ...other,
  type: other.type === "" ? one.type : other.type,
  ...(one.fields === undefined && other.fields === undefined ? {} : { fields: { ...one.fields, ...other.fields } }),
})

/** What holds when one of the shapes holds: null is a mark, objects give their fields, a free value opens a list of values. */
const alternativesOf = (shapes: ReadonlyArray<Shape>): Shape => {
  const values = shapes.filter(({ type }) => type !== "null")
  const nullable = values.length < shapes.length || values.some((value) => value.nullable === true)
  const [first = { type: "" }, ...rest] = values
  const merged = rest.reduce<Shape>((one, other) => {
    if (one.fields !== undefined && other.fields !== undefined) {
      const all = { ...one.fields, ...other.fields }
      return {
        ...one,
        fields: Object.fromEntries(
          Object.entries(all).map(([name, { required, ...field }]): [string, Field] => [
            name,
            required === true && one.fields?.[name]?.required === true && other.fields?.[name]?.required === true
              ? { ...field, required }
              : field,
          ]),
        ),
      }
    }
    const listed = one.values ?? other.values
    return listed === undefined || (one.values !== undefined && other.values !== undefined)
      ? { ...one, ...other }
      : { ...one, ...other, values: listed, open: true }
  }, first)
  return nullable ? { ...merged, nullable: true } : merged
}

// ---------------------------------------------------------------------------
// Comparing two
// ---------------------------------------------------------------------------

/** All differences, each with its place. */
export const compare = (vendor: Contract, ours: Contract): ReadonlyArray<Difference> => [
  ...differences("servers", vendor.servers, ours.servers),
  ...differences("operations", vendor.operations, ours.operations),
  ...differences("securitySchemes", vendor.securitySchemes, ours.securitySchemes),
]

const differences = (at: string, vendor: Json, ours: Json): ReadonlyArray<Difference> => {
  if (isObject(vendor) && isObject(ours)) {
    return [...new Set([...Object.keys(vendor), ...Object.keys(ours)])]
      .toSorted()
      .flatMap((key) => differences(`${at}.${key}`, vendor[key], ours[key]))
  }
  const [theirs, mine] = [show(vendor), show(ours)]
  return theirs === mine ? [] : [{ at, vendor: theirs, ours: mine }]
}

const show = (value: Json): string => (value === undefined ? "nothing" : JSON.stringify(value))

// ---------------------------------------------------------------------------
// Checking a request
// ---------------------------------------------------------------------------

/** A request as it was sent. */
export interface Sent {
  readonly method: string
  readonly url: URL
  /** The body, if there was one. */
  readonly body: unknown
}

/** What is wrong with a request by the contract; nothing if it is right. */
export const violations = (operation: Operation, { body, method, url }: Sent): ReadonlyArray<string> => {
  const path = new RegExp(`^${operation.path.replaceAll(/\{[^}]+\}/g, "[^/]+")}$`)
  return [
    ...(method === operation.method ? [] : [`method ${method}`]),
    ...(path.test(url.pathname) ? [] : [`path ${url.pathname}`]),
    ...[...url.searchParams].flatMap(([name, value]) => {
      const parameter = operation.parameters[name]
      return parameter === undefined
        ? [`unknown parameter ${name}`]
        : valueViolations(name, parameter, parameter.type === "integer" ? Number(value) : value)
    }),
    ...(operation.body === undefined
      ? body === undefined
        ? []
        : ["a body where there is none"]
      : valueViolations("body", operation.body, body)),
  ]
}

const valueViolations = (at: string, shape: Shape, value: Json): ReadonlyArray<string> => {
  if (value === null) return shape.nullable === true ? [] : [`${at} is null`]
  switch (shape.type) {
    case "object":
      return isObject(value)
        ? [
            ...Object.entries(value).flatMap(([name, field]) => {
              const known = shape.fields?.[name]
              return known === undefined ? [`unknown ${at}.${name}`] : valueViolations(`${at}.${name}`, known, field)
            }),
            ...Object.entries(shape.fields ?? {}).flatMap(([name, field]) =>
              field.required === true && !(name in value) ? [`missing ${at}.${name}`] : [],
            ),
          ]
        : [`${at} is no object`]
    case "string":
      return typeof value === "string" &&
        value.length >= (shape.minLength ?? 0) &&
        value.length <= (shape.maxLength ?? Number.POSITIVE_INFINITY)
        ? []
        : [`${at} is ${JSON.stringify(value)}`]
    case "integer":
      return Number.isInteger(value) &&
        Number(value) >= (shape.minimum ?? Number.NEGATIVE_INFINITY) &&
        Number(value) <= (shape.maximum ?? Number.POSITIVE_INFINITY)
        ? []
        : [`${at} is ${JSON.stringify(value)}`]
    case "boolean":
      return typeof value === "boolean" ? [] : [`${at} is ${JSON.stringify(value)}`]
    default:
      return [`${at} is of the type ${shape.type}, which no request has`]
  }
}
