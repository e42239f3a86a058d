import { describe, expect, it, vi } from 'vitest'
import type { Row } from './disk.js'
import { Flusher } from './flusher.js'

/** A disk whose transactions end when the test says so. */
function setUp(timeoutMs = 60_000) {
  const written: Record<string, string | undefined>[] = []
  const under: { settle: (error?: Error) => void }[] = []
  const write = (rows: Iterable<Row>) => {
    const values = Object.fromEntries(Array.from(rows, row => [row.key.toString(), row.value()?.toString()]))
    written.push(values)
    return new Promise<void>((resolve, reject) =>
      under.push({ settle: error => (error ? reject(error) : resolve()) }),
    )
  }
  const flusher = new Flusher({ write }, timeoutMs)
  const done = async (error?: Error) => {
    await vi.waitUntil(() => under.length > 0, { timeout: 20_000 })
    under.shift()?.settle(error)
  }
  return { flusher, written, done, under }
}

const rowOf = (name: string, state: { value: string }): Row => ({
  key: Buffer.from(name),
  value: () => Buffer.from(state.value),
})

const unavailable = { code: 'ERR_STORE_UNAVAILABLE' }

describe('the flusher', () => {
  it('has nothing to wait for where nothing was marked', async () => {
    const { flusher, written } = setUp()
    await flusher.flushed()
    expect(written).toEqual([])
  })

  it('gathers what is marked while a transaction is under way, and writes it as it is then', async () => {
    const { flusher, written, done, under } = setUp()
    const state = { value: 'one' }
    flusher.mark(rowOf('a', state))
    const first = flusher.flushed()
    await vi.waitUntil(() => under.length === 1, { timeout: 20_000 })
    const others = ['b', 'c'].map(name => {
      flusher.mark(rowOf(name, state))
      return flusher.flushed()
    })
    state.value = 'two'
    await done()
    await first
    await done()
    await Promise.all(others)
    expect(written).toEqual([{ a: 'one' }, { b: 'two', c: 'two' }])
  })

  it('lets those who changed nothing wait for what is under way', async () => {
    const { flusher, done, under } = setUp()
    flusher.mark(rowOf('a', { value: '' }))
    void flusher.flushed()
    await vi.waitUntil(() => under.length === 1, { timeout: 20_000 })
    let isThrough = false
    const reader = flusher.flushed().then(() => (isThrough = true))
    await new Promise(setImmediate)
    expect(isThrough).toBe(false)
    await done()
    await reader
  })

  it('keeps what a transaction did not take for the next one', async () => {
    const { flusher, written, done } = setUp()
    const state = { value: 'one' }
    flusher.mark(rowOf('a', state))
    const first = flusher.flushed()
    await done(new Error('full'))
    await expect(first).rejects.toMatchObject({ ...unavailable, cause: new Error('full') })
    expect(flusher.isFailing).toBe(true)
    state.value = 'two'
    const second = flusher.flushed()
    await done()
    await second
    expect(flusher.isFailing).toBe(false)
    expect(written).toEqual([{ a: 'one' }, { a: 'two' }])
  })

  it('takes a change back that failed, before any that came later', async () => {
    const { flusher, written, done } = setUp()
    const change = (value: string, former?: string) => ({
      key: Buffer.from('a'),
      value: Buffer.from(value),
      former: former === undefined ? undefined : Buffer.from(former),
    })
    const first = flusher.write([change('one', 'zero')])
    await done(new Error('full'))
    await expect(first).rejects.toMatchObject(unavailable)
    const second = flusher.flushed()
    await done()
    await second
    const third = flusher.write([change('two', 'zero')])
    await done(new Error('full'))
    await expect(third).rejects.toMatchObject(unavailable)
    const last = flusher.write([change('three', 'zero')])
    await done()
    await last
    expect(written).toEqual([{ a: 'one' }, { a: 'zero' }, { a: 'two' }, { a: 'three' }])
  })

  it('gives up waiting for a disk that does not answer, and trusts it again when it has', async () => {
    const { flusher, done } = setUp(20)
    flusher.mark(rowOf('a', { value: '' }))
    await expect(flusher.flushed()).rejects.toMatchObject(unavailable)
    expect(flusher.isFailing).toBe(true)
    expect(flusher.isWriting).toBe(true)
    await expect(flusher.flushed()).rejects.toMatchObject(unavailable)
    await done()
    await vi.waitUntil(() => !flusher.isWriting, { timeout: 20_000 })
    expect(flusher.isFailing).toBe(false)
    await flusher.flushed()
  })
})
