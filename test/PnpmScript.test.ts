/**
 * `scripts/pnpm.mjs` starts the commands of the README. An npm that only prints its arguments stands in for the real one.
 */
import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import { Effect, FileSystem, Path, Schema, Stream } from "effect"
import * as ChildProcess from "effect/process/ChildProcess"
import { fileURLToPath } from "node:url"

const root = fileURLToPath(new URL("..", import.meta.url))

const Manifest = Schema.fromJsonString(
  Schema.Struct({
    config: Schema.Struct({ pnpm: Schema.String }),
    scripts: Schema.Record(Schema.String, Schema.String),
  }),
)

const manifest = Effect.gen(function* () {
  const fs = yield* FileSystem.FileSystem
  return yield* Schema.decodeEffect(Manifest)(yield* fs.readFileString(`${root}package.json`))
})

/** Runs the script with an npm that consists of `code`. */
const runWith = Effect.fnUntraced(function* (code: string, args: ReadonlyArray<string>) {
  const fs = yield* FileSystem.FileSystem
  const npm = (yield* Path.Path).join(yield* fs.makeTempDirectoryScoped(), "npm-cli.js")
  yield* fs.writeFileString(npm, code)
  const { exitCode, stdout } = yield* ChildProcess.make(process.execPath, [`${root}scripts/pnpm.mjs`, ...args], {
    env: { npm_execpath: npm },
  })
  const output = yield* Stream.mkString(Stream.decodeText(stdout))
  return { output, code: yield* exitCode }
}, Effect.scoped)

layer(NodeServices.layer)("scripts/pnpm.mjs", (it) => {
  it.effect("runs the pnpm that package.json names, with its arguments as they are", () =>
    Effect.gen(function* () {
      const { config } = yield* manifest
      const awkward = ["run", "a b", '"quoted"', "$HOME", "%PATH%", "--flag"]
      const { output } = yield* runWith("console.log(JSON.stringify(process.argv.slice(2)))", awkward)
      assert.deepEqual(JSON.parse(output), ["exec", "--yes", "--", `pnpm@${config.pnpm}`, ...awkward])
    }),
  )

  it.effect("ends with the exit code of pnpm", () =>
    Effect.gen(function* () {
      assert.equal((yield* runWith("process.exit(7)", [])).code, 7)
    }),
  )

  it.effect("is how npm start and npm test begin, so that they name no version", () =>
    Effect.gen(function* () {
      const { scripts } = yield* manifest
      assert.deepEqual(
        ["start", "test", "pnpm"].map((name) => scripts[name]),
        ["node scripts/pnpm.mjs run demo", "node scripts/pnpm.mjs run test:all", "node scripts/pnpm.mjs"],
      )
    }),
  )
})
