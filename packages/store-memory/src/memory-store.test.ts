import { accountId, type Logger, silentLogger } from '@ilp/service-core'
import {
  createSecrets,
  ENDED_SESSION_KEPT_MS,
  type LedgerAccount,
  type Operation,
  type Transfer,
} from '@ilp/store-traits'
import { describe, expect, it } from 'vitest'
import { createMemoryBackend, createMemoryStore } from './index.js'

const seed = (fill: number) => new Uint8Array(32).fill(fill)
const secrets = createSecrets(seed(1))
const asset = { code: 'USD', scale: 9 }
const alice = { id: accountId('alice'), username: 'alice', asset }
const bob = { id: accountId('bob'), username: 'bob', asset }
const TERMS = { leaseMs: 1_000, holdMaxMs: 1_000 }

async function started(deps: Partial<Parameters<typeof createMemoryStore>[0]> = {}) {
  const store = createMemoryStore({ secrets, ...deps })
  await store.start()
  return store
}

describe('a memory store', () => {
  it('says that it keeps nothing, and that no other process can share it', async () => {
    const { properties } = await started()
    expect(properties()).toEqual({ loses: 'everything, as soon as the process ends', shared: false })
  })

  it('has a backend of its own unless one is given', async () => {
    const backend = createMemoryBackend()
    const [one, other, alone] = [await started({ backend }), await started({ backend }), await started()]
    await one.accounts.put(alice)
    expect(other.accounts.get(alice.id)).toEqual(alice)
    expect(alone.accounts.get(alice.id)).toBeUndefined()
  })

  it('logs what a listener throws', async () => {
    const errors: object[] = []
    const logger: Logger = { ...silentLogger, error: fields => void errors.push(fields) }
    const { accounts } = await started({ logger })
    const fault = new Error('a listener’s fault')
    accounts.watch(() => {
      throw fault
    })
    expect(await accounts.put(alice)).toBe('stored')
    expect(errors).toEqual([{ err: fault }])
  })

  it('knows tokens that were stored under a former secret, and replaces them', async () => {
    const backend = createMemoryBackend()
    const before = await started({ backend })
    await before.credentials.setIncomingTokens(alice.id, 'btp', ['incoming', 'kept'])
    await before.credentials.setOutgoingToken(alice.id, 'btp', 'outgoing')
    const { credentials } = await started({ backend, secrets: createSecrets(seed(2), [seed(1)]) })
    expect(credentials.authenticate('btp', 'incoming')).toBe(alice.id)
    expect(credentials.outgoingToken(alice.id, 'btp')).toBe('outgoing')
    expect(await credentials.setIncomingTokens(bob.id, 'http', ['kept'])).toBe('token-taken')
    expect(await credentials.setIncomingTokens(alice.id, 'btp', ['kept'])).toBe('stored')
    expect(credentials.authenticate('btp', 'incoming')).toBeUndefined()
    expect(credentials.authenticate('btp', 'kept')).toBe(alice.id)
    expect(before.credentials.authenticate('btp', 'kept')).toBeUndefined()
  })
})

describe('its ledger', () => {
  const transfer: Transfer = { from: alice, incomingAmount: 5n, to: bob, amount: 5n }
  const reserve: Operation = { kind: 'reserve', transfer }
  const wrong = (change: object) => ({ kind: 'reserve', transfer: { ...transfer, ...change } }) as Operation

  it.each([
    ['an amount below zero', wrong({ amount: -1n })],
    ['an amount past 2^64-1', wrong({ incomingAmount: 2n ** 64n })],
    ['an amount that is a number', wrong({ incomingAmount: 5 })],
    ['an account without an asset', wrong({ to: { id: bob.id } })],
    ['no account', wrong({ from: undefined })],
    ['no transfer', { kind: 'commit' } as Operation],
    ['another kind', { ...reserve, kind: 'pay' as 'reserve' }],
  ])('applies nothing of a batch with %s in it', async (_, operation) => {
    const { ledger } = await started()
    const session = await ledger.openSession(TERMS)
    await expect(ledger.apply(session, 1, [reserve, operation])).rejects.toThrow()
    expect(await ledger.readBalance(alice.id)).toEqual({ balance: 0n, heldOut: 0n, heldIn: 0n })
    expect(await ledger.apply(session, 1, [reserve])).toEqual(['done'])
  })

  it.each([0, -1, 1.5, Number.NaN])('takes no batch of number %d', async seq => {
    const { ledger } = await started()
    const session = await ledger.openSession(TERMS)
    await expect(ledger.apply(session, seq, [reserve])).rejects.toThrow(RangeError)
  })

  it('remembers an ended session for as long as it has to', async () => {
    const clock = { ms: 0 }
    const { ledger } = await started({ backend: createMemoryBackend({ nowMs: () => clock.ms }) })
    const session = await ledger.openSession(TERMS)
    await ledger.endSession(session)
    clock.ms += ENDED_SESSION_KEPT_MS - 1
    await ledger.openSession(TERMS)
    expect(await ledger.apply(session, 1, [{ kind: 'commit', transfer }])).toEqual(['late'])
    clock.ms += 1
    await ledger.openSession(TERMS)
    await expect(ledger.apply(session, 2, [])).rejects.toMatchObject({ code: 'ERR_SESSION_UNKNOWN' })
  })

  it('keeps a session whose lease is counted by the clock of the process', async () => {
    const { ledger } = await started()
    const session = await ledger.openSession(TERMS)
    expect(await ledger.renewSession(session)).toBe('live')
    expect(await ledger.endExpiredSessions()).toEqual([])
  })

  it('lists positions only of what was posted', async () => {
    const { ledger } = await started()
    const session = await ledger.openSession(TERMS)
    const euro: LedgerAccount = { id: accountId('eve'), asset: { code: 'EUR', scale: 2 } }
    await ledger.apply(session, 1, [reserve, { kind: 'reserve', transfer: { ...transfer, to: euro } }])
    expect(await ledger.readPositions()).toEqual([])
    await ledger.apply(session, 2, [{ kind: 'commit', transfer: { ...transfer, to: euro, amount: 0n } }])
    expect(await ledger.readPositions()).toEqual([
      { asset: euro.asset, balance: 0n, settled: 0n, adjusted: 0n },
      { asset, balance: 5n, settled: 0n, adjusted: 0n },
    ])
  })
})
