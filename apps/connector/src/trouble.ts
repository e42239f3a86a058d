import type { Ledger } from '@ilp/store-traits'

export interface TroubleDeps {
  readonly ledger: Pick<Ledger, 'ready'>
  /** This node's ILP address; empty while it has none. */
  readonly address: () => string
  readonly isStopping: () => boolean
}

/** How long the store has to come back while somebody waits for the answer. */
const STORE_TIMEOUT_MS = 200

/** Why packets can't be taken at the moment; undefined when they can. */
export async function troubleOf({ ledger, address, isStopping }: TroubleDeps): Promise<string | undefined> {
  if (isStopping()) return 'this node is stopping'
  try {
    await ledger.ready(AbortSignal.timeout(STORE_TIMEOUT_MS))
  } catch {
    return 'the store is out of reach'
  }
  return address() === '' ? 'the parent has not told this node its address' : undefined
}
