import { describe, expect, it, vi } from 'vitest'
import { createLedger, type Reports, type Transfer } from '../src/index.js'
import { hold, later, setUp, soon, transfer } from './set-up.js'

const nothing = { journaled: 0, unbooked: 0, recovered: 0, postedLate: 0 }

describe("the ledger's figures", () => {
  it('are those of the moment', async () => {
    const { start, store } = await setUp()
    const ledger = await start()
    expect(ledger.stats()).toEqual({ isUp: true, sessions: 1, open: 0, waiting: 0, ...nothing })
    const held = await hold(ledger, transfer(5n))
    expect(ledger.stats()).toEqual({ isUp: true, sessions: 1, open: 1, waiting: 0, ...nothing })
    store.isDown = true
    const committed = ledger.commit(held, later())
    expect(ledger.stats()).toMatchObject({ open: 1, waiting: 1 })
    await vi.waitFor(() => expect(ledger.stats().isUp).toBe(false), 20_000)
    store.isDown = false
    expect(await committed).toBe('booked')
    expect(ledger.stats()).toEqual({ isUp: true, sessions: 1, open: 0, waiting: 0, ...nothing })
  })

  it('count each commit once that went to the journal', async () => {
    const { start, store } = await setUp()
    const ledger = await start()
    const holds = await Promise.all([1n, 2n, 3n].map(amount => hold(ledger, transfer(amount))))
    store.isDown = true
    for (const held of holds) expect(await ledger.commit(held, soon())).toBe('journaled')
    store.isDown = false
    await vi.waitFor(() => expect(ledger.open()).toBe(0), 20_000)
    expect(ledger.stats()).toMatchObject({ ...nothing, journaled: 3 })
  })

  it('count what nobody has booked, and what is found again; whoever listens is told of each', async () => {
    const { store, log } = await setUp()
    const told: [keyof Reports, bigint][] = []
    const tell = (kind: keyof Reports) => (of: Transfer) => void told.push([kind, of.amount])
    const reports = {
      unbooked: tell('unbooked'),
      recovered: tell('recovered'),
      postedLate: tell('postedLate'),
    }
    await using ledger = createLedger(
      { store, logger: log, reports },
      { retryMinMs: 1, retryMaxMs: 5, stopTimeoutMs: 50 },
    )
    await ledger.start()
    const held = await hold(ledger, transfer(7n))
    store.isDown = true
    expect(await ledger.commit(held, soon())).toBe('unbooked')
    expect(ledger.stats()).toMatchObject({ ...nothing, unbooked: 1 })
    store.isDown = false
    await vi.waitFor(
      () => expect(ledger.stats()).toMatchObject({ ...nothing, unbooked: 1, recovered: 1 }),
      20_000,
    )
    expect(told).toEqual([
      ['unbooked', 7n],
      ['recovered', 7n],
    ])
  })

  it('count commits that came behind the end of their session', async () => {
    const { start, store } = await setUp()
    const ledger = await start()
    const held = await hold(ledger, transfer(5n))
    const [session] = store.opened
    if (session) await store.endSession(session)
    expect(await ledger.commit(held, later())).toBe('booked')
    expect(ledger.stats()).toMatchObject({ ...nothing, postedLate: 1 })
  })
})
