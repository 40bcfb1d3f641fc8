/**
 * The API reference: pages that TypeDoc makes from the doc comments.
 *
 * TypeDoc needs an older TypeScript than the workspace has, so both are installed where they run.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import { pathToFileURL } from "node:url"
import { entryPoints } from "./entryPoints.ts"
import { root, run } from "./workspace.ts"

const tools = ["typedoc@0.28.20", "typescript@6.0.3"]

/** Where the pages are. */
export const apiPages = join(root, ".api")

/** The packages of which each field has a doc comment. */
const documented = [
  "@effect-sunco/client",
  "@effect-sunco/core",
  "@effect-sunco/effect3",
  "@effect-sunco/http",
  "@effect-sunco/testing",
]

/** What of TypeDoc is used here. */
interface TypeDoc {
  readonly Application: { readonly bootstrap: (options: object) => Promise<Application> }
  readonly Comment: new (content: unknown) => object
  readonly MinimalSourceFile: new (text: string, path: string) => object
  readonly OptionDefaults: { readonly blockTags: ReadonlyArray<string> }
}

interface Application {
  readonly converter: {
    readonly on: (event: "resolveBegin", listener: (context: { readonly project: Project }) => void) => void
    readonly parseRawComment: (file: object, files: unknown) => { readonly content: unknown }
    readonly convert: (modules: ReadonlyArray<Module>) => Project
  }
  readonly files: unknown
  readonly logger: { readonly errorCount: number; readonly warningCount: number }
  readonly getEntryPoints: () => ReadonlyArray<Module> | undefined
  readonly validate: (project: Project) => void
  readonly generateDocs: (project: Project, folder: string) => Promise<void>
}

interface Module {
  readonly displayName: string
  readonly program: { readonly getTypeChecker: () => Checker }
  readonly sourceFile: { readonly fileName: string }
}

interface Checker {
  readonly getSymbolAtLocation: (sourceFile: object) => object | undefined
  readonly getExportsOfModule: (symbol: object) => ReadonlyArray<{ readonly name: string }>
}

interface Project {
  readonly reflections: Readonly<Record<string, Reflection>>
  readonly children?: ReadonlyArray<{ readonly name: string; comment?: object }>
}

interface Reflection {
  readonly children?: ReadonlyArray<Reflection>
  readonly extendedTypes?: ReadonlyArray<{
    readonly typeArguments?: ReadonlyArray<{ readonly declaration?: Reflection }>
  }>
  readonly addChild: (child: Reflection) => void
  parent?: Reflection
}

const isTypeDoc = (value: unknown): value is TypeDoc =>
  typeof value === "object" &&
  value !== null &&
  ["Application", "Comment", "MinimalSourceFile", "OptionDefaults"].every((name) => name in value)

const installTypeDoc = async (folder: string) => {
  writeFileSync(join(folder, "package.json"), JSON.stringify({ private: true }))
  run("npm", ["install", "--no-audit", "--no-fund", "--ignore-scripts", ...tools], folder)
  const loaded: unknown = await import(pathToFileURL(join(folder, "node_modules/typedoc/dist/index.js")).href)
  if (isTypeDoc(loaded)) return loaded
  throw new Error("typedoc does not export what is used of it")
}

/** The first comment of a file. TypeDoc takes it for the module's only if it has a tag that is not used here. */
const moduleDoc = (file: string): string => {
  const [, comment = ""] = /^(?:\/\/.*\n)?\/\*\*\n(.*?)\n \*\/\n/s.exec(readFileSync(file, "utf8")) ?? []
  return comment
    .replaceAll(/^ \* ?/gm, "")
    .replaceAll(/^@see /gm, "See ")
    .replaceAll(/^@since .*$/gm, "")
}

/** Shows the methods of a service on the page of its class, which names them in its type arguments only. */
const showService = (service: Reflection): void => {
  for (const { declaration } of service.extendedTypes?.flatMap(({ typeArguments }) => typeArguments ?? []) ?? []) {
    for (const method of declaration?.children ?? []) {
      method.parent = service
      service.addChild(method)
    }
  }
}

/** What was written. */
export interface ApiPages {
  /** The names that each entry point exports, by what a program imports. The compiler says so, not TypeDoc. */
  readonly exports: ReadonlyMap<string, ReadonlyArray<string>>
  /** How many problems TypeDoc reported: an export or a field without a doc, a link in a doc that leads nowhere. */
  readonly problems: number
}

/** Writes the pages, and prints what is wrong with the doc comments. */
export const writeApiPages = async (): Promise<ApiPages> => {
  const folder = mkdtempSync(join(tmpdir(), "sunco-api-"))
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }))
  const { Application, Comment, MinimalSourceFile, OptionDefaults } = await installTypeDoc(folder)

  const files = entryPoints.map(({ file }) => file)
  const tsconfig = join(folder, "tsconfig.json")
  const compilerOptions = { types: [], incremental: false }
  writeFileSync(tsconfig, JSON.stringify({ extends: join(root, "tsconfig.run.json"), compilerOptions, files }))

  const app = await Application.bootstrap({
    name: "effect-sunco",
    entryPoints: files,
    tsconfig,
    readme: "none",
    router: "structure",
    sort: ["source-order"],
    sortEntryPoints: false,
    categorizeByGroup: false,
    navigation: { excludeReferences: true },
    useFirstParagraphOfCommentAsSummary: true,
    // What a class inherits from Effect is described there.
    excludeExternals: true,
    excludeInternal: true,
    excludePrivate: true,
    // The manifests name no repository to link to.
    disableSources: true,
    blockTags: [...OptionDefaults.blockTags, "@effect-expect-leaking"],
    suppressCommentWarningsInDeclarationFiles: true,
    highlightLanguages: ["typescript", "shellscript", "json"],
    // No accessors: most of them are the `message` of an error.
    packagesRequiringDocumentation: documented,
    requiredToBeDocumented: ["Class", "Function", "Interface", "Method", "Property", "TypeAlias", "Variable"],
    validation: { invalidLink: true, notDocumented: true, rewrittenLink: true },
  })
  const modules = (app.getEntryPoints() ?? []).flatMap((module) =>
    entryPoints
      .filter(({ file }) => file === resolve(module.sourceFile.fileName))
      .map(({ specifier }) => ({ ...module, displayName: specifier })),
  )
  if (modules.length < entryPoints.length) throw new Error("typedoc did not read each entry point")
  app.converter.on("resolveBegin", ({ project }) => {
    Object.values(project.reflections).forEach(showService)
    for (const module of project.children ?? []) {
      for (const { file } of entryPoints.filter(({ specifier }) => specifier === module.name)) {
        const text = new MinimalSourceFile(moduleDoc(file), file)
        module.comment = new Comment(app.converter.parseRawComment(text, app.files).content)
      }
    }
  })
  const project = app.converter.convert(modules)
  app.validate(project)
  rmSync(apiPages, { recursive: true, force: true })
  await app.generateDocs(project, apiPages)

  const exports = modules.map(({ displayName, program, sourceFile }) => {
    const checker = program.getTypeChecker()
    const symbol = checker.getSymbolAtLocation(sourceFile)
    const names = symbol === undefined ? [] : checker.getExportsOfModule(symbol).map(({ name }) => name)
    return [displayName, names] as const
  })
  return { exports: new Map(exports), problems: app.logger.errorCount + app.logger.warningCount }
}
