import { describe, expect, it, vi } from 'vitest'
import { Hold } from '../src/index.js'
import { ALICE, BOB, hold, later, setUp, soon, transfer } from './set-up.js'

describe('batches', () => {
  it('hold what one turn of the event loop brought', async () => {
    const { store, start } = await setUp()
    const ledger = await start()
    const first = await Promise.all([1n, 2n, 3n].map(amount => hold(ledger, transfer(amount))))
    expect(store.arrivals.map(({ operations }) => operations.length)).toEqual([3])
    const committed = first.slice(0, 2).map(one => ledger.commit(one, later()))
    for (const one of first.slice(2)) ledger.release(one)
    const reserved = ledger.reserve(transfer(4n), later())
    await Promise.all([...committed, reserved])
    expect(store.arrivals[1]?.operations.map(({ kind }) => kind)).toEqual([
      'commit',
      'commit',
      'release',
      'reserve',
    ])
  })

  it('leave one at a time, each with all that came while the one before was under way', async () => {
    const { store, start } = await setUp()
    const ledger = await start()
    store.fates.push('held')
    const first = hold(ledger, transfer(1n))
    await vi.waitFor(() => expect(store.arrivals.length).toBe(1), 20_000)
    const others: Promise<Hold>[] = []
    for (let turn = 0; turn < 5; turn++) {
      others.push(hold(ledger, transfer(2n)), hold(ledger, transfer(3n)))
      await new Promise(setImmediate)
    }
    expect(store.arrivals.length).toBe(1)
    store.goOn()
    await Promise.all([first, ...others])
    expect(store.arrivals.map(({ operations }) => operations.length)).toEqual([1, 10])
  })

  it('are no longer than they may be, and numbered without gaps', async () => {
    const { store, start } = await setUp({ batchMax: 4 })
    const ledger = await start()
    await Promise.all(Array.from({ length: 10 }, () => hold(ledger, transfer(1n))))
    expect(store.arrivals.map(({ seq, operations }) => [seq, operations.length])).toEqual([
      [1, 4],
      [2, 4],
      [3, 2],
    ])
  })
})

describe('a reserve', () => {
  it('holds the amounts', async () => {
    const { start, balances } = await setUp()
    const ledger = await start()
    const held = await hold(ledger, transfer(5n))
    expect(held.transfer).toEqual(transfer(5n))
    expect(await balances()).toEqual({ balance: 0n, held: 5n })
    expect(ledger.open()).toBe(1)
  })

  it('says which limit refused it', async () => {
    const { start } = await setUp()
    const ledger = await start()
    const poor = transfer(5n, { from: { ...ALICE, minBalance: 0n } })
    const full = transfer(5n, { to: { ...BOB, maxBalance: 0n } })
    expect(await ledger.reserve(poor, later())).toBe('below-minimum')
    expect(await ledger.reserve(full, later())).toBe('above-maximum')
    expect(ledger.open()).toBe(0)
  })

  it('is refused while as many are open as may be', async () => {
    const { start, store } = await setUp({ openMax: 2 })
    const ledger = await start()
    const [one, two] = await Promise.all([hold(ledger, transfer(1n)), hold(ledger, transfer(2n))])
    expect(await ledger.reserve(transfer(3n), later())).toBe('overloaded')
    ledger.release(one)
    expect(await ledger.reserve(transfer(3n), later())).toBe('overloaded')
    await vi.waitFor(() => expect(ledger.open()).toBe(1), 20_000)
    const three = hold(ledger, transfer(3n))
    expect(await ledger.reserve(transfer(4n), later())).toBe('overloaded')
    await ledger.commit(two, later())
    ledger.release(await three)
    await vi.waitFor(() => expect(ledger.open()).toBe(0), 20_000)
    expect(store.arrivals.flatMap(({ operations }) => operations).length).toBe(6)
  })

  it('is refused before the start and behind the stop', async () => {
    const { create } = await setUp()
    const ledger = create()
    expect(await ledger.reserve(transfer(1n), later())).toBe('unavailable')
    await ledger.start()
    await ledger.stop()
    expect(await ledger.reserve(transfer(1n), later())).toBe('unavailable')
  })

  it('is not waited for past its time, and released when it comes about after all', async () => {
    const { start, store, balances } = await setUp()
    const ledger = await start()
    store.fates.push('held')
    const byMs = soon()
    expect(await ledger.reserve(transfer(5n), byMs)).toBe('unavailable')
    expect(Date.now()).toBeGreaterThanOrEqual(byMs)
    expect(ledger.open()).toBe(1)
    store.goOn()
    await vi.waitFor(() => expect(ledger.open()).toBe(0), 20_000)
    expect(store.arrivals.at(-1)?.operations.map(({ kind }) => kind)).toEqual(['release'])
    expect(await balances()).toEqual({ balance: 0n, held: 0n })
  })

  it('is released in any case when its outcome was not known in time', async () => {
    for (const fate of ['lost', 'unanswered'] as const) {
      const { start, store, balances } = await setUp({ retryMinMs: 40, retryMaxMs: 40 })
      const ledger = await start()
      store.fates.push(fate)
      expect(await ledger.reserve(transfer(5n), later())).toBe('unavailable')
      await vi.waitFor(() => expect(ledger.open()).toBe(0), 20_000)
      expect(store.arrivals.map(({ seq, operations }) => [seq, operations[0]?.kind])).toEqual([
        [1, 'reserve'],
        [1, 'reserve'],
        [2, 'release'],
      ])
      expect(await balances()).toEqual({ balance: 0n, held: 0n })
    }
  })

  it('leaves nothing behind when it is refused past its time', async () => {
    const { start, store } = await setUp()
    const ledger = await start()
    store.fates.push('held')
    const poor = transfer(5n, { from: { ...ALICE, minBalance: 0n } })
    expect(await ledger.reserve(poor, soon())).toBe('unavailable')
    store.goOn()
    await vi.waitFor(() => expect(ledger.open()).toBe(0), 20_000)
    await ledger.stop()
    expect(store.arrivals.length).toBe(1)
  })
})

describe('while the store is out of reach', () => {
  it('reserves are refused at once: those to come, those that wait, and those under way', async () => {
    const { start, store, log } = await setUp()
    const ledger = await start()
    store.fates.push('held')
    const underWay = ledger.reserve(transfer(1n), later())
    await vi.waitFor(() => expect(store.arrivals.length).toBe(1), 20_000)
    const waiting = ledger.reserve(transfer(2n), later())
    store.isDown = true
    store.goOn()
    expect(await underWay).toBe('unavailable')
    expect(await waiting).toBe('unavailable')
    expect(await ledger.reserve(transfer(3n), later())).toBe('unavailable')
    expect(log.at('error')).toEqual(['the store is out of reach'])
  })

  it('the session is kept', async () => {
    const { start, store, log, balances } = await setUp()
    const ledger = await start()
    const held = await hold(ledger, transfer(7n))
    store.fates.push('held')
    const refused = [ledger.reserve(transfer(1n), later())]
    await vi.waitFor(() => expect(store.arrivals.length).toBe(2), 20_000)
    refused.push(ledger.reserve(transfer(2n), later()))
    store.isDown = true
    store.goOn()
    expect(await Promise.all(refused)).toEqual(['unavailable', 'unavailable'])
    store.isDown = false
    await ledger.ready()
    expect(await ledger.commit(held, later())).toBe('booked')
    expect(store.opened.length).toBe(1)
    expect(log.at('warn')).toEqual([])
    await vi.waitFor(() => expect(ledger.open()).toBe(0), 20_000)
    expect(await balances()).toEqual({ balance: -7n, held: 0n })
  })

  it('readiness is waited for', async () => {
    const { start, store, log } = await setUp()
    const ledger = await start()
    await ledger.ready()
    store.isDown = true
    await ledger.reserve(transfer(1n), later())
    let isReady = false
    const ready = Promise.all([ledger.ready(), ledger.ready()]).then(() => (isReady = true))
    const aborted = new AbortController()
    const given = ledger.ready(aborted.signal)
    aborted.abort(new Error('waited enough'))
    await expect(given).rejects.toThrow('waited enough')
    await expect(ledger.ready(AbortSignal.abort(new Error('before')))).rejects.toThrow('before')
    expect(isReady).toBe(false)
    store.isDown = false
    await ready
    expect(await ledger.reserve(transfer(1n), later())).toBeInstanceOf(Hold)
    expect(log.at('info')).toEqual(['the store takes operations', 'the store takes operations'])
  })
})
