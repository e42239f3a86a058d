import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { accountId } from '@ilp/service-core'
import { expect, onTestFinished, test } from 'vitest'
import { createMoneyStore } from '../example/one-process.js'
import { createSmallStore } from '../example/skeleton.js'
import { forward } from '../example/usage.js'
import { type BooksRecord, type SavedRecord, savedRecord } from '../src/index.js'
import { ScriptedStore } from '../test/scripted-store.js'

const asset = { code: 'USD', scale: 9 }
const transfer = {
  from: { id: accountId('alice'), asset },
  incomingAmount: 100n,
  to: { id: accountId('bob'), asset },
  amount: 99n,
}

test('the example books what is fulfilled, and nothing else', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'store-traits-'))
  onTestFinished(() => rm(directory, { recursive: true }))
  const store = new ScriptedStore()
  expect(await forward(store, directory, transfer, async () => 'reject')).toBe('reject')
  expect(await forward(store, directory, transfer, async () => 'fulfill')).toBe('fulfill')
  const poor = { ...transfer, from: { ...transfer.from, minBalance: 0n } }
  expect(await forward(store, directory, poor, async () => 'fulfill')).toBe('reject')
  expect(await store.readBalance(transfer.to.id)).toEqual({ balance: 99n, heldOut: 0n, heldIn: 0n })
})

test('the skeleton is a store', async () => {
  let kept: string | undefined
  let isDown = false
  const backend = {
    read: async () => kept,
    replace: async (text: string) => {
      if (isDown) throw new Error('the line is cut')
      kept = text
    },
  }
  await using store = createSmallStore(backend)
  expect(() => store.address.get()).toThrow('not open')
  await expect(store.address.set('test.alice')).rejects.toMatchObject({ code: 'ERR_STORE_CLOSED' })
  await store.start()
  const heard: string[] = []
  store.address.watch(() => {
    throw new Error('a listener’s fault')
  })
  const leave = store.address.watch(to => void heard.push(`${to} ${store.address.get()}`))
  await store.address.set('test.alice')
  leave()
  await store.address.set('test.alicia')
  expect(heard).toEqual(['test.alice test.alice'])
  isDown = true
  await expect(store.address.set('test.bob')).rejects.toMatchObject({ code: 'ERR_STORE_UNAVAILABLE' })
  expect(store.address.get()).toBe('test.alicia')
  await store.stop()
  await using again = createSmallStore(backend)
  await again.start()
  expect(again.address.get()).toBe('test.alicia')
})

test('the store of one process has its money again when it is opened again', async () => {
  const kept = new Map<BooksRecord, SavedRecord>()
  let isDown = false
  const backend = {
    readAll: async () => [...kept.values()],
    write: async (records: readonly BooksRecord[]) => {
      if (isDown) throw new Error('the disk is full')
      for (const record of records) {
        if (record.isGone) kept.delete(record)
        else kept.set(record, savedRecord(record))
      }
    },
  }
  const store = createMoneyStore(backend)
  const credit = (to: typeof store, key: string) =>
    to.settlements.credit({ key, account: transfer.to, quantity: { amount: 15n, scale: 10 } })
  await expect(credit(store, 'one')).rejects.toMatchObject({ code: 'ERR_STORE_CLOSED' })
  await store.start()
  expect(await Promise.all(['one', 'one', 'two'].map(key => credit(store, key)))).toEqual([1n, 1n, 2n])
  isDown = true
  await expect(credit(store, 'three')).rejects.toMatchObject({ code: 'ERR_STORE_UNAVAILABLE' })
  isDown = false
  expect(await credit(store, 'three')).toBe(1n)
  await store.stop()
  await using again = createMoneyStore(backend)
  await again.start()
  expect(await credit(again, 'two')).toBe(2n)
  expect((await again.ledger.readBalance(transfer.to.id)).balance).toBe(4n)
})

test('the README shows the examples as they are', async () => {
  const read = (path: string) => readFile(new URL(path, import.meta.url), 'utf8')
  const readme = await read('../README.md')
  for (const name of ['skeleton', 'one-process']) {
    expect(readme, name).toContain(await read(`../example/${name}.ts`))
  }
})
