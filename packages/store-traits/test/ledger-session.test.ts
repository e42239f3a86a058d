import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { Hold, type SessionId, StoreError } from '../src/index.js'
import { hold, later, setUp, soon, transfer } from './set-up.js'

describe('a process whose session was ended while it was paused', () => {
  it('books what it owes, late, and goes on under a session of its own', async () => {
    const { start, store, log, balances } = await setUp()
    const ledger = await start()
    const [paid, failed] = [await hold(ledger, transfer(5n)), await hold(ledger, transfer(7n))]
    store.end('session 1' as SessionId)
    const reserved = ledger.reserve(transfer(9n), later())
    ledger.release(failed)
    expect(await ledger.commit(paid, later())).toBe('booked')
    expect(await reserved).toBe('unavailable')
    await ledger.ready()
    const next = await hold(ledger, transfer(11n))
    expect(await ledger.commit(next, later())).toBe('booked')
    expect(await balances()).toEqual({ balance: -16n, held: 0n })
    expect(store.opened).toEqual(['session 1', 'session 2'])
    expect(log.at('warn')).toEqual(['the session in the store has ended; a new one is opened'])
    const late = log.lines.filter(({ message }) => message.includes('without its hold'))
    expect(late).toMatchObject([{ level: 'error', fields: { incomingAmount: '5' } }])
  })

  it('notices without any packet', async () => {
    const { start, store } = await setUp({ leaseMs: 30 })
    const ledger = await start()
    store.end('session 1' as SessionId)
    await vi.waitFor(() => expect(store.opened.length).toBe(2), 20_000)
    await ledger.ready()
    expect(await ledger.reserve(transfer(1n), later())).toBeInstanceOf(Hold)
  })

  it('ends all its sessions when it stops', async () => {
    const { start, store, journaled } = await setUp({ stopTimeoutMs: 20_000 })
    const ledger = await start()
    await hold(ledger, transfer(5n))
    store.end('session 1' as SessionId)
    await ledger.reserve(transfer(1n), later())
    await ledger.ready()
    await ledger.stop()
    for (const session of store.opened) expect(await store.renewSession(session)).toBe('ended')
    expect(await journaled()).toEqual({ sessions: [], batches: [] })
  })

  it('forgets its former sessions when nothing is open under them', async () => {
    const { start, store, folder } = await setUp()
    const ledger = await start()
    for (let ends = 1; ends <= 4; ends++) {
      store.end(`session ${ends}` as SessionId)
      expect(await ledger.reserve(transfer(1n), later())).toBe('unavailable')
      await ledger.ready()
    }
    const journal = await readFile(join(folder, 'journal.jsonl'), 'utf8')
    expect(journal.trim().split('\n').length).toBe(1)
    expect(journal).toContain('session 5')
  })

  it('has its new session in the journal, also where that is emptied while the session is opened', async () => {
    const { start, store, folder } = await setUp({ leaseMs: 30 })
    let open = () => {}
    let isEmptied = false
    const ledger = await start(journal => ({
      ...journal,
      note: async session => {
        await journal.note(session)
        await new Promise<void>(resolve => {
          open = resolve
        })
      },
      keep: async sessions => {
        await journal.keep(sessions)
        isEmptied = store.opened.length === 2
      },
    }))
    const held = await hold(ledger, transfer(5n))
    store.isDown = true
    expect(await ledger.commit(held, soon())).toBe('journaled')
    store.end('session 1' as SessionId)
    store.fates.push('held')
    store.isDown = false
    await vi.waitFor(() => expect(store.opened.length).toBe(2), 20_000)
    store.goOn()
    await vi.waitFor(() => expect(isEmptied).toBe(true), 20_000)
    open()
    await ledger.ready()
    expect(await readFile(join(folder, 'journal.jsonl'), 'utf8')).toContain('session 2')
  })

  it('tries until it has a new session', async () => {
    const { start, store } = await setUp()
    const ledger = await start()
    store.end('session 1' as SessionId)
    store.fates.push('held')
    const reserved = ledger.reserve(transfer(1n), later())
    await vi.waitFor(() => expect(store.arrivals.length).toBe(1), 20_000)
    const { openSession } = store
    let attempts = 0
    Object.assign(store, {
      openSession: () => {
        attempts += 1
        if (attempts < 4) return Promise.reject(new StoreError('ERR_STORE_UNAVAILABLE', 'not yet'))
        return openSession()
      },
    })
    store.goOn()
    expect(await reserved).toBe('unavailable')
    await ledger.ready()
    expect(attempts).toBe(4)
    await hold(ledger, transfer(1n))
  })
})

describe('a session that the store has lost', () => {
  it('has its commits logged and kept for reconciliation, and another one is opened', async () => {
    const { folder, start, store, log } = await setUp()
    const ledger = await start()
    const [one, two] = [await hold(ledger, transfer(5n)), await hold(ledger, transfer(7n))]
    store.forget('session 1' as SessionId)
    const reserved = ledger.reserve(transfer(9n), later())
    expect(await ledger.commit(one, later())).toBe('unbooked')
    expect(await reserved).toBe('unavailable')
    await ledger.ready()
    expect(await ledger.commit(two, later())).toBe('unbooked')
    expect(ledger.open()).toBe(0)
    const held = await hold(ledger, transfer(11n))
    expect(await ledger.commit(held, later())).toBe('booked')
    const unbooked = log.lines.filter(({ message }) => message.includes('is not booked'))
    expect(unbooked).toMatchObject([{ fields: { amount: '5' } }, { fields: { amount: '7' } }])
    await ledger.stop()
    const lines = (await readFile(join(folder, 'unbooked.jsonl'), 'utf8')).trimEnd().split('\n')
    expect(lines.map(line => JSON.parse(line) as unknown)).toMatchObject([
      { session: 'session 1', seq: 0, commits: [{ amount: '5' }] },
      { session: 'session 1', seq: 0, commits: [{ amount: '7' }] },
    ])
  })

  it('is noticed without any packet', async () => {
    const { start, store } = await setUp({ leaseMs: 30 })
    const ledger = await start()
    store.forget('session 1' as SessionId)
    await vi.waitFor(() => expect(store.opened.length).toBe(2), 20_000)
    await ledger.ready()
  })
})

describe('the sessions of others', () => {
  it('are ended when they give no sign of life', async () => {
    const { start, store, log } = await setUp({ leaseMs: 20 })
    await start()
    store.expire('the session of a dead process' as SessionId)
    await vi.waitFor(() => expect(log.at('warn').length).toBe(1), 20_000)
    const [line] = log.lines.filter(({ level }) => level === 'warn')
    expect(line).toMatchObject({ fields: { session: 'the sess' } })
    expect(line?.message).toContain('gave no sign of life')
  })
})
