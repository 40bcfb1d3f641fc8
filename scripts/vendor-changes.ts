/**
 * Prints what a copy of the vendor's OpenAPI document says of the three operations that the fixture does not.
 *
 *     node scripts/vendor-changes.ts openapi.yaml           # prints the changes; ends with 1 if there are any
 *     node scripts/vendor-changes.ts openapi.yaml --write   # makes the document the fixture
 */
import { NodeRuntime, NodeServices } from "@effect/platform-node"
import { Console, Effect, FileSystem, Schema } from "effect"
import * as Yaml from "effect/encoding/Yaml"
import { fileURLToPath } from "node:url"
import { type Contract, compare, read } from "../test/support/contract.ts"
import { vendor } from "../test/support/vendor.ts"

const fixturePath = fileURLToPath(new URL("../test/fixtures/vendor-contract.json", import.meta.url))

class UsageError extends Schema.TaggedError<UsageError>()("UsageError", { message: Schema.String }) {}

const readDocument = Effect.fnUntraced(function* (path: string) {
  const fs = yield* FileSystem.FileSystem
  const document = read(Yaml.parse(yield* fs.readFileString(path)))
  const missing = ["JoinConversation", "LeaveConversation", "ListParticipants"].filter(
    (id) => !(id in document.operations),
  )
  return missing.length === 0
    ? document
    : yield* new UsageError({ message: `${path} has no operation ${missing.join(", ")}` })
})

const report = (fixture: Contract, document: Contract) => {
  const changes = compare(fixture, document)
  return Console.log(
    changes.length === 0
      ? `Version ${document.version} says the same as version ${fixture.version}.`
      : [
          `From version ${fixture.version} to version ${document.version}:`,
          ...changes.map(({ at, ours, vendor }) => `  ${at}: ${vendor} -> ${ours}`),
        ].join("\n"),
  ).pipe(Effect.as(changes.length))
}

const program = Effect.gen(function* () {
  const [path, option] = process.argv.slice(2)
  if (path === undefined || (option !== undefined && option !== "--write")) {
    return yield* new UsageError({ message: "Usage: node scripts/vendor-changes.ts <openapi.yaml> [--write]" })
  }
  const document = yield* readDocument(path)
  const changes = yield* report(vendor, document)
  if (option === "--write") {
    const fs = yield* FileSystem.FileSystem
    yield* fs.writeFileString(fixturePath, `${JSON.stringify(document, null, 2)}\n`)
  } else if (changes > 0) {
    process.exitCode = 1
  }
})

program.pipe(Effect.provide(NodeServices.layer), NodeRuntime.runMain)
