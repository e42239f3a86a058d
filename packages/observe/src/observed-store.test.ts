import { accountId, silentLogger } from '@ilp/service-core'
import { createMemoryStore } from '@ilp/store-memory'
import { createSecrets, type Store, StoreError } from '@ilp/store-traits'
import { describe, expect, it } from 'vitest'
import { series } from '../test/support/exposition.js'
import { createMetrics, observedStore } from './index.js'

const usd = { code: 'USD', scale: 9 }
const alice = { id: accountId('alice'), username: 'alice', asset: usd }
const bob = { id: accountId('bob'), username: 'bob', asset: usd }

const memory = () => createMemoryStore({ secrets: createSecrets(Buffer.alloc(32)), logger: silentLogger })

function observed(store: Store) {
  const metrics = createMetrics()
  return { store: observedStore(store, metrics), read: async () => series(await metrics.text()) }
}

describe('observedStore', () => {
  it('counts and times the calls, and answers as the store does', async () => {
    const { store, read } = observed(memory())
    await store.start()
    expect(await store.accounts.put(alice)).toBe('stored')
    expect(await store.accounts.put({ ...bob, username: 'alice' })).toBe('username-taken')
    const session = await store.ledger.openSession({ leaseMs: 5_000, holdMaxMs: 30_000 })
    const transfer = { from: alice, incomingAmount: 5n, to: bob, amount: 4n }
    const operations = (['reserve', 'commit'] as const).map(kind => ({ kind, transfer }))
    expect(await store.ledger.apply(session, 1, operations)).toEqual(['done', 'done'])
    expect((await store.ledger.readBalance(bob.id)).balance).toBe(4n)
    const samples = await read()
    expect(samples.get('ilp_store_calls_total{call="accounts.put",outcome="ok"}')).toBe(2)
    expect(samples.get('ilp_store_calls_total{call="ledger.apply",outcome="ok"}')).toBe(1)
    expect(samples.get('ilp_store_call_duration_seconds_count{call="ledger.apply"}')).toBe(1)
    expect(samples.get('ilp_store_calls_waiting{call="ledger.apply"}')).toBe(0)
    expect(samples.get('ilp_ledger_operations_total')).toBe(2)
    await store.stop()
  })

  it('counts errors by their code, and throws them as they come', async () => {
    const lost = new StoreError('ERR_STORE_UNAVAILABLE', 'gone')
    const bug = new TypeError('bug')
    const errors: unknown[] = [lost, bug]
    const base = memory()
    const { store, read } = observed({
      ...base,
      ledger: { ...base.ledger, readBalance: () => Promise.reject(errors.shift()) },
      adjustments: {
        ...base.adjustments,
        read: () => {
          throw bug
        },
      },
    })
    await expect(store.ledger.readBalance(alice.id)).rejects.toBe(lost)
    await expect(store.ledger.readBalance(alice.id)).rejects.toBe(bug)
    expect(() => store.adjustments.read(alice.id)).toThrow(bug)
    const samples = await read()
    const count = (call: string, outcome: string) =>
      samples.get(`ilp_store_calls_total{call="${call}",outcome="${outcome}"}`)
    expect(count('ledger.readBalance', 'ERR_STORE_UNAVAILABLE')).toBe(1)
    expect(count('ledger.readBalance', 'error')).toBe(1)
    expect(count('ledger.readBalance', 'ok')).toBe(0)
    expect(count('adjustments.read', 'error')).toBe(1)
  })

  it('has every trait and every function of the store', () => {
    const base = memory()
    const { store } = observed(base)
    for (const [trait, functions] of Object.entries(base)) {
      expect(store).toHaveProperty([trait])
      if (typeof functions !== 'object') continue
      for (const name of Object.keys(functions)) expect(store).toHaveProperty([trait, name])
    }
  })

  it('tells of changes and reads from memory as the store does', async () => {
    const { store } = observed(memory())
    await store.start()
    const heard: unknown[] = []
    store.accounts.watch(({ id }) => heard.push(id))
    store.address.watch(address => heard.push(address))
    await store.accounts.put(alice)
    await store.address.set('test.node')
    await store.credentials.setIncomingTokens(alice.id, 'btp', ['token'])
    expect(heard).toEqual([alice.id, 'test.node'])
    expect(store.accounts.get(alice.id)).toMatchObject(alice)
    expect(store.accounts.byUsername('alice')).toMatchObject(alice)
    expect(store.accounts.all()).toHaveLength(1)
    expect(store.address.get()).toBe('test.node')
    expect(store.credentials.authenticate('btp', 'token')).toBe(alice.id)
    expect(store.properties()).toEqual({ loses: expect.any(String), shared: false })
    await store.stop()
  })
})
