import { createChildConnector } from '@ilp/child-connector'
import { accountId, silentLogger } from '@ilp/service-core'
import { createMemoryStore } from '@ilp/store-memory'
import { createSecrets, type LedgerStore } from '@ilp/store-traits'
import { streamSender } from '@ilp/stream-sender'
import { expect, onTestFinished } from 'vitest'
import { eventually } from '../support/eventually.js'
import { tokenOf } from '../support/face.js'
import type { Credentials } from '../support/payments.js'
import { usd } from '../support/settings.js'

/** Empty books that can be looked into. */
export const emptyBooks = () => createMemoryStore({ secrets: createSecrets(new Uint8Array(32)) })

/** The balances of these accounts, as soon as nothing is held and they add up to zero. */
export async function balancesIn(
  ledger: LedgerStore,
  ...usernames: string[]
): Promise<Record<string, bigint>> {
  const read = () => Promise.all(usernames.map(name => ledger.readBalance(accountId(name))))
  const holds = async () => (await read()).flatMap(({ heldIn, heldOut }) => [heldIn, heldOut])
  await eventually(holds).toEqual(usernames.flatMap(() => [0n, 0n]))
  const balances = (await read()).map(({ balance }) => balance)
  expect(balances.reduce((sum, balance) => sum + balance, 0n)).toBe(0n)
  return Object.fromEntries(usernames.map((name, i) => [name, balances[i] as bigint]))
}

/** A child connector in this process, whose parent knows it as `laptop`, and its one account, `me`. */
export async function startLaptop(url: string) {
  const books = emptyBooks()
  const child = createChildConnector(
    {
      parent: { url, token: tokenOf('laptop'), minBalance: -1_000_000n },
      asset: usd,
      accounts: [{ username: 'me' }],
      secretSeed: '05'.repeat(32),
    },
    { logger: silentLogger, books },
  )
  onTestFinished(() => child.stop())
  await child.start()
  return {
    child,
    sender: streamSender({ service: child.service, from: child.account('me') }),
    /** What somebody needs to pay it, once it has an address. */
    credentials: () => child.credentials('me') as Credentials,
    balances: () => balancesIn(books.ledger, 'parent', 'me'),
  }
}
