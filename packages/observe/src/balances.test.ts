import { type AccountId, accountId } from '@ilp/service-core'
import type { Balance } from '@ilp/store-traits'
import { describe, expect, it } from 'vitest'
import { series } from '../test/support/exposition.js'
import { type BalancesOptions, createMetrics, exposeBalances } from './index.js'

const usd = { code: 'USD', scale: 9 }
const ZERO = { balance: 0n, heldOut: 0n, heldIn: 0n }

function exposed(
  names: readonly string[],
  readBalance: (account: AccountId) => Promise<Balance>,
  options: Partial<BalancesOptions> = {},
) {
  const metrics = createMetrics()
  const accounts = names.map(name => ({
    id: accountId(name),
    username: `${name}-name`,
    asset: usd,
    relation: 'peer',
    minBalance: -100n,
  }))
  const readPositions = async () => [{ asset: usd, balance: 1n, settled: 2n, adjusted: -(2n ** 70n) }]
  exposeBalances(
    metrics,
    { accounts: { all: () => accounts }, ledger: { readBalance, readPositions } },
    options,
  )
  return async () => series(await metrics.text())
}

describe('exposeBalances', () => {
  it('shows balances, holds, limits and positions', async () => {
    const read = await exposed(['alice'], async () => ({ balance: -(2n ** 70n), heldOut: 3n, heldIn: 4n }))()
    expect(Object.fromEntries(read)).toEqual({
      ilp_scrape_failures_total: 0,
      'ilp_balance_units{account="alice"}': -(2 ** 70),
      'ilp_balance_held_out_units{account="alice"}': 3,
      'ilp_balance_held_in_units{account="alice"}': 4,
      'ilp_balance_min_units{account="alice"}': -100,
      'ilp_position_units{asset="USD",scale="9"}': 1,
      'ilp_position_settled_units{asset="USD",scale="9"}': 2,
      'ilp_position_adjusted_units{asset="USD",scale="9"}': -(2 ** 70),
      ilp_balances_unread: 0,
      'ilp_account_info{account="alice",username="alice-name",relation="peer",asset="USD",scale="9"}': 1,
      ilp_accounts: 1,
    })
  })

  it('reads each balance once for all families, and for scrapes at one time', async () => {
    const asked: string[] = []
    const scrape = exposed(['a', 'b', 'c'], async id => {
      asked.push(id)
      return ZERO
    })
    await Promise.all([scrape(), scrape()])
    expect(asked.sort()).toEqual(['a', 'b', 'c'])
    await scrape()
    expect(asked).toHaveLength(6)
  })

  it('reads no more accounts, and no more at a time, than it may', async () => {
    let now = 0
    let most = 0
    const names = Array.from({ length: 20 }, (_, index) => `a${index}`)
    const scrape = exposed(
      names,
      async () => {
        now += 1
        most = Math.max(most, now)
        await new Promise(resolve => setImmediate(resolve))
        now -= 1
        return ZERO
      },
      { accountsMax: 15, readsMax: 3 },
    )
    const read = await scrape()
    expect([...read.keys()].filter(name => name.startsWith('ilp_balance_units'))).toHaveLength(15)
    expect([...read.keys()].filter(name => name.startsWith('ilp_account_info'))).toHaveLength(15)
    expect(read.get('ilp_balances_unread')).toBe(5)
    expect(read.get('ilp_accounts')).toBe(20)
    expect(most).toBe(3)
  })

  it('waits for a store that hangs no longer than it may, and asks it for nothing more', async () => {
    const waiting: ((balance: Balance) => void)[] = []
    const scrape = exposed(['a', 'b', 'c', 'd'], () => new Promise(resolve => waiting.push(resolve)), {
      readsMax: 2,
      timeoutMs: 20,
    })
    expect((await scrape()).get('ilp_balances_unread')).toBe(4)
    expect((await scrape()).get('ilp_balances_unread')).toBe(4)
    expect(waiting).toHaveLength(2)
    for (const answer of waiting) answer(ZERO)
  })

  it('counts what the store fails to tell', async () => {
    const scrape = exposed(['a', 'b'], () => Promise.reject(new Error('gone')), { readsMax: 1 })
    const read = await scrape()
    expect(read.get('ilp_balances_unread')).toBe(2)
    expect(read.get('ilp_scrape_failures_total')).toBe(0)
  })

  it('escapes what an asset is called', async () => {
    const metrics = createMetrics()
    const account = { id: accountId('a'), username: 'a', asset: { code: 'U"S\n\\D', scale: 2 } }
    const ledger = { readBalance: async () => ZERO, readPositions: async () => [] }
    exposeBalances(metrics, { accounts: { all: () => [account] }, ledger })
    const read = series(await metrics.text())
    expect([...read.keys()]).toContain(
      String.raw`ilp_account_info{account="a",username="a",relation="",asset="U\"S\n\\D",scale="2"}`,
    )
  })

  it('refuses options out of their range', () => {
    expect(() => exposed([], async () => ZERO, { readsMax: 0 })).toThrow(RangeError)
  })
})
