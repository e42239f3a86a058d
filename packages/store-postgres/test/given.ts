import { type AccountId, accountId, silentLogger } from '@ilp/service-core'
import { createSecrets, type LedgerAccount, type Operation, type Store } from '@ilp/store-traits'
import { Client } from 'pg'
import { createPostgresStore, type PostgresStoreOptions } from '../src/index.js'

export const secrets = createSecrets(new Uint8Array(32).fill(7))

export const LONG = { leaseMs: 600_000, holdMaxMs: 600_000 }

const USD = { code: 'USD', scale: 9 }
export const ALICE: LedgerAccount = { id: accountId('alice'), asset: USD }
export const BOB: LedgerAccount = { id: accountId('bob'), asset: USD }

export const stored = (id: AccountId) => ({ id, username: id, asset: USD })

/** Of three units from alice, two reach bob. */
const transfer = { from: ALICE, incomingAmount: 3n, to: BOB, amount: 2n }
export const reserve: Operation = { kind: 'reserve', transfer }
export const commit: Operation = { kind: 'commit', transfer }

/** Stores that are stopped together. */
export class Stores {
  readonly #open: Store[] = []

  async open(
    connection: string,
    options: Partial<PostgresStoreOptions> = {},
    logger = silentLogger,
  ): Promise<Store> {
    const store = createPostgresStore({ connection, secrets, logger }, options)
    this.#open.push(store)
    await store.start()
    return store
  }

  async stop(): Promise<void> {
    for (const store of this.#open.splice(0)) await store.stop()
  }
}

/** Asks the server as somebody else. */
export async function ask(
  url: string,
  statement: string,
  values: unknown[] = [],
): Promise<readonly (readonly unknown[])[]> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query({ text: statement, values, rowMode: 'array' })).rows
  } finally {
    await client.end()
  }
}

/** Asks again until it does not fail, as the ledger does; fails itself with what was said last. */
export async function persist<T>(attempt: () => Promise<T>, withinMs = 10_000): Promise<T> {
  const untilMs = performance.now() + withinMs
  for (;;) {
    try {
      return await attempt()
    } catch (error) {
      if (performance.now() > untilMs) throw error
      await new Promise(resolve => setTimeout(resolve, 5))
    }
  }
}

/** Resolves when it holds. */
export const holds = (condition: () => boolean, withinMs?: number): Promise<void> =>
  persist(async () => {
    if (!condition()) throw new Error(`not in time: ${condition}`)
  }, withinMs)
