/**
 * What sections find, as text.
 */
import type { Table, Target } from "./section.ts"

export const renderTable = ({ columns, rows, title }: Table): string => {
  const all = [columns, ...rows]
  const widths = columns.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)))
  const render = (row: ReadonlyArray<string>) =>
    `| ${row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0))).join(" | ")} |`
  const rule = `| ${widths.map((width, column) => (column === 0 ? "-".repeat(width) : `${"-".repeat(width - 1)}:`)).join(" | ")} |`
  return [`### ${title}`, "", render(columns), rule, ...rows.map(render)].join("\n")
}

/** Whether a target is met, or missed by no more than a part of it. */
export const isMet = ({ comparison, limit, value }: Target, margin = 0): boolean =>
  comparison === "at most" ? value <= limit * (1 + margin) : value >= limit / (1 + margin)

export const renderTarget = (target: Target): string => {
  const { comparison, limit, name, unit = "x", value } = target
  return `- ${isMet(target) ? "pass" : "FAIL"}: ${name}: ${value.toFixed(2)} ${unit}, ${comparison} ${limit} ${unit}`
}
