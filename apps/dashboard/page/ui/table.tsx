import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'
import { Empty } from './states.js'

export interface Column<Row> {
  readonly title: string
  readonly cell: (row: Row) => ComponentChildren
  /** Numbers stand at the right. */
  readonly isNumber?: boolean
  /** Names the row. */
  readonly isName?: boolean
  /** Has buttons, which say themselves what they do. */
  readonly isAction?: boolean
}

interface TableProps<Row> {
  readonly caption: string
  readonly columns: readonly Column<Row>[]
  readonly rows: readonly Row[]
  readonly keyOf: (row: Row) => string | number
  /** What to say where there are no rows. */
  readonly empty: ComponentChildren
}

const ROWS_SHOWN = 100

/** Rows of one kind; on a narrow screen each is a card, its cells with the titles of their columns. */
export function Table<Row>({ caption, columns, rows, keyOf, empty }: TableProps<Row>) {
  const [count, setCount] = useState(ROWS_SHOWN)
  if (rows.length === 0) return <Empty>{empty}</Empty>
  const left = rows.length - count
  return (
    <>
      <table>
        <caption class="unseen">{caption}</caption>
        <thead>
          <tr>
            {columns.map(({ title, isNumber, isAction }) => (
              <th key={title} scope="col" class={isNumber ? 'number' : undefined}>
                {isAction ? <span class="unseen">{title}</span> : title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.slice(0, count).map(row => (
            <tr key={keyOf(row)}>
              {columns.map(column => (
                <Cell key={column.title} column={column} row={row} />
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {left > 0 && (
        <p class="more">
          <button type="button" onClick={() => setCount(count + ROWS_SHOWN)}>
            Show {Math.min(left, ROWS_SHOWN)} more of {left}
          </button>
        </p>
      )}
    </>
  )
}

function Cell<Row>({ column, row }: { readonly column: Column<Row>; readonly row: Row }) {
  const { title, cell, isNumber, isName, isAction } = column
  if (isName) return <th scope="row">{cell(row)}</th>
  return (
    <td data-title={isAction ? '' : title} class={isNumber ? 'number' : undefined}>
      <div>{cell(row)}</div>
    </td>
  )
}
