import { accountId } from '@ilp/service-core'
import { StoreError } from '@ilp/store-traits'
import { describe, expect, it, onTestFinished } from 'vitest'
import { type AdminDeps, createAdmin } from '../src/admin.js'
import { usd } from './support/settings.js'

const bob = { id: accountId('7f'), username: 'bob', relation: 'peer', asset: usd } as const

/** The admin listener alone, above these parts. */
async function startAdmin(deps: Partial<AdminDeps>) {
  const admin = createAdmin(
    {
      accounts: { byUsername: username => (username === 'bob' ? bob : undefined) },
      ledger: {
        readBalance: async () => ({ balance: -(2n ** 70n), heldOut: 2n ** 64n, heldIn: 1n }),
        readPositions: async () => [{ asset: usd, balance: 2n ** 70n, settled: -(2n ** 71n), adjusted: 1n }],
      },
      trouble: async () => undefined,
      ...deps,
    },
    { host: '127.0.0.1', port: 0, token: 'right' },
  )
  onTestFinished(() => admin.stop())
  await admin.start()
  return async (path: string) => {
    const response = await fetch(`${admin.url()}${path}`, { headers: { authorization: 'Bearer right' } })
    return { status: response.status, body: (await response.json()) as unknown }
  }
}

describe('the admin listener', () => {
  it('says why no packets can be taken', async () => {
    const get = await startAdmin({ trouble: async () => 'the store is out of reach' })
    expect(await get('/health')).toEqual({
      status: 503,
      body: {
        type: 'about:blank',
        title: 'Service Unavailable',
        status: 503,
        detail: 'the store is out of reach',
      },
    })
  })

  it('says so when it can not read the store', async () => {
    const lost = async () => {
      throw new StoreError('ERR_STORE_UNAVAILABLE', 'redis://:secret@10.0.0.7 is gone')
    }
    const get = await startAdmin({ ledger: { readBalance: lost, readPositions: lost } })
    for (const path of ['/accounts/bob/balance', '/positions']) {
      expect(await get(path)).toEqual({
        status: 503,
        body: { type: 'about:blank', title: 'The store is out of reach', status: 503 },
      })
    }
  })

  it('tells nothing of an error that is a bug', async () => {
    const get = await startAdmin({
      trouble: async () => {
        throw new TypeError('secret')
      },
    })
    expect(await get('/health')).toEqual({
      status: 500,
      body: { type: 'about:blank', title: 'Internal Error', status: 500 },
    })
  })

  it('shows balances wider than 64 bits to the unit', async () => {
    const get = await startAdmin({})
    expect(await get('/accounts/bob/balance')).toEqual({
      status: 200,
      body: { balance: `-${2n ** 70n}`, heldOut: `${2n ** 64n}`, heldIn: '1', asset: usd },
    })
    expect(await get('/positions')).toEqual({
      status: 200,
      body: [{ asset: usd, balance: `${2n ** 70n}`, settled: `-${2n ** 71n}`, adjusted: '1' }],
    })
  })
})
