import { silentLogger } from '@ilp/service-core'
import { createMemoryStore } from '@ilp/store-memory'
import { createSecrets, type Store, StoreError } from '@ilp/store-traits'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { ConnectorAccount } from '../../src/account.js'
import { checkConfig, createConnector } from '../../src/index.js'
import { AdminApi } from '../support/admin-api.js'
import { account, settings, usd } from '../support/settings.js'

type ConnectorStore = Store<ConnectorAccount>

interface Changed {
  readonly ledger?: Partial<ConnectorStore['ledger']>
  readonly credentials?: Partial<ConnectorStore['credentials']>
}

/** A node whose store does these things in another way. */
async function startWith(change: (store: ConnectorStore) => Changed): Promise<AdminApi> {
  const secrets = createSecrets(Buffer.alloc(32))
  const memory = createMemoryStore<ConnectorAccount>({ secrets, logger: silentLogger })
  const config = checkConfig(settings({ ilpAddress: 'test.node', accounts: [account('bob')] }))
  const { ledger, credentials } = change(memory)
  const store = {
    ...memory,
    ledger: { ...memory.ledger, ...ledger },
    credentials: { ...memory.credentials, ...credentials },
  }
  const connector = createConnector(config, { logger: silentLogger, store })
  onTestFinished(() => connector.stop())
  await connector.start()
  return AdminApi.of({ adminUrl: connector.adminUrl() ?? '' })
}

describe('the admin API', () => {
  it('says so when it can not read the store, and nothing of where that is', async () => {
    const lost = async () => {
      throw new StoreError('ERR_STORE_UNAVAILABLE', 'redis://:secret@10.0.0.7 is gone')
    }
    const api = await startWith(() => ({ ledger: { readBalance: lost, readPositions: lost } }))
    for (const path of ['/accounts/bob/balance', '/positions']) {
      expect(await api.get(path)).toMatchObject({
        status: 503,
        body: {
          type: 'about:blank',
          title: 'Service Unavailable',
          status: 503,
          detail: 'the store is out of reach',
        },
      })
    }
  })

  it('tells nothing of an error that is a bug', async () => {
    const readPositions = async () => {
      throw new TypeError('secret')
    }
    const api = await startWith(() => ({ ledger: { readPositions } }))
    const { status, body } = await api.get('/positions')
    expect({ status, body }).toEqual({
      status: 500,
      body: { type: 'about:blank', title: 'Internal Server Error', status: 500 },
    })
  })

  it('shows balances wider than 64 bits to the unit', async () => {
    const ledger: Changed['ledger'] = {
      readBalance: async () => ({ balance: -(2n ** 70n), heldOut: 2n ** 64n, heldIn: 1n }),
      readPositions: async () => [{ asset: usd, balance: 2n ** 70n, settled: -(2n ** 71n), adjusted: 1n }],
    }
    const api = await startWith(() => ({ ledger }))
    expect((await api.get('/accounts/bob/balance')).body).toEqual({
      balance: `-${2n ** 70n}`,
      heldOut: `${2n ** 64n}`,
      heldIn: '1',
      asset: usd,
    })
    expect((await api.get('/positions')).body).toEqual([
      { asset: usd, balance: `${2n ** 70n}`, settled: `-${2n ** 71n}`, adjusted: '1' },
    ])
  })

  it('does what is left of a creation, when the store was lost in the middle of it', async () => {
    let isLost = true
    const api = await startWith(({ credentials }) => ({
      credentials: {
        setIncomingTokens: async (id, link, tokens) => {
          if (id !== 'bob' && isLost) throw new StoreError('ERR_STORE_UNAVAILABLE', 'gone')
          return credentials.setIncomingTokens(id, link, tokens)
        },
      },
    }))
    const carol = { username: 'carol', relation: 'child', asset: usd, http: { incomingTokens: ['carols'] } }
    expect((await api.post('/accounts', carol, 'key')).status).toBe(503)
    expect((await api.get('/accounts/carol')).body).toMatchObject({ isDisabled: true })
    isLost = false
    const made = await api.post('/accounts', carol, 'key')
    expect(made).toMatchObject({ status: 201, body: { username: 'carol', isDisabled: false, http: {} } })
    const taken = { ...carol, username: 'dora' }
    expect((await api.post('/accounts', taken)).body.detail).toBe(
      'another account has one of the http tokens',
    )
  })
})
