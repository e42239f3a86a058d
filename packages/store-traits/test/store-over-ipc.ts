import type { ChildProcess } from 'node:child_process'
import type { LedgerStore, StoreError } from '../src/index.js'

/** A call of a store's method, as a child process sends it. */
export interface Call {
  readonly id: number
  readonly name: keyof LedgerStore
  readonly given: readonly unknown[]
}

export interface Answer {
  readonly id: number
  readonly value?: unknown
  readonly code?: string
}

/** Whether a message is a call. */
export const isCall = (message: unknown): message is Call =>
  typeof message === 'object' && message !== null && 'name' in message

/** Does what a child asks of the store, and answers as long as there is somebody to be told. */
export async function serve(
  child: ChildProcess,
  store: LedgerStore,
  { id, name, given }: Call,
): Promise<void> {
  const method = store[name] as (...given: unknown[]) => Promise<unknown>
  const answer = await method(...given).then(
    (value): Answer => ({ id, value }),
    (error: StoreError): Answer => ({ id, code: error.code }),
  )
  if (child.connected) child.send(answer, () => {})
}
