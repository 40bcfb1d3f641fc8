/**
 * Tables in the documentation that a program writes.
 */

/** A table as the formatter would lay it out. */
export const table = (head: ReadonlyArray<string>, body: ReadonlyArray<ReadonlyArray<string>>): string => {
  const width = (column: number) => Math.max(3, ...[head, ...body].map((cells) => cells[column]?.length ?? 0))
  const line = (cells: ReadonlyArray<string>) =>
    `| ${cells.map((cell, column) => cell.padEnd(width(column))).join(" | ")} |`
  return [line(head), line(head.map((_, column) => "-".repeat(width(column)))), ...body.map(line)].join("\n")
}

/** The document with `content` between the two marks. */
export const replaceBetween = (document: string, begin: string, end: string, content: string): string => {
  const from = document.indexOf(begin)
  const to = document.indexOf(end)
  if (from < 0 || to < from) throw new Error(`the document has no place for the tables: ${begin} and ${end}`)
  return `${document.slice(0, from)}${begin}\n\n${content}\n\n${document.slice(to)}`
}
