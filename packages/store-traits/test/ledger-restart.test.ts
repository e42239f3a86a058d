import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { createJournal, type SessionId } from '../src/index.js'
import { hold, later, setUp, soon, transfer } from './set-up.js'

describe('a start on the journal of a process that died', () => {
  /** Leaves a session with a hold, and its journal as `batches` make it. */
  async function died(batches: readonly { readonly seq: number; readonly amounts: readonly bigint[] }[]) {
    const parts = await setUp()
    const { store, folder } = parts
    const session = await store.openSession()
    await store.apply(session, 1, [{ kind: 'reserve', transfer: transfer(5n) }])
    const journal = createJournal(folder)
    await journal.start()
    await journal.note(session)
    await journal.append(
      batches.map(({ seq, amounts }) => ({ session, seq, commits: amounts.map(amount => transfer(amount)) })),
    )
    await journal.stop()
    return { ...parts, session }
  }

  it('gives back its holds', async () => {
    const { start, store, session, balances } = await died([])
    await start()
    expect(await balances()).toEqual({ balance: 0n, held: 0n })
    expect(await store.renewSession(session)).toBe('ended')
  })

  it('books what it had promised, whether or not the store had taken it', async () => {
    for (const isTaken of [false, true]) {
      const { start, store, session, balances, journaled, log } = await died([
        { seq: 2, amounts: [5n] },
        { seq: 3, amounts: [] },
        { seq: 4, amounts: [7n, 11n] },
      ])
      if (isTaken) await store.apply(session, 2, [{ kind: 'commit', transfer: transfer(5n) }])
      const ledger = await start()
      expect(await balances()).toEqual({ balance: -23n, held: 0n })
      expect(log.at('info')).toContain('the journal was replayed')
      await ledger.stop()
      expect(await journaled()).toEqual({ sessions: [], batches: [] })
      await start()
      expect(await balances()).toEqual({ balance: -23n, held: 0n })
    }
  })

  it('books it once, though it dies in the midst of that and starts again', async () => {
    for (let done = 0; done <= 3; done++) {
      const { create, start, store, balances, session, journaled } = await died([
        { seq: 2, amounts: [5n] },
        { seq: 3, amounts: [7n] },
        { seq: 4, amounts: [11n] },
      ])
      const fates = Array.from({ length: done }, () => 'answered' as const)
      store.fates.push(...fates, done % 2 ? 'unanswered' : 'lost')
      const dying = create()
      if (done < 3) {
        await expect(dying.start()).rejects.toMatchObject({ code: 'ERR_STORE_UNAVAILABLE' })
        await dying.stop()
        expect((await journaled()).sessions).toContain(session)
      }
      store.fates.length = 0
      await start()
      expect(await balances()).toEqual({ balance: -23n, held: 0n })
    }
  })

  it('puts aside and logs what can never be booked', async () => {
    const { start, store, session, balances, log, folder } = await died([
      { seq: 2, amounts: [5n] },
      { seq: 4, amounts: [7n] },
    ])
    await start()
    expect(await balances()).toEqual({ balance: -5n, held: 0n })
    const aside = () => readFile(join(folder, 'unbooked.jsonl'), 'utf8')
    expect((await aside()).trim().split('\n').length).toBe(1)
    expect(await aside()).toContain('"amount":"7"')
    expect(log.lines.filter(({ message }) => message.includes('is not booked'))).toMatchObject([
      { level: 'error', fields: { amount: '7' } },
    ])
    expect(await store.renewSession(session)).toBe('ended')
  })

  it('goes on without the sessions that the store does not know any more', async () => {
    const { start, store, session, folder } = await died([{ seq: 2, amounts: [5n] }])
    store.forget(session)
    const ledger = await start()
    await hold(ledger, transfer(1n))
    expect(await readFile(join(folder, 'unbooked.jsonl'), 'utf8')).toContain('"amount":"5"')
  })

  it('does not begin on a journal that is damaged', async () => {
    const { create, folder, store } = await died([{ seq: 2, amounts: [5n] }])
    await writeFile(join(folder, 'journal.jsonl'), 'damaged\n')
    const ledger = create()
    await expect(ledger.start()).rejects.toMatchObject({ code: 'ERR_JOURNAL_DAMAGED' })
    expect(store.opened.length).toBe(1)
  })
})

describe('a stop', () => {
  it('lets what is under way end, ends the session, and leaves an empty journal', async () => {
    const { start, store, balances, journaled } = await setUp({ stopTimeoutMs: 20_000 })
    const ledger = await start()
    const [paid, failed] = [await hold(ledger, transfer(5n)), await hold(ledger, transfer(7n))]
    await hold(ledger, transfer(9n))
    store.fates.push('held')
    const committed = ledger.commit(paid, later())
    await vi.waitFor(() => expect(store.arrivals.length).toBe(4), 20_000)
    ledger.release(failed)
    const stopped = ledger.stop()
    store.goOn()
    await stopped
    expect(await committed).toBe('booked')
    expect(await balances()).toEqual({ balance: -5n, held: 0n })
    expect(await store.renewSession('session 1' as SessionId)).toBe('ended')
    expect(await journaled()).toEqual({ sessions: [], batches: [] })
  })

  it('leaves in the journal what the store does not take, for the next process to book', async () => {
    const { start, store, balances, journaled } = await setUp()
    const ledger = await start()
    const held = await hold(ledger, transfer(5n))
    store.isDown = true
    const committed = ledger.commit(held, later())
    await ledger.stop()
    expect(await committed).toBe('journaled')
    expect(await journaled()).toMatchObject({ sessions: ['session 1'], batches: [{ seq: 2 }] })
    store.isDown = false
    await start()
    expect(await balances()).toEqual({ balance: -5n, held: 0n })
  })

  it('leaves the session in the journal when the store is away, for the next process to end', async () => {
    const { start, store, balances, journaled } = await setUp()
    const ledger = await start()
    await hold(ledger, transfer(5n))
    store.isDown = true
    await ledger.stop()
    expect(await journaled()).toEqual({ sessions: ['session 1'], batches: [] })
    store.isDown = false
    await start()
    expect(await balances()).toEqual({ balance: 0n, held: 0n })
  })

  it('keeps its hands off the journal when an answer comes behind it', async () => {
    const { start, store, balances, log } = await setUp()
    const ledger = await start()
    const held = await hold(ledger, transfer(5n))
    store.fates.push('held')
    expect(await ledger.commit(held, soon())).toBe('journaled')
    await ledger.stop()
    const next = await start()
    const another = await hold(next, transfer(7n))
    store.isDown = true
    expect(await next.commit(another, soon())).toBe('journaled')
    store.isDown = false
    store.goOn()
    await vi.waitFor(() => expect(next.open()).toBe(0), 20_000)
    expect(await balances()).toEqual({ balance: -12n, held: 0n })
    expect(log.at('error').filter(message => message.includes('journal'))).toEqual([])
  })

  it('ends within its time, though the store never answers', async () => {
    const { start, store } = await setUp({ stopTimeoutMs: 30 })
    const ledger = await start()
    const held = await hold(ledger, transfer(5n))
    store.fates.push('held')
    const committed = ledger.commit(held, later())
    await ledger.stop()
    expect(await committed).toBe('journaled')
  })

  it('lets go of the journal that it could not empty', async () => {
    const { start, balances, log } = await setUp()
    let isBroken = false
    const ledger = await start(journal => ({
      ...journal,
      keep: sessions => (isBroken ? Promise.reject(new Error('EIO')) : journal.keep(sessions)),
    }))
    await hold(ledger, transfer(5n))
    isBroken = true
    await ledger.stop()
    expect(log.at('error')).toEqual(['the journal could not be emptied'])
    isBroken = false
    await start()
    expect(await balances()).toEqual({ balance: 0n, held: 0n })
  })

  it('can be had behind a start that failed', async () => {
    const { create, store, journaled } = await setUp()
    store.isDown = true
    const ledger = create()
    await expect(ledger.start()).rejects.toMatchObject({ code: 'ERR_STORE_UNAVAILABLE' })
    await ledger.stop()
    expect(await journaled()).toEqual({ sessions: [], batches: [] })
  })
})
