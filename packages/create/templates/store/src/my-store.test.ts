import { accountId } from '@ilp/service-core'
import { expect, test } from 'vitest'
import { createMapBackend } from './backend.js'
import { createMyStore } from './my-store.js'

const adjustment = {
  key: 'one',
  account: { id: accountId('alice'), asset: { code: 'USD', scale: 9 } },
  amount: 5n,
  reason: 'a test',
}

test('it can lose what its backend can', () => {
  const loses = 'the last second'
  const store = createMyStore({ backend: { ...createMapBackend(), loses } })
  expect(store.properties()).toEqual({ loses, shared: false })
})

test('what a backend does not take is not acknowledged, nor is anything behind it', async () => {
  const backend = createMapBackend()
  const down = { ...backend, write: () => Promise.reject(new Error('the disk is full')) }
  await using store = createMyStore({ backend: down })
  await store.start()
  const unavailable = { code: 'ERR_STORE_UNAVAILABLE', cause: { message: 'the disk is full' } }
  await expect(store.adjustments.adjust(adjustment)).rejects.toMatchObject(unavailable)
  await expect(store.ledger.readBalance(adjustment.account.id)).rejects.toMatchObject(unavailable)
  expect(await backend.readAll()).toEqual([])
})
