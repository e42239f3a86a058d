import { harmless, type Style } from './style.js'

/** A column: its heading, and `right` where its cells are numbers. */
export interface Column {
  readonly title: string
  readonly align?: 'left' | 'right'
}

const GAP = '   '

/** Rows below headings, each column as wide as its widest cell. */
export function table(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  style: Style,
): string {
  const cells = rows.map(row => columns.map((_, at) => harmless(row[at] ?? '') || '-'))
  const widths = columns.map(({ title }, at) =>
    Math.max(title.length, ...cells.map(row => row[at]?.length ?? 0)),
  )
  const line = (row: readonly string[]) =>
    columns
      .map(({ align }, at) => {
        const [cell = '', width = 0] = [row[at], widths[at]]
        return align === 'right' ? cell.padStart(width) : cell.padEnd(width)
      })
      .join(GAP)
      .trimEnd()
  const head = style('bold', line(columns.map(({ title }) => title)))
  return [head, ...cells.map(line)].join('\n')
}

/** Names with their values. */
export function fields(entries: readonly (readonly [string, string | undefined])[]): string {
  const shown = entries.filter(([, value]) => value !== undefined)
  const width = Math.max(0, ...shown.map(([name]) => name.length))
  return shown.map(([name, value = '']) => `${name.padEnd(width)}${GAP}${harmless(value) || '-'}`).join('\n')
}

/** A table, or a line that says that there is nothing to show. */
export const tableOr = (
  nothing: string,
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  style: Style,
): string => (rows.length === 0 ? nothing : table(columns, rows, style))
