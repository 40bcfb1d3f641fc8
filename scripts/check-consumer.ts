/**
 * Uses the packed packages as a user does: installed by npm in a folder of their own, type-checked with each supported
 * version of TypeScript, run, and bundled.
 */
import { cpSync, globSync, readFileSync } from "node:fs"
import { basename, join } from "node:path"
import { compile, install, makeProject, typescripts, typescriptVersions, writeJson } from "./support/project.ts"
import { packages as published, root, run, tarballOf } from "./support/workspace.ts"

/** Those for Effect 4: `check-client.ts` and `check-effect3.ts` have the others. */
const packages = published.filter((folder) => !["client", "effect3"].includes(basename(folder)))

const tsconfig = {
  compilerOptions: {
    target: "ES2023",
    lib: ["ES2023", "DOM", "DOM.Iterable"],
    module: "NodeNext",
    types: ["node"],
    strict: true,
    exactOptionalPropertyTypes: true,
    noEmit: true,
    skipLibCheck: true,
  },
  include: ["*.ts"],
}

const folder = makeProject("test/consumer", { type: "module" })
cpSync(join(root, "test/packed-opentelemetry"), folder, { recursive: true })

const sameVersion = (name: string) =>
  `${name}@${run("node", ["-p", `require("${name}/package.json").version`], join(root, "test"))}`

/** For the program that the guide to observability speaks of. */
const openTelemetry = [
  "@effect/opentelemetry@4.1.0",
  "@opentelemetry/api@^1.9.0",
  "@opentelemetry/api-logs@>=0.203.0 <0.300.0",
  "@opentelemetry/resources@^2.0.0",
  "@opentelemetry/sdk-logs@>=0.203.0 <0.300.0",
  "@opentelemetry/sdk-metrics@^2.0.0",
  "@opentelemetry/sdk-trace-base@^2.0.0",
  "@opentelemetry/sdk-trace-node@^2.0.0",
  "@opentelemetry/semantic-conventions@^1.33.0",
]

const programs = [
  ...packages.map(tarballOf),
  ...["effect", "@effect/platform-node", "@types/node"].map(sameVersion),
  ...openTelemetry,
  "esbuild@0.28.2",
  ...typescripts,
]

writeJson(folder, "tsconfig.json", tsconfig)
install(folder, "npm", programs)

for (const version of typescriptVersions) {
  // The native compiler is quick enough to check every declaration file as well.
  const native = Number.parseInt(version) >= 7
  compile(folder, version, ["--skipLibCheck", String(!native)])
  console.log(`type-checks with TypeScript ${version}`)
}

for (const program of ["main.ts", "opentelemetry.ts"]) console.log(run("node", [program], folder))

run(
  join(folder, "node_modules/.bin/esbuild"),
  ["service.ts", "--bundle", "--format=esm", "--outfile=service.js"],
  folder,
)
const bundled = readFileSync(join(folder, "service.js"), "utf8").match(/^\/\/ node_modules\/.*$/gm) ?? []
const comesAlong = (pattern: RegExp) => bundled.find((line) => pattern.test(line))
if (comesAlong(/core\/dist\/Participants\.js/) === undefined) throw new Error("the bundle does not name its modules")
const stowaway = comesAlong(/effect\/dist\/http|core\/dist\/(Paginator|ParticipantsApi)\.js/)
if (stowaway !== undefined) throw new Error(`who bundles the service alone gets ${stowaway}`)
console.log("a bundle of the service leaves out the paginator, the contract and HTTP")

const internals = packages.flatMap((path) =>
  globSync("src/internal/*.ts", { cwd: path }).map(
    (file) => `@effect-sunco/${basename(path)}/internal/${basename(file, ".ts")}`,
  ),
)
for (const specifier of internals) {
  const attempt = `import("${specifier}").then(() => "open", (error) => error.code).then(console.log)`
  const outcome = run("node", ["--input-type=module", "--eval", attempt], folder)
  if (outcome !== "ERR_PACKAGE_PATH_NOT_EXPORTED") throw new Error(`${specifier} is not closed: ${outcome}`)
}
console.log(`${internals.length} internal modules cannot be imported`)
