import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import type { Journal } from '../src/index.js'
import { hold, later, setUp, soon, transfer } from './set-up.js'

describe('a commit', () => {
  it('is booked in the store', async () => {
    const { start, balances } = await setUp()
    const ledger = await start()
    const held = await hold(ledger, transfer(5n))
    expect(await ledger.commit(held, later())).toBe('booked')
    expect(await balances()).toEqual({ balance: -5n, held: 0n })
    expect(ledger.open()).toBe(0)
  })

  it.each(['lost', 'unanswered'] as const)('is sent again under its number when it is %s', async fate => {
    const { start, store, balances } = await setUp()
    const ledger = await start()
    const held = await hold(ledger, transfer(5n))
    store.fates.push(fate, fate, fate)
    expect(await ledger.commit(held, later())).toBe('booked')
    expect(store.arrivals.map(({ seq }) => seq)).toEqual([1, 2, 2, 2, 2])
    expect(await balances()).toEqual({ balance: -5n, held: 0n })
  })

  it('ends its hold: a second end is a bug', async () => {
    const { start } = await setUp()
    const ledger = await start()
    const held = await hold(ledger, transfer(5n))
    ledger.release(held)
    expect(() => ledger.release(held)).toThrow('ended twice')
    expect(() => ledger.commit(held, later())).toThrow('ended twice')
  })
})

describe('a release', () => {
  it.each(['lost', 'unanswered'] as const)('is seen to until the store has done it (%s)', async fate => {
    const { start, store, balances } = await setUp()
    const ledger = await start()
    const held = await hold(ledger, transfer(5n))
    store.fates.push(fate, fate)
    ledger.release(held)
    await vi.waitFor(() => expect(ledger.open()).toBe(0), 20_000)
    expect(await balances()).toEqual({ balance: 0n, held: 0n })
  })
})

describe('a commit that the store does not take in time', () => {
  it('is written to the journal, answered when it is there, and booked later', async () => {
    const { start, store, balances, folder } = await setUp()
    const steps: string[] = []
    const ledger = await start(journal => ({
      ...journal,
      append: async batches => {
        await journal.append(batches)
        steps.push('in the journal')
      },
    }))
    const held = await hold(ledger, transfer(2n ** 64n - 1n))
    store.isDown = true
    const byMs = soon()
    expect(await ledger.commit(held, byMs)).toBe('journaled')
    steps.push('answered')
    expect(steps).toEqual(['in the journal', 'answered'])
    expect(Date.now()).toBeGreaterThanOrEqual(byMs)
    const lines = () => readFile(join(folder, 'journal.jsonl'), 'utf8')
    expect(await lines()).toContain('18446744073709551615')
    store.isDown = false
    await vi.waitFor(() => expect(ledger.open()).toBe(0), 20_000)
    expect(await balances()).toEqual({ balance: -(2n ** 64n - 1n), held: 0n })
    await vi.waitFor(async () => expect(await lines()).not.toContain('18446744073709551615'), 20_000)
    expect(await lines()).toContain(store.opened[0])
  })

  it('takes the batches before it along, so that their numbers leave no gap', async () => {
    const { start, store, journaled } = await setUp({ batchMax: 2 })
    const ledger = await start()
    const holds = await Promise.all([1n, 2n, 3n, 4n].map(amount => hold(ledger, transfer(amount))))
    const [first, second, third, fourth] = holds
    if (!first || !second || !third || !fourth) throw new Error('four are held')
    store.isDown = true
    ledger.release(first)
    ledger.release(second)
    const patient = ledger.commit(third, later())
    expect(await ledger.commit(fourth, soon())).toBe('journaled')
    await ledger.stop()
    expect(await patient).toBe('journaled')
    const { batches } = await journaled()
    expect(batches.map(({ seq, commits }) => [seq, commits.map(({ amount }) => amount)])).toEqual([
      [3, []],
      [4, [3n, 4n]],
    ])
  })

  it('is written once, though others follow it', async () => {
    const { start, store, journaled } = await setUp()
    const ledger = await start()
    const holds = await Promise.all([1n, 2n, 3n].map(amount => hold(ledger, transfer(amount))))
    store.isDown = true
    for (const held of holds) expect(await ledger.commit(held, soon())).toBe('journaled')
    await ledger.stop()
    const { batches } = await journaled()
    expect(batches.flatMap(({ commits }) => commits.map(({ amount }) => amount))).toEqual([1n, 2n, 3n])
    expect(batches.map(({ seq }) => seq)).toEqual([2, 3, 4])
  })

  it('answers as the store did when that comes first', async () => {
    const { start, store } = await setUp()
    let write: (() => void) | undefined
    const ledger = await start(journal => ({
      ...journal,
      append: batches =>
        new Promise<void>((resolve, reject) => {
          write = () => void journal.append(batches).then(resolve, reject)
        }),
    }))
    const held = await hold(ledger, transfer(5n))
    store.fates.push('held')
    const result = ledger.commit(held, soon())
    await vi.waitFor(() => expect(write).toBeDefined(), 20_000)
    store.goOn()
    expect(await result).toBe('booked')
    write?.()
  })
})

describe('a commit that neither the store nor the journal takes', () => {
  const noRoom = (journal: Journal): Journal => ({
    ...journal,
    append: () => Promise.reject(new Error('no space left on device')),
  })

  it.each([
    ['fails', noRoom],
    ['is missing', () => undefined],
  ] as const)('is logged whole where the journal %s', async (_, change) => {
    const { start, store, log, balances } = await setUp()
    const ledger = await start(change)
    const held = await hold(ledger, transfer(2n ** 64n - 1n, { amount: 7n }))
    store.isDown = true
    expect(await ledger.commit(held, soon())).toBe('unbooked')
    const unbooked = () => log.lines.filter(({ message }) => message.includes('is not booked'))
    expect(unbooked().map(({ level, fields }) => ({ level, ...fields }))).toMatchObject([
      { level: 'error', from: 'alice', incomingAmount: '18446744073709551615', to: 'bob', amount: '7' },
    ])
    expect(await balances()).toMatchObject({ balance: 0n })
  })

  it('is logged again when the store takes it after all, so that nobody books it by hand as well', async () => {
    const { start, store, log, balances } = await setUp()
    const ledger = await start(noRoom)
    const held = await hold(ledger, transfer(5n))
    store.isDown = true
    expect(await ledger.commit(held, soon())).toBe('unbooked')
    store.isDown = false
    await vi.waitFor(() => expect(ledger.open()).toBe(0), 20_000)
    expect(await balances()).toEqual({ balance: -5n, held: 0n })
    const [line] = log.lines.filter(({ message }) => message.includes('after all'))
    expect(line).toMatchObject({ level: 'warn', fields: { from: 'alice', incomingAmount: '5', to: 'bob' } })
  })

  it('is written when the journal has room again, and logged again', async () => {
    const { start, store, journaled, log } = await setUp()
    let isFull = true
    const ledger = await start(journal => ({
      ...journal,
      append: batches => (isFull ? noRoom(journal) : journal).append(batches),
    }))
    const [one, two] = [await hold(ledger, transfer(1n)), await hold(ledger, transfer(2n))]
    store.isDown = true
    expect(await ledger.commit(one, soon())).toBe('unbooked')
    isFull = false
    expect(await ledger.commit(two, soon())).toBe('journaled')
    const [line] = log.lines.filter(({ message }) => message.includes('after all'))
    expect(line).toMatchObject({ level: 'warn', fields: { incomingAmount: '1' } })
    await ledger.stop()
    const { batches } = await journaled()
    expect(batches.flatMap(({ commits }) => commits.map(({ amount }) => amount))).toEqual([1n, 2n])
  })
})
